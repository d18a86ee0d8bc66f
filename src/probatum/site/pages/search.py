"""The search page; without a script it is a list of all pages from A to Z."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.build.shown import Shown
from probatum.site.page import Page
from probatum.site.pages.common import page, show
from probatum.site.search import sort_key


@page("search.html")
def search(ctx: Context, name: str) -> dict[str, object]:
    """Make the search page."""
    on = Page("search.html")
    letters: dict[str, list[SimpleNamespace]] = {}
    pages = sorted(ctx.get("findable"), key=lambda e: sort_key(e["title"]))
    for entry in pages:
        first = sort_key(entry["title"])[0][:1]
        letters.setdefault(first.upper() if first.isalpha() else "#", []).append(_line(on, entry))
    return show(
        ctx,
        on.path,
        "search.html",
        on=on,
        title="Search",
        crumb="Search",
        letters=sorted(letters.items()),
    )


def _line(on: Page, entry: dict[str, Any]) -> SimpleNamespace:
    """Return an entry whose title keeps the marks of its page; its numbers are shown here too."""
    for number in entry["shown"]:
        on.register(Shown(**{**number, "refs": tuple(number["refs"])}))
    return SimpleNamespace(title=Markup(entry["html"]), url=entry["url"], kind=entry["kind"])
