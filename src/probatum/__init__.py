"""Probatum: a systematic review as plain text, pooled and published with its provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probatum import api as _api
from probatum.api import (
    BadInput,
    EffectSizes,
    MetaFit,
    PooledMany,
    ProbatumError,
    UnknownOption,
    pool,
    pool_many,
    tau2_methods,
)

if TYPE_CHECKING:
    from probatum.api import (
        BayesFit,
        Converted,
        MultilevelFit,
        aggregate,
        anova,
        asymmetry,
        blup,
        conv_2x2,
        conv_fivenum,
        conv_wald,
        cumulative,
        effect_sizes,
        forest,
        fsn,
        funnel,
        gosh,
        hc,
        influence,
        leave1out,
        measures,
        permutest,
        petpeese,
        pool_bayes,
        pool_location_scale,
        pool_mh,
        pool_multilevel,
        pool_peto,
        profile,
        ranef,
        ranktest,
        regtest,
        rstandard,
        rstudent,
        selmodel,
        subgroups,
        tau_prior,
        tes,
        transf,
        trimfill,
        vcalc,
        vif,
        wald_test,
    )

__version__ = "0.1.0"
__all__ = [
    "BadInput",
    "BayesFit",
    "Converted",
    "EffectSizes",
    "MetaFit",
    "MultilevelFit",
    "PooledMany",
    "ProbatumError",
    "UnknownOption",
    "aggregate",
    "anova",
    "asymmetry",
    "blup",
    "conv_2x2",
    "conv_fivenum",
    "conv_wald",
    "cumulative",
    "effect_sizes",
    "forest",
    "fsn",
    "funnel",
    "gosh",
    "hc",
    "influence",
    "leave1out",
    "measures",
    "permutest",
    "petpeese",
    "pool",
    "pool_bayes",
    "pool_location_scale",
    "pool_many",
    "pool_mh",
    "pool_multilevel",
    "pool_peto",
    "profile",
    "ranef",
    "ranktest",
    "regtest",
    "rstandard",
    "rstudent",
    "selmodel",
    "subgroups",
    "tau2_methods",
    "tau_prior",
    "tes",
    "transf",
    "trimfill",
    "vcalc",
    "vif",
    "wald_test",
]


def __getattr__(name: str) -> Any:
    return getattr(_api, name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
