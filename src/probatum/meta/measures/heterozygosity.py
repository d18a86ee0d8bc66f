"""Genotypes counted: ai and ci people with two equal alleles, bi with one of each."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows

GENOTYPES = ("ai", "bi", "ci")


def _check(rows: Rows) -> None:
    rows.known(*GENOTYPES)
    rows.at_least(0, *GENOTYPES)
    rows.flag(_size(rows.cells) < 1, "nobody was typed: ai + bi + ci is under 1")


def _size(cells: Cells) -> Floats:
    total: Floats = cells["ai"] + cells["bi"] + cells["ci"]
    return total


GENOTYPE = Family(
    "one group, genotypes",
    _check,
    _size,
    undefined="a genotype that nobody has leaves it undefined",
)


@measure(
    "REH",
    "log relative excess heterozygosity",
    GENOTYPE,
    "ai bi ci",
    display="relative excess heterozygosity",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Ziegler, Van Steen & Wellek 2011, Breast Cancer Research and Treatment 126:507",
)
def excess_heterozygosity(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log of the heterozygotes over those expected of the homozygotes (Ziegler et al. 2011).

    yi = log(bi/(2 sqrt(ai ci))), 0 in Hardy-Weinberg equilibrium;
    vi = 1/bi + (1/ai + 1/ci)/4.
    """
    a, b, c = (cells[name] for name in GENOTYPES)
    return np.log(b / (2 * np.sqrt(a) * np.sqrt(c))), 1 / b + (1 / a + 1 / c) / 4
