"""Cluster-robust inference; tau2 and omega2 are those that the publications print."""

from __future__ import annotations

from typing import Any

import numpy as np
from published import Line, coefficients, example, line, table

import probatum as pb

_FISHER_TIPTON = (
    "Fisher Z, Tipton E (2015), robumeta: an R-package for robust variance estimation in "
    "meta-analysis, arXiv 1503.02220"
)
_FISHER_TIPTON_READ = (
    "page read: the paper as vignette of R's robumeta 2.0 (robumetaVignette.pdf); data from there"
)
_COLUMNS = "estimate se stat df pval ci_lb ci_ub"


def study_mean(data: dict[str, list[Any]]) -> np.ndarray:
    """The average sampling variance in the study of each estimate."""
    study, v = np.array(data["study"]), np.array(data["vi"])
    return np.array([v[study == one].mean() for one in study])


def correlated_effects(data: dict[str, list[Any]], tau2: float) -> np.ndarray:
    """Inverse weights of Hedges, Tipton & Johnson (2010) for correlated effects, rho = 1."""
    study = np.array(data["study"])
    size = np.array([np.sum(study == one) for one in study])
    return (study_mean(data) + tau2) * size


@example(
    "Implicit association tests: correlated effects, small-sample corrections",
    source=_FISHER_TIPTON, place="section 6.2, p. 9", data="oswald2013.csv",
    known=_FISHER_TIPTON_READ,
)  # fmt: skip
def robumeta_correlated() -> list[Line]:
    data = table("oswald2013")
    fit = pb.pool_multilevel("yi", correlated_effects(data, tau2=0.1849812), data=data)
    found = pb.robust(fit, data["study"])
    return coefficients(found, ["0.277 0.181 1.53 7.84 0.164 -0.141 0.695"], _COLUMNS)


@example(
    "Brief alcohol interventions: hierarchical effects, small-sample corrections",
    source=_FISHER_TIPTON, place="section 6.7, pp. 13-14", data="hierdat.csv",
    known=_FISHER_TIPTON_READ,
)  # fmt: skip
def robumeta_hierarchical() -> list[Line]:
    data = table("hierdat")
    center, followup = np.array(data["center"]), np.array(data["followup"])
    mean = np.array([followup[center == one].mean() for one in center])
    data["followup_c"], data["followup_m"] = list(followup - mean), list(mean)
    spread = np.array(data["vi"]) + 0.1650524 + 0.02479249
    fit = pb.pool_multilevel("yi", spread, mods="~ followup_c + followup_m + binge", data=data)
    texts = [
        "-0.154226 0.147671 -1.044 6.07 0.3361 -0.51461 0.20615",
        "-0.000162 0.000695 -0.233 1.30 0.8470 -0.00534 0.00502",
        "0.003467 0.002320 1.495 3.28 0.2243 -0.00357 0.01050",
        "0.666645 0.115623 5.766 4.33 0.0035 0.35514 0.97815",
    ]
    return coefficients(pb.robust(fit, data["center"]), texts, _COLUMNS)


_POST = "page read: https://jepusto.com, post of 23 April 2014 (Robust-meta-analysis-2)"


@example(
    "Alcohol outcomes: Hedges, Tipton & Johnson's estimator",
    source="Tanner-Smith EE, Tipton E (2014), Research Synthesis Methods 5, 13-30",
    place="robumeta's output with the estimator of Hedges LV, Tipton E, Johnson MC (2010), "
    "Research Synthesis Methods 1, 39-65, as printed by Pustejovsky JE (2014)",
    data="corrdat.csv", known=_POST + "; data from R's robumeta",
)  # fmt: skip
def hedges_tipton_johnson() -> list[Line]:
    data = table("corrdat")
    fit = pb.pool_multilevel(
        "yi", correlated_effects(data, tau2=0.1557645), mods="~ males + college + binge", data=data
    )
    found = pb.robust(fit, data["study"], type="CR1p", small=False)
    texts = [
        "0.31936 0.27784 1.149 35 0.258 -0.2447 0.88340",
        "-0.00331 0.00376 -0.882 35 0.384 -0.0109 0.00431",
        "0.41226 0.18685 2.206 35 0.034 0.0329 0.79159",
        "0.13774 0.12586 1.094 35 0.281 -0.1178 0.39326",
    ]
    return coefficients(found, texts, _COLUMNS)


