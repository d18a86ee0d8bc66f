"""Random effects, and intervals of the variance between studies."""

from __future__ import annotations

from typing import Any

import numpy as np
from published import MEMORY, Line, apart, coefficients, early_stop, example, line, table
from scipy.optimize import brentq

import probatum as pb

METAFOR_SITE = "its replication on metafor-project.org"


def exponentials(fit: Any) -> np.ndarray:
    """A pooled ratio and its limits."""
    return np.exp([fit.beta[0], fit.ci_lb[0], fit.ci_ub[0]])


@example(
    "BCG vaccine: the average risk ratio",
    source="Colditz GA et al. (1994), JAMA 271, 698-702",
    place="abstract", data="colditz1994.csv", known=MEMORY,
)  # fmt: skip
def colditz() -> list[Line]:
    es = pb.effect_sizes(
        table("colditz1994"), measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg"
    )
    return [
        line("risk ratio and limits (DerSimonian-Laird)", "0.49 0.34 0.70",
             exponentials(pb.pool(es, method="DL", test="z"))),
    ]  # fmt: skip


@example(
    "Lidocaine after myocardial infarction: risk difference",
    source="Normand SLT (1999), Statistics in Medicine 18, 321-359",
    place="section on the fixed-effects model; and " + METAFOR_SITE, data="hine1989.csv",
    known=MEMORY,
)  # fmt: skip
def normand_lidocaine() -> list[Line]:
    es = pb.effect_sizes(table("hine1989"), measure="RD", ai="ai", n1i="n1i", ci="ci", n2i="n2i")
    fit = pb.pool(es, method="EE", test="z")
    return coefficients(fit, ["0.0294 0.0131 2.2531 0.0243 0.0038"], "estimate se stat pval ci_lb")


@example(
    "Length of stay of stroke patients: three estimates of one mean difference",
    source="Normand SLT (1999), Statistics in Medicine 18, 321-359",
    place="sections on the fixed- and random-effects models; and " + METAFOR_SITE,
    data="normand1999.csv", known=MEMORY,
)  # fmt: skip
def normand_length_of_stay() -> list[Line]:
    es = pb.effect_sizes(
        table("normand1999"), measure="MD", m1i="m1i", sd1i="sd1i", n1i="n1i", m2i="m2i",
        sd2i="sd2i", n2i="n2i", vtype="HO",
    )  # fmt: skip
    fixed, moments, likelihood = (
        pb.pool(es, method=method, test="z") for method in ("EE", "DL", "REML")
    )
    return [
        line("fixed effects: days, limits, Q", "-3.49 -5.03 -1.96 241.06", fixed.beta, fixed.ci_lb,
             fixed.ci_ub, fixed.QE),
        line("moments: days, tau2", "-14.10 218.72", moments.beta, moments.tau2),
        line("REML: days, se, tau2", "-15.12 8.95 685.20", likelihood.beta, likelihood.se,
             likelihood.tau2),
    ]  # fmt: skip


def diuretics() -> pb.EffectSizes:
    data = table("collins1985b")
    return pb.effect_sizes(
        data, measure="OR", ai="pre.xti", n1i="pre.nti", ci="pre.xci", n2i="pre.nci"
    )


@example(
    "Diuretics and pre-eclampsia: likelihood intervals",
    source="Hardy RJ, Thompson SG (1996), Statistics in Medicine 15, 619-629",
    place="the example of nine trials (Collins R et al. 1985)", data="collins1985b.csv",
    known=MEMORY,
)  # fmt: skip
def hardy_thompson() -> list[Line]:
    fixed, moments, ml = (
        pb.pool(diuretics(), method=method, test="z") for method in ("EE", "DL", "ML")
    )
    return [
        line("fixed effects: log odds ratio and limits", "-0.40 -0.57 -0.22", fixed.beta,
             fixed.ci_lb, fixed.ci_ub),
        line("Q", "27.26", fixed.QE),
        line("DerSimonian-Laird: log odds ratio, lower limit, tau2", "-0.52 -0.92 0.23",
             moments.beta, moments.ci_lb, moments.tau2),
        line("maximum likelihood: log odds ratio, tau2", "-0.52 0.24", ml.beta, ml.tau2),
        line("profile likelihood limits of tau2", "0.03 1.13", ml.confint(type="PL").tau2[1:]),
    ]  # fmt: skip


