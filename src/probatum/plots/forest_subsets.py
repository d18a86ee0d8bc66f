"""Forest plots of fits of parts of the studies: leave-one-out and cumulative."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..errors import BadInput
from ..meta.diagnostics.subsets import Subsets
from .display import Display, number
from .forest import Diamond, ForestTable, Row, StudyRow

_LABELS = {"leave1out": "Without", "cumulative": "With all up to"}
_TITLES = {"leave1out": "Leave-one-out", "cumulative": "Cumulative forest plot"}


def subsets_table(
    found: Subsets,
    show: Display,
    *,
    slab: Sequence[str] | None = None,
    favours: tuple[str, str] = ("", ""),
    title: str = "",
) -> ForestTable:
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
    whole = found.fit
    names = found.slab if slab is None else tuple(str(s) for s in slab)
    if len(names) != len(found.slab):
        raise BadInput(f"slab has {len(names)} labels for {len(found.slab)} rows of the forest.")
    rows: list[Row] = []
    for i, name in enumerate(names):
        estimate, lb, ub = (
            show.value(float(v[i])) for v in (found.estimate, found.ci_lb, found.ci_ub)
        )
        i2 = float(found.I2[i])
        cells = (
            f"{int(found.k[i])}",
            f"{i2:.0f}%" if math.isfinite(i2) and found.k[i] > 1 else "–",
        )
        words = f"{show.number(estimate)} {show.interval(lb, ub)}"
        words = "not estimable" if math.isnan(estimate) else words
        rows.append(StudyRow(f"{i}", name, cells, estimate, lb, ub, words))
    pooled, lb, ub = (show.value(float(v[0])) for v in (whole.beta, whole.ci_lb, whole.ci_ub))
    words = f"{show.number(pooled)} {show.interval(lb, ub)}"
    rows.append(Diamond("pooled", f"All studies ({whole.method})", pooled, lb, ub, words))
    spread = [r.estimate for r in rows if isinstance(r, StudyRow) and math.isfinite(r.estimate)]
    desc = (
        f"{show.name}: {len(found.slab)} fits from {number(min(spread, default=math.nan))} to "
        f"{number(max(spread, default=math.nan))}; all {whole.k} studies {show.number(pooled)}."
    )
    return ForestTable(
        tuple(rows),
        title or _TITLES[found.kind],
        desc,
        show.scale,
        show.null,
        columns=("Studies", "I²"),
        effect=f"{show.name} [{whole.level:g}% CI]",
        favours=favours,
        pooled=pooled,
        label=_LABELS[found.kind],
        weights=False,
    )