@example(
    "Alcohol outcomes: a full covariance matrix, sandwich with m / (m - p)",
    source="Pustejovsky JE (2014), Another meta-sandwich, jepusto.com",
    place="second model; its covariances are products of variances (equicorr() is given variances "
    "where it takes standard deviations), and so are they here",
    data="corrdat.csv", known=_POST + "; data from R's robumeta",
)  # fmt: skip
def meta_sandwich() -> list[Line]:
    data = table("corrdat")
    study, v = np.array(data["study"]), study_mean(data)
    V = 0.8 * (study[:, None] == study) * np.outer(v, v)
    np.fill_diagonal(V, v**2)
    fit = pb.pool_multilevel(
        "yi", V, mods="~ males + college + binge", random="~ 1 | study", data=data
    )
    found = pb.robust(fit, "study", type="CR1p", small=False)
    texts = [
        "-0.8907096 0.4148219 -2.1472 0.038783", "0.0163074 0.0055805 2.9222 0.006052",
        "0.3180139 0.2273396 1.3988 0.170658", "-0.0984026 0.0897269 -1.0967 0.280265",
    ]  # fmt: skip
    return [
        *coefficients(found, texts, "estimate se stat pval"),
        line("variance between studies at rho = 0.8", "0.2478", fit.sigma2),
    ]


@example(
    "Dropout prevention: REML, CR2 and the HTZ test",
    source="Pustejovsky JE, Meta-analysis with cluster-robust variance estimation, vignette of R's "
    "clubSandwich",
    place="section on the metafor model; the methods of Tipton E (2015), Psychological Methods 20, "
    "375-393, and Tipton E, Pustejovsky JE (2015), JEBS 40, 604-634",
    data="dropout.csv",
    known="page read: vignette meta-analysis-with-CRVE of clubSandwich 0.5.8; data from there",
)  # fmt: skip
def dropout() -> list[Line]:
    data = table("dropout")
    order = {
        "study_design": ("matched", "unmatched", "RCT"), "adjusted": ("no", "yes"),
        "outcome": ("dropout", "enrolled", "graduation", "graduation_ged"),
        "eval": ("independent", "indirect", "planning", "delivery"),
        "implement": ("low", "medium", "high"),
        "program_site": ("community", "mixed", "classroom", "school"),
    }  # fmt: skip
    numbers = ("male_pct", "white_pct", "average_age")
    columns = [
        *_dummies(data, order, "study_design"), data["attrition"], data["group_equivalence"],
        *_dummies(data, order, "adjusted"), *_dummies(data, order, "outcome"),
        *_dummies(data, order, "eval"), *(data[name] for name in numbers),
        *_dummies(data, order, "implement"), *_dummies(data, order, "program_site"),
        data["duration"], data["service_hrs"],
    ]  # fmt: skip
    fit = pb.pool_multilevel(
        "LOR1", "varLOR", mods=np.column_stack(columns), data=data,
        random=["~ 1 | studyID", "~ 1 | studySample"],
    )  # fmt: skip
    found = pb.robust(fit, "studyID")
    test = found.wald_test([9, 10, 11])
    texts = {
        4: "0.407108 0.210917 1.9302 23.10 0.06595", 6: "-0.283124 0.237199 -1.1936 7.08 0.27108",
        8: "0.698328 0.364882 1.9138 8.02 0.09188", 9: "-0.752994 0.447670 -1.6820 6.56 0.13929",
        10: "-0.769968 0.403898 -1.9063 6.10 0.10446",
        11: "-1.001648 0.355989 -2.8137 4.89 0.03834",
        15: "0.473789 0.148660 3.1871 22.44 0.00419", 20: "0.001270 0.000978 1.2988 31.96 0.20332",
    }  # fmt: skip
    return [
        line("variance between studies, between samples", "0.2274 0.1145", fit.sigma2),
        line("log-likelihood, QE, QM", "-489.0357 1588.4397 293.8694", fit.fit_stats["REML"].ll,
             fit.QE, fit.QM),
        *coefficients(found, texts.values(), "estimate se stat df pval", only=list(texts)),
        line("evaluator independence, HTZ: F, df, p", "2.71 3 18.3 0.0753", test.F, test.dfs,
             test.pval),
    ]  # fmt: skip


def _dummies(
    data: dict[str, list[Any]], order: dict[str, tuple[str, ...]], name: str
) -> list[list[float]]:
    """Indicators of a factor's levels but the first."""
    return [[float(x == level) for x in data[name]] for level in order[name][1:]]