@example(
    "Diuretics and pre-eclampsia: Q-profile interval",
    source="Viechtbauer W (2007), Statistics in Medicine 26, 37-52",
    place="the example of nine trials (Collins R et al. 1985)", data="collins1985b.csv",
    known=MEMORY,
)  # fmt: skip
def q_profile() -> list[Line]:
    fit = pb.pool(diuretics(), test="z")
    return [
        line("tau2 by REML, Q-profile limits", "0.30 0.07 2.20", fit.confint().tau2),
        line("tau2 by Sidik and Jonkman", "0.46", pb.pool(diuretics(), method="SJ").tau2),
    ]  # fmt: skip


@example(
    "Passive smoking and lung cancer: the average relative risk",
    source="Hackshaw AK, Law MR, Wald NJ (1997), BMJ 315, 980-988",
    place="abstract (excess risk 24%, 13% to 36%)", data="hackshaw1998.csv",
    known="page read: https://www.bmj.com/content/315/7114/980",
)  # fmt: skip
def hackshaw() -> list[Line]:
    data = table("hackshaw1998")
    fit = pb.pool(data["yi"], data["vi"], method="DL", test="z")
    return [line("relative risk and limits", "1.24 1.13 1.36", exponentials(fit))]


@example(
    "Conscientiousness and taking medicines: a tutorial",
    source="Quintana DS (2015), Frontiers in Psychology 6, 1549",
    place="output of rma() and predict(); data of Molloy GJ et al. (2014), whose abstract has "
    "r = 0.15 (0.09 to 0.21)",
    data="molloy2014.csv", known=MEMORY,
)  # fmt: skip
def quintana() -> list[Line]:
    es = pb.effect_sizes(table("molloy2014"), measure="ZCOR", ri="ri", ni="ni")
    fit = pb.pool(es, test="z")
    r = fit.predict(transf="ztor")
    return [
        *coefficients(fit, ["0.1499 0.0316 0.0881 0.2118"], "estimate se ci_lb ci_ub"),
        early_stop("z", "4.7501", fit.zval[0], "adherence_z"),
        line("tau2, its se, I2, H2", "0.0081 0.0055 61.73 2.61", fit.tau2, fit.se_tau2, fit.I2,
             fit.H2),
        line("Q, p", "38.1595 0.0009", fit.QE, fit.QEp),
        line("correlation, limits, lower prediction limit", "0.1488 0.0878 0.2087 -0.0371", r.pred,
             r.ci_lb, r.ci_ub, r.pi_lb),
        early_stop("upper prediction limit", "0.3248", r.pi_ub[0], "adherence_pi_ub"),
        line("abstract of Molloy et al.: r and limits", "0.15 0.09 0.21", r.pred, r.ci_lb, r.ci_ub),
    ]  # fmt: skip


@example(
    "Chemotherapy in head and neck cancer: hazard ratio from O - E and V",
    source="Pignon JP et al. (2000), Lancet 355, 949-955",
    place="abstract", data="pignon2000.csv", known=MEMORY,
)  # fmt: skip
def pignon() -> list[Line]:
    data = table("pignon2000")
    excess, variance = np.array(data["OmE"]), np.array(data["V"])
    fit = pb.pool(excess / variance, 1 / variance, method="EE", test="z")
    return [line("hazard ratio and limits", "0.90 0.85 0.94", exponentials(fit))]


