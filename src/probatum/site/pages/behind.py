"""What a claim rests on: links to the analyses, studies and rows that it names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from probatum.build.engine import Context
from probatum.build.quantities import Undefined
from probatum.build.references import look_up
from probatum.build.results import AnalysisResult
from probatum.review.claims import RowAt
from probatum.site.addresses import analysis_path, ref_target
from probatum.site.page import Attr, Marked, Page, parts
from probatum.site.pages.blocks.registers import ROW
from probatum.site.pages.common import about, info, result, study_label

_NAMES = ("name", "partner", "item", "outcome", "population", "topic")  # of rows of registers


@dataclass(frozen=True, slots=True)
class Behind:
    """One link: a word beside a claim, a title in a list, and what a screen reader says."""

    label: object
    title: object
    spoken: Attr
    target: str


def behind(ctx: Context, on: Page, names: Iterable[str]) -> list[Behind]:
    """Return the links of what is named, each once; what does not exist has its own problem."""
    found: dict[str, Behind] = {}
    for name in names:
        link = _link(ctx, on, name)
        if link is not None:
            found.setdefault(link.target, link)
    return list(found.values())


def analysis_target(analysis: str) -> str:
    """Return where an analysis, or one of its sensitivity analyses, stands on the site."""
    main, _, changed = analysis.partition("--")
    return analysis_path(main) + (f"#sens-{changed}" if changed else "")


def _link(ctx: Context, on: Page, name: str) -> Behind | None:
    try:
        named = look_up(ctx, name, "")
    except Undefined:
        return None
    if named.result is not None:
        return _to_analysis(ctx, on, named.result)
    assert named.at is not None
    head = name.partition("/")[0]
    if head in ROW:
        return _to_row(ctx, on, head, named.at)
    target, _, _ = ref_target(f"{named.at.file}#{named.at.key}").partition("#")
    found = about(ctx, head)
    label = study_label(found) if found else head
    return Behind(Marked("citation", label), Marked("citation", label), Attr(label), target)


def _to_analysis(ctx: Context, on: Page, found: AnalysisResult) -> Behind:
    """A sensitivity analysis is named by its main one: its own title says what it varies."""
    title = (result(ctx, found.analysis) or found).title
    shown = on.text(title, f"analyses/{found.analysis}.toml#title")
    return Behind("analysis", shown, Attr(f"analysis: {title}"), analysis_target(found.id))


def _to_row(ctx: Context, on: Page, register: str, at: RowAt) -> Behind:
    kind, target = ROW[register], ref_target(f"{at.file}#{at.key}")
    field = next((f for f in _NAMES if getattr(at.row, f, "")), "")
    if not field:
        return Behind(kind, kind, Attr(f"{kind}: {at.key}"), target)
    name, ref = getattr(at.row, field), f"{at.file}#{at.key}.{field}"
    topic = info(ctx).topics.get(name) if field == "topic" else None
    if topic is not None:
        name, ref = topic.name, f"review.toml#topics.{name}.name"
    title = parts(f"{kind} (", on.text(name, ref), ")")
    return Behind(kind, title, Attr(f"{kind}: {name}"), target)
