"""2x2 tables, proportions and rates."""

from __future__ import annotations

from typing import Any

import numpy as np
from heterogeneity_papers import exponentials
from published import MEMORY, Line, apart, coefficients, example, line, table

import probatum as pb

CELLS = {"ai": "ai", "bi": "bi", "ci": "ci", "di": "di"}
GROUPS = {"ai": "ai", "n1i": "n1i", "ci": "ci", "n2i": "n2i"}


@example(
    "Oesophageal cancer and alcohol in six age groups",
    source="Breslow NE, Day NE (1980), Statistical methods in cancer research I, IARC",
    place="chapter 4, pp. 137-142; limits by Robins, Breslow & Greenland (1986)",
    data="breslow1980.csv", known=MEMORY,
)  # fmt: skip
def breslow_day() -> list[Line]:
    data = table("breslow1980")
    fit = pb.pool_mh(pb.effect_sizes(data, measure="OR", **CELLS))
    a, b, c, d = (np.array(data[name]) for name in CELLS)
    n1, n2, m1, m2, n = a + b, c + d, a + c, b + d, a + b + c + d
    variance = np.sum(n1 * n2 * m1 * m2 / (n**2 * (n - 1)))
    chi2 = (abs(np.sum(a - n1 * m1 / n)) - 0.5) ** 2 / variance
    return [
        line("odds ratio and limits", "5.158 3.562 7.468", exponentials(fit)),
        line("Breslow-Day test of equal odds ratios", "9.32", fit.extra["BD"]),
        apart("Mantel-Haenszel chi-square", "83.22", fit.extra["MH"], right=chi2,
              cause="the book has (|96 − 48.890| − ½)²/26.106, from rounded sums",
              reproduced=(abs(96 - 48.890) - 0.5) ** 2 / 26.106),
    ]  # fmt: skip


agresti: dict[str, Any] = {
    "source": "Agresti A (2002), Categorical data analysis, second edition, Wiley",
    "data": "agresti2002.csv", "known": MEMORY,
}  # fmt: skip


@example(
    "Topical cream in eight centres: stratified tests", place="section 6.3, Table 6.9", **agresti
)
def agresti_stratified() -> list[Line]:
    es = pb.effect_sizes(table("agresti2002"), measure="OR", **CELLS)
    fit = pb.pool_mh(es, correct=False)
    logit = pb.pool_glmm(es, model="UM.FS", method="EE")
    return [
        line("Cochran-Mantel-Haenszel chi-square, p", "6.38 0.012", fit.extra["MH"],
             fit.extra["MHp"]),
        line("odds ratio and limits", "2.13 1.18 3.87", exponentials(fit)),
        line("Breslow-Day test", "8.0", fit.extra["BD"]),
        line("logistic regression with centres: log odds ratio, se", "0.777 0.307", logit.beta,
             logit.se),
    ]  # fmt: skip


@example(
    "Topical cream in eight centres: random effects", place="section 12.3, Table 12.5", **agresti
)
def agresti_random() -> list[Line]:
    es = pb.effect_sizes(table("agresti2002"), measure="OR", **CELLS)
    fit = pb.pool_glmm(es, model="UM.RS")
    return [
        line("random intercepts and effects: log odds ratio, se, tau", "0.746 0.325 0.15",
             fit.beta, fit.se, fit.tau2**0.5),
    ]  # fmt: skip


@example(
    "Catheter-related infection: conditional logistic models",
    source="Stijnen T, Hamza TH, Ozdemir P (2010), Statistics in Medicine 29, 3046-3067",
    place="the odds ratios of 18 trials (Niel-Weise BS et al. 2007); and its replication on "
    "metafor-project.org (analyses:stijnen2010)",
    data="nielweise2007.csv", known=MEMORY,
)  # fmt: skip
def stijnen() -> list[Line]:
    es = pb.effect_sizes(table("nielweise2007"), measure="OR", **GROUPS)
    exact, approximate = (pb.pool_glmm(es, model=model) for model in ("CM.EL", "CM.AL"))
    return [
        line("hypergeometric-normal: log odds ratio, se", "-1.353 0.351", exact.beta, exact.se),
        line("binomial-normal: log odds ratio, se", "-1.303 0.339", approximate.beta,
             approximate.se),
    ]  # fmt: skip


@example(
    "The average of four double arcsines",
    source="Miller JJ (1978), The American Statistician 32, 138",
    place="p. 138", data="in the text", known=MEMORY,
)  # fmt: skip
def miller() -> list[Line]:
    n = np.array([11, 17, 21, 6])
    es = pb.effect_sizes(measure="PFT", xi=[3, 6, 10, 1], ni=n)
    middle = len(n) / np.sum(1 / n)
    mean = float(np.mean(es.yi))
    return [
        line("double arcsines", "1.1391 1.2888 1.5253 0.9515", 2 * es.yi),
        line("their mean", "1.2262", 2 * mean),
        line("back on the scale of proportions", "0.3164", pb.transf(mean, "ipft", n=middle)),
    ]


