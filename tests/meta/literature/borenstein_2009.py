"""Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009), Introduction to meta-analysis."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from heterogeneity_papers import exponentials
from published import MEMORY, Line, apart, example, line, table

import probatum as pb

book = partial(
    example, source="Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009), Introduction to "
    "meta-analysis, Wiley", known=MEMORY,
)  # fmt: skip


@book("Statins: intensive against moderate therapy", place="chapter 1, Figure 1.1",
      data="cannon2006.csv")  # fmt: skip
def borenstein_statins() -> list[Line]:
    es = pb.effect_sizes(table("cannon2006"), measure="RR", ai="ep1t", n1i="nt", ci="ep1c",
                         n2i="nc")  # fmt: skip
    fit = pb.pool(es, method="DL", test="z")
    return [line("risk ratio, limits, p", "0.85 0.79 0.92 0.00003", exponentials(fit), fit.pval)]


@book("Streptokinase in myocardial infarction", place="chapter 2, Figure 2.1", data="lau1992.csv")
def borenstein_streptokinase() -> list[Line]:
    es = pb.effect_sizes(table("lau1992"), measure="RR", ai="ai", n1i="n1i", ci="ci", n2i="n2i")
    fit = pb.pool(es, method="DL", test="z")
    return [
        line("risk ratio, limits", "0.79 0.72 0.87", exponentials(fit)),
        line("p", "0.0000008", fit.pval),
    ]


@book("Effect sizes of one study", place="chapters 4 to 6", data="in the text")
def borenstein_effect_sizes() -> list[Line]:
    def one(measure: str, **cells: Any) -> tuple[float, ...]:
        es = pb.effect_sizes(measure=measure, **cells)
        return float(es.yi[0]), float(es.vi[0]), float(es.vi[0]) ** 0.5

    means = {"m1i": [103], "m2i": [100], "sd1i": [5.5], "sd2i": [4.5], "n1i": [50], "n2i": [50]}
    ratio = one("ROM", m1i=[61.515], m2i=[51.015], sd1i=[19.475], sd2i=[19.475], n1i=[10],
                n2i=[10], correct=False)  # fmt: skip
    events = {"ai": [5], "n1i": [100], "ci": [10], "n2i": [100]}
    return [
        line("mean difference, variance, se", "3.0000 1.0100 1.0050",
             one("MD", vtype="HO", **means)),
        line("Hedges' g, its variance by eq. 4.24", "0.5924 0.0411",
             one("SMD", vtype="LS2", **means)[:2]),
        apart("log response ratio", "0.1871", ratio[0], right=math.log(61.515 / 51.015),
              cause="the book takes the log of the rounded ratio 1.2058",
              reproduced=math.log(1.2058)),
        line("its variance and se", "0.0246 0.1568", ratio[1:]),
        line("log risk ratio, variance, se", "-0.6931 0.2800 0.5292", one("RR", **events)),
        line("log odds ratio, variance, se", "-0.7472 0.3216 0.5671", one("OR", **events)),
        line("risk difference, variance, se", "-0.0500 0.00138 0.0371", one("RD", **events)),
        line("Fisher's z, variance, se", "0.5493 0.0103 0.1015", one("ZCOR", ri=[0.5], ni=[100])),
    ]  # fmt: skip


@book("Standardised mean differences of six studies", place="chapters 14 and 18, Table 14.1",
      data="borenstein_means.csv")  # fmt: skip
def borenstein_means() -> list[Line]:
    columns = {name: name for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")}
    es = pb.effect_sizes(table("borenstein_means"), measure="SMD", vtype="LS2", **columns)
    fit = pb.pool(es, method="DL", test="z")
    new = fit.predict(predtype="HTS")
    return [
        line("g of six studies", "0.095 0.277 0.367 0.664 0.462 0.185", es.yi),
        line("their variances", "0.033 0.031 0.050 0.011 0.043 0.023", es.vi),
        line("Q, I2", "12.0033 58.34", fit.QE, fit.I2),
        line("random effects: mean", "0.3582", fit.beta),
        line("prediction interval", "-0.2525 0.9690", new.pi_lb, new.pi_ub),
    ]


@book("Odds ratios of six studies", place="chapters 14 and 18, Table 14.4",
      data="borenstein_events.csv")  # fmt: skip
def borenstein_events() -> list[Line]:
    columns = {name: name for name in ("ai", "n1i", "ci", "n2i")}
    es = pb.effect_sizes(table("borenstein_events"), measure="OR", **columns)
    fixed, random = (pb.pool(es, method=method, test="z") for method in ("EE", "DL"))
    return [
        line("fixed effect: log odds ratio, se, lower limit, z", "-0.7241 0.1539 -1.0257 -4.7068",
             fixed.beta, fixed.se, fixed.ci_lb, fixed.zval),
        line("fixed effect: odds ratio, Q", "0.4847 10.5512", np.exp(fixed.beta), fixed.QE),
        line("random effects: log odds ratio, se, limits, z",
             "-0.5663 0.2388 -1.0344 -0.0982 -2.3711", random.beta, random.se, random.ci_lb,
             random.ci_ub, random.zval),
        line("random effects: odds ratio, tau2, I2", "0.5676 0.1729 52.61", np.exp(random.beta),
             random.tau2, random.I2),
    ]  # fmt: skip


@book("Correlations of six studies", place="chapters 14 and 18, Table 14.7",
      data="borenstein_correlations.csv")  # fmt: skip
def borenstein_correlations() -> list[Line]:
    es = pb.effect_sizes(table("borenstein_correlations"), measure="ZCOR", ri="ri", ni="ni")
    fit = pb.pool(es, method="DL", test="z")
    return [
        line("random effects: Fisher's z, correlation, tau2", "0.5328 0.4875 0.0819", fit.beta,
             np.tanh(fit.beta), fit.tau2),
    ]  # fmt: skip


@book("Two groups of tutoring studies", place="chapter 19, Tables 19.2 to 19.7",
      data="borenstein_groups.csv")  # fmt: skip
def borenstein_groups() -> list[Line]:
    data = table("borenstein_groups")
    g, v, kind = (np.array(data[name]) for name in ("g", "v", "type"))

    def pooled(rows: np.ndarray, method: str) -> pb.MetaFit:
        return pb.pool(g[rows], v[rows], method=method, test="z")

    def printed(what: str, text: str, rows: np.ndarray) -> Line:
        fit = pooled(rows, "EE")
        return line(f"{what}: mean, se, Q, p, I2", text, fit.beta, fit.se, fit.QE, fit.QEp, fit.I2)

    between = pb.pool(g, v, mods="~ type", data=data, method="EE", test="z")
    a = pooled(kind == "A", "DL")
    common = pb.pool(g, v, mods="~ type", data=data, method="DL", test="z")
    return [
        printed("fixed effect A", "0.3241 0.0535 8.4316 0.0770 52.5594", kind == "A"),
        printed("fixed effect B", "0.6111 0.0571 4.5429 0.3375 11.9506", kind == "B"),
        printed("fixed effect, all", "0.4581 0.0390 26.4371 0.0017 65.9569", kind != ""),
        line("difference, se, z, p", "0.2870 0.0782 3.6691 0.0002", between.beta[1], between.se[1],
             between.zval[1], between.pval[1]),
        line("Q between, Q within", "13.4626 12.9745", between.QM, between.QE),
        line("random effects A: tau2, mean, se", "0.0164 0.3245 0.0799", a.tau2, a.beta, a.se),
        line("tau2 common to both groups", "0.0097", common.tau2),
    ]  # fmt: skip


@book("BCG vaccine: regression on latitude", place="chapter 20, Tables 20.2 to 20.6",
      data="colditz1994.csv")  # fmt: skip
def borenstein_regression() -> list[Line]:
    data = table("colditz1994")
    es = pb.effect_sizes(data, measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg")
    fixed, random = (
        pb.pool(es, mods="~ ablat", data=data, method=method, test="z") for method in ("EE", "DL")
    )
    return [
        line("fixed effect: intercept, se, slope", "0.34356 0.08105 -0.02924", fixed.beta[0],
             fixed.se[0], fixed.beta[1]),
        line("fixed effect: Q of the model, residual Q", "121.49992 30.73309", fixed.QM, fixed.QE),
        line("Q of all", "152.23301", pb.pool(es, method="EE", test="z").QE),
        line("random effects: intercept, se, slope, se", "0.25954 0.23231 -0.02923 0.00673",
             random.beta[0], random.se[0], random.beta[1], random.se[1]),
        line("random effects: Q of the model, tau2", "18.84523 0.063", random.QM, random.tau2),
    ]  # fmt: skip
