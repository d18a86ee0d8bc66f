"""Viechtbauer W (2010), Journal of Statistical Software 36(3), 1-48: the BCG trials."""

from __future__ import annotations

from functools import partial

import numpy as np
from published import Line, coefficients, early_stop, example, line, table

import probatum as pb

_SOURCE = "Viechtbauer W (2010), Journal of Statistical Software 36(3), 1-48"
jss = partial(
    example, source=_SOURCE, data="colditz1994.csv",
    known="page read: https://www.jstatsoft.org/v36/i03 (the PDF that comes with metafor)",
)  # fmt: skip


def risk_ratios() -> pb.EffectSizes:
    return pb.effect_sizes(
        table("colditz1994"), measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg"
    )


def regression() -> pb.MetaFit:
    return pb.pool(risk_ratios(), mods="~ ablat + year", data=table("colditz1994"), test="z")


@jss("Log risk ratios of 13 trials", place="p. 10")
def jss_escalc() -> list[Line]:
    es = risk_ratios()
    return [
        line("yi", "-0.88931133 -1.58538866 -1.34807315 -1.44155119 -0.21754732 -0.78611559 "
             "-1.62089822 0.01195233 -0.46941765 -1.37134480 -0.33935883 0.44591340 -0.01731395",
             es.yi),
        line("vi", "0.325584765 0.194581121 0.415367965 0.020010032 0.051210172 0.006905618 "
             "0.223017248 0.003961579 0.056434210 0.073024794 0.012412214 0.532505845 0.071404660",
             es.vi),
    ]  # fmt: skip


@jss("Random-effects model by REML, Q-profile intervals", place="p. 14")
def jss_random_effects() -> list[Line]:
    fit = pb.pool(risk_ratios(), test="z")
    limits, ratio = fit.confint(), fit.predict(transf="exp")
    return [
        *coefficients(fit, ["-0.7145 0.1798 -3.9744 -1.0669 -0.3622"],
                      "estimate se stat ci_lb ci_ub"),
        line("tau2, its se, tau", "0.3132 0.1664 0.5597", fit.tau2, fit.se_tau2, fit.tau2**0.5),
        line("I2, H2, Q", "92.22 12.86 152.2330", fit.I2, fit.H2, fit.QE),
        line("risk ratio and its limits", "0.49 0.34 0.70", ratio.pred, ratio.ci_lb, ratio.ci_ub),
        line("tau2 and its limits", "0.3132 0.1197 1.1115", limits.tau2),
        line("tau and its limits", "0.5597 0.3460 1.0543", limits.tau),
        line("I2 and its upper limit", "92.2214 97.6781", limits.I2[0], limits.I2[2]),
        line("H2 and its upper limit", "12.8558 43.0677", limits.H2[0], limits.H2[2]),
        early_stop("I2, lower limit", "81.9177", limits.I2[1], "bcg_I2_lb"),
        early_stop("H2, lower limit", "5.5303", limits.H2[1], "bcg_H2_lb"),
    ]  # fmt: skip


@jss("Meta-regression on latitude and year", place="p. 16")
def jss_meta_regression() -> list[Line]:
    fit = regression()
    first = fit.tidy()[0]
    return [
        *coefficients(fit, ["-0.0280 0.0102 -2.7371 0.0062 -0.0481 -0.0080",
                            "0.0019 0.0147 0.1299 0.8966 -0.0269 0.0307"], only=[1, 2]),
        line("intercept: stat, pval", "-0.1219 0.9030", first["stat"], first["pval"]),
        early_stop("intercept", "-3.5455", first["estimate"], "bcg_year_b0"),
        early_stop("intercept, se", "29.0959", first["se"], "bcg_year_se0"),
        early_stop("intercept, lower limit", "-60.5724", first["ci_lb"], "bcg_year_lb0"),
        early_stop("intercept, upper limit", "53.4814", first["ci_ub"], "bcg_year_ub0"),
        line("tau2, its se, tau", "0.1108 0.0845 0.3328", fit.tau2, fit.se_tau2, fit.tau2**0.5),
        line("QE, p", "28.3251 0.0016", fit.QE, fit.QEp),
        early_stop("QM", "12.2043", fit.QM, "bcg_year_QM"),
        line("p of QM", "0.0022", fit.QMp),
    ]  # fmt: skip


