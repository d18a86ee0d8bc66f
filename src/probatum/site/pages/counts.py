"""How much there is: studies, trials, and people who are counted once."""

from __future__ import annotations

from collections.abc import Iterable

from probatum.build.engine import Context
from probatum.build.shown import Shown
from probatum.review.model import Study
from probatum.site import format as fmt
from probatum.site.pages.common import about, study_ids

_LIST = "studies/index.html"


def counts(ctx: Context) -> list[tuple[str, Shown]]:
    """Return what the first page counts, companions never; what is none is left out."""
    every = (about(ctx, name) for name in study_ids(ctx))
    found = [s for s in every if s and not s.companion_of]
    trials = [s for s in found if s.randomised and s.status == "completed"]
    running = [s for s in found if s.status == "ongoing"]
    people, counted = once(trials)
    entries = [
        ("Studies", "studies", len(found), "title", found),
        ("Of them randomised", "trials", len(trials), "randomised", trials),
        ("People in those", "people", people, "", counted),
        ("Trials still running", "running", len(running), "status", running),
    ]
    return [
        (label, _shown(name, value, field, of))
        for label, name, value, field, of in entries
        if value
    ]


def once(trials: Iterable[Study]) -> tuple[int, list[Study]]:
    """Return people in trials that say how many, and which trials were counted.

    Studies that share an overlap label may hold the same people: the largest is counted.
    """
    people, counted, labels = 0, [], set[str]()
    for trial in sorted(trials, key=lambda s: (-(size(s) or 0), s.id)):
        if size(trial) and not labels & set(trial.overlap):
            people += size(trial) or 0
            counted.append(trial)
            labels |= set(trial.overlap)
    return people, counted


def size(found: Study) -> int | None:
    """Return how many people a study has: randomised, or else analysed."""
    return found.n_randomised if found.n_randomised is not None else found.n_analysed


def _shown(name: str, value: int, field: str, of: list[Study]) -> Shown:
    def ref(s: Study) -> str:
        size_field = "n_randomised" if s.n_randomised is not None else "n_analysed"
        return f"studies/{s.id}/study.toml#{field or size_field}"

    return Shown(
        id=f"studies/{name}",
        value=value,
        display=fmt.count(value),
        scale="people" if name == "people" else "studies",
        node="list:studies",
        refs=tuple(ref(s) for s in of),
        href=_LIST,
    )
