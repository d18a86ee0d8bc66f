"""The page of a theme: its questions with their answers."""

from __future__ import annotations

from types import SimpleNamespace

from probatum.build.engine import Context
from probatum.review.model import Study
from probatum.site.addresses import theme_path
from probatum.site.page import Page
from probatum.site.pages.asks import asks
from probatum.site.pages.common import (
    info,
    page,
    question,
    question_ids,
    show,
    study,
    study_ids,
    theme_crumb,
)
from probatum.site.pages.money import counts, summary


@page("themes/")
def theme(ctx: Context, name: str) -> dict[str, object]:
    """Make the page of a theme."""
    on = Page(theme_path(name))
    found = info(ctx).themes[name]
    return show(
        ctx,
        on.path,
        "theme.html",
        on=on,
        title=found.title,
        crumb=theme_crumb(on, name, found),
        theme=found,
        ref=f"review.toml#themes.{name}",
        asks=asks(ctx, on, theme=name),
        n=_money(ctx, name),
    )


def _money(ctx: Context, theme: str) -> SimpleNamespace | None:
    """Count who paid for the completed studies of the theme's topics."""
    found = themed(ctx, theme)
    return counts(summary(found), theme) if found else None


def themed(ctx: Context, theme: str) -> list[Study]:
    """Return the completed studies of the topics of a theme's questions."""
    asked = (question(ctx, name) for name in question_ids(ctx))
    topics = {q.topic for q in asked if q and q.theme == theme and q.topic}
    known = (study(ctx, name) for name in study_ids(ctx))
    return [s for s in known if s and s.status == "completed" and topics & set(s.topics)]
