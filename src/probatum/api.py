"""The public library: every name of `probatum` is defined here and nowhere else.

What needs only numpy, scipy.special and scipy.optimize is imported at once; the plots room is
imported when a figure is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probatum.errors import BadInput, ProbatumError, UnknownOption
from probatum.meta.models.inverse_variance import pool
from probatum.meta.models.many import PooledMany, pool_many
from probatum.meta.tau2 import tau2_methods
from probatum.meta.types import EffectSizes, MetaFit

if TYPE_CHECKING:
    from probatum.meta.averaging import model_average
    from probatum.meta.bayes.empirical import empirical_prior
    from probatum.meta.bayes.model import BayesFit, pool_bayes
    from probatum.meta.bayes.priors import tau_prior
    from probatum.meta.bayes.robma import robma
    from probatum.meta.bias.excess import tes
    from probatum.meta.bias.failsafe import fsn
    from probatum.meta.bias.henmi_copas import hc
    from probatum.meta.bias.limit import limitmeta
    from probatum.meta.bias.pet_peese import petpeese
    from probatum.meta.bias.puniform import puniform
    from probatum.meta.bias.regression import asymmetry, ranktest, regtest
    from probatum.meta.bias.selection import selmodel
    from probatum.meta.bias.trimfill import trimfill
    from probatum.meta.comparing import anova, subgroups, vif, wald_test
    from probatum.meta.conversions.aggregation import aggregate
    from probatum.meta.conversions.covariance import vcalc
    from probatum.meta.conversions.fivenum import conv_fivenum
    from probatum.meta.conversions.result import Converted
    from probatum.meta.conversions.tables import conv_2x2
    from probatum.meta.conversions.transformations import transf
    from probatum.meta.conversions.wald import conv_wald
    from probatum.meta.diagnostics.bootstrap import bootstrap
    from probatum.meta.diagnostics.influence import influence, rstandard, rstudent
    from probatum.meta.diagnostics.permutation import permutest
    from probatum.meta.diagnostics.profile import profile
    from probatum.meta.diagnostics.shrinkage import blup, ranef
    from probatum.meta.diagnostics.simulation import simulate
    from probatum.meta.diagnostics.subsets import cumulative, gosh, leave1out
    from probatum.meta.measures import effect_sizes, measures
    from probatum.meta.models.beta_binomial.fit import pool_beta_binomial
    from probatum.meta.models.glmm.fit import pool_glmm
    from probatum.meta.models.location_scale import pool_location_scale
    from probatum.meta.models.mantel_haenszel import pool_mh
    from probatum.meta.models.multilevel.fit import pool_multilevel
    from probatum.meta.models.multilevel.types import MultilevelFit
    from probatum.meta.models.peto import pool_peto
    from probatum.meta.multiverse import multiverse
    from probatum.meta.patients.discordant import mcnemar, sign_test
    from probatum.meta.patients.mixed import MixedFit, mixed_model
    from probatum.meta.patients.overlap import Overlap, nap, tau_u
    from probatum.meta.patients.pairs import PairedTest
    from probatum.meta.patients.series import PatientPool, pool_patients
    from probatum.meta.patients.sign_flips import sign_flips
    from probatum.meta.patients.signed_rank import signed_rank
    from probatum.meta.patients.standardised import StandardisedChange, standardised_change
    from probatum.meta.robust.bootstrap import wild_bootstrap
    from probatum.meta.robust.sandwich import RobustFit, robust
    from probatum.plots.baujat import baujat
    from probatum.plots.bubble import bubble
    from probatum.plots.drapery import drapery
    from probatum.plots.from_fit import forest, funnel
    from probatum.plots.gosh_plot import gosh_plot
    from probatum.plots.influence_plot import influence_plot
    from probatum.plots.labbe import labbe
    from probatum.plots.profile_plot import profile_plot
    from probatum.plots.qqnorm import qqnorm
    from probatum.plots.radial import radial
    from probatum.plots.specification_curve import specification_curve

__all__ = [
    "BadInput",
    "BayesFit",
    "Converted",
    "EffectSizes",
    "MetaFit",
    "MixedFit",
    "MultilevelFit",
    "Overlap",
    "PairedTest",
    "PatientPool",
    "PooledMany",
    "ProbatumError",
    "RobustFit",
    "StandardisedChange",
    "UnknownOption",
    "aggregate",
    "anova",
    "asymmetry",
    "baujat",
    "blup",
    "bootstrap",
    "bubble",
    "conv_2x2",
    "conv_fivenum",
    "conv_wald",
    "cumulative",
    "drapery",
    "effect_sizes",
    "empirical_prior",
    "forest",
    "fsn",
    "funnel",
    "gosh",
    "gosh_plot",
    "hc",
    "influence",
    "influence_plot",
    "labbe",
    "leave1out",
    "limitmeta",
    "mcnemar",
    "measures",
    "mixed_model",
    "model_average",
    "multiverse",
    "nap",
    "permutest",
    "petpeese",
    "pool",
    "pool_bayes",
    "pool_beta_binomial",
    "pool_glmm",
    "pool_location_scale",
    "pool_many",
    "pool_mh",
    "pool_multilevel",
    "pool_patients",
    "pool_peto",
    "profile",
    "profile_plot",
    "puniform",
    "qqnorm",
    "radial",
    "ranef",
    "ranktest",
    "regtest",
    "robma",
    "robust",
    "rstandard",
    "rstudent",
    "selmodel",
    "sign_flips",
    "sign_test",
    "signed_rank",
    "simulate",
    "specification_curve",
    "standardised_change",
    "subgroups",
    "tau2_methods",
    "tau_prior",
    "tau_u",
    "tes",
    "transf",
    "trimfill",
    "vcalc",
    "vif",
    "wald_test",
    "wild_bootstrap",
]

_LATER = {
    "specification_curve": "probatum.plots.specification_curve",
    "model_average": "probatum.meta.averaging",
    "multiverse": "probatum.meta.multiverse",
    "robma": "probatum.meta.bayes.robma",
    "robust": "probatum.meta.robust.sandwich",
    "RobustFit": "probatum.meta.robust.sandwich",
    "wild_bootstrap": "probatum.meta.robust.bootstrap",
    "aggregate": "probatum.meta.conversions.aggregation",
    "conv_2x2": "probatum.meta.conversions.tables",
    "conv_fivenum": "probatum.meta.conversions.fivenum",
    "conv_wald": "probatum.meta.conversions.wald",
    "transf": "probatum.meta.conversions.transformations",
    "vcalc": "probatum.meta.conversions.covariance",
    "Converted": "probatum.meta.conversions.result",
    "subgroups": "probatum.meta.comparing",
    "vif": "probatum.meta.comparing",
    "wald_test": "probatum.meta.comparing",
    "anova": "probatum.meta.comparing",
    "pool_location_scale": "probatum.meta.models.location_scale",
    "selmodel": "probatum.meta.bias.selection",
    "pool_bayes": "probatum.meta.bayes.model",
    "tau_prior": "probatum.meta.bayes.priors",
    "empirical_prior": "probatum.meta.bayes.empirical",
    "BayesFit": "probatum.meta.bayes.model",
    "regtest": "probatum.meta.bias.regression",
    "asymmetry": "probatum.meta.bias.regression",
    "ranktest": "probatum.meta.bias.regression",
    "trimfill": "probatum.meta.bias.trimfill",
    "fsn": "probatum.meta.bias.failsafe",
    "tes": "probatum.meta.bias.excess",
    "hc": "probatum.meta.bias.henmi_copas",
    "petpeese": "probatum.meta.bias.pet_peese",
    "limitmeta": "probatum.meta.bias.limit",
    "puniform": "probatum.meta.bias.puniform",
    "leave1out": "probatum.meta.diagnostics.subsets",
    "cumulative": "probatum.meta.diagnostics.subsets",
    "gosh": "probatum.meta.diagnostics.subsets",
    "influence": "probatum.meta.diagnostics.influence",
    "rstandard": "probatum.meta.diagnostics.influence",
    "rstudent": "probatum.meta.diagnostics.influence",
    "blup": "probatum.meta.diagnostics.shrinkage",
    "ranef": "probatum.meta.diagnostics.shrinkage",
    "bootstrap": "probatum.meta.diagnostics.bootstrap",
    "simulate": "probatum.meta.diagnostics.simulation",
    "permutest": "probatum.meta.diagnostics.permutation",
    "profile": "probatum.meta.diagnostics.profile",
    "effect_sizes": "probatum.meta.measures",
    "measures": "probatum.meta.measures",
    "pool_beta_binomial": "probatum.meta.models.beta_binomial.fit",
    "pool_glmm": "probatum.meta.models.glmm.fit",
    "pool_mh": "probatum.meta.models.mantel_haenszel",
    "pool_multilevel": "probatum.meta.models.multilevel.fit",
    "MultilevelFit": "probatum.meta.models.multilevel.types",
    "pool_peto": "probatum.meta.models.peto",
    "nap": "probatum.meta.patients.overlap",
    "Overlap": "probatum.meta.patients.overlap",
    "tau_u": "probatum.meta.patients.overlap",
    "mixed_model": "probatum.meta.patients.mixed",
    "MixedFit": "probatum.meta.patients.mixed",
    "PatientPool": "probatum.meta.patients.series",
    "pool_patients": "probatum.meta.patients.series",
    "mcnemar": "probatum.meta.patients.discordant",
    "PairedTest": "probatum.meta.patients.pairs",
    "sign_flips": "probatum.meta.patients.sign_flips",
    "sign_test": "probatum.meta.patients.discordant",
    "signed_rank": "probatum.meta.patients.signed_rank",
    "standardised_change": "probatum.meta.patients.standardised",
    "StandardisedChange": "probatum.meta.patients.standardised",
    "baujat": "probatum.plots.baujat",
    "labbe": "probatum.plots.labbe",
    "bubble": "probatum.plots.bubble",
    "radial": "probatum.plots.radial",
    "drapery": "probatum.plots.drapery",
    "gosh_plot": "probatum.plots.gosh_plot",
    "influence_plot": "probatum.plots.influence_plot",
    "profile_plot": "probatum.plots.profile_plot",
    "qqnorm": "probatum.plots.qqnorm",
    "forest": "probatum.plots.from_fit",
    "funnel": "probatum.plots.from_fit",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        value = globals()[name] = getattr(import_module(_LATER[name]), name)
        return value
    raise AttributeError(f"module 'probatum' has no attribute {name!r}")
