"""Prior distributions of tau, the standard deviation between studies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.special import gammaln

from probatum.errors import BadInput, UnknownOption
from probatum.meta.options import typed_options
from probatum.meta.types import Floats

LogDensity = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class TauPrior:
    """A prior of tau.

    Attributes
    ----------
    family : str
    log_density : callable
        tau > 0 to the log of its density.
    proper : bool
        Whether the density integrates to 1 (Bayes factors need that).
    upper : float
        Largest possible tau.
    at_zero : float
        Density at tau = 0; infinite or 0 for some.
    parameters : mapping
    source : str
    """

    family: str
    log_density: LogDensity
    proper: bool = True
    upper: float = np.inf
    parameters: Mapping[str, float] = field(default_factory=dict)
    source: str = ""


_FAMILIES: dict[str, Callable[..., TauPrior]] = {}
Maker = Callable[..., TauPrior]


def _family(name: str) -> Callable[[Maker], Maker]:
    def add(maker: Maker) -> Maker:
        _FAMILIES[name] = maker
        return maker

    return add


@typed_options
def tau_prior(family: str, **parameters: float) -> TauPrior:
    """A prior of tau by its family.

    Parameters
    ----------
    family : str
        ``half-normal`` (scale), ``half-cauchy`` (scale), ``half-t`` (scale, df), ``exponential``
        (mean), ``uniform`` (upper; without it improper), ``lognormal`` of tau squared (mean, sd:
        Turner et al. 2015), ``log-t`` of tau squared (mean, scale, df: Rhodes et al. 2015),
        ``inverse-gamma`` of tau (shape, scale: van Erp et al. 2017).
    **parameters : float

    Returns
    -------
    TauPrior

    Raises
    ------
    UnknownOption
        If there is no such family.
    BadInput
        If a parameter is missing, unknown or out of range.

    Notes
    -----
    Gelman A (2006), Bayesian Analysis 1, 515-534 (half-normal, half-Cauchy, half-t, uniform);
    Turner RM, Jackson D, Wei Y, Thompson SG, Higgins JPT (2015), Statistics in Medicine 34,
    984-998; Rhodes KM, Turner RM, Higgins JPT (2015), Journal of Clinical Epidemiology 68, 52-60;
    van Erp S, Verhagen J, Grasman RPPP, Wagenmakers EJ (2017), Journal of Open Psychology Data 5,
    4.

    Examples
    --------
    >>> prior = tau_prior("half-normal", scale=0.5)
    >>> float(np.exp(prior.log_density(np.array([0.5])))[0].round(4))
    0.9679
    """
    if family not in _FAMILIES:
        raise UnknownOption("prior", family, list(_FAMILIES))
    try:
        return _FAMILIES[family](**parameters)
    except TypeError as error:
        raise BadInput(f"prior {family}: {str(error).split('() ')[-1]}.") from None


def _positive(family: str, **values: float) -> None:
    for name, value in values.items():
        if not (np.isfinite(value) and value > 0):
            raise BadInput(f"prior {family}: {name} is {value}; it must be positive.")


@_family("half-normal")
def _half_normal(scale: float) -> TauPrior:
    _positive("half-normal", scale=scale)
    constant = 0.5 * np.log(2.0 / np.pi) - np.log(scale)
    return TauPrior(
        "half-normal", lambda t: constant - 0.5 * (t / scale) ** 2, parameters={"scale": scale}
    )


@_family("half-t")
def _half_t(scale: float, df: float) -> TauPrior:
    _positive("half-t", scale=scale, df=df)
    constant = (
        np.log(2.0) + gammaln(0.5 * (df + 1.0)) - gammaln(0.5 * df)
        - 0.5 * np.log(df * np.pi) - np.log(scale)
    )  # fmt: skip
    return TauPrior(
        "half-t", lambda t: constant - 0.5 * (df + 1.0) * np.log1p((t / scale) ** 2 / df),
        parameters={"scale": scale, "df": df},
    )  # fmt: skip


@_family("half-cauchy")
def _half_cauchy(scale: float) -> TauPrior:
    made = _half_t(scale, 1.0)
    return TauPrior("half-cauchy", made.log_density, parameters={"scale": scale})


@_family("exponential")
def _exponential(mean: float) -> TauPrior:
    _positive("exponential", mean=mean)
    return TauPrior("exponential", lambda t: -t / mean - np.log(mean), parameters={"mean": mean})


@_family("uniform")
def _uniform(upper: float = np.inf) -> TauPrior:
    if not upper > 0:
        raise BadInput(f"prior uniform: upper is {upper}; it must be positive.")
    height = -np.log(upper) if np.isfinite(upper) else 0.0
    return TauPrior(
        "uniform", lambda t: np.where(t <= upper, height, -np.inf), bool(np.isfinite(upper)),
        upper, {"upper": upper},
    )  # fmt: skip


@_family("lognormal")
def _lognormal(mean: float, sd: float) -> TauPrior:
    """Log of tau squared is normal; the density is that of tau (Jacobian 2 / tau)."""
    _positive("lognormal", sd=sd)
    constant = np.log(2.0) - 0.5 * np.log(2.0 * np.pi) - np.log(sd)
    return TauPrior(
        "lognormal",
        lambda t: constant - np.log(t) - 0.5 * ((2.0 * np.log(t) - mean) / sd) ** 2,
        parameters={"mean": mean, "sd": sd},
    )


@_family("log-t")
def _log_t(mean: float, scale: float, df: float = 5.0) -> TauPrior:
    """Log of tau squared has a t distribution; the density is that of tau."""
    _positive("log-t", scale=scale, df=df)
    constant = (
        np.log(2.0) + gammaln(0.5 * (df + 1.0)) - gammaln(0.5 * df)
        - 0.5 * np.log(df * np.pi) - np.log(scale)
    )  # fmt: skip
    return TauPrior(
        "log-t",
        lambda t: (
            constant - np.log(t)
            - 0.5 * (df + 1.0) * np.log1p(((2.0 * np.log(t) - mean) / scale) ** 2 / df)
        ),
        parameters={"mean": mean, "scale": scale, "df": df},
    )  # fmt: skip


@_family("inverse-gamma")
def _inverse_gamma(shape: float, scale: float) -> TauPrior:
    _positive("inverse-gamma", shape=shape, scale=scale)
    constant = shape * np.log(scale) - gammaln(shape)
    return TauPrior(
        "inverse-gamma", lambda t: constant - (shape + 1.0) * np.log(t) - scale / t,
        parameters={"shape": shape, "scale": scale},
    )  # fmt: skip
