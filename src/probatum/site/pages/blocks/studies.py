"""The block that lists studies with what they found."""

from __future__ import annotations

from types import SimpleNamespace

from markupsafe import Markup

from probatum.review.claims import RowAt
from probatum.review.model import Estimate, OutcomeRow, ReviewInfo, Study
from probatum.site.addresses import study_path
from probatum.site.page import Marked, Parts, parts
from probatum.site.pages.blocks.base import Place, block
from probatum.site.pages.common import info, study, study_label
from probatum.site.pages.studies import people
from probatum.site.values import row_value_shown

_MOST = 2  # results of a study in a list; its page has all
_USES = ("main", "single-arm", "zero-event", "nonrandomised")


@block("studies")
def studies(place: Place) -> Markup:
    """Return completed studies, randomised ones first, and in a line each what they found."""
    found = [one for one in place.studies() if one.status == "completed"]
    if not found:
        return place.empty("study")
    found.sort(key=lambda one: (one.randomised is not True, study_label(one)))
    review = info(place.ctx)
    return place.listed("studies.html", [_row(place, one, review) for one in found])


def _row(place: Place, found: Study, review: ReviewInfo) -> SimpleNamespace:
    ref = f"studies/{found.id}/study.toml"
    parent = study(place.ctx, found.companion_of) if found.companion_of else None
    return SimpleNamespace(
        label=study_label(found),
        target=study_path(found.id),
        design=place.on.text(found.design, f"{ref}#design"),
        condition=place.on.text(found.condition, f"{ref}#condition"),
        people=(size := people(found, "n_randomised") or people(found, "n_analysed")),
        noun="person" if size and size.value == 1 else "people",
        results=_results(place, found, review),
        seen=seen_only(found, review),
        same=Marked("citation", study_label(parent)) if parent else None,
    )


def seen_only(found: Study, review: ReviewInfo) -> Marked | None:
    """Name what was read of a study, where it was never the paper itself."""
    known = [review.source_types[r.read] for r in found.reports if r.read in review.source_types]
    names = sorted({kind.name for kind in known})
    if not names or any(kind.full_text for kind in known):
        return None
    words = ", ".join(names)
    return Marked("id", words[:1].upper() + words[1:])


def _results(place: Place, found: Study, review: ReviewInfo) -> list[Parts]:
    """Return the results that stand for a study, as sentences."""
    groups: dict[str, list[RowAt]] = {}
    for row in found.outcomes:
        at = RowAt(row, f"studies/{found.id}/outcomes.csv", f"{row.id}/{row.arm}")
        groups.setdefault(row.id, []).append(at)
    for estimate in found.estimates:
        at = RowAt(estimate, f"studies/{found.id}/estimates.csv", estimate.id)
        groups.setdefault(estimate.id, []).append(at)
    kept = [rows for rows in groups.values() if all(at.row.verified for at in rows)]
    kept.sort(key=lambda rows: _rank(rows[0].row, review))
    about = _domains(place, review)
    kept = [rows for rows in kept if _domain(rows[0].row, review) in about] or kept
    lines = (_line(place, found, rows, review) for rows in kept)
    return [line for line in lines if line is not None][:_MOST]


def _domains(place: Place, review: ReviewInfo) -> set[str]:
    """Return the domains of outcomes that the topics of the list are about."""
    asked = (review.topics.get(name) for name in place.asked.filters.get("topic", ()))
    return {domain for topic in asked if topic for domain in topic.domains}


def _domain(row: object, review: ReviewInfo) -> str:
    assert isinstance(row, (OutcomeRow, Estimate))
    outcome = review.outcomes.get(row.outcome)
    return outcome.domain if outcome else ""


def _rank(row: object, review: ReviewInfo) -> tuple[bool, bool]:
    assert isinstance(row, (OutcomeRow, Estimate))
    return row.use not in _USES, _domain(row, review) != "efficacy"


def _line(place: Place, found: Study, rows: list[RowAt], review: ReviewInfo) -> Parts | None:
    """Return a result in a line: what, then what each group had."""
    words: list[object] = []
    for at in rows:
        value = _value(at)
        if value is not None:
            words += ["; "] * bool(words) + [*_who(place, found, at), value]
    return parts(_title(place, rows[0], review), ": ", *words) if words else None


def _who(place: Place, found: Study, at: RowAt) -> list[object]:
    """Name the group of a row, or the two that an estimate compares."""
    arms = {arm.id: arm.label for arm in found.arms}
    row = at.row
    assert isinstance(row, (OutcomeRow, Estimate))
    sides = [row.arm] if isinstance(row, OutcomeRow) else [row.arm, row.comparator]
    names = [" and ".join(arms.get(a, a) for a in side.split("+")) for side in sides if side]
    if not names:
        return []
    return [place.on.text(" against ".join(names), f"{at.file}#{at.key}.arm"), " "]


def _title(place: Place, at: RowAt, review: ReviewInfo) -> object:
    row = at.row
    assert isinstance(row, (OutcomeRow, Estimate))
    if row.label:
        return place.on.text(row.label, f"{at.file}#{at.key}.label")
    outcome = review.outcomes.get(row.outcome)
    if outcome is None:
        return place.on.text(row.outcome, f"{at.file}#{at.key}.outcome")
    return place.on.text(outcome.name, f"review.toml#outcomes.{row.outcome}.name")


def _value(at: RowAt) -> object | None:
    def cell(field: str) -> object:
        return row_value_shown(at, field)

    row = at.row
    if isinstance(row, Estimate):
        if row.estimate is None:
            return cell("result") if row.result else None
        words: list[object] = [*([cell("measure"), " "] if row.measure else []), cell("estimate")]
        if row.ci_lb is not None and row.ci_ub is not None:
            words += [" (", cell("ci_lb"), " to ", cell("ci_ub"), ")"]
        return parts(*words)
    assert isinstance(row, OutcomeRow)
    if row.events is not None and row.n is not None:
        return cell("of")
    if row.percent is not None:
        return parts(cell("percent"), "%")
    if row.mean is not None:
        return parts("mean ", cell("mean"), *([" (SD ", cell("sd"), ")"] if row.sd else []))
    if row.before is not None and row.after is not None:
        return parts(cell("before"), " before, ", cell("after"), " after")
    return None