@jss("Predicted risk ratios at six latitudes in 1970", place="p. 17")
def jss_predictions() -> list[Line]:
    at = regression().predict([[latitude, 1970] for latitude in range(10, 61, 10)], transf="exp")
    texts = [
        "0.9345 0.5833 1.4973 0.4179 2.0899", "0.7062 0.5149 0.9686 0.3421 1.4579",
        "0.5337 0.4196 0.6789 0.2663 1.0697", "0.4033 0.2956 0.5502 0.1958 0.8306",
        "0.3048 0.1916 0.4848 0.1369 0.6787", "0.2303 0.1209 0.4386 0.0921 0.5761",
    ]  # fmt: skip
    columns = np.column_stack([at.pred, at.ci_lb, at.ci_ub, at.pi_lb, at.pi_ub])
    return [
        line(f"latitude {10 * i}: estimate, confidence and prediction limits", text, row)
        for i, (text, row) in enumerate(zip(texts, columns, strict=True), start=1)
    ]


@jss("Allocation as a moderator", place="p. 19")
def jss_allocation() -> list[Line]:
    es, data = risk_ratios(), table("colditz1994")
    apiece = pb.pool(es, mods="~ alloc - 1", data=data, test="z")
    data["code"] = [{"random": "a", "alternate": "b", "systematic": "c"}[x] for x in data["alloc"]]
    fit = pb.pool(es, mods="~ code", data=data, test="z")
    return [
        *coefficients(apiece, ["-0.5180 0.4412 -1.1740 0.2404 -1.3827 0.3468",
                               "-0.9658 0.2672 -3.6138 0.0003 -1.4896 -0.4420",
                               "-0.4289 0.3449 -1.2434 0.2137 -1.1050 0.2472"]),
        *coefficients(fit, ["-0.9658 0.2672 -3.6138 0.0003 -1.4896 -0.4420",
                            "0.4478 0.5158 0.8682 0.3853 -0.5632 1.4588",
                            "0.5369 0.4364 1.2303 0.2186 -0.3184 1.3921"]),
        line("QM, p", "1.7675 0.4132", fit.QM, fit.QMp),
    ]  # fmt: skip


@jss("Knapp and Hartung's tests with allocation and latitude", place="p. 20")
def jss_knapp_hartung() -> list[Line]:
    fit = pb.pool(risk_ratios(), mods="~ alloc + ablat", data=table("colditz1994"))
    return [
        *coefficients(fit, ["0.2932 0.4188 0.7000 0.5016 -0.6543 1.2407",
                            "-0.2675 0.3624 -0.7381 0.4793 -1.0873 0.5523",
                            "0.0585 0.3925 0.1490 0.8849 -0.8294 0.9463",
                            "-0.0273 0.0095 -2.8669 0.0186 -0.0488 -0.0058"]),
        line("tau2, its se, tau", "0.1446 0.1124 0.3803", fit.tau2, fit.se_tau2, fit.tau2**0.5),
        line("QE, p", "26.2034 0.0019", fit.QE, fit.QEp),
        line("F, p", "3.4471 0.0650", fit.QM, fit.QMp),
    ]  # fmt: skip


@jss("Deleted residuals of the meta-regression", place="p. 23")
def jss_residuals() -> list[Line]:
    found = pb.rstudent(regression())
    texts = {
        1: "0.2229 0.7486 0.2978", 2: "-0.2828 0.6573 -0.4303", 3: "-0.3826 0.7501 -0.5100",
        4: "-1.0900 0.7768 -1.4032", 7: "-1.4061 0.5416 -2.5961", 13: "0.7972 0.3742 2.1302",
    }  # fmt: skip
    return [
        *(
            line(f"trial {i}: residual, se, z", text, found.resid[i - 1], found.se[i - 1],
                 found.z[i - 1])
            for i, text in texts.items()
        ),
        line("trial 12: residual, z", "1.1864 1.4677", found.resid[11], found.z[11]),
        early_stop("trial 12: se", "0.8084", found.se[11], "bcg_year_rstudent12_se"),
    ]  # fmt: skip


