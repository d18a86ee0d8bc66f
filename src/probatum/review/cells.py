"""Which columns of a review's rows give the numbers that a measure is computed from.

By family of measures, since the cells of one family have the same meaning: a measure that joins a
family can be pooled from rows without a word here. Families that are not listed (matched pairs,
genotypes, pairs of measurements with their correlation) need numbers that rows have no column for;
their estimates enter as reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probatum.meta.measures import MEASURES


@dataclass(frozen=True, slots=True)
class Cell:
    """Where the number of a cell stands: `group` 0 is the experimental one, 1 the comparator.

    `name` is what `effect_sizes` calls it; there a size may stand for those without the event.
    """

    name: str
    group: int
    column: str


def _cells(*places: tuple[str, int, str]) -> dict[str, Cell]:
    sizes = {"bi": "n1i", "di": "n2i"}
    return {need: Cell(sizes.get(need, need), group, column) for need, group, column in places}


#: by family: what each needed cell is read from, in rows of outcomes.csv
ROWS: dict[str, dict[str, Cell]] = {
    "two groups, events": _cells(
        ("ai", 0, "events"), ("bi", 0, "n"), ("ci", 1, "events"), ("di", 1, "n"),
    ),
    "two groups, means": _cells(
        ("m1i", 0, "mean"), ("sd1i", 0, "sd"), ("n1i", 0, "n"),
        ("m2i", 1, "mean"), ("sd2i", 1, "sd"), ("n2i", 1, "n"),
    ),
    "two groups, person-time": _cells(
        ("x1i", 0, "events"), ("t1i", 0, "time"), ("x2i", 1, "events"), ("t2i", 1, "time"),
    ),
    "one group, events": _cells(("xi", 0, "events"), ("ni", 0, "n")),
    "one group, person-time": _cells(("xi", 0, "events"), ("ti", 0, "time")),
    "one group, mean": _cells(("mi", 0, "mean"), ("sdi", 0, "sd"), ("ni", 0, "n")),
}  # fmt: skip
#: by family: cells that a reported estimate gives together with its numbers of people
REPORTED: dict[str, dict[str, str]] = {
    "correlation": {"ri": "estimate", "ni": "n"},
    "two groups, probability of superiority": {
        "ai": "estimate", "n1i": "n", "n2i": "n_comparator",
    },
}  # fmt: skip


def cells_of(measure: str) -> list[Cell]:
    """Cells that a measure needs of outcome rows; none where rows can't give them.

    Examples
    --------
    >>> [cell.column for cell in cells_of("PRZ")], cells_of("MPOR")
    (['events', 'n'], [])
    """
    found = MEASURES.get(measure)
    places = ROWS.get(found.family.name, {}) if found is not None else {}
    return [places[name] for name in found.needs] if found is not None and places else []


def one_group(measure: str) -> bool:
    """Whether a measure describes one group, and compares nothing.

    Examples
    --------
    >>> one_group("PLO"), one_group("OR"), one_group("HR")
    (True, False, False)
    """
    return {cell.group for cell in cells_of(measure)} == {0}


def sized(measure: str) -> Mapping[str, str]:
    """Columns of estimates.csv that a measure can be computed from: a value and sizes.

    Examples
    --------
    >>> dict(sized("ZCOR")), dict(sized("OR"))
    ({'ri': 'estimate', 'ni': 'n'}, {})
    """
    found = MEASURES.get(measure)
    return REPORTED.get(found.family.name, {}) if found is not None else {}


def natural(measure: str) -> str:
    """The measure as which its estimates are reported: that of its display scale.

    Fisher's z of a correlation is reported as the correlation, a logit as the proportion. Ratios
    are always typed as ratios, so they are called what they are.

    Examples
    --------
    >>> natural("ZCOR"), natural("PLO"), natural("UCOR"), natural("OR"), natural("SMD")
    ('COR', 'PR', 'COR', 'OR', 'SMD')
    """
    found = MEASURES.get(measure)
    if found is None or (found.transf == "identity" and measure != "UCOR"):
        return measure
    same = (found.family.name, found.display)
    for code, other in MEASURES.items():
        if other.transf == "identity" and (other.family.name, other.display) == same:
            return code
    return measure
