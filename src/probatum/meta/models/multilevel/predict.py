"""Average effects of a multilevel model, with confidence and prediction intervals."""

from __future__ import annotations

from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.inference import check_level, critical
from probatum.meta.models.multilevel.components import variances
from probatum.meta.models.multilevel.parts import Part
from probatum.meta.models.multilevel.types import MultilevelFit
from probatum.meta.options import typed_options
from probatum.meta.prediction import Prediction, design_rows, ordered, transformation
from probatum.meta.types import Floats


@typed_options
def predict(
    fit: MultilevelFit, newmods: Any = None, *, transf: Any = None, level: float | None = None,
    inner: Any = None,
) -> Prediction:  # fmt: skip
    """Average effects at given moderator values, with prediction intervals.

    The prediction interval is for the true effect of a new estimate, new at every level:
    pred +/- c sqrt(se^2 + sum of the variances), with c of the model's own test (t: the fewest
    degrees of freedom among the coefficients that the row uses).

    Parameters
    ----------
    newmods : array of shape (q,) or (m, q), or mapping, optional
        Moderator values without the intercept; for a formula fit, a mapping of its columns. By
        default the overall average, or, with moderators, the values of every row fitted.
    transf : str or callable, optional
        Applied to the estimate and the limits, such as ``"exp"``.
    level : float, optional
        In percent; the fit's by default.
    inner : scalar or sequence, optional
        Where levels of `inner` have variances of their own: the level of each row. By default the
        rows' own where rows are those fitted; otherwise the prediction interval is NaN.

    Raises
    ------
    BadInput
        If `newmods` or `inner` doesn't match the model.

    Examples
    --------
    >>> from probatum.meta.models.multilevel.fit import pool_multilevel
    >>> fit = pool_multilevel([0.1, 0.4, 0.6, -0.2], [0.02] * 4, random="~ 1 | study",
    ...                       data={"study": [1, 1, 2, 3]})
    >>> fit.predict().ci_lb.round(3).tolist()
    [-0.227]
    """
    level = fit.level if level is None else check_level(level)
    change = transformation(transf)
    X = design_rows(fit, newmods)
    own_rows = newmods is None and fit.p > 1
    pred = X @ fit.beta
    se = np.sqrt(np.einsum("ij,jk,ik->i", X, fit.vb, X))
    df = None if fit.test == "z" else np.min(np.where(X != 0.0, fit.dfs, np.inf), axis=1)
    crit = critical(level, df)
    wide = np.sqrt(se**2 + _spread(fit, len(X), inner, own_rows=own_rows))
    ci_lb, ci_ub = ordered(change, pred - crit * se, pred + crit * se)
    pi_lb, pi_ub = ordered(change, pred - crit * wide, pred + crit * wide)
    shown_se = se if transf in (None, "none") else np.full(se.shape, np.nan)
    return Prediction(np.asarray(change(pred)), shown_se, ci_lb, ci_ub, pi_lb, pi_ub, level)


def _spread(fit: MultilevelFit, m: int, inner: Any, *, own_rows: bool) -> Floats:
    """Sum of the variances that a new effect of each row has."""
    model = fit.fitted_model
    out = np.zeros(m)
    for part in model.random.parts:
        own = variances(part.structure, model.point.theta[part.at]) * model.unit
        if len(own) == 1:
            out += own
        elif inner is not None:
            out += own[_codes(part, inner, m)]
        elif own_rows and part.inner is not None:
            out += own[part.inner.codes]
        else:
            out += np.nan
    return out


def _codes(part: Part, inner: Any, m: int) -> list[int]:
    assert part.inner is not None
    wanted = [inner] * m if np.ndim(inner) == 0 else list(inner)
    if len(wanted) != m:
        raise BadInput(f"inner has {len(wanted)} levels; there are {m} rows to predict.")
    place = {str(x): i for i, x in enumerate(part.inner.levels)}
    for x in wanted:
        if str(x) not in place:
            raise BadInput(
                f'inner "{x}" is no level of {part.term.label}; it has: {", ".join(place)}.'
            )
    return [place[str(x)] for x in wanted]
