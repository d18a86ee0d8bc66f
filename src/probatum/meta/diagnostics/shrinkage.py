"""Studies' own true effects, shrunk towards the fitted line (best linear unbiased predictions)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from probatum.errors import BadInput
from probatum.meta.inference import check_level, critical
from probatum.meta.options import typed_options
from probatum.meta.refit import rows_of, slab_of
from probatum.meta.types import Floats, MetaFit, need

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.types import MultilevelFit


@dataclass(frozen=True, slots=True, eq=False)
class Shrunken:
    """One row per study that was fitted; all arrays have shape (k,).

    Attributes
    ----------
    pred, se, pi_lb, pi_ub : ndarray
        True effect of the study, its standard error and interval.
    """

    slab: tuple[str, ...]
    pred: Floats
    se: Floats
    pi_lb: Floats
    pi_ub: Floats
    level: float

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns."""
        names = ("pred", "se", "pi_lb", "pi_ub")
        return {"slab": list(self.slab), **{n: getattr(self, n).tolist() for n in names}}


@typed_options
def blup(fit: MetaFit | MultilevelFit, *, level: float | None = None) -> Shrunken:
    """Predicted true effect of each study: l yi + (1 - l) x'beta with l = tau2 / (tau2 + vi).

    Its variance is l vi + (1 - l)^2 x'vb x, in which the Knapp-Hartung factor scales vb alone;
    Raudenbush SW, Bryk AS (1985), Journal of Educational Statistics 10, 75-98; Morris CN (1983).

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
    level : float, optional
        In percent; the fit's by default.

    Returns
    -------
    Shrunken
        ``pred se pi_lb pi_ub``, one of each per fitted row (of `slab`), on the analysis scale.

    Raises
    ------
    BadInput
        For an equal-effects model, in which all studies share one effect, or a fit with other
        weights than the model's own.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.9, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> blup(fit).pred.round(3).tolist()
    [0.121, 0.86, 0.499]
    """
    need(fit, "MetaFit", "MultilevelFit")
    if not isinstance(fit, MetaFit):
        return fit.blup(level=level)
    level = fit.level if level is None else check_level(level)
    y, v, X = _random(fit)
    share = fit.tau2 / (fit.tau2 + v)
    pred = share * y + (1.0 - share) * (X @ fit.beta)
    line = np.einsum("ij,jk,ik->i", X, fit.vb, X)
    return _interval(fit, pred, share * v + (1.0 - share) ** 2 * line, level)


@overload
def ranef(fit: MetaFit, *, level: float | None = None) -> Shrunken: ...
@overload
def ranef(fit: MultilevelFit, *, level: float | None = None) -> dict[str, Shrunken]: ...
@typed_options
def ranef(
    fit: MetaFit | MultilevelFit, *, level: float | None = None
) -> Shrunken | dict[str, Shrunken]:
    """Predicted deviation of each study from the fitted line: l (yi - x'beta).

    For a multilevel model a table for each of its random terms.

    Its variance is l vi + l^2 x'vb x (see `blup`).

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
    level : float, optional
        In percent; the fit's by default.

    Returns
    -------
    Shrunken
        ``pred se pi_lb pi_ub``, one of each per fitted row (of `slab`); of a multilevel
        fit a mapping of terms to these, one row per level.

    Raises
    ------
    BadInput
        For what is no such fit.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.9, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> ranef(fit).pred.round(3).tolist()
    [-0.373, 0.367, 0.006]
    """
    need(fit, "MetaFit", "MultilevelFit")
    if not isinstance(fit, MetaFit):
        return fit.ranef(level=level)
    level = fit.level if level is None else check_level(level)
    y, v, X = _random(fit)
    share = fit.tau2 / (fit.tau2 + v)
    line = np.einsum("ij,jk,ik->i", X, fit.vb, X)
    return _interval(fit, share * (y - X @ fit.beta), share * v + share**2 * line, level)


def _random(fit: MetaFit) -> tuple[Floats, Floats, Floats]:
    if fit.method == "EE":
        raise BadInput("an equal-effects model has one effect for all studies: nothing to predict.")
    if not fit.own_weights:
        raise BadInput(
            "true effects are predicted by a fit with the model's own weights; fit again without "
            "weights= and weighted=False."
        )
    return rows_of(fit)


def _interval(fit: MetaFit, pred: Floats, variance: Floats, level: float) -> Shrunken:
    se = np.sqrt(variance)
    crit = critical(level, fit.degrees_of(fit.X[fit.included]))
    return Shrunken(slab_of(fit), pred, se, pred - crit * se, pred + crit * se, level)
