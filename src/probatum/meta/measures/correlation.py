"""Correlations ri among ni people."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.registry import Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows


def _check(rows: Rows) -> None:
    rows.known("ri", "ni")
    rows.flag(np.abs(rows["ri"]) > 1, "ri = {ri} is outside -1 to 1")
    rows.at_least(1, "ni")
    rows.flag(rows["ni"] <= 3, "ni = {ni}: a variance needs more than 3")


def _size(cells: Cells) -> Floats:
    return cells["ni"]


PAIR = Family("correlation", _check, _size, undefined="Fisher's z of -1 or 1 is infinite")


@measure(
    "COR",
    "correlation",
    PAIR,
    "ri ni",
    scale="correlation",
    null=0,
    limits=(-1, 1),
    vtypes=("LS", "AV"),
    source="Hedges & Olkin 1985, Statistical Methods for Meta-Analysis",
)
def correlation(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Raw correlation with its large-sample variance (Hedges & Olkin 1985).

    yi = ri, vi = (1 - ri^2)^2/(ni - 1); vtype "AV" takes the size-weighted average of ri.
    """
    r, n = cells["ri"], cells["ni"]
    centre = r
    if choices.vtype == "AV":
        known = np.isfinite(r) & np.isfinite(n)
        centre = np.full(r.shape, np.sum(n[known] * r[known]) / np.sum(n[known]))
    return r, (1 - centre**2) ** 2 / (n - 1)


@measure(
    "ZCOR",
    "Fisher's z transformed correlation",
    PAIR,
    "ri ni",
    display="correlation",
    scale="correlation",
    null=0,
    transf="ztor",
    limits=(-1, 1),
    source="Fisher 1921, Metron 1:3",
)
def fisher_z(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Fisher's variance-stabilising z (Fisher 1921).

    yi = atanh(ri), vi = 1/(ni - 3).
    """
    return np.arctanh(cells["ri"]), 1 / (cells["ni"] - 3)
