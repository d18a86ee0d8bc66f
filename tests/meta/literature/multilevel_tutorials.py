"""Three-level and bivariate models in tutorials whose output could be read."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from multilevel_papers import both_arms, periodontal
from published import Line, example, line, table

import probatum as pb

cheung = partial(
    example, source="Cheung MWL, Examples of three-level meta-analysis, companion page of Cheung "
    "MWL (2014), Psychological Methods 19, 211-229",
    known="page read: 3level.html of http://courses.nus.edu.sg/course/psycwlm/internet/metaSEM",
)  # fmt: skip
NESTED: dict[str, Any] = {"random": "~ 1 | district/school"}


def calendars() -> dict[str, list[Any]]:
    data = table("konstantopoulos2011")
    data["centred"] = list(np.array(data["year"]) - np.mean(data["year"]))
    return data


def deviance(fit: Any) -> float:
    return float(-2 * fit.fit_stats["ML"].ll)


@cheung("School calendars: two levels by maximum likelihood", place="Two-level meta-analysis",
        data="konstantopoulos2011.csv")  # fmt: skip
def cheung_two_levels() -> list[Line]:
    data = calendars()
    y, v = data["yi"], data["vi"]
    fit = pb.pool(y, v, method="ML", test="z")
    fixed = pb.pool(y, v, method="EE", test="z")
    year = pb.pool(y, v, mods="~ centred", data=data, method="ML", test="z")
    return [
        line("random effects: mean, tau2, I2", "0.128003 0.086537 0.9459", fit.beta, fit.tau2,
             fit.I2 / 100),
        line("random effects: -2 log-likelihood", "33.2919", deviance(fit)),
        line("fixed effects: mean, se, limits, z", "0.0464072 0.0091897 0.0283957 0.0644186 5.0499",
             fixed.beta, fixed.se, fixed.ci_lb, fixed.ci_ub, fixed.zval),
        line("fixed effects: Q, -2 log-likelihood", "578.864 434.2075", fixed.QE, deviance(fixed)),
        line("year: intercept, slope, tau2", "0.1259126 0.0051307 0.0851153", year.beta, year.tau2),
        line("year: -2 log-likelihood, R2", "31.88635 0.0164", deviance(year),
             1 - year.tau2 / fit.tau2),
    ]  # fmt: skip


@cheung("School calendars: three levels", place="Three-level meta-analysis, and likelihood-based "
        "intervals", data="konstantopoulos2011.csv")  # fmt: skip
def cheung_three_levels() -> list[Line]:
    data = calendars()
    fit = pb.pool_multilevel("yi", "vi", method="ML", data=data, **NESTED)
    two = pb.pool(data["yi"], data["vi"], method="ML", test="z")
    year = pb.pool_multilevel("yi", "vi", mods="~ centred", method="ML", data=data, **NESTED)
    reml = pb.pool_multilevel("yi", "vi", data=data, **NESTED)
    reml_year = pb.pool_multilevel("yi", "vi", mods="~ centred", data=data, **NESTED)
    test, limits = pb.anova(fit, two), fit.confint()
    return [
        line("mean, variance between schools, between districts", "0.1844554 0.0328648 0.0577384",
             fit.beta, fit.sigma2[::-1]),
        line("-2 log-likelihood", "16.78987", deviance(fit)),
        line("against two levels: LRT, p", "16.50203 0.00004859793", test.LRT, test.pval),
        line("likelihood-based lower limits of the two variances", "0.016331 0.0198",
             limits.ci_lb[::-1]),
        line("year: intercept, slope, variances", "0.1780268 0.0050737 0.0329390 0.0564628",
             year.beta, year.sigma2[::-1]),
        line("year: -2 log-likelihood", "16.43629", deviance(year)),
        line("REML: variances", "0.0327365 0.0650619", reml.sigma2[::-1]),
        line("REML with year: variances", "0.0326502 0.0722656", reml_year.sigma2[::-1]),
    ]  # fmt: skip


@cheung("Gender and grants: three levels", data="bornmann2007.csv",
        place="Models 0 and 1 (Table 3 of Marsh HW et al. 2009, Review of Educational Research 79, "
        "1290-1326), to the digits of the text: variances there differ from those of the counts in "
        "the fifth digit")  # fmt: skip
def cheung_grants() -> list[Line]:
    data = table("bornmann2007")
    es = pb.effect_sizes(
        data, measure="OR", ai="waward", n1i="wtotal", ci="maward", n2i="mtotal"
    )  # fmt: skip
    data["row"] = list(range(len(es)))
    nested: dict[str, Any] = {"random": "~ 1 | study/row", "data": data, "method": "ML"}
    fit = pb.pool_multilevel(es, **nested)
    kind = pb.pool_multilevel(es, mods=[float(x == "Fellowship") for x in data["type"]], **nested)
    explained = 1 - kind.sigma2 / fit.sigma2
    return [
        line("log odds ratios of the first six rows",
             "-0.40108 -0.05727 -0.29852 0.36094 -0.33336 -0.07173", es.yi[:6]),
        line("mean, variance within studies, between", "-0.1008 0.0038 0.0141", fit.beta,
             fit.sigma2[::-1]),
        line("fellowships against grants: intercept, difference", "-0.0066 -0.1956", kind.beta),
        line("R2 within, between", "0.0693 0.7943", explained[::-1]),
    ]  # fmt: skip


@example(
    "Periodontal treatment: the likelihood of two outcomes",
    source="Cheung MWL, The metaSEM package, companion page of Cheung MWL (2015), Meta-analysis: a "
    "structural equation modeling approach, Wiley",
    place="Multivariate meta-analysis", data="berkey1998.csv",
    known="page read: index.html of http://courses.nus.edu.sg/course/psycwlm/internet/metaSEM",
)  # fmt: skip
def cheung_periodontal() -> list[Line]:
    data, V = periodontal()
    since = np.array(data["year"]) - 1979
    data["scaled"] = list(since / np.sqrt(np.sum(since[::2] ** 2) / 4))
    both: dict[str, Any] = {"random": "~ outcome | trial", "struct": "UN", "data": data}
    fixed = pb.pool_multilevel("yi", V, mods="~ outcome - 1", data=data, method="ML")
    fit = pb.pool_multilevel("yi", V, mods="~ outcome - 1", method="ML", **both)
    year = pb.pool_multilevel("yi", V, mods="~ outcome + outcome:scaled - 1", method="ML", **both)
    columns = np.column_stack([fixed.beta, fixed.se, fixed.ci_lb, fixed.ci_ub, fixed.zval])

    def spread(one: Any) -> list[float]:
        level, depth = one.tau2
        return [depth, one.rho[0] * (level * depth) ** 0.5, level]

    return [
        line("fixed effects, probing depth: estimate, se, limits, z",
             "0.307219 0.028575 0.251212 0.363225 10.751", columns[1]),
        line("fixed effects, attachment level: the same",
             "-0.394377 0.018649 -0.430929 -0.357825 -21.147", columns[0]),
        line("fixed effects: Q, -2 log-likelihood", "128.2267 90.88326", fixed.QE, deviance(fixed)),
        line("ML: probing depth, attachment level", "0.3448392 -0.3379381", fit.beta[::-1]),
        line("ML: variances and covariance", "0.0070020 0.0094607 0.0261445", spread(fit)),
        line("ML: -2 log-likelihood", "-11.68131", deviance(fit)),
        line("ML with year: intercepts, slopes", "0.3440001 -0.2918175 0.0063540 -0.0705888",
             year.beta[[1, 0, 3, 2]]),
        line("ML with year: variances and covariance", "0.0080405 0.0093413 0.0250135",
             spread(year)),
        line("ML with year: -2 log-likelihood", "-12.00859", deviance(year)),
    ]  # fmt: skip


pustejovsky = partial(
    example, source="Pustejovsky JE (2016), Possible bug in nlme::lme with fixed sigma, a post",
    known="page read: https://jepusto.com, post of 7 November 2016 (Bug-in-nlme-with-fixed-sigma); "
    "R's metafor, and nlme's log-likelihood for ML",
)  # fmt: skip


@pustejovsky("BCG vaccine: log odds ratios, with equal variances too",
             place="Basic random effects model", data="colditz1994.csv")  # fmt: skip
def pustejovsky_bcg() -> list[Line]:
    es = pb.effect_sizes(
        table("colditz1994"), measure="OR", ai="tpos", bi="tneg", ci="cpos", di="cneg"
    )
    same = [float(es.vi.mean())] * len(es)
    texts = {
        ("REML", "own"): "-0.7451778 0.1860279 0.5811816",
        ("ML", "own"): "-0.7419668 0.1779534 0.5499605",
        ("REML", "equal"): "-0.7716272 0.1977007 0.5911451",
        ("ML", "equal"): "-0.7716272 0.1899447 0.5571059",
    }  # fmt: skip
    lines = []
    for (method, which), text in texts.items():
        fit = pb.pool(es.yi, es.vi if which == "own" else same, method=method, test="z")
        lines.append(line(f"{method}, {which} variances: mean, se, tau", text, fit.beta, fit.se,
                          fit.tau2**0.5))  # fmt: skip
    return lines


@pustejovsky("BCG vaccine: the log odds of both arms", place="Bi-variate random effects model",
             data="colditz1994.csv")  # fmt: skip
def pustejovsky_arms() -> list[Line]:
    data = both_arms()
    data["same"] = [float(np.mean(data["v"]))] * len(data["v"])
    texts = {
        ("REML", "v"): "-31.50167 1.617807 1.244429",
        ("REML", "same"): "-31.09623 1.644897 1.191679",
        ("ML", "v"): "-33.08793 1.551558 1.196399",
    }  # fmt: skip
    lines = []
    for (method, column), text in texts.items():
        fit = pb.pool_multilevel("y", column, mods="~ arm", random="~ arm | trial", struct="UN",
                                 data=data, method=method)  # fmt: skip
        which = "own" if column == "v" else "equal"
        lines.append(line(f"{method}, {which} variances: log-likelihood, tau of both arms", text,
                          fit.ll, np.sqrt(fit.tau2)))  # fmt: skip
    return lines


@pustejovsky("School calendars: three levels", place="Three-level random-effects model",
             data="konstantopoulos2011.csv")  # fmt: skip
def pustejovsky_calendars() -> list[Line]:
    data = calendars()
    data["same"] = [float(np.mean(data["vi"]))] * len(data["vi"])
    texts = {
        ("REML", "vi"): "-7.958724 0.1847132 0.08455592 0.2550724 0.1809324",
        ("ML", "vi"): "-8.394936 0.1844554 0.08048168 0.2402881 0.1812865",
        ("REML", "same"): "-9.724839 0.1724309 0.08052701 0.2401816 0.1878155",
    }  # fmt: skip
    lines = []
    for (method, column), text in texts.items():
        fit = pb.pool_multilevel("yi", column, data=data, method=method, **NESTED)
        which = "own" if column == "vi" else "equal"
        lines.append(line(f"{method}, {which} variances: log-likelihood, mean, se, both tau", text,
                          fit.ll, fit.beta, fit.se, np.sqrt(fit.sigma2)))  # fmt: skip
    return lines
