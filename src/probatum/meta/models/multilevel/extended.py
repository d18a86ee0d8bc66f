"""A multilevel model with one more moderator."""

from __future__ import annotations

import numpy as np

from probatum.meta.design import Design, check_rank
from probatum.meta.models.multilevel.fit import assemble, search
from probatum.meta.models.multilevel.rows import Rows
from probatum.meta.models.multilevel.types import MultilevelFit
from probatum.meta.types import Floats


def with_moderator(fit: MultilevelFit, name: str, values: Floats) -> MultilevelFit:
    """The same model of the same rows with a further column, after the first; all fitted anew.

    Parameters
    ----------
    fit : MultilevelFit
    name : str
    values : ndarray, shape (k,)
        Of the rows that were fitted.

    Returns
    -------
    MultilevelFit
        Its t-tests, if it has any, with k - p degrees of freedom.

    Raises
    ------
    BadInput
        If the column is a combination of the others.
    """
    whole = np.full(len(fit.data), np.nan)
    whole[fit.included] = values
    X = np.column_stack([fit.X[:, :1], whole, fit.X[:, 1:]])
    layout = Design(X, (fit.names[0], name, *fit.names[1:]))
    check_rank(X[fit.included], layout.names)
    model = fit.fitted_model
    rows = Rows(fit.data, model.V, layout, {}, {}, fit.included, fit.left_out)
    found, extended = search(rows, model.random, restricted=fit.method == "REML")
    return assemble(
        rows, found, extended, method=fit.method, test=fit.test, dfs="residual", level=fit.level
    )
