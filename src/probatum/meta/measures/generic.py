"""Estimates that come with their variance or standard error."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows


def _check(rows: Rows) -> None:
    rows.known("yi")
    if "sei" in rows:
        rows.at_least(0, "sei")
        rows.fill("vi", rows["sei"] ** 2)
    rows.lacks(np.isnan(rows["vi"]), "vi (or sei)")
    rows.known("vi")
    rows.at_least(0, "vi")


def _size(cells: Cells) -> Floats | None:
    return cells.get("ni")


GIVEN = Family(
    "given estimates",
    _check,
    _size,
    undefined="the values are too extreme",
    stands_for={"vi": ("sei",)},
)


@measure(
    "GEN",
    "estimate as given",
    GIVEN,
    "yi vi",
    optional="ni",
    scale="none",
    source="the reports themselves: nothing is computed but vi = sei^2",
)
def as_given(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Return the estimates and variances as they are (vi = sei^2 where only sei was given)."""
    return cells["yi"], cells["vi"]


@measure(
    "HR",
    "log hazard ratio",
    GIVEN,
    "yi vi",
    optional="ni",
    display="hazard ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Parmar, Torri & Stewart 1998, Statistics in Medicine 17:2815 (as reported)",
)
def hazard_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log hazard ratio as reported (Parmar et al. 1998): nothing is computed but vi = sei^2."""
    return cells["yi"], cells["vi"]


@measure(
    "HD",
    "hazard difference",
    GIVEN,
    "yi vi",
    optional="ni",
    display="difference in hazards",
    scale="difference",
    null=0,
    source="Lin & Ying 1994, Biometrika 81:61 (as reported)",
)
def hazard_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Difference of hazard rates as reported (additive hazards, Lin & Ying 1994)."""
    return cells["yi"], cells["vi"]
