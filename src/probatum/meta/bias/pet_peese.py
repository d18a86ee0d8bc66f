"""PET-PEESE: the effect of a study without sampling error, by regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.models.inverse_variance import pool
from probatum.meta.options import typed_options
from probatum.meta.refit import how_of, rows_of
from probatum.meta.types import MetaFit, need

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.types import MultilevelFit
    from probatum.meta.robust.sandwich import RobustFit

MODELS = ("fit", "EE", "WLS")


@dataclass(frozen=True, slots=True, eq=False)
class PetPeese:
    """Both regressions, and the one that the usual rule picks.

    Attributes
    ----------
    pet, peese : MetaFit or RobustFit
        On the standard errors and on the variances; the first coefficient is the estimate.
    chosen : {"PET", "PEESE"}
        PEESE where PET's one-sided p-value is below 0.1 in the direction of its estimate.
    estimate, se, pval, ci_lb, ci_ub : float
        Of the chosen one.
    fit : MetaFit or MultilevelFit
        The fit they were made of.
    """

    pet: MetaFit | RobustFit
    peese: MetaFit | RobustFit
    chosen: str
    estimate: float
    se: float
    pval: float
    ci_lb: float
    ci_ub: float
    fit: MetaFit | MultilevelFit

    def at(self, se: float, model: str = "") -> float:
        """Effect of studies with this standard error by "PET", "PEESE" or the chosen one."""
        pet = (model or self.chosen) == "PET"
        one = self.pet if pet else self.peese
        return float(one.beta[0] + one.beta[1] * (se if pet else se**2))


@typed_options
def petpeese(fit: MetaFit | MultilevelFit, *, model: str = "EE") -> PetPeese:
    """Precision-effect test and precision-effect estimate with standard error.

    Stanley TD, Doucouliagos H (2014). Research Synthesis Methods 5, 60-78.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
        Without moderators.
    model : {"EE", "WLS", "fit"}
        Equal effects; weighted least squares with an estimated dispersion (as the authors do);
        or the method and test of `fit`. A multilevel fit has "fit" alone: its own model with
        cluster-robust errors (see `regtest`).

    Returns
    -------
    PetPeese

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> fit = pool([0.1, 0.4, 0.5, 0.9], [0.01, 0.04, 0.09, 0.16], method="DL", test="z")
    >>> found = petpeese(fit)
    >>> found.chosen, round(found.estimate, 2)
    ('PET', -0.14)
    """
    need(fit, "MetaFit", "MultilevelFit")
    if model not in MODELS:
        raise UnknownOption("model", model, MODELS)
    if fit.moderated:
        raise BadInput("PET-PEESE is for a fit without moderators.")
    pet: MetaFit | RobustFit
    peese: MetaFit | RobustFit
    if isinstance(fit, MetaFit):
        pet, peese = _regressions(fit, model)
    elif model != "fit":
        raise BadInput('a multilevel fit needs model="fit": the others take no dependence.')
    else:
        pet, peese = _clustered(fit)
    # t-tests have degrees of freedom, one for each coefficient where they are estimated
    df = float(np.atleast_1d(pet.dfs)[0])
    z = float(pet.zval[0])
    one_sided = float(ndtr(-abs(z)) if np.isnan(df) else stdtr(df, -abs(z)))
    chosen = peese if one_sided < 0.1 else pet
    return PetPeese(
        pet, peese, "PEESE" if chosen is peese else "PET", float(chosen.beta[0]),
        float(chosen.se[0]), float(chosen.pval[0]), float(chosen.ci_lb[0]), float(chosen.ci_ub[0]),
        fit,
    )  # fmt: skip


def _regressions(fit: MetaFit, model: str) -> tuple[MetaFit, MetaFit]:
    y, v, _ = rows_of(fit)
    # WLS: the Knapp-Hartung factor of an equal-effects fit is its dispersion
    test = {"EE": "z", "WLS": "knha", "fit": fit.test}[model]
    how = how_of(fit) if model == "fit" else {"method": "EE"}
    pet, peese = (
        pool(y, v, mods={name: x}, test=test, level=fit.level, **how)
        for name, x in (("sei", np.sqrt(v)), ("vi", v))
    )
    return pet, peese


def _clustered(fit: MultilevelFit) -> tuple[RobustFit, RobustFit]:
    from probatum.meta.models.multilevel.deletion import default_clusters
    from probatum.meta.models.multilevel.extended import with_moderator
    from probatum.meta.robust.sandwich import robust

    v = fit.data.vi[fit.included]
    cluster = default_clusters(fit, None)[0]
    pet, peese = (
        robust(with_moderator(fit, name, x), cluster)
        for name, x in (("sei", np.sqrt(v)), ("vi", v))
    )
    return pet, peese
