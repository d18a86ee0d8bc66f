"""What a forest plot of a fit with cluster-robust inference shows."""

from __future__ import annotations

from dataclasses import replace

from ..meta.robust.sandwich import RobustFit
from .display import Display
from .forest_fit import Wanted, diamond
from .forest_plot import forest_table
from .table import Diamond, ForestTable, Note


def robust_table(found: RobustFit, wanted: Wanted) -> ForestTable:
    """The fit's own, with the pooled effect's cluster-robust interval.

    Sources as in `robust`.
    """
    table = forest_table(found.fit, wanted)
    show = Display(found.fit.data, wanted.transf)
    label = f"Pooled ({found.type} of {found.clusters} clusters)"
    robust = diamond("pooled", label, show, (found.beta[0], found.ci_lb[0], found.ci_ub[0]))
    rows, desc = [], table.desc
    for row in table.rows:
        rows.append(robust if isinstance(row, Diamond) else row)
        if isinstance(row, Diamond):
            desc = desc.replace(f"{row.label} {row.text}", f"{robust.label} {robust.text}")
    told = "The pooled effect's interval is cluster-robust; a prediction interval is the model's."
    return replace(table, rows=(*rows, Note(told)), desc=desc)