@example(
    "Eight schools: the pooled effect of coaching",
    source="Gelman A, Carlin JB, Stern HS, Dunson DB, Vehtari A, Rubin DB (2014), Bayesian data "
    "analysis, third edition",
    place="section 5.5", data="rubin1981.csv", known=MEMORY,
)  # fmt: skip
def eight_schools_pooled() -> list[Line]:
    data = table("rubin1981")
    fit = pb.pool(np.round(data["yi"]), sei=np.round(data["se"]), method="EE", test="z")
    return [line("pooled effect, se", "7.7 4.1", fit.beta, fit.se)]


@example(
    "Mindfulness for stress in students: Knapp-Hartung and prediction interval",
    source="Harrer M, Cuijpers P, Furukawa TA, Ebert DD (2021), Doing meta-analysis with R, CRC "
    "Press",
    place="sections 4.2 and 5.2, output of metagen()", data="thirdwave.csv",
    known="page read: a reader's notes on chapter 4 that quote the output "
    "(Effect-Size-Pooling-in-R, GitHub); the prediction interval " + MEMORY,
)  # fmt: skip
def harrer() -> list[Line]:
    data = table("thirdwave")
    fit = pb.pool(data["yi"], sei=data["se"])
    new = fit.predict(predtype="HTS")
    y, v = np.array(data["yi"]), np.array(data["se"]) ** 2
    mandel = pb.pool(y, v, method="PM")
    share = pb.pool(data["yi"], sei=data["se"], method="DL")
    return [
        line("g, limits, t", "0.5771 0.3782 0.7760 6.12", fit.beta, fit.ci_lb, fit.ci_ub, fit.zval),
        line("tau2, its Q-profile limits", "0.0820 0.0295 0.3533", fit.confint().tau2),
        line("tau, Q", "0.2863 45.50", fit.tau2**0.5, fit.QE),
        line("I2 from Q", "62.6", share.I2),
        line("prediction interval (t with k - 2)", "-0.0572 1.2115", new.pi_lb, new.pi_ub),
        line("limits of tau", "0.1717 0.5944", fit.confint().tau[1:]),
        apart("Paule-Mandel: tau2", "0.1104957", mandel.tau2, right=_paule_mandel(y, v),
              cause="R's meta stops its search early; ours solves Q(tau2) = k - 1"),
        apart("Paule-Mandel: mean", "0.5873544", mandel.beta[0], cause="the same",
              right=float(np.average(y, weights=1 / (v + _paule_mandel(y, v))))),
    ]  # fmt: skip


def _paule_mandel(y: np.ndarray, v: np.ndarray) -> float:
    def excess(tau2: float) -> float:
        w = 1 / (v + tau2)
        return float(w @ (y - np.average(y, weights=w)) ** 2) - (len(y) - 1)

    return float(brentq(excess, 0.0, 10.0, xtol=1e-15))


@example(
    "Depression and mortality: Paule and Mandel's estimator",
    source="Harrer M, Cuijpers P, Furukawa TA, Ebert DD (2021), Doing meta-analysis with R, CRC "
    "Press",
    place="section 4.2.3.1.5, pre-calculated binary effect sizes; study 7 from its limits",
    data="depression_mortality.csv",
    known="data page read in the same notes; results " + MEMORY,
)  # fmt: skip
def harrer_mortality() -> list[Line]:
    data = table("depression_mortality")
    fit = pb.pool(data["yi"], sei=data["se"], method="PM", test="z")
    return [
        line("risk ratio, limits, z", "2.0218 1.6066 2.5442 6.00", exponentials(fit), fit.zval),
        line("tau2, its Q-profile limits, tau", "0.1865 0.0739 0.5568 0.4319", fit.confint().tau2,
             fit.tau2**0.5),
        line("Q, I2 from Q", "74.49 77.2", fit.QE,
             pb.pool(data["yi"], sei=data["se"], method="DL").I2),
    ]  # fmt: skip
