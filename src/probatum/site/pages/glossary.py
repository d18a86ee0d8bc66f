"""The words that readers may not know, explained where no hovering is needed."""

from __future__ import annotations

from types import SimpleNamespace

from probatum.build.engine import Context
from probatum.site.addresses import slug
from probatum.site.pages.common import page, show
from probatum.site.search import sort_key


@page("glossary.html")
def glossary(ctx: Context, name: str) -> dict[str, object]:
    """Make the glossary."""
    terms = [
        SimpleNamespace(anchor=slug(ident), ref=f"review.toml#glossary.{ident}", **term)
        for ident, term in ctx.get("glossary").items()
    ]
    return show(
        ctx,
        "glossary.html",
        "glossary.html",
        title="Glossary",
        crumb="Glossary",
        terms=sorted(terms, key=lambda term: sort_key(term.term)),
    )
