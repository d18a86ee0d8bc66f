"""Röver's examples of bayesmeta."""

from __future__ import annotations

from functools import partial

import numpy as np
from published import Line, apart, example, line, table
from scipy.optimize import brentq
from scipy.special import ndtr

import probatum as pb

roever = partial(
    example, source="Röver C, An introduction to meta-analysis using the bayesmeta package, "
    "vignette of bayesmeta (Röver C 2020, Journal of Statistical Software 93(6))",
    known="page read: https://github.com/cran/bayesmeta, inst/doc/bayesmeta.html",
)  # fmt: skip

_GRID = "bayesmeta sums over a few values of tau by design; a fine sum gives ours"


class Trapezoid:
    """Posterior of mu by a plain sum over tau, for the eight schools and their priors."""

    def __init__(self, y: np.ndarray, se: np.ndarray) -> None:
        x = np.linspace(np.log(1e-7), np.log(1e5), 40001)  # log tau
        tau = np.exp(x)
        w = 1 / (se**2 + tau[:, None] ** 2)
        precision = w.sum(axis=1) + 1 / 50**2
        mean = (w @ y) / precision
        log_like = 0.5 * (np.log(w).sum(axis=1) - np.log(precision))
        log_like += 0.5 * (mean**2 * precision - w @ y**2)
        log_post = log_like - np.log1p((tau / 25) ** 2) + x
        p = np.exp(log_post - log_post.max())
        self.p, self.m, self.s, self.tau = p / p.sum(), mean, precision**-0.5, tau

    def cdf(self, at: float) -> float:
        return float(self.p @ ndtr((at - self.m) / self.s))

    def quantile(self, share: float) -> float:
        return float(brentq(lambda at: self.cdf(at) - share, -100, 100, xtol=1e-12))

    def moments(self) -> tuple[float, float]:
        mean = float(self.p @ self.m)
        return mean, float(self.p @ (self.s**2 + (self.m - mean) ** 2)) ** 0.5


def eight_schools(interval: str = "shortest") -> pb.BayesFit:
    data = table("rubin1981")
    return pb.pool_bayes(
        data["yi"], sei=data["se"], slab=data["school"], tau="half-cauchy", scale=25, mu=(0, 50),
        interval=interval,
    )  # fmt: skip


@roever(
    "Eight schools: half-Cauchy prior of scale 25", place="A simple example", data="rubin1981.csv"
)
def eight_schools_posterior() -> list[Line]:
    data = table("rubin1981")
    fit, sum_ = eight_schools(), Trapezoid(np.array(data["yi"]), np.array(data["se"]))
    central = eight_schools("central")
    mean, sd = sum_.moments()
    mu = fit.coefficients[0]
    return [
        line("tau: median, mean, upper limit", "4.758539 5.884511 15.165894", fit.tau_median,
             fit.tau.average, fit.tau_ub),
        line("tau: central interval", "0.2199559 18.0531718", central.tau_lb, central.tau_ub),
        apart("mu: median", "7.962961", fit.beta[0], cause=_GRID, right=sum_.quantile(0.5)),
        apart("mu: mean", "7.985729", mu.average, cause=_GRID, right=mean),
        apart("mu: sd", "4.995762", fit.sd[0], cause=_GRID, right=sd),
        apart("P(mu > 0)", "0.9487521", 1 - mu.cdf(0.0), cause=_GRID, right=1 - sum_.cdf(0.0)),
        apart("mu: 95% quantile", "16.11009", mu.quantile(0.95), cause=_GRID,
              right=sum_.quantile(0.95)),
        line("mu: what the text says of mean and limits", "8 -2 18", mu.average, fit.ci_lb,
             fit.ci_ub),
    ]  # fmt: skip


@roever(
    "Log odds ratios of six transplantation trials",
    place="Computing effect sizes (Crins ND et al. 2014); the first trial's table is printed",
    data="in the text",
)  # fmt: skip
def crins_first_trial() -> list[Line]:
    es = pb.effect_sizes(measure="OR", ai=[14], bi=[47], ci=[15], di=[5])
    return [line("log odds ratio of Heffron 2003, variance", "-2.3097 0.3594", es.yi, es.vi)]
