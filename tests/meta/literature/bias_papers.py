"""Small-study effects and selection."""

from __future__ import annotations

from functools import partial

import numpy as np
from published import MEMORY, Line, apart, coefficients, example, line, table, within_rounding

import probatum as pb

book = partial(
    example, source="Harrer M, Cuijpers P, Furukawa TA, Ebert DD (2021), Doing meta-analysis with "
    "R, CRC Press", data="thirdwave.csv", known=MEMORY,
)  # fmt: skip


@book("Mindfulness for stress in students: Egger's test", place="section 9.2.1, eggers.test()")
def harrer_egger() -> list[Line]:
    data = table("thirdwave")
    found = pb.asymmetry(pb.pool(data["yi"], sei=data["se"]), "Egger")
    return [
        line("intercept of the radial plot, t, p", "4.111 4.677 0.00025", found.slope, found.stat,
             found.pval),
    ]  # fmt: skip


@book(
    "Mindfulness for stress in students: Vevea and Hedges' step function",
    place="section 9.3.2, three-parameter selection model; the method of Vevea JL, Hedges LV "
    "(1995), Psychometrika 60, 419-435, whose own data were not found",
)  # fmt: skip
def harrer_selection() -> list[Line]:
    data = table("thirdwave")
    found = pb.selmodel(pb.pool(data["yi"], sei=data["se"], test="z"), "stepfun", steps=[0.025])
    return [
        line("mean, se, limits", "0.5893 0.1274 0.3396 0.8390", found.beta, found.se, found.ci_lb,
             found.ci_ub),
        line("weight of p above 0.025", "1.1500", found.delta[1]),
    ]  # fmt: skip


@book(
    "Mindfulness for stress in students: trim and fill",
    place="section 9.2.2, trimfill() of R's meta: trimmed with equal effects, pooled by REML with "
    "Knapp and Hartung's interval",
)  # fmt: skip
def harrer_trim_and_fill() -> list[Line]:
    data = table("thirdwave")
    filled = pb.trimfill(pb.pool(data["yi"], sei=data["se"], method="EE", test="z")).fit.data
    fit = pb.pool(filled.yi, filled.vi)
    return [line("mean and limits", "0.3428 0.1015 0.5841", fit.beta, fit.ci_lb, fit.ci_ub)]


@example(
    "Acupuncture point P6 and nausea: Henmi and Copas' interval",
    source="Viechtbauer W, metafor: reference manual, CRAN",
    place="example of hc(); the method of Henmi M, Copas JB (2010), Statistics in Medicine 29, "
    "2969-2983",
    data="lee2004.csv", known="page read: https://wviechtb.github.io/metafor/reference/hc.html",
)  # fmt: skip
def henmi_copas() -> list[Line]:
    es = pb.effect_sizes(table("lee2004"), measure="OR", ai="ai", n1i="n1i", ci="ci", n2i="n2i")
    reml = pb.pool(es, test="z")
    found = pb.hc(reml)
    return [
        *coefficients(reml, ["-0.6820 0.2013 -3.3877 0.0007 -1.0766 -0.2874"]),
        line("tau2, its se, tau, I2, H2", "0.3526 0.2254 0.5938 62.35 2.66", reml.tau2,
             reml.se_tau2, reml.tau2**0.5, reml.I2, reml.H2),
        line("Q, p", "38.4231 0.0008", reml.QE, reml.QEp),
        line("Henmi-Copas: tau2, log odds ratio, se, limits",
             "0.3325 -0.5145 0.2178 -0.9994 -0.0295", found.tau2, found.beta, found.se,
             found.ci_lb, found.ci_ub),
        line("Henmi-Copas: odds ratio, limits", "0.5978 0.3681 0.9709",
             np.exp([found.beta, found.ci_lb, found.ci_ub])),
    ]  # fmt: skip


@example(
    "Practice facilitation: the pooled effect",
    source="Baskerville NB, Liddy C, Hogg W (2012), Annals of Family Medicine 10, 63-74",
    place="abstract", data="baskerville2012.csv",
    known="page read: https://www.annfammed.org/content/10/1/63",
)  # fmt: skip
def baskerville() -> list[Line]:
    data = table("baskerville2012")
    y, se = np.array(data["smd"]), np.array(data["se"])
    fit = pb.pool(y, sei=se, method="DL", test="z")
    w = 1 / (se**2 + fit.tau2)

    def z_of(inputs: np.ndarray) -> float:
        return float(pb.pool(inputs[0], sei=inputs[1], method="DL", test="z").zval[0])

    return [
        line("effect and limits", "0.56 0.43 0.68", fit.beta, fit.ci_lb, fit.ci_ub),
        line("I2", "20", fit.I2),
        apart("z", "8.76", fit.zval[0], right=float(w @ y / np.sqrt(w.sum())),
              cause="effects and errors are known to two decimals only",
              reproduced=within_rounding(z_of, np.array([y, se]), 0.005, 8.76)),
    ]  # fmt: skip


@example(
    "Gender differences in conformity",
    source="Shadish WR, Haddock CK (2009), in: Cooper H, Hedges LV, Valentine JC, The handbook of "
    "research synthesis and meta-analysis, second edition",
    place="chapter 14; tau2 there is miscalculated and not compared (W. Viechtbauer's replication "
    "of the third edition, cooper2019.rmd, read)",
    data="conformity.csv", known=MEMORY,
)  # fmt: skip
def shadish_haddock() -> list[Line]:
    data = table("conformity")
    y, v = np.array(data["d"]), np.array(data["v"])
    fit = pb.pool(y, v, method="EE", test="z")

    def Q(variances: np.ndarray) -> float:
        w = 1 / variances
        return float(w @ y**2 - (w @ y) ** 2 / w.sum())

    return [
        line("mean, se, limits, z", "0.124 0.060 0.007 0.241 2.07", fit.beta, fit.se, fit.ci_lb,
             fit.ci_ub, fit.zval),
        apart("Q", "31.799", fit.QE, right=Q(v), cause="the book's table has rounded variances",
              reproduced=within_rounding(Q, v, 0.0005, 31.799)),
    ]  # fmt: skip
