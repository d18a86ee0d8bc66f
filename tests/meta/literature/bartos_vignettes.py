"""Vignettes of RoBMA that print R's metafor beside their own results."""

from __future__ import annotations

from functools import partial

import numpy as np
from published import Line, coefficients, early_stop, example, line, table

import probatum as pb

_ALL = "estimate se stat pval ci_lb ci_ub"

bias = partial(
    example, source="Bartoš F, Maier M, RoBMA: publication-bias adjustment (vignette)",
    data="lehmann2018.csv",
    known="page read: https://fbartos.github.io/RoBMA, v11-metafor-parity-publication-bias",
)  # fmt: skip


@bias("The colour red and attractiveness: PET and PEESE with random effects",
      place="sections PET and PEESE")  # fmt: skip
def bartos_pet_peese() -> list[Line]:
    data = table("lehmann2018")
    data["se"] = [v**0.5 for v in data["vi"]]
    pet, peese = (
        pb.pool(data["yi"], data["vi"], mods=f"~ {name}", data=data, test="z")
        for name in ("se", "vi")
    )
    return [
        *coefficients(pet, ["-0.0359 0.1038 -0.3455 0.7297 -0.2394 0.1676",
                            "1.0765 0.4203 2.5616 0.0104 0.2528 1.9002"], _ALL),
        line("PET: tau2, its se, tau, I2, H2, R2", "0.0940 0.0236 0.3065 79.74 4.94 8.96", pet.tau2,
             pet.se_tau2, pet.tau2**0.5, pet.I2, pet.H2, pet.R2),
        line("PET: QE, QM, p", "234.7716 6.5617 0.0104", pet.QE, pet.QM, pet.QMp),
        *coefficients(peese, ["0.0903 0.0647 1.3959 0.1627 -0.0365 0.2171",
                              "1.8824 0.7890 2.3859 0.0170 0.3360 3.4287"], _ALL),
        line("PEESE: tau2, its se, tau, I2, H2, R2", "0.0917 0.0232 0.3028 79.77 4.94 11.18",
             peese.tau2, peese.se_tau2, peese.tau2**0.5, peese.I2, peese.H2, peese.R2),
        line("PEESE: QE, QM, p", "231.8504 5.6925 0.0170", peese.QE, peese.QM, peese.QMp),
    ]  # fmt: skip


@bias("The colour red and attractiveness: Vevea and Hedges' step function",
      place="Weight function selection model (Vevea JL, Hedges LV 1995, Psychometrika 60, "
      "419-435)")  # fmt: skip
def bartos_selection() -> list[Line]:
    data = table("lehmann2018")
    plain = pb.pool(data["yi"], data["vi"], method="ML", test="z")
    found = pb.selmodel(plain, "stepfun", steps=[0.025])
    return [
        line("mean, se, z, p, limits", "0.1328 0.0655 2.0267 0.0427 0.0044 0.2612", found.beta,
             found.se, found.zval, found.pval, found.ci_lb, found.ci_ub),
        line("tau2, its se, tau", "0.0811 0.0261 0.2848", found.tau2, found.se_tau2,
             found.tau2**0.5),
        line("weight of p above 0.025, its se", "0.5485 0.2495", found.delta[1],
             found.se_delta[1]),
        line("LRT of selection, p", "1.7646 0.1840", found.LRT, found.LRTp),
    ]  # fmt: skip


@example(
    "Writing to learn: a location-scale model",
    source="Bartoš F, Maier M, RoBMA: location-scale models (vignette)",
    place="random effects, and sample size as location and scale predictor (Viechtbauer W, "
    "López-López JA 2022, Research Synthesis Methods 13, 697-715)",
    data="bangertdrowns2004.csv", known="page read: https://fbartos.github.io/RoBMA",
)  # fmt: skip
def bartos_location_scale() -> list[Line]:
    data = table("bangertdrowns2004")
    data["ni100"] = [n / 100 for n in data["ni"]]
    plain = pb.pool(data["yi"], data["vi"], test="z")
    fit = pb.pool_location_scale(
        data["yi"], data["vi"], mods="~ ni100", scale="~ ni100", data=data, test="z"
    )
    scale = zip(fit.alpha, fit.se_alpha, fit.zval_alpha, fit.pval_alpha, fit.ci_lb_alpha,
                fit.ci_ub_alpha, strict=True)  # fmt: skip
    texts = [
        "-1.9209 0.6690 -2.8713 0.0041 -3.2321 -0.6097",
        "-0.9174 0.5141 -1.7847 0.0743 -1.9250 0.0901",
    ]
    return [
        *coefficients(plain, ["0.2219 0.0460 0.1317 0.3122"], "estimate se ci_lb ci_ub"),
        early_stop("random effects: z", "4.8209", plain.zval[0], "writing_z"),
        line("location, intercept: estimate, se, z", "0.3017 0.0661 4.5629", fit.beta[0], fit.se[0],
             fit.zval[0]),
        line("its limits", "0.1721 0.4313", fit.ci_lb[0], fit.ci_ub[0]),
        line("location, n/100: estimate, se, z, p, limits",
             "-0.0553 0.0198 -2.7976 0.0051 -0.0940 -0.0165", fit.beta[1], fit.se[1], fit.zval[1],
             fit.pval[1], fit.ci_lb[1], fit.ci_ub[1]),
        line("QE, QM, p", "95.1352 7.8268 0.0051", fit.QE, fit.QM, fit.QMp),
        *(line(f"scale, {name}: estimate, se, z, p, limits", text, row)
          for name, text, row in zip(fit.names_alpha, texts, scale, strict=True)),
        line("QS, p", "3.1850 0.0743", fit.QS, fit.QSp),
    ]  # fmt: skip


@example(
    "School calendars: total heterogeneity and its correlation within districts",
    source="Bartoš F, Maier M, RoBMA: multilevel meta-analysis (vignette)",
    place="output of R's metafor, profile likelihood intervals", data="konstantopoulos2011.csv",
    known="page read: https://fbartos.github.io/RoBMA, v10-metafor-parity-multilevel",
)  # fmt: skip
def bartos_calendars() -> list[Line]:
    fit = pb.pool_multilevel(
        "yi", "vi", random="~ school | district", data=table("konstantopoulos2011")
    )
    limits = fit.confint()
    rows = np.column_stack([limits.estimate, limits.ci_lb, limits.ci_ub])
    return [
        line("mean, se, z, p, limits", "0.1847 0.0846 2.1845 0.0289 0.0190 0.3504", fit.beta,
             fit.se, fit.zval, fit.pval, fit.ci_lb, fit.ci_ub),
        line("Q", "578.8640", fit.QE),
        line("tau2 and limits", "0.0978 0.0528 0.2398", rows[0]),
        line("tau and limits", "0.3127 0.2298 0.4897", np.sqrt(rows[0])),
        line("rho and lower limit", "0.6653 0.3282", rows[1, :2]),
        early_stop("rho, upper limit", "0.8855", rows[1, 2], "calendars_rho_ub"),
    ]  # fmt: skip
