"""Meta-regression."""

from __future__ import annotations

from functools import partial

import numpy as np
from published import MEMORY, Line, early_stop, example, line, table

import probatum as pb

_SITE = "; and its replication on metafor-project.org"


def odds_ratios() -> pb.EffectSizes:
    return pb.effect_sizes(
        table("colditz1994"), measure="OR", ai="tpos", bi="tneg", ci="cpos", di="cneg"
    )


@example(
    "BCG vaccine: empirical Bayes meta-regression on latitude",
    source="Berkey CS, Hoaglin DC, Mosteller F, Colditz GA (1995), Statistics in Medicine 14, "
    "395-411",
    place="the BCG example, variances from average rates" + _SITE, data="colditz1994.csv",
    known=MEMORY,
)  # fmt: skip
def berkey_1995() -> list[Line]:
    data = table("colditz1994")
    es = pb.effect_sizes(data, measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg")
    a, b, c, d = (np.array(data[name]) for name in ("tpos", "tneg", "cpos", "cneg"))
    v = np.mean(b / a) / (a + b) + np.mean(d / c) / (c + d)
    data["latitude"] = [x - 33.46 for x in data["ablat"]]
    alone = pb.pool(es.yi, v, method="EB", test="z")
    fit = pb.pool(es.yi, v, mods="~ latitude", data=data, method="EB", test="z")
    return [
        line("tau2, its se, mean, se", "0.2682 0.1801 -0.5429 0.1842", alone.tau2, alone.se_tau2,
             alone.beta, alone.se),
        line("with latitude: tau2, mean, se, slope, se", "0.1572 -0.6303 0.1591 -0.0268 0.0110",
             fit.tau2, fit.beta[0], fit.se[0], fit.beta[1], fit.se[1]),
    ]  # fmt: skip


van_houwelingen = partial(
    example, source="van Houwelingen HC, Arends LR, Stijnen T (2002), Statistics in Medicine 21, "
    "589-624", data="colditz1994.csv",
)  # fmt: skip


@van_houwelingen(
    "BCG vaccine: log odds ratios, fixed and random effects",
    place="Table I (p. 594) and section 3" + _SITE,
    known="log odds ratios, variances and Q-profile limits page read: "
    "https://metafor-project.org/doku.php/analyses:vanhouwelingen2002; the ML fit too, in "
    "Pustejovsky's post of 2016; the others " + MEMORY,
)  # fmt: skip
def van_houwelingen_random() -> list[Line]:
    es = odds_ratios()
    fixed, ml = pb.pool(es, method="EE", test="z"), pb.pool(es, method="ML", test="z")
    rows = list(zip(es.yi[:7], es.vi[:7], strict=True))
    return [
        line("log odds ratio and variance of trials 1 to 7",
             "-0.9387 0.3571 -1.6662 0.2081 -1.3863 0.4334 -1.4564 0.0203 -0.2191 0.0520 -0.9581 "
             "0.0099 -1.6338 0.2270", *rows),
        line("fixed effects: mean, se, limits", "-0.436 0.0423 -0.519 -0.353", fixed.beta, fixed.se,
             fixed.ci_lb, fixed.ci_ub),
        line("random effects by ML: mean, se, tau2", "-0.742 0.178 0.302", ml.beta, ml.se, ml.tau2),
        line("profile likelihood limits of tau2", "0.1151 0.8937", ml.confint(type="PL").tau2[1:]),
        line("Q-profile upper limit of tau2", "1.1812", ml.confint().tau2[2]),
        early_stop("Q-profile lower limit of tau2", "0.1302", ml.confint().tau2[1],
                   "bcg_or_tau2_lb"),
    ]  # fmt: skip


@van_houwelingen(
    "BCG vaccine: meta-regression on latitude", place="the section on meta-regression" + _SITE,
    known=MEMORY,
)  # fmt: skip
def van_houwelingen_latitude() -> list[Line]:
    fit = pb.pool(odds_ratios(), mods="~ ablat", data=table("colditz1994"), method="ML", test="z")
    return [
        early_stop("intercept", "0.3710", fit.beta[0], "bcg_or_b0"),
        early_stop("intercept, se", "0.1061", fit.se[0], "bcg_or_se0"),
        line("latitude, se", "-0.0327 0.0034", fit.beta[1], fit.se[1]),
        line("tau2", "0.004", fit.tau2),
    ]


@example(
    "Teachers' expectations: weeks of prior contact",
    source="Raudenbush SW (2009), in: Cooper H, Hedges LV, Valentine JC, The handbook of research "
    "synthesis and meta-analysis, second edition",
    place="chapter 16" + _SITE, data="raudenbush1985.csv", known=MEMORY,
)  # fmt: skip
def raudenbush() -> list[Line]:
    data = table("raudenbush1985")
    data["contact"] = [min(weeks, 3) for weeks in data["weeks"]]
    fixed = pb.pool(data["yi"], data["vi"], method="EE", test="z")
    fit = pb.pool(data["yi"], data["vi"], test="z")
    with_weeks = pb.pool(data["yi"], data["vi"], mods="~ contact", data=data, test="z")
    new = fit.predict()
    return [
        line("fixed effects: mean, se, Q, p", "0.0604 0.0365 35.8295 0.0074", fixed.beta, fixed.se,
             fixed.QE, fixed.QEp),
        line("REML: mean, se, z, tau2, its se, H2", "0.0837 0.0516 1.6208 0.0188 0.0155 1.72",
             fit.beta, fit.se, fit.zval, fit.tau2, fit.se_tau2, fit.H2),
        early_stop("I2", "41.86", fit.I2, "teachers_I2"),
        line("lower prediction limit", "-0.2036", new.pi_lb),
        early_stop("upper prediction limit", "0.3711", new.pi_ub[0], "teachers_pi_ub"),
        line("with weeks: intercept, slope, QE, tau2", "0.4072 -0.1572 16.5708 0", with_weeks.beta,
             with_weeks.QE, with_weeks.tau2),
    ]  # fmt: skip


@example(
    "Challenge programmes for juvenile offenders",
    source="Lipsey MW, Wilson DB (2001), Practical meta-analysis, Sage",
    place="data p. 130, results Exhibit 7.3 and pp. 132-135 (pages as given in W. Viechtbauer's "
    "replication, lipsey2001.rmd, which was read and says that they match)",
    data="lipsey2001.csv", known=MEMORY,
)  # fmt: skip
def lipsey_wilson() -> list[Line]:
    data = table("lipsey2001")
    fixed, random = (
        pb.pool(data["yi"], data["vi"], method=method, test="z") for method in ("EE", "DL")
    )
    return [
        line("fixed effects: mean, Q, p", "0.1549 14.7640 0.0976", fixed.beta, fixed.QE, fixed.QEp),
        line("random effects: mean, se, tau2", "0.1534 0.0858 0.0260", random.beta, random.se,
             random.tau2),
    ]  # fmt: skip
