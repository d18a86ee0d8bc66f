"""The first page: what is asked, what is known, and what to keep in mind."""

from __future__ import annotations

from types import SimpleNamespace

from probatum.build.engine import Context
from probatum.review.model import ReviewInfo
from probatum.site.addresses import slug, theme_path
from probatum.site.navigation import HELP, sections
from probatum.site.page import Page
from probatum.site.pages.asks import Ask, asks
from probatum.site.pages.common import info, page, show, theme_crumb
from probatum.site.pages.counts import counts
from probatum.site.pages.glance import Glance, glances
from probatum.site.pages.themes import themed

#: How many answers a reader takes in at a glance under each door.
OPEN = 3
#: A review with more main analyses than this shows them on their own page only.
FEW = 12


@page("index.html")
def home(ctx: Context, name: str) -> dict[str, object]:
    """Make the first page."""
    on = Page("index.html")
    review = info(ctx)
    listed = asks(ctx, on)
    main = [g for _, items in glances(ctx) for g in items if g.status == "main"]
    return show(
        ctx,
        on.path,
        "home.html",
        on=on,
        title="",
        info=review,
        doors=_doors(ctx, on, review, listed),
        asks=[a for a in listed if a.theme not in review.themes],
        glances=_glances(main, listed),
        counts=counts(ctx),
        help=any(section.path == HELP for section in sections(ctx)),
    )


def _doors(ctx: Context, on: Page, review: ReviewInfo, listed: list[Ask]) -> list[SimpleNamespace]:
    """Return the themes, each with its first answers open and the rest as a list."""
    made = []
    for name, theme in sorted(review.themes.items(), key=lambda t: (t[1].order, t[0])):
        own = [a for a in listed if a.theme == name]
        made.append(
            SimpleNamespace(
                ref=f"review.toml#themes.{name}",
                path=theme_path(name),
                anchor=f"theme-{slug(name)}",
                short=theme_crumb(on, name, theme),
                title=theme.title,
                text=theme.text,
                money=bool(themed(ctx, name)),
                open=own[:OPEN],
                rest=own[OPEN:],
            )
        )
    return made


def _glances(main: list[Glance], listed: list[Ask]) -> list[Glance]:
    """Return the analyses to show: all of a small review, or the first where nothing is asked."""
    if len(main) <= FEW:
        return main
    return [] if listed else main[:FEW]
