"""What the prose of a review may refer to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from probatum.review.claims import RowAt, find_row
from probatum.review.model import AnalysisSpec, Certainty, ReviewInfo, Sourced, Study


def _no_row(name: str) -> RowAt | None:
    return None


@dataclass(frozen=True, slots=True)
class Names:
    """What prose may refer to; `row` finds a verified row by its name."""

    analyses: frozenset[str]
    row: Callable[[str], RowAt | None] = _no_row
    themes: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    certainty: Mapping[str, Certainty] = field(default_factory=dict)
    studies: frozenset[str] = frozenset()
    registers: Mapping[str, Sequence[Sourced]] = field(default_factory=dict)
    questions: frozenset[str] = frozenset()
    short: frozenset[str] = frozenset()  # abbreviations that the glossary explains


def names(
    info: ReviewInfo,
    studies: Mapping[str, Study],
    registers: Mapping[str, Sequence[Sourced]],
    analyses: Mapping[str, AnalysisSpec],
    certainty: Mapping[str, Certainty],
    questions: Collection[str],
) -> Names:
    """Collect what the prose of a review may refer to."""
    known = set(analyses)
    for spec in analyses.values():
        known |= {f"{spec.id}--{item.id}" for item in spec.sensitivity}

    def row(name: str) -> RowAt | None:
        return find_row(name, studies.get, lambda register: registers.get(register, ()))

    return Names(
        frozenset(known),
        row,
        frozenset(info.themes),
        frozenset(info.topics),
        certainty,
        frozenset(studies),
        registers,
        frozenset(questions),
        frozenset(term.short for term in info.glossary.values()),
    )
