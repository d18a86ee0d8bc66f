"""Pooling of risks by beta-binomial models."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import chdtrc

from probatum.errors import BadInput, UnknownOption
from probatum.meta.design import Design
from probatum.meta.inference import check_level, omnibus, tested
from probatum.meta.models.beta_binomial.likelihood import (
    LINKS,
    Arm,
    Maximum,
    Model,
    binomial,
    derivatives,
    highest,
)
from probatum.meta.models.counts import (
    GROUPS,
    Counts,
    no_contrast,
    read_counts,
    with_moderators,
)
from probatum.meta.options import typed_options
from probatum.meta.types import EffectSizes, FitStats, Floats, MetaFit, need

ONE = ("xi", "mi")
#: cells and link of each measure
MEASURES = {
    "OR": (GROUPS, "logit"),
    "RR": (GROUPS, "log"),
    "RD": (GROUPS, "identity"),
    "PLO": (ONE, "logit"),
    "PLN": (ONE, "log"),
    "PR": (ONE, "identity"),
}
COMMON = ("rho", "beta")


@typed_options
def pool_beta_binomial(
    es: EffectSizes,
    *,
    measure: str | None = None,
    common: str = "rho",
    mods: Any = None,
    data: Any = None,
    test: str = "z",
    level: float = 95,
) -> MetaFit:
    """Pool risks that vary between studies as a beta distribution does.

    Studies without events, in one group or in both, take part as they are: nothing is added and
    nothing left out.

    Parameters
    ----------
    es : EffectSizes
        Made from ``ai bi ci di`` (OR, RR, RD) or ``xi ni`` (PLO, PLN, PR).
    measure : {"OR", "RR", "RD", "PLO", "PLN", "PR"}, optional
        The measure of `es` by default. It names the link: logit, log or none.
    common : {"rho", "beta"}
        What two groups share beside the distribution's kind: the intraclass correlation
        rho = 1 / (alpha + beta + 1), or the second parameter, beta, with which the odds ratio is
        a ratio of the alphas.
    mods, data
        Moderators of the effect, as in `pool`; of the risk, for one group.
    test : {"z", "t"}
        Normal tests, or t with k - p degrees of freedom.
    level : float
        Confidence level in percent.

    Returns
    -------
    MetaFit
        `beta` is on the scale of the measure. There is no tau2 (NaN, with I2 and H2, and so no
        prediction interval) and no QE: `extra` has ``rho se_rho`` or ``beta``, and the likelihood
        ratio test of no variation between studies, ``LRT LRTp`` (half its chi-square
        distribution lies at 0). Status "boundary": the greatest likelihood is the binomial's.

    Raises
    ------
    UnknownOption, BadInput
        BadInput where the counts are not there, or have no maximum (no events in one group over
        all studies).

    Notes
    -----
    Kuss O (2015), Statistics in Medicine 34, 1097-1116 (common rho; three links); Mathes T, Kuss
    O (2021), Research Synthesis Methods 12, 719-736 (common beta). A study's two groups are taken
    as independent given the distributions of risk: the comparison is one of average risks, and
    randomisation within studies is not used. Standard errors come from the observed information,
    dispersion included.

    Examples
    --------
    >>> from probatum.meta.measures import effect_sizes
    >>> es = effect_sizes(measure="OR", ai=[0, 3, 2, 0], n1i=[40, 55, 60, 30],
    ...                   ci=[2, 7, 6, 0], n2i=[41, 50, 58, 30])
    >>> fit = pool_beta_binomial(es)
    >>> round(float(fit.beta[0]), 3), round(fit.extra["rho"], 3)
    (-1.183, 0.004)
    """
    need(es, "EffectSizes", name="es")
    code = _check(es, measure, common, test)
    level = check_level(level)
    names, link = MEASURES[code]
    counts, layout = with_moderators(read_counts(es, code, names), mods, data, test)
    cells, X = counts.used(), layout.X[counts.usable]
    why = no_contrast(names, cells)
    if why:
        raise BadInput(f"the likelihood has no maximum for these studies: {why}.")
    model = _model(names, link, cells, X, common == "beta")
    equal = binomial(model, _start(model, names, cells))
    best = highest(model, equal)
    return _assemble(counts, layout, model, equal, best, code=code, test=test, level=level)


def _check(es: EffectSizes, measure: str | None, common: str, test: str) -> str:
    code = es.measure if measure is None else measure
    if code not in MEASURES:
        offered = ", ".join(MEASURES)
        raise UnknownOption("measure", code, MEASURES, f"pool_beta_binomial takes {offered}.")
    if common not in COMMON:
        raise UnknownOption("common", common, COMMON)
    if common == "beta" and MEASURES[code][0] == ONE:
        raise BadInput(f'common="beta" is for two groups; measure "{code}" has one.')
    if test not in ("z", "t"):
        raise UnknownOption("test", test, ("z", "t"))
    return code


def _model(
    names: tuple[str, ...], link: str, cells: dict[str, Floats], X: Floats, common_beta: bool
) -> Model:
    if names == ONE:
        arms: tuple[Arm, ...] = (Arm(cells["xi"], cells["xi"] + cells["mi"]),)
        designs: tuple[Floats, ...] = (X,)
    else:
        a, b, c, d = (cells[name] for name in GROUPS)
        arms = Arm(a, a + b), Arm(c, c + d)
        level = np.ones((len(X), 1))
        designs = np.hstack([level, X]), np.hstack([level, 0 * X])
    return Model(arms, designs, LINKS[link], common_beta)


def _start(model: Model, names: tuple[str, ...], cells: dict[str, Floats]) -> Floats:
    """Coefficients of the groups' crude risks, kept from the ends."""
    pairs = [("xi", "mi")] if names == ONE else [("ai", "bi"), ("ci", "di")]
    eta = []
    for (events, others), X in zip(pairs, model.X, strict=True):
        y, m = float(cells[events].sum()), float(cells[others].sum())
        eta.append(np.full(len(X), model.link.to(np.array(y / (y + m)))))
    b, *_ = np.linalg.lstsq(np.vstack(model.X), np.concatenate(eta), rcond=None)
    if derivatives(model, b, 0.0) is None:
        raise BadInput(
            "these moderators, without an intercept, leave the risks outside 0 to 1 at the "
            'start: add the intercept, or take a logit link (measure "OR" or "PLO").'
        )
    out: Floats = b.astype(np.float64)
    return out