@example(
    "Statins: intensive against moderate therapy",
    source="Cannon CP, Steinberg BA, Murphy SA, Mega JL, Braunwald E (2006), JACC 48, 438-445",
    place="abstract", data="cannon2006.csv", known=MEMORY,
)  # fmt: skip
def cannon() -> list[Line]:
    es = pb.effect_sizes(table("cannon2006"), measure="OR", ai="ep1t", n1i="nt", ci="ep1c",
                         n2i="nc")  # fmt: skip
    return [line("odds ratio and limits", "0.84 0.77 0.91", exponentials(pb.pool_mh(es)))]


@example(
    "Streptokinase: the cumulative meta-analysis after eight trials, in 1973",
    source="Lau J et al. (1992), New England Journal of Medicine 327, 248-254",
    place="abstract", data="lau1992.csv", known=MEMORY,
)  # fmt: skip
def lau() -> list[Line]:
    data = table("lau1992")
    first = np.argsort(data["year"], kind="stable")[:8]
    cells = {name: np.array(data[name])[first] for name in GROUPS}
    fit = pb.pool_mh(pb.effect_sizes(measure="OR", **cells))
    return [
        line("patients", "2432", cells["n1i"].sum() + cells["n2i"].sum()),
        line("odds ratio and limits (Mantel-Haenszel)", "0.74 0.59 0.92", exponentials(fit)),
    ]


@example(
    "Aspirin after myocardial infarction",
    source="Fleiss JL (1993), Statistical Methods in Medical Research 2, 121-145",
    place="the seven trials (Canner PL 1987), as output of R's meta for Fleiss1993bin",
    data="fleiss1993.csv", known=MEMORY,
)  # fmt: skip
def fleiss() -> list[Line]:
    es = pb.effect_sizes(table("fleiss1993"), measure="OR", **GROUPS)
    fixed, random = (pb.pool(es, method=method, test="z") for method in ("EE", "DL"))
    return [
        line("Mantel-Haenszel odds ratio and limits", "0.8969 0.8405 0.9570",
             exponentials(pb.pool_mh(es))),
        line("inverse variance: odds ratio and limits, Q", "0.897 0.841 0.957 9.95",
             exponentials(fixed), fixed.QE),
        line("random effects: odds ratio and limits", "0.876 0.774 0.992", exponentials(random)),
    ]  # fmt: skip


@example(
    "Catheter-related infection: the normal-normal model",
    source="Viechtbauer W, metafor: reference manual, CRAN",
    place="example of dat.nielweise2007", data="nielweise2007.csv",
    known="page read: https://wviechtb.github.io/metafor/reference/dat.nielweise2007.html",
)  # fmt: skip
def catheters_normal() -> list[Line]:
    es = pb.effect_sizes(table("nielweise2007"), measure="OR", drop00=True, **GROUPS)
    fit = pb.pool(es, test="z")
    return [
        *coefficients(fit, ["-0.980 0.243 -4.027 -1.458 -0.503"], "estimate se stat ci_lb ci_ub"),
        line("tau2, its se, tau, I2, H2", "0.036 0.299 0.189 3.46 1.04", fit.tau2, fit.se_tau2,
             fit.tau2**0.5, fit.I2, fit.H2),
        line("Q, p", "15.812 0.466", fit.QE, fit.QEp),
    ]  # fmt: skip


@example(
    "Hyperdynamic therapy of vasospasm: three models of a proportion",
    source="Viechtbauer W, metafor: reference manual, CRAN",
    place="example of dat.pritz1997", data="pritz1997.csv",
    known="page read: https://wviechtb.github.io/metafor/reference/dat.pritz1997.html",
)  # fmt: skip
def vasospasm() -> list[Line]:
    data = {"xi": table("pritz1997")["xi"], "ni": table("pritz1997")["ni"]}
    logit = pb.effect_sizes(measure="PLO", **data)
    models = {
        "raw proportions": (pb.pool(pb.effect_sizes(measure="PR", **data), test="z"), None,
                            "0.7968 0.7138 0.8797 0.5306 1.0629"),
        "logits": (pb.pool(logit, test="z"), "ilogit", "0.7575 0.6605 0.8337 0.4661 0.9179"),
        "logistic regression": (pb.pool_glmm(logit), "ilogit",
                                "0.7984 0.6924 0.8746 0.4426 0.9518"),
    }  # fmt: skip
    lines = []
    for what, (fit, back, text) in models.items():
        p = fit.predict(transf=back)
        lines.append(line(f"{what}: proportion, confidence and prediction limits", text, p.pred,
                          p.ci_lb, p.ci_ub, p.pi_lb, p.pi_ub))  # fmt: skip
    return lines
