"""A question page: prose in which every result is a placeholder, and its claims' state."""

from __future__ import annotations

import re
from types import SimpleNamespace

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from probatum.build.engine import Context
from probatum.review.model import Question
from probatum.site.addresses import analysis_path
from probatum.site.numbers import ResultNumbers
from probatum.site.page import DIGIT, Page, UnsourcedNumber
from probatum.site.pages.common import page, question, result, show

_PLACE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_INTERVALS = {"ci": "ci", "pi": "pi"}


def value(ctx: Context, name: str, default: str) -> object:
    """Return the shown value a placeholder such as ``estimate`` or ``relapse.ci`` names.

    Raises
    ------
    UnsourcedNumber
        The placeholder names nothing.
    """
    analysis, _, field = name.rpartition(".")
    found = result(ctx, analysis or default)
    if found is None:
        raise UnsourcedNumber(f"{{{{ {name} }}}}: there is no analysis {analysis or default!r}")
    numbers = ResultNumbers(found)
    shown = (
        numbers.interval(kind=_INTERVALS[field])
        if field in _INTERVALS
        else numbers.k()
        if field == "k"
        else numbers.people()
        if field == "n"
        else numbers.zero(field)
        if field in found.zero
        else numbers.pooled(field)
        if field in type(found.pooled or found).model_fields
        else None
    )
    if shown is None:
        raise UnsourcedNumber(f"{{{{ {name} }}}}: {found.id} has no {field!r}")
    return shown


def body(ctx: Context, on: Page, written: Question) -> Markup:
    """Turn Markdown into HTML (raw HTML disabled) and fill in the placeholders."""
    names: list[str] = []

    def token(match: re.Match[str]) -> str:
        names.append(match.group(1))
        return f"\ue000{chr(0xE100 + len(names) - 1)}\ue001"

    prose = _PLACE.sub(token, written.body)
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(prose)
    text = re.sub(r"<[^>]*>", "", html)
    if digits := DIGIT.search(text):
        raise UnsourcedNumber(
            f"questions/{written.id}.md has a typed digit near "
            f"{text[max(0, digits.start() - 30) : digits.end() + 10].strip()!r}; "
            "use a placeholder such as {{ estimate }}"
        )
    for index, name in enumerate(names):
        try:
            filled = on.html(value(ctx, name, written.analysis))
        except UnsourcedNumber:
            filled = Markup("<mark>{}</mark>").format("(no value)")
        html = html.replace(f"\ue000{chr(0xE100 + index)}\ue001", str(filled))
    return Markup(html)


def broken(ctx: Context, written: Question) -> list[SimpleNamespace]:
    """Return the conditions of the claim that no longer hold."""
    out = []
    for claim in ctx.get(f"claims:{written.id}"):
        if claim["holds"]:
            continue
        try:
            got = value(ctx, f"{claim['name']}.{claim['field']}", written.analysis)
        except UnsourcedNumber:
            got = None
        out.append(SimpleNamespace(expect=claim["expect"], got=got))
    return out


def _behind(analysis: str) -> str:
    """Return where an analysis, or one of its sensitivity analyses, stands on the site."""
    main, _, changed = analysis.partition("--")
    return analysis_path(main) + (f"#sens-{changed}" if changed else "")


@page("questions/")
def question_page(ctx: Context, name: str) -> dict[str, object]:
    """Make a question page."""
    written = question(ctx, name)
    if written is None:
        raise LookupError(f"question {name} could not be read")
    on = Page(f"questions/{name}.html")
    file = f"questions/{name}.md"
    try:
        prose = body(ctx, on, written)
    except UnsourcedNumber as refused:
        prose = Markup('<div class="caution"><p data-x="code">{}</p></div>').format(
            escape(str(refused))
        )
    return show(
        ctx,
        on.path,
        "question.html",
        on=on,
        title=written.title,
        crumb=on.text(written.title, f"{file}#title"),
        question=written,
        file=file,
        behind=_behind(written.analysis),
        body=prose,
        broken=broken(ctx, written),
    )