def _assemble(
    counts: Counts,
    layout: Design,
    model: Model,
    equal: Maximum,
    best: Maximum,
    *,
    code: str,
    test: str,
    level: float,
) -> MetaFit:
    k, p = int(counts.usable.sum()), layout.X.shape[1]
    coefs = slice(len(best.b) - p, len(best.b))
    covariance = _inverse(best.information)
    vb = covariance[coefs, coefs]
    dfs = float(k - p)
    t = tested(best.b[coefs], np.diag(vb), dfs, test, level)
    moderated = layout.has_intercept and p > 1
    QM, QMp, QMdf = omnibus(t.beta, vb, slice(1 if moderated else 0, None), dfs, test)
    varied = best is not equal
    status = "converged" if varied else "boundary"
    nan = math.nan
    return MetaFit(
        beta=t.beta, se=t.se, zval=t.stat, pval=t.pval, ci_lb=t.ci_lb, ci_ub=t.ci_ub, vb=vb,
        names=layout.names, tau2=nan, se_tau2=nan, I2=nan, H2=nan, R2=nan, QE=nan, QEp=nan,
        QM=QM, QMp=QMp, QMdf=QMdf, s2w=1.0, k=k, p=p, m=int(QMdf[0]),
        dfs=nan if test == "z" else dfs, weights=np.full(len(counts.own), nan), method="ML",
        test=test, level=level, weighted=True, data=counts.own, X=layout.X,
        included=counts.usable, k_left_out=int((~counts.usable).sum()), left_out=counts.reasons,
        fit_stats={"ML": _criteria(model, best, k * len(model.arms))}, model="beta-binomial",
        status=status if best.converged else "not converged",
        extra=_dispersion(model, equal, best, covariance), encode=layout.encode,
    )  # fmt: skip


def _inverse(information: Floats) -> Floats:
    """NaN where the likelihood's top is not curved (a risk at the end of what a link allows)."""
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return np.full(information.shape, np.nan)
    return np.linalg.inv(information).astype(np.float64)


def _dispersion(
    model: Model, equal: Maximum, best: Maximum, covariance: Floats
) -> dict[str, float]:
    varied = best is not equal
    ratio = max(0.0, 2 * (best.ll - equal.ll))
    test = {"LRT": ratio, "LRTp": float(chdtrc(1, ratio)) / 2 if varied else 1.0}
    if model.common_beta:
        return {"beta": 1 / best.delta if varied else math.inf} | test
    rho = best.delta / (1 + best.delta)
    error = rho * (1 - rho) * math.sqrt(covariance[-1, -1]) if varied else math.nan
    return {"rho": rho, "se_rho": error} | test


def _criteria(model: Model, best: Maximum, n: int) -> FitStats:
    count = len(best.b) + 1
    size = max(n, count + 2)
    return FitStats(
        ll=best.ll,
        dev=-2 * best.ll,
        AIC=-2 * best.ll + 2 * count,
        BIC=-2 * best.ll + count * math.log(n),
        AICc=-2 * best.ll + 2 * count * size / (size - count - 1),
    )