@jss("Leaving out one trial at a time", place="p. 24")
def jss_leave_one_out() -> list[Line]:
    found = pb.leave1out(pb.pool(risk_ratios(), test="z"))
    texts = [
        "0.493 -3.722 0.340 0.716 151.583 0.336 93.226 14.762",
        "0.520 -3.620 0.365 0.741 145.318 0.293 92.254 12.910",
        "0.504 -3.692 0.350 0.725 150.197 0.321 92.935 14.155",
        "0.533 -3.558 0.377 0.754 96.563 0.263 90.412 10.430",
        "0.466 -3.984 0.320 0.678 151.320 0.328 92.763 13.819",
        "0.491 -3.550 0.332 0.727 128.187 0.360 90.912 11.003",
        "0.519 -3.631 0.365 0.740 145.830 0.293 92.278 12.950",
        "0.452 -4.418 0.317 0.643 67.986 0.273 87.031 7.711",
        "0.477 -3.769 0.324 0.701 152.205 0.349 93.213 14.735",
        "0.520 -3.544 0.363 0.747 139.827 0.299 92.232 12.874",
        "0.469 -3.871 0.319 0.688 151.466 0.340 91.811 12.211",
        "0.468 -4.173 0.327 0.668 150.787 0.308 92.678 13.658",
        "0.460 -4.191 0.319 0.661 149.788 0.304 92.344 13.062",
    ]
    columns = np.column_stack([
        np.exp(found.estimate), found.zval, np.exp(found.ci_lb), np.exp(found.ci_ub), found.QE,
        found.tau2, found.I2, found.H2,
    ])  # fmt: skip
    return [
        line(f"without trial {i}: risk ratio, z, limits, Q, tau2, I2, H2", text, row)
        for i, (text, row) in enumerate(zip(texts, columns, strict=True), start=1)
    ]


@jss("Egger's regression test", place="p. 30")
def jss_regression_test() -> list[Line]:
    found = pb.regtest(pb.pool(risk_ratios(), test="z"), model="lm")
    by_size = pb.regtest(regression(), predictor="ni")
    return [
        line("weighted regression on the standard error: t, df, p", "-1.4013 11 0.1887",
             found.stat, found.dfs, found.pval),
        line("mixed-effects model with latitude and year, on the sample size: z, p",
             "0.7470 0.4550", by_size.stat, by_size.pval),
    ]  # fmt: skip


@jss("Trim and fill", place="pp. 31-32")
def jss_trim_and_fill() -> list[Line]:
    found = pb.trimfill(pb.pool(risk_ratios(), method="EE", test="z"))
    return [
        line("missing trials, Q", "4 262.7316", found.k0, found.fit.QE),
        *coefficients(found.fit, ["-0.2910 0.0383 -7.6057 -0.3660 -0.2160"],
                      "estimate se stat ci_lb ci_ub"),
    ]  # fmt: skip


@jss("Likelihood ratio test of latitude", place="p. 34")
def jss_likelihood_ratio() -> list[Line]:
    es, data = risk_ratios(), table("colditz1994")
    full = pb.pool(es, mods="~ ablat", data=data, method="ML", test="z")
    reduced = pb.pool(es, method="ML", test="z")
    found = pb.anova(full, reduced)
    a, b = full.fit_stats["ML"], reduced.fit_stats["ML"]
    return [
        line("full model: AIC, BIC, log-likelihood, QE, tau2",
             "21.3713 23.0662 -7.6857 30.7331 0.0344", a.AIC, a.BIC, a.ll, full.QE, full.tau2),
        line("reduced model: AIC, BIC, log-likelihood, QE, tau2",
             "29.3302 30.4601 -12.6651 152.2330 0.2800",
             b.AIC, b.BIC, b.ll, reduced.QE, reduced.tau2),
        line("LRT, p, variance accounted for (%)", "9.9588 0.0016 87.73", found.LRT, found.pval,
             100 * (1 - full.tau2 / reduced.tau2)),
    ]  # fmt: skip


@jss("Exact permutation test of the mean", place="p. 35")
def jss_permutation() -> list[Line]:
    found = pb.permutest(pb.pool(risk_ratios(), test="z"))
    return [line("p", "0.0015", found.pval)]


@jss("Shrunken risk ratios", place="p. 38")
def jss_shrinkage() -> list[Line]:
    found = pb.blup(pb.pool(risk_ratios(), test="z"))
    texts = {
        1: "-0.8002 0.4099 -1.6037 0.0032", 2: "-1.2517 0.3532 -1.9440 -0.5594",
        3: "-0.9869 0.4348 -1.8392 -0.1346", 4: "-1.3979 0.1376 -1.6675 -1.1283",
        5: "-0.2874 0.2113 -0.7015 0.1268", 13: "-0.1467 0.2434 -0.6239 0.3304",
    }  # fmt: skip
    return [
        line(f"trial {i}: prediction, se, limits", text, found.pred[i - 1], found.se[i - 1],
             found.pi_lb[i - 1], found.pi_ub[i - 1])
        for i, text in texts.items()
    ]  # fmt: skip
