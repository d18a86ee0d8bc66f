"""Back-transformations from the analysis scale to the scale a reader sees.

Each is monotone, so it may be applied to an estimate and to the limits of an interval alike. Values
outside a transformation's domain (the lower limit of an arcsine interval may be negative) are
moved to the nearest end of the domain first, never reflected.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtr, ndtri

from probatum.errors import BadInput, UnknownOption

Floats = NDArray[np.float64]


def identity(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Leave the value as it is.

    Examples
    --------
    >>> float(identity(0.5))
    0.5
    """
    return np.asarray(x, dtype=np.float64)[()]


def exp(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Log ratio (or log proportion, log rate) to the ratio: exp(x).

    Examples
    --------
    >>> float(exp(0.0))
    1.0
    """
    with np.errstate(over="ignore"):
        return np.exp(np.asarray(x, dtype=np.float64))[()]


def ilogit(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Log odds to the proportion: 1 / (1 + exp(-x)).

    Examples
    --------
    >>> float(ilogit(0.0))
    0.5
    """
    out: Floats = expit(np.asarray(x, dtype=np.float64))
    return out


def iarcsine(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Arcsine square root to the proportion: sin(x)^2, x moved into [0, pi/2] first.

    Examples
    --------
    >>> float(iarcsine(-0.1))
    0.0
    """
    return (np.sin(np.clip(np.asarray(x, dtype=np.float64), 0, np.pi / 2)) ** 2)[()]


def ift(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Freeman-Tukey double arcsine to the proportion (Miller 1978, American Statistician 32:138).

    Parameters
    ----------
    x : array_like
        Half the sum of the two arcsines (radians, 0 to about pi/2).
    n : array_like
        Sample size of each value; for a pooled value the harmonic mean of the sample sizes.

    Raises
    ------
    BadInput
        Without sample sizes: the inverse depends on them.

    Examples
    --------
    >>> round(float(ift(0.5 * (np.arcsin(np.sqrt(3 / 11)) + np.arcsin(np.sqrt(4 / 11))), 10)), 12)
    0.3
    """
    if n is None:
        raise BadInput(
            "a Freeman-Tukey value can't be turned back into a proportion without a sample size: "
            "give ni, for a pooled value the harmonic mean of the studies' sizes"
        )
    size = np.asarray(n, dtype=np.float64)
    # the transformation of 0 events and of n events: what lies outside has no inverse
    lowest = 0.5 * np.arcsin(np.sqrt(1 / (size + 1)))
    t = 2 * np.clip(np.asarray(x, dtype=np.float64), lowest, np.pi / 2 - lowest)
    s = np.sin(t)
    inner = 1 - (s + (s - 1 / s) / size) ** 2
    p = 0.5 * (1 - np.sign(np.cos(t)) * np.sqrt(np.clip(inner, 0, 1)))
    return np.clip(p, 0, 1)[()]


def ztor(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Fisher's z to the correlation: tanh(x) (Fisher 1921, Metron 1:3).

    Examples
    --------
    >>> float(ztor(0.0))
    0.0
    """
    return np.tanh(np.asarray(x, dtype=np.float64))[()]


def isqrt(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Square root of a rate to the rate: x^2, x moved to 0 first if it is below.

    Examples
    --------
    >>> float(isqrt(0.5)), float(isqrt(-0.5))
    (0.25, 0.0)
    """
    return (np.clip(np.asarray(x, dtype=np.float64), 0, None) ** 2)[()]


def iirft(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Freeman-Tukey double root of a rate to the rate.

    With s = 2 x the two roots differ by 1/(n s), so the rate is ((s - 1/(n s))/2)^2 (Freeman &
    Tukey 1950, Annals of Mathematical Statistics 21:607).

    Parameters
    ----------
    x : array_like
        Half the sum of sqrt(events/time) and sqrt((events + 1)/time).
    n : array_like
        Person-time of each value; for a pooled value the harmonic mean of the person-times.

    Raises
    ------
    BadInput
        Without person-times: the inverse depends on them.

    Examples
    --------
    >>> round(float(iirft((np.sqrt(3 / 30) + np.sqrt(4 / 30)) / 2, 30)), 12)
    0.1
    """
    if n is None:
        raise BadInput(
            "a Freeman-Tukey rate can't be turned back without person-time: give it as ni, for a "
            "pooled value the harmonic mean of the studies' person-times"
        )
    time = np.asarray(n, dtype=np.float64)
    # the transformation of 0 events: what lies below has no inverse
    s = 2 * np.maximum(np.asarray(x, dtype=np.float64), 0.5 / np.sqrt(time))
    rate: Floats = ((s - 1 / (time * s)) ** 2 / 4)[()]
    return rate


def iprobit(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Normal quantile to the proportion.

    Examples
    --------
    >>> float(iprobit(0.0))
    0.5
    """
    out: Floats = ndtr(np.asarray(x, dtype=np.float64))
    return out


def ztor2(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Fisher's z of a multiple correlation to R^2: tanh(x)^2, x moved to 0 first if below.

    Examples
    --------
    >>> float(ztor2(0.0))
    0.0
    """
    return (np.tanh(np.clip(np.asarray(x, dtype=np.float64), 0, None)) ** 2)[()]


def iahw(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Hakstian-Whalen transformed alpha to alpha: 1 - (1 - x)^3.

    Examples
    --------
    >>> float(iahw(0.0))
    0.0
    """
    return (1 - (1 - np.asarray(x, dtype=np.float64)) ** 3)[()]


def iabt(x: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Bonett transformed alpha to alpha: 1 - exp(-x).

    Examples
    --------
    >>> float(iabt(0.0))
    0.0
    """
    with np.errstate(over="ignore"):
        return (-np.expm1(-np.asarray(x, dtype=np.float64)))[()]


Transform = Callable[..., Floats]

TRANSFORMS: dict[str, Transform] = {
    "identity": identity,
    "exp": exp,
    "ilogit": ilogit,
    "iarcsine": iarcsine,
    "ift": ift,
    "ztor": ztor,
    "isqrt": isqrt,
    "iirft": iirft,
    "iprobit": iprobit,
    "ztor2": ztor2,
    "iahw": iahw,
    "iabt": iabt,
}
#: from the scale a reader sees to the analysis scale; none for those that need a size
FORWARD: dict[str, Callable[[Floats], Floats]] = {
    "identity": lambda x: x,
    "exp": np.log,
    "ilogit": logit,
    "iarcsine": lambda x: np.arcsin(np.sqrt(x)),
    "ztor": np.arctanh,
    "isqrt": np.sqrt,
    "iprobit": ndtri,
    "ztor2": lambda x: np.arctanh(np.sqrt(x)),
    "iahw": lambda x: 1 - np.cbrt(1 - x),
    "iabt": lambda x: -np.log1p(-x),
}
#: these need a size (people, person-time) beside the value
NEED_SIZE = frozenset({"ift", "iirft"})


def transform(name: str) -> Transform:
    """Look a back-transformation up by name.

    Raises
    ------
    UnknownOption
        If there is none of that name.

    Examples
    --------
    >>> float(transform("exp")(0.0))
    1.0
    """
    if name not in TRANSFORMS:
        raise UnknownOption("transf", name, TRANSFORMS)
    return TRANSFORMS[name]


def to_analysis_scale(name: str, x: ArrayLike) -> Floats:
    """Undo a back-transformation: from the scale a reader sees to the analysis scale.

    Parameters
    ----------
    name : str
        Of the back-transformation.
    x : array_like
        Values on the display scale, such as proportions.

    Returns
    -------
    ndarray
        Infinite at the ends of the display scale where the analysis scale has none, NaN beyond.

    Raises
    ------
    UnknownOption
        If there is no such transformation, or it depends on sizes (Freeman and Tukey's).

    Examples
    --------
    >>> float(to_analysis_scale("ilogit", 0.5)), float(to_analysis_scale("exp", 1))
    (0.0, 0.0)
    """
    if name not in FORWARD:
        raise UnknownOption("transf", name, list(FORWARD))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(FORWARD[name](np.asarray(x, dtype=np.float64)))[()]


def harmonic_mean(ni: ArrayLike) -> float:
    """Harmonic mean of the known sample sizes, as `ift` needs it for a pooled value.

    Examples
    --------
    >>> harmonic_mean([10, 40])
    16.0
    """
    n = np.asarray(ni, dtype=np.float64)
    n = n[np.isfinite(n)]
    return float(n.size / np.sum(1 / n)) if n.size else float("nan")
