"""Transformations by name, for estimates, intervals and figures: metafor's transf functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import ArrayLike
from scipy.special import expit, ndtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import floats
from probatum.meta.options import typed_options
from probatum.meta.transforms import FORWARD, TRANSFORMS
from probatum.meta.types import Floats

ROOT_2 = np.sqrt(2.0)


def _with_n(x: Floats, n: Any, what: str) -> Floats:
    if n is None:
        raise BadInput(f"this transformation depends on {what}: give it as n")
    return np.asarray(n, dtype=np.float64)


def _pft(x: Floats, n: Any) -> Any:
    size = _with_n(x, n, "the sample size")
    events = x * size
    lower, upper = events / (size + 1), (events + 1) / (size + 1)
    return (np.arcsin(np.sqrt(lower)) + np.arcsin(np.sqrt(upper))) / 2


def _irft(x: Floats, n: Any) -> Any:
    time = _with_n(x, n, "the person-time")
    return (np.sqrt(x) + np.sqrt(x + 1 / time)) / 2


def _u1(d: Floats) -> Any:
    u2 = ndtr(np.abs(d) / 2)
    return (2 * u2 - 1) / u2


#: the way to the analysis scale, by the name of the way back
THERE = {
    "log": "exp",
    "logit": "ilogit",
    "rtoz": "ztor",
    "arcsin": "iarcsine",
    "sqrt": "isqrt",
    "probit": "iprobit",
    "r2toz": "ztor2",
    "ahw": "iahw",
    "abt": "iabt",
}
#: analysis scale from display scale, and what a standardised difference means
PLAIN: dict[str, Callable[[Floats], Any]] = {
    **{name: FORWARD[back] for name, back in THERE.items()},
    # Cohen 1988, Statistical Power Analysis: non-overlap; share of one group beyond that share of
    # the other; share of one group above the other's mean
    "dtou1": _u1,
    "dtou2": lambda d: ndtr(d / 2),
    "dtou3": ndtr,
    # McGraw & Wong 1992, Psychological Bulletin 111:361: the higher value is of group 1
    "dtocles": lambda d: ndtr(d / ROOT_2),
    # Rosenthal & Rubin 1982, J Educ Psychol 74:166: share of group 1 above the common median
    "dtobesd": lambda d: 0.5 + d / np.sqrt(d**2 + 4) / 2,
}
SIZED: dict[str, Callable[[Floats, Any], Any]] = {"pft": _pft, "irft": _irft}
#: metafor's names of our back-transformations
SAME = {"iarcsin": "iarcsine", "ipft": "ift"}
INTEGRATED: dict[str, Callable[[Floats], Any]] = {
    "exp.int": np.exp,
    "ilogit.int": expit,
    "ztor.int": np.tanh,
}
WITH_MORE = ("dtorpb", "dtomd", "logortord", "logortorr")


@typed_options
def transf(
    x: ArrayLike,
    name: str,
    *,
    n: ArrayLike | None = None,
    n1i: ArrayLike | None = None,
    n2i: ArrayLike | None = None,
    sd: ArrayLike | None = None,
    pc: ArrayLike | None = None,
    tau2: float | None = None,
) -> Floats:
    """Apply a transformation by name.

    Parameters
    ----------
    x : array_like
    name : str
        Back from the analysis scale: ``exp ilogit iarcsin ipft ztor isqrt iirft iprobit ztor2 iahw
        iabt``; the way there: ``log logit arcsin pft rtoz sqrt irft probit r2toz ahw abt``; of a
        standardised mean difference: ``dtou1 dtou2 dtou3`` (Cohen's U), ``dtocles`` (probability
        that a value of group 1 is the higher), ``dtobesd``, ``dtorpb``, ``dtomd``; of a log odds
        ratio: ``logortord logortorr``; means over a distribution of true effects: ``exp.int
        ilogit.int ztor.int``.
    n : array_like, optional
        Sample size (pft, ipft) or person-time (irft, iirft).
    n1i, n2i : array_like, optional
        Group sizes (dtorpb; equal and large without them).
    sd : array_like, optional
        Standard deviation (dtomd).
    pc : array_like, optional
        Risk without treatment (logortord, logortorr).
    tau2 : float, optional
        Variance of the true effects, which are normal around x (the .int transformations).

    Returns
    -------
    ndarray

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> float(transf(0.0, "dtou3")), float(transf(np.log(2), "logortorr", pc=0.2).round(4))
    (0.5, 1.6667)
    >>> float(transf(0.5, "exp.int", tau2=0.2).round(6)) == round(float(np.exp(0.6)), 6)
    True
    """
    value = floats(x, "x")
    name = SAME.get(name, name)
    with np.errstate(all="ignore"):
        if name in TRANSFORMS:
            return TRANSFORMS[name](value, n)
        if name in PLAIN:
            return np.asarray(PLAIN[name](value))[()]
        if name in SIZED:
            return np.asarray(SIZED[name](value, n))[()]
        if name in INTEGRATED:
            return _mean_over(INTEGRATED[name], value, tau2)
        if name in WITH_MORE:
            return np.asarray(_of_more(name, value, n1i, n2i, sd, pc))[()]
    raise UnknownOption("name", name, (*TRANSFORMS, *PLAIN, *SIZED, *INTEGRATED, *WITH_MORE))


def _of_more(name: str, x: Floats, n1i: Any, n2i: Any, sd: Any, pc: Any) -> Any:
    if name == "dtorpb":
        if (n1i is None) != (n2i is None):
            raise BadInput("dtorpb takes both group sizes, n1i and n2i, or neither")
        if n1i is None:
            return x / np.sqrt(x**2 + 4)
        n1, n2 = np.asarray(n1i, float), np.asarray(n2i, float)
        m = n1 + n2 - 2
        return x / np.sqrt(x**2 + m / n1 + m / n2)
    if name == "dtomd":
        if sd is None:
            raise BadInput("dtomd needs sd, the standard deviation of the values")
        return x * np.asarray(sd, float)
    if pc is None:
        raise BadInput(f"{name} needs pc, the risk without treatment")
    risk = np.asarray(pc, float)
    if np.any((risk < 0) | (risk > 1)):
        raise BadInput("pc is a risk from 0 to 1")
    treated = risk * np.exp(x) / (1 - risk + risk * np.exp(x))
    return treated - risk if name == "logortord" else treated / risk


def _mean_over(change: Callable[[Floats], Any], x: Floats, tau2: float | None) -> Floats:
    """Mean of the transformed true effects, which are normal around x, by quadrature."""
    if tau2 is None or not np.isfinite(tau2) or tau2 < 0:
        raise BadInput("a mean over true effects needs tau2, their variance (0 or more)")
    if change is np.exp:
        return np.asarray(np.exp(x + tau2 / 2))[()]
    nodes, weights = hermegauss(100)
    at = change(x[..., None] + np.sqrt(tau2) * nodes)
    return np.asarray(at @ (weights / weights.sum()))[()]
