"""Analyses in a list: title, how many, and the result in few words."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.build.results import AnalysisResult
from probatum.build.shown import Shown
from probatum.site.addresses import analysis_path
from probatum.site.certainty import Judged, judged
from probatum.site.figures import spark
from probatum.site.numbers import ResultNumbers
from probatum.site.page import Marked, Parts, parts
from probatum.site.pages.common import result, spec, spec_ids
from probatum.site.sentences import answer


@dataclass(frozen=True, slots=True)
class Glance:
    """One analysis in a list."""

    title: str
    topic: str
    status: str
    path: str
    spec_file: str
    k: Shown
    people: Shown | None
    short: Parts
    answer: Parts
    certainty: Judged | None
    spark: Markup | None


def short(found: AnalysisResult) -> Parts:
    """Return a result in as few words as are honest."""
    numbers = ResultNumbers(found)
    if found.presentation == "failed":
        return parts("could not be computed")
    if found.presentation == "pooled" and found.pooled:
        return parts(
            f"{found.measure_name} ", numbers.pooled("estimate"), " (", numbers.interval(), ")"
        )
    if found.presentation == "exact" and found.zero:
        return parts(
            numbers.zero("events"),
            " of ",
            numbers.zero("n"),
            "; could be as high as ",
            numbers.zero("upper"),
        )
    if not found.studies:
        return parts("no study found")
    words: list[object] = [] if found.presentation == "single-study" else ["not pooled: "]
    for index, effect in enumerate(found.studies[:3]):
        value, interval = numbers.study(effect, "estimate"), numbers.study_interval(effect)
        words += ["; "] if index else []
        words += [Marked("citation", effect.label), " "]
        words += [value, *([" (", interval, ")"] if interval else [])] if value else ["no estimate"]
    if len(found.studies) > 3:
        words.append("; and more")
    return parts(*words)


def glances(ctx: Context) -> list[tuple[str, list[Glance]]]:
    """Return all analyses by topic, main ones first."""
    groups: dict[str, list[Glance]] = {}
    for name in spec_ids(ctx):
        written, found = spec(ctx, name), result(ctx, name)
        if written is None or found is None:
            continue
        numbers = ResultNumbers(found)
        groups.setdefault(written.topic, []).append(
            Glance(
                written.title,
                written.topic,
                written.status,
                analysis_path(name),
                f"analyses/{name}.toml",
                numbers.k(),
                numbers.people(),
                short(found),
                answer(found),
                judged(ctx, name),
                spark(found),
            )
        )
    return [
        (topic, sorted(items, key=lambda g: (g.status != "main", g.title)))
        for topic, items in sorted(groups.items())
    ]
