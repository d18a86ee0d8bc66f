"""Average effects with confidence and prediction intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, ndtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import floats
from probatum.meta.design import INTERCEPT
from probatum.meta.inference import check_level, critical
from probatum.meta.options import typed_options
from probatum.meta.transforms import TRANSFORMS
from probatum.meta.types import Floats, MetaFit

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.types import MultilevelFit

_TRANSFORMATIONS: dict[str, Callable[[Any], Any]] = {
    **TRANSFORMS,
    "none": lambda x: x,
    "expit": expit,
    "tanh": np.tanh,
    "ndtr": ndtr,
    "square": np.square,
}


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Average effects, one per row asked for.

    Attributes
    ----------
    pred, se, ci_lb, ci_ub : ndarray, shape (m,)
        `se` is NaN after a transformation.
    pi_lb, pi_ub : ndarray, shape (m,)
        Prediction interval for the true effect of a new study (by default the confidence interval
        where tau2 is 0).
    level : float
        In percent.
    """

    pred: Floats
    se: Floats
    ci_lb: Floats
    ci_ub: Floats
    pi_lb: Floats
    pi_ub: Floats
    level: float

    def to_dict(self) -> dict[str, list[float]]:
        """The rows as plain columns."""
        names = ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
        return {name: getattr(self, name).tolist() for name in names}


@typed_options
def predict(
    fit: MetaFit,
    newmods: Any = None,
    *,
    transf: Any = None,
    level: float | None = None,
    predtype: str = "default",
    draws: int = 25_000,
    seed: int | None = 0,
) -> Prediction:
    """Average effects at given moderator values, with prediction intervals.

    The prediction interval is pred +/- c sqrt(se^2 + tau2) (Riley RD, Higgins JPT, Deeks JJ,
    2011, BMJ 342, d549), where by default c is the quantile of the model's own test: normal for
    "z", t with k - p degrees of freedom otherwise (metafor's convention).

    Parameters
    ----------
    newmods : array of shape (q,) or (m, q), or mapping, optional
        Moderator values without the intercept; for a formula fit, a mapping of its columns.
        By default the overall average, or, with moderators, the values of every row fitted.
    transf : str or callable, optional
        Applied to the estimate and the limits, such as ``"exp"``.
    level : float, optional
        In percent; the fit's by default.
    predtype : str
        Convention of the prediction interval, by the names of metafor and meta.

        With the fit's own standard error: "default"; "t", the t-distribution with k - p degrees
        of freedom; "Riley", with k - p - 1.

        With a standard error of its own, whatever the fit's test: Wald's and a normal quantile
        "S", t with k - p "V" (Veroniki et al. 2019), k - p - 1 "HTS" (Higgins, Thompson and
        Spiegelhalter 2009: k - 2); Hartung and Knapp's with k - p "HK", k - p - 1 "HK-PR"; Kenward
        and Roger's with their degrees of freedom "KR", one less "KR-PR" (Partlett and Riley 2017).

        "NNF" is the bootstrap of Nagashima, Noma and Furukawa (2019), for fits without
        moderators: it also takes into account that tau2 is not known.
    draws, seed : int
        For "NNF"; a seed of None draws others at every call.

    Raises
    ------
    BadInput
        If `newmods` doesn't match the model, or `predtype` is not for such a fit.
    UnknownOption
        If `transf` or `predtype` is not known.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> fit.predict(transf="exp").pred.round(4).tolist()
    [1.3065]
    >>> [round(float(fit.predict(predtype=t).pi_ub[0]), 3) for t in ("S", "V", "HTS")]
    [0.634, 1.072, 2.645]
    """
    level = fit.level if level is None else check_level(level)
    change = transformation(transf)
    X = design_rows(fit, newmods)
    pred = X @ fit.beta
    se = np.sqrt(np.einsum("ij,jk,ik->i", X, fit.vb, X))
    crit = critical(level, fit.degrees_of(X))
    ci_lb, ci_ub = ordered(change, pred - crit * se, pred + crit * se)
    pi_lb, pi_ub = ordered(change, *_new_study(fit, X, pred, predtype, level, draws, seed))
    shown_se = se if transf in (None, "none") else np.full(se.shape, np.nan)
    return Prediction(np.asarray(change(pred)), shown_se, ci_lb, ci_ub, pi_lb, pi_ub, level)


def _new_study(
    fit: MetaFit, X: Floats, pred: Floats, predtype: str, level: float, draws: int,
    seed: int | None,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Limits for the true effect of a new study."""
    from probatum.meta import prediction_types as types

    kind = types.prediction_type(predtype)
    if kind.name != "NNF":
        half = types.half_widths(fit, X, kind, level)
        return pred - half, pred + half
    low, high = types.bootstrap_limits(fit, level, draws=draws, seed=seed)
    return np.full(len(X), low), np.full(len(X), high)


def transformation(transf: Any) -> Callable[[Any], Any]:
    """The function that `transf` names, or is.

    Raises
    ------
    UnknownOption
    """
    if transf is None:
        return _TRANSFORMATIONS["none"]
    if callable(transf):
        return transf  # type: ignore[no-any-return]
    if not isinstance(transf, str) or transf not in _TRANSFORMATIONS:
        raise UnknownOption("transf", transf, _TRANSFORMATIONS, "Or give a function.")
    return _TRANSFORMATIONS[transf]


def ordered(change: Callable[[Any], Any], low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Transformed limits, the lower first (a falling transformation swaps them)."""
    a, b = np.asarray(change(low)), np.asarray(change(high))
    return np.minimum(a, b), np.maximum(a, b)


def design_rows(fit: MetaFit | MultilevelFit, newmods: Any) -> Floats:
    """Rows of the design that `newmods` asks for (see `predict`).

    Raises
    ------
    BadInput
        If it doesn't match the model.
    """
    if newmods is None:
        alone = fit.p == 1 and fit.names[0] == INTERCEPT
        return np.ones((1, 1)) if alone else fit.X[fit.included]
    return rows_asked(newmods, fit.names, fit.encode, "newmods")


def rows_asked(
    values: Any, names: tuple[str, ...], encode: Callable[[Any], Floats] | None, called: str
) -> Floats:
    """Rows of a design with these columns, from values of its moderators.

    Raises
    ------
    BadInput
        If they don't match the columns; `called` is what the argument is called.
    """
    has_intercept = names[0] == INTERCEPT
    wanted = names[has_intercept:]
    if isinstance(values, Mapping) or hasattr(values, "columns"):
        if encode is not None:
            return np.asarray(encode(values), dtype=np.float64)
        missing = [n for n in wanted if n not in values]
        if missing:
            raise BadInput(f"{called} lacks {', '.join(missing)}.")
        rows = np.column_stack([np.atleast_1d(floats(values[n], n)) for n in wanted])
    else:
        rows = np.atleast_1d(floats(values, called))
        if rows.ndim == 1:
            # one moderator: several values; several moderators: one row
            rows = rows[:, None] if len(wanted) == 1 else rows[None, :]
    if rows.ndim != 2 or not len(rows):
        raise BadInput(f"{called} has no rows; give one for each prediction.")
    if rows.shape[1] != len(wanted):
        raise BadInput(
            f"{called} has {rows.shape[1]} columns; the model has {len(wanted)} "
            f"moderators: {', '.join(wanted) or 'none'}."
        )
    ones = [np.ones((len(rows), 1))] if has_intercept else []
    return np.hstack([*ones, rows]).astype(np.float64)
