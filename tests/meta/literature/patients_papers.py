"""Measurements of patients: pairs, single cases, repeated measurements."""

from __future__ import annotations

import numpy as np
from published import MEMORY, Line, early_stop, example, line, table

import probatum as pb


@example(
    "Darwin's maize: all 32768 signs",
    source="Fisher RA (1935), The design of experiments, Oliver & Boyd",
    place="section 21", data="fisher1935.csv", known=MEMORY,
)  # fmt: skip
def fisher_maize() -> list[Line]:
    difference = table("fisher1935")["difference"]
    one = pb.sign_flips(difference, alternative="greater")
    both = pb.sign_flips(difference)
    mean, sd = np.mean(difference), np.std(difference, ddof=1)
    t = mean / (sd / np.sqrt(len(difference)))
    return [
        line("sum of the differences", "314", one.estimate * len(difference)),
        line("arrangements with a sum of 314 or more", "863", one.pval * 2**15),
        line("both tails, percent", "5.267", 100 * both.pval),
        line("Student's t", "2.148", t),
    ]


@example(
    "Depression before and after tranquilliser: Wilcoxon's signed ranks",
    source="Hollander M, Wolfe DA (1973), Nonparametric statistical methods, Wiley",
    place="section 3.1, Hamilton factor IV of nine patients", data="hollander1973.csv",
    known=MEMORY,
)  # fmt: skip
def hollander_wolfe() -> list[Line]:
    data = table("hollander1973")
    pairs = {"before": data["before"], "after": data["after"]}
    test = pb.signed_rank(**pairs, alternative="less")
    limits = pb.signed_rank(**pairs, alpha=0.04)
    return [
        line("sum of positive ranks, one-sided p", "5 0.020", test.statistic, test.pval),
        line("median change, 96% limits", "-0.46 -0.786 -0.010", limits.estimate, limits.ci_lb,
             limits.ci_ub),
    ]  # fmt: skip


@example(
    "Nonoverlap of all pairs",
    source="Parker RI, Vannest K (2009), Behavior Therapy 40, 357-367",
    place="the worked example, 10 and 11 observations", data="parker2009.csv", known=MEMORY,
)  # fmt: skip
def parker_vannest() -> list[Line]:
    data = table("parker2009")
    phase, value = np.array(data["phase"]), np.array(data["value"])
    found = pb.nap(value[phase == "A"], value[phase == "B"])
    return [line("pairs, NAP", "110 0.96", found.pairs, found.estimate)]


@example(
    "Hours of sleep gained with two isomers of hyoscyamine",
    source='Student (1908), Biometrika 6, 1-25; as in Fisher RA (1925), Statistical methods for '
    "research workers, section 24",
    place="the mean of the differences and its t", data="student1908.csv", known=MEMORY,
)  # fmt: skip
def student() -> list[Line]:
    data = table("student1908")
    first, second = np.array(data["first"]), np.array(data["second"])
    es = pb.effect_sizes(
        measure="MC", m1i=[second.mean()], m2i=[first.mean()], sd1i=[second.std(ddof=1)],
        sd2i=[first.std(ddof=1)], ni=[10], ri=[np.corrcoef(first, second)[0, 1]],
    )  # fmt: skip
    return [
        line("mean difference, t", "1.58 4.06", es.yi, es.yi / np.sqrt(es.vi)),
    ]


@example(
    "Reaction times in sleep deprivation: random intercepts and slopes",
    source="Bates D, Mächler M, Bolker B, Walker S (2015), Journal of Statistical Software 67(1)",
    place="summary of fm1, pp. 31-32 (the PDF that comes with lme4)", data="sleepstudy.csv",
    known="page read: https://www.jstatsoft.org/v67/i01 (lme4's doc/lmer.pdf)",
)  # fmt: skip
def sleepstudy() -> list[Line]:
    fit = pb.mixed_model(
        "Reaction", "Subject", mods="~ Days", slope="Days", data=table("sleepstudy")
    )
    G, sd = fit.G, np.sqrt(np.diag(fit.G))
    return [
        line("REML criterion", "1743.6", -2 * fit.ll),
        line("intercept, se, t", "251.41 6.82 36.84", fit.beta[0], fit.se[0], fit.zval[0]),
        line("slope, se, t", "10.47 1.55 6.77", fit.beta[1], fit.se[1], fit.zval[1]),
        line("correlation of the two", "-0.138", fit.vb[0, 1] / (fit.se[0] * fit.se[1])),
        line("variance of slopes, correlation", "35.0717 0.065551", G[1, 1],
             G[0, 1] / (sd[0] * sd[1])),
        early_stop("variance of intercepts", "612.1002", G[0, 0], "sleep_var_intercept"),
        early_stop("covariance", "9.6044", G[0, 1], "sleep_cov"),
        early_stop("residual variance", "654.9400", fit.sigma2, "sleep_var_residual"),
        early_stop("sd of intercepts", "24.740658", sd[0], "sleep_sd_intercept"),
        early_stop("sd of slopes", "5.922138", sd[1], "sleep_sd_slope"),
        early_stop("residual sd", "25.591796", fit.sigma2**0.5, "sleep_sd_residual"),
    ]  # fmt: skip
