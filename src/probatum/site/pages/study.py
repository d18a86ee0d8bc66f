"""The page of one study: every number that was read, and where."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from probatum.build.engine import Context, step
from probatum.build.shown import Shown
from probatum.review.identifiers import links
from probatum.review.model import Estimate, OutcomeRow, Patient, Report, ReviewInfo, Study
from probatum.site import format as fmt
from probatum.site.addresses import (
    row_anchor,
    slug,
    study_path,
)
from probatum.site.figures import patients
from probatum.site.numbers import row_number
from probatum.site.page import Marked, Page, Parts, parts
from probatum.site.pages.common import (
    about,
    info,
    page,
    result,
    show,
    spec_ids,
    study,
    study_ids,
    study_label,
)
from probatum.site.pages.money import funding, interest
from probatum.site.pages.studies import people

_OUTCOME = {
    "n": "People",
    "events": "Events",
    "percent": "Percent",
    "mean": "Mean",
    "sd": "SD",
    "before": "Before",
    "after": "After",
    "time": "Person-time",
}
_PATIENT = {
    "age": "Age",
    "bmi_before": "BMI before",
    "bmi_after": "BMI after",
    "years_ill": "Years ill",
    "before": "Before",
    "after": "After",
    "weeks": "Weeks",
}
_WORDS = (
    ("design", "Design"),
    ("condition", "Condition or exposure"),
    ("population", "Who was studied"),
    ("comparator", "Compared with"),
    ("blinding", "Blinding"),
    ("follow_up", "Followed for"),
    ("limits", "Limits"),
    ("note", "Note"),
)
_STATUS = {
    "completed": "Completed study",
    "ongoing": "Study still running",
    "withdrawn": "Study withdrawn",
    "unknown": "Study, state unknown",
}


@step("used")
def used(ctx: Context, name: str) -> Any:
    """List the analyses that hold a study (all studies at once, or one)."""
    if name:
        return ctx.get("used").get(name, [])
    out: dict[str, list[list[str]]] = {}
    for analysis in spec_ids(ctx):
        found = result(ctx, analysis)
        for held in dict.fromkeys(s.study for s in found.studies) if found else ():
            out.setdefault(held, []).append([analysis, found.title if found else analysis])
    return out


@step("companions")
def companions(ctx: Context, name: str) -> Any:
    """List the studies that report on the same people."""
    if name:
        return ctx.get("companions").get(name, [])
    out: dict[str, list[list[str]]] = {}
    for other in study_ids(ctx):
        found = about(ctx, other)
        if found and found.companion_of:
            out.setdefault(found.companion_of, []).append([other, study_label(found)])
    return out


@page("studies/")
def study_page(ctx: Context, name: str) -> dict[str, object]:
    """Make the page of one study."""
    found = study(ctx, name)
    if found is None:
        raise LookupError(f"study {name} could not be read")
    on, review = Page(study_path(name)), info(ctx)
    file = f"studies/{name}/study.toml"
    parent = about(ctx, found.companion_of) if found.companion_of in study_ids(ctx) else None
    return show(
        ctx,
        on.path,
        "study.html",
        on=on,
        title=study_label(found),
        crumb=Marked("citation", study_label(found)),
        above=("Studies", "studies/index.html"),
        study=found,
        file=file,
        label=study_label(found),
        status=_STATUS[found.status],
        people=_people(found, review, on),
        facts=[
            (label, on.text(getattr(found, key), f"{file}#{key}"))
            for key, label in _WORDS
            if getattr(found, key)
        ],
        arms=_arms(on, found),
        funding=funding(on, found),
        interest=interest(on, found),
        companion=study_label(parent) if parent else None,
        companions=ctx.get(f"companions:{name}"),
        used=ctx.get(f"used:{name}"),
        results=_results(on, found, review),
        people_drawn=patients([found], on),
        rob=_rob(on, found),
        documents=_documents(found, review),
    )


def _people(found: Study, review: ReviewInfo, on: Page) -> list[tuple[str, object]]:
    out: list[tuple[str, object]] = []
    first = "Randomised" if found.status == "completed" else "Planned size"
    for field, label in (("n_randomised", first), ("n_analysed", "Analysed")):
        value = people(found, field)
        out += [(label, value)] if value else []
    frame = review.frames.get(found.frame)
    if frame:
        out.append(("Sampled from", on.text(frame.name, f"review.toml#frames.{found.frame}.name")))
    return out


def _arms(on: Page, found: Study) -> list[SimpleNamespace]:
    out = []
    for arm in found.arms:
        if not arm.verified:
            continue
        ref = f"studies/{found.id}/study.toml#arms.{arm.id}"
        words: list[object] = []
        for field in ("drug", "dose", "route", "sessions", "co_therapy"):
            if value := getattr(arm, field):
                words += [", "] * bool(words) + [on.text(value, f"{ref}.{field}")]
                bare = field == "sessions" and re.fullmatch(r"\d+( to \d+)?", value)
                words += [" session" if value == "1" else " sessions"] if bare else []
        out.append(
            SimpleNamespace(
                anchor=f"arm-{slug(arm.id)}",
                label=on.text(arm.label, f"{ref}.label"),
                treatment=parts(*words) if words else "not stated",
                n_randomised=_arm_count(found, arm.id, "n_randomised", arm.n_randomised),
                n_analysed=_arm_count(found, arm.id, "n_analysed", arm.n_analysed),
            )
        )
    return out


def _arm_count(found: Study, arm: str, field: str, value: int | None) -> Shown | None:
    if value is None:
        return None
    return Shown(
        f"studies/{found.id}/arms/{arm}/{field}",
        value,
        fmt.count(value),
        "people",
        f"study:{found.id}",
        (f"studies/{found.id}/study.toml#arms.{arm}.{field}",),
        f"studies/{found.id}.html#arm-{slug(arm)}",
    )


def _results(on: Page, found: Study, review: ReviewInfo) -> list[SimpleNamespace]:
    groups: dict[str, list[OutcomeRow]] = {}
    for row in found.outcomes:
        if row.verified:
            groups.setdefault(row.id, []).append(row)
    out = [_outcome_table(on, found, rows, review) for rows in groups.values()]
    out += [_estimate_table(on, found, e, review) for e in found.estimates if e.verified]
    patients = [p for p in found.patients if p.verified]
    return out + ([patient_table(on, found, patients, review)] if patients else [])


def _title(on: Page, row: OutcomeRow | Estimate, ref: str, review: ReviewInfo) -> object:
    outcome = review.outcomes.get(row.outcome)
    if row.label:
        return on.text(row.label, f"{ref}.label")
    if outcome:
        return on.text(outcome.name, f"review.toml#outcomes.{row.outcome}.name")
    return on.text(row.outcome, f"{ref}.outcome")


def _sub(on: Page, row: OutcomeRow | Estimate, ref: str, review: ReviewInfo) -> Parts:
    words: list[object] = []
    for field in ("timepoint", "analysis_set", "unit"):
        if value := getattr(row, field):
            words += [" · "] * bool(words) + [on.text(value, f"{ref}.{field}")]
    if row.frame in review.frames:
        name = review.frames[row.frame].name
        words += [" · "] * bool(words) + [on.text(name, f"review.toml#frames.{row.frame}.name")]
    return parts(*words)


def _outcome_table(
    on: Page, found: Study, rows: list[OutcomeRow], review: ReviewInfo
) -> SimpleNamespace:
    fields = [f for f in _OUTCOME if any(getattr(r, f) for r in rows)]
    arms = {a.id: a.label for a in found.arms}
    base = f"studies/{found.id}/outcomes.csv"
    made = []
    for row in rows:
        ref, labels = f"{base}#{row.id}/{row.arm}", [arms.get(a, a) for a in row.arm.split("+")]
        name = on.text(" and ".join(labels), f"{ref}.arm")
        cells = [
            row_number(found.id, "outcomes", f"{row.id}/{row.arm}", f, getattr(row, f))
            for f in fields
        ]
        made.append(_line(on, found, row, ref, name, cells, review))
    ref = f"{base}#{rows[0].id}/{rows[0].arm}"
    return SimpleNamespace(
        title=_title(on, rows[0], ref, review),
        sub=_sub(on, rows[0], ref, review),
        first="Group",
        columns=[_OUTCOME[f] for f in fields],
        rows=made,
    )


def _estimate_table(on: Page, found: Study, row: Estimate, review: ReviewInfo) -> SimpleNamespace:
    ref = f"studies/{found.id}/estimates.csv#{row.id}"
    names = {
        "estimate": row.measure or "Estimate",
        "ci_lb": "From",
        "ci_ub": "To",
        "level": "Level (%)",
        "se": "SE",
        "n": "People",
        "n_comparator": "Comparison people",
    }
    fields = [f for f in names if getattr(row, f)]
    cells: list[object] = [
        row_number(found.id, "estimates", row.id, f, getattr(row, f)) for f in fields
    ]
    columns = [names[f] for f in fields]
    for field, label in (("p_value", "p"), ("result", "As reported"), ("adjusted", "Adjusted for")):
        if value := getattr(row, field):
            columns.append(label)
            cells.append(on.text(value, f"{ref}.{field}"))
    arms = {a.id: a.label for a in found.arms}
    names_of = [
        " and ".join(arms.get(a, a) for a in side.split("+"))
        for side in (row.arm, row.comparator)
        if side
    ]
    name = on.text(" against ".join(names_of) or "All", f"{ref}.arm")
    return SimpleNamespace(
        title=_title(on, row, ref, review),
        sub=_sub(on, row, ref, review),
        first="Compared",
        columns=columns,
        rows=[_line(on, found, row, ref, name, cells, review)],
    )


def patient_table(
    on: Page, found: Study, patients: list[Patient], review: ReviewInfo
) -> SimpleNamespace:
    """Return the people of a study, a row each."""
    fields = [f for f in _PATIENT if any(getattr(p, f) for p in patients)]
    words = [
        f
        for f in ("sex", "diagnosis", "dose", "outcome", "adverse_events")
        if any(getattr(p, f) for p in patients)
    ]
    made = []
    for p in patients:
        ref = f"studies/{found.id}/patients.csv#{p.id}"
        cells: list[object] = [
            row_number(found.id, "patients", p.id, f, getattr(p, f)) for f in fields
        ]
        cells += [on.text(getattr(p, f), f"{ref}.{f}") for f in words]
        made.append(_line(on, found, p, ref, Marked("id", p.id), cells, review))
    columns = [_PATIENT[f] for f in fields] + [w.replace("_", " ").capitalize() for w in words]
    return SimpleNamespace(
        title="People described one by one", sub="", first="Person", columns=columns, rows=made
    )


def _line(
    on: Page,
    found: Study,
    row: OutcomeRow | Estimate | Patient,
    ref: str,
    name: object,
    cells: list[Any],
    review: ReviewInfo,
) -> SimpleNamespace:
    file, _, key = ref.partition("#")
    derivation = getattr(row, "derivation", "")
    return SimpleNamespace(
        anchor=row_anchor(file.rpartition("/")[2], key),
        name=name,
        cells=cells,
        source=_source(on, found, row.source, row.locator, row.source_type, review),
        derived=getattr(row, "derived", False),
        derivation=on.text(derivation, f"{ref}.derivation"),
        note=on.text(row.note, f"{ref}.note"),
    )


def _source(
    on: Page, found: Study, source: str, locator: str, kind: str, review: ReviewInfo
) -> Parts:
    report = next((r for r in found.reports if r.id == source), None)
    cited = report.citation if report else source or "not stated"
    place = on.relative(f"{study_path(found.id)}#report-{slug(report.id)}") if report else ""
    words: list[object] = [Marked("citation", cited, place)]
    if locator:
        words += [", ", Marked("citation", locator)]
    known = review.source_types.get(kind)
    if kind:
        words += [" (", Marked("id", known.name if known else kind), ")"]
    return parts(*words)


def _documents(found: Study, review: ReviewInfo) -> list[SimpleNamespace]:
    """Return each document once, with every reading of it: abstract, news, registry record."""
    documents: dict[tuple[object, ...], list[Report]] = {}
    for report in found.reports:
        documents.setdefault((report.title or report.citation, *links(report)), []).append(report)
    return [
        SimpleNamespace(
            citation=reports[0].citation,
            title=reports[0].title,
            links=links(reports[0]),
            readings=[_reading(report, review) for report in reports],
        )
        for reports in documents.values()
    ]


def _reading(report: Report, review: ReviewInfo) -> SimpleNamespace:
    known = review.source_types.get(report.read)
    read: list[object] = []
    if report.read:
        name = known.name if known else report.read
        read = [Marked("id", name[:1].upper() + name[1:])]
        read += [", on ", Marked("date", report.read_on.isoformat())] if report.read_on else []
    if report.peer_reviewed is False:
        read.append(". Not peer reviewed")
    return SimpleNamespace(anchor=f"report-{slug(report.id)}", read=parts(*read))


def _rob(on: Page, found: Study) -> list[SimpleNamespace]:
    out = []
    for row in found.rob:
        if not row.verified:
            continue
        ref = f"studies/{found.id}/rob.csv#{row.tool}/{row.domain}"
        out.append(
            SimpleNamespace(
                anchor=row_anchor("rob.csv", f"{row.tool}/{row.domain}"),
                domain=Marked("id", f"{row.tool}: {row.domain}"),
                judgement=on.text(row.judgement, f"{ref}.judgement"),
                reason=on.text(row.reason, f"{ref}.reason"),
            )
        )
    return out
