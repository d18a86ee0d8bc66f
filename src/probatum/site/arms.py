"""The arms' numbers behind each result: which columns they make, and what these are called."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.build.results import AnalysisResult

_COUNTS, _MEANS, _RATES = (" of ",), (" (", "), "), (" in ",)
# the cells of a column, whose they are, the words between them, and what they count
_COLUMNS: tuple[tuple[tuple[str, ...], str, tuple[str, ...], str], ...] = (
    (("ai", "n1i"), "arm", _COUNTS, "events/people"),
    (("ci", "n2i"), "comparator", _COUNTS, "events/people"),
    (("xi", "ni"), "", _COUNTS, "of people"),
    (("m1i", "sd1i", "n1i"), "arm", _MEANS, "mean (SD), people"),
    (("m2i", "sd2i", "n2i"), "comparator", _MEANS, "mean (SD), people"),
    (("m1i", "n1i"), "arm", (", ",), "mean, people"),
    (("sd1i", "n1i"), "arm", (", ",), "SD, people"),
    (("sd2i", "n2i"), "comparator", (", ",), "SD, people"),
    (("mi", "sdi", "ni"), "", _MEANS, "mean (SD), people"),
    (("sdi", "ni"), "", (", ",), "SD, people"),
    (("x1i", "t1i"), "arm", _RATES, "events/time"),
    (("x2i", "t2i"), "comparator", _RATES, "events/time"),
    (("xi", "ti"), "", _RATES, "over time"),
    (("mean_before", "n_people"), "comparator", (", ",), "mean, people"),
    (("mean_after",), "arm", (), "mean"),
)
_NAMES = {"arm": "first group", "comparator": "comparison"}
_OF_ONE = {"xi": "had it"}  # of one group, by the first cell


@dataclass(frozen=True, slots=True)
class ArmColumn:
    """The numbers of one arm in every study, and the words between them."""

    name: str
    side: str  # "arm" or "comparator": the field of a study's result that names the arm
    cells: tuple[str, ...]
    joins: tuple[str, ...]
    counted: str
    shared: bool  # whether the column's name is what every study calls this arm


def arm_columns(found: AnalysisResult) -> list[ArmColumn]:
    """Return the columns that the studies of a result fill."""
    have = set().union(*(s.cells for s in found.studies)) if found.studies else set()
    filled = [column for column in _COLUMNS if have.issuperset(column[0])]
    return [
        _column(found, *column)
        for column in filled
        if not any(set(column[0]) < set(other[0]) for other in filled)  # told in a fuller one
    ]


def _column(
    found: AnalysisResult, cells: tuple[str, ...], side: str, joins: tuple[str, ...], counted: str
) -> ArmColumn:
    field = side or "arm"
    named = arm_name(found, field)
    name = (side and named) or _NAMES.get(side) or _OF_ONE.get(cells[0], "measured")
    return ArmColumn(name[:1].upper() + name[1:], field, cells, joins, counted, bool(named))


def arm_name(found: AnalysisResult, side: str) -> str:
    """Return what all studies call their "arm" or "comparator"; nothing where they differ."""
    names = list(dict.fromkeys(name for s in found.studies if (name := getattr(s, side))))
    joined = " or ".join(names)
    return joined if len(names) == 1 or (len(names) == 2 and len(joined) < 32) else ""
