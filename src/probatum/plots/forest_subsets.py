"""Forest plots of fits of parts of the studies: leave-one-out and cumulative."""

from __future__ import annotations

import math
from dataclasses import replace

from ..errors import BadInput
from ..meta.diagnostics.subsets import Subsets
from .display import Display, number
from .forest import ForestTable, Row, StudyRow
from .forest_fit import Wanted, diamond, table_of, words

_LABELS = {"leave1out": "Without", "cumulative": "With all up to"}
_TITLES = {"leave1out": "Leave-one-out", "cumulative": "Cumulative forest plot"}


def subsets_table(found: Subsets, wanted: Wanted) -> ForestTable:
    """One row for each fit, with the number of its studies and its I2.

    Lau J, Antman EM, Jimenez-Silva J, et al. (1992), New England Journal of Medicine 327, 248-254
    (cumulative); Viechtbauer W, Cheung MWL (2010), Research Synthesis Methods 1, 112-125.

    Raises
    ------
    BadInput
        For a model with moderators: no one effect stands for its studies.
    """
    if found.estimate.ndim != 1:
        raise BadInput(
            "forest needs one pooled effect in each row, and this model has moderators; "
            "the coefficients are in .estimate and .to_dict()."
        )
    whole, show = found.fit, Display(found.fit.data, wanted.transf)
    rows: list[Row] = []
    for i, name in enumerate(wanted.names(found.slab, len(found.slab))):
        columns = (found.estimate, found.ci_lb, found.ci_ub)
        estimate, lb, ub = (show.value(float(v[i])) for v in columns)
        i2 = float(found.I2[i])
        several = math.isfinite(i2) and found.k[i] > 1
        cells = f"{int(found.k[i])}", f"{i2:.0f}%" if several else "–"
        text = "not estimable" if math.isnan(estimate) else words(show, estimate, lb, ub)
        rows.append(StudyRow(f"{i}", name, cells, estimate, lb, ub, text))
    values = whole.beta[0], whole.ci_lb[0], whole.ci_ub[0]
    pooled = diamond("pooled", f"All studies ({whole.method})", show, values)
    spread = [r.estimate for r in rows if isinstance(r, StudyRow) and math.isfinite(r.estimate)]
    table = table_of(
        [*rows, pooled], whole.data, show, replace(wanted, cells=False), whole.level,
        told=f"{show.name}: {len(found.slab)} fits from {number(min(spread, default=math.nan))} "
        f"to {number(max(spread, default=math.nan))}.",
        pooled=pooled.estimate,
        weights=False,
        heads=("Studies", "I²"),
        kind=_TITLES[found.kind],
    )  # fmt: skip
    return replace(table, label=_LABELS[found.kind])
