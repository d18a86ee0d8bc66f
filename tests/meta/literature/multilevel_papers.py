"""Multilevel and multivariate models."""

from __future__ import annotations

from typing import Any

import numpy as np
from published import MEMORY, Line, example, line, table

import probatum as pb

_SITE = "; and its replication on metafor-project.org"


def periodontal() -> tuple[dict[str, list[Any]], list[np.ndarray]]:
    """Two outcomes of five trials, and their covariance in each."""
    data = table("berkey1998")
    V = [
        np.array([[data["v1i"][i], data["v2i"][i]], [data["v1i"][i + 1], data["v2i"][i + 1]]])
        for i in range(0, len(data["yi"]), 2)
    ]
    return data, V


def both_arms() -> dict[str, Any]:
    """Log odds of tuberculosis in both arms of the BCG trials."""
    data = table("colditz1994")
    a, b, c, d = (np.array(data[name]) for name in ("tpos", "tneg", "cpos", "cneg"))
    return {
        "trial": data["trial"] * 2,
        "arm": ["vaccine"] * len(a) + ["none"] * len(a),
        "y": np.log(np.concatenate([a / b, c / d])),
        "v": np.concatenate([1 / a + 1 / b, 1 / c + 1 / d]),
    }


@example(
    "School calendars: two and three levels",
    source="Konstantopoulos S (2011), Research Synthesis Methods 2, 61-76",
    place="Tables 4 (p. 70) and 5" + _SITE, data="konstantopoulos2011.csv", known=MEMORY,
)  # fmt: skip
def konstantopoulos() -> list[Line]:
    data = table("konstantopoulos2011")
    data["centred"] = list(np.array(data["year"]) - np.mean(data["year"]))
    two = pb.pool(data["yi"], data["vi"], test="z")
    year = pb.pool(data["yi"], data["vi"], mods="~ centred", data=data, test="z")
    nested: dict[str, Any] = {"random": "~ 1 | district/school", "data": data}
    three = pb.pool_multilevel("yi", "vi", **nested)
    ml = pb.pool_multilevel("yi", "vi", method="ML", **nested)
    ml_year = pb.pool_multilevel("yi", "vi", mods="~ centred", method="ML", **nested)
    return [
        line("two levels, REML: mean, se, tau2, its se", "0.1279 0.0439 0.0884 0.0202", two.beta,
             two.se, two.tau2, two.se_tau2),
        line("two levels with year: mean, se, slope, se, tau2, its se",
             "0.1258 0.0440 0.0052 0.0044 0.0889 0.0205", year.beta[0], year.se[0], year.beta[1],
             year.se[1], year.tau2, year.se_tau2),
        line("three levels, REML: mean, se, between districts, between schools",
             "0.1847 0.0846 0.0651 0.0327", three.beta, three.se, three.sigma2),
        line("Q", "578.8640", three.QE),
        line("three levels, ML: mean, se, between districts, between schools",
             "0.184 0.080 0.058 0.033", ml.beta, ml.se, ml.sigma2),
        line("three levels with year, ML: mean, se, slope, se, variances",
             "0.178 0.080 0.005 0.009 0.056 0.033", ml_year.beta[0], ml_year.se[0],
             ml_year.beta[1], ml_year.se[1], ml_year.sigma2),
    ]  # fmt: skip


@example(
    "Periodontal treatment: two correlated outcomes",
    source="Berkey CS, Hoaglin DC, Antczak-Bouckoms A, Mosteller F, Colditz GA (1998), Statistics "
    "in Medicine 17, 2537-2550",
    place="fixed effects, and random effects by ML and REML" + _SITE, data="berkey1998.csv",
    known=MEMORY,
)  # fmt: skip
def berkey_1998() -> list[Line]:
    data, V = periodontal()
    data["since"] = [year - 1983 for year in data["year"]]
    both: dict[str, Any] = {"random": "~ outcome | trial", "struct": "UN", "data": data}
    fixed = pb.pool_multilevel("yi", V, mods="~ outcome - 1", data=data, method="ML")
    reml = pb.pool_multilevel("yi", V, mods="~ outcome - 1", **both)
    ml = pb.pool_multilevel("yi", V, mods="~ outcome - 1", method="ML", **both)
    year = pb.pool_multilevel("yi", V, mods="~ outcome + outcome:since - 1", method="ML", **both)

    def pairs(fit: Any) -> np.ndarray:
        return np.column_stack([fit.beta, fit.se])

    return [
        line("fixed effects: attachment level, se, probing depth, se",
             "-0.3944 0.0186 0.3072 0.0286", pairs(fixed)),
        line("REML: attachment level, se, probing depth, se", "-0.3392 0.0879 0.3534 0.0588",
             pairs(reml)),
        line("REML: variances, correlation", "0.0327 0.0117 0.6088", reml.tau2, reml.rho),
        line("ML: attachment level, se, probing depth, se", "-0.3379 0.0798 0.3448 0.0495",
             pairs(ml)),
        line("ML: variances, correlation, Q", "0.0261 0.0070 0.6992 128.2267", ml.tau2, ml.rho,
             ml.QE),
        line("ML with year: levels in 1983, then slopes, each with its se",
             "-0.3351 0.0787 0.3479 0.0520 -0.0108 0.0243 0.0010 0.0154", pairs(year)),
        line("ML with year: variances, correlation, QE", "0.0250 0.0080 0.6587 125.7557", year.tau2,
             year.rho, year.QE),
    ]  # fmt: skip


@example(
    "BCG vaccine: the log odds of both arms",
    source="van Houwelingen HC, Arends LR, Stijnen T (2002), Statistics in Medicine 21, 589-624",
    place="the section on bivariate models" + _SITE, data="colditz1994.csv", known=MEMORY,
)  # fmt: skip
def van_houwelingen_bivariate() -> list[Line]:
    fit = pb.pool_multilevel(
        "y", "v", mods="~ arm - 1", random="~ arm | trial", struct="UN", data=both_arms(),
        method="ML",
    )  # fmt: skip
    return [
        line("log odds without vaccine, se", "-4.0960 0.4347", fit.beta[0], fit.se[0]),
        line("log odds with vaccine, se", "-4.8337 0.3396", fit.beta[1], fit.se[1]),
        line("variances, correlation", "2.4073 1.4314 0.9467", fit.tau2, fit.rho),
    ]


@example(
    "Mental health and recidivism: three levels",
    source="Assink M, Wibbelink CJM (2016), The Quantitative Methods for Psychology 12, 154-174",
    place="output of the intercept-only model", data="assink2016.csv", known=MEMORY,
)  # fmt: skip
def assink() -> list[Line]:
    fit = pb.pool_multilevel(
        "yi", "vi", random="~ 1 | study/esid", data=table("assink2016"), test="t"
    )
    return [
        line("mean", "0.427", fit.beta),
        line("variance between studies, within studies", "0.188 0.112", fit.sigma2),
    ]
