"""The page of a theme: its questions with their answers."""

from __future__ import annotations

from probatum.build.engine import Context
from probatum.site.addresses import theme_path
from probatum.site.page import Page
from probatum.site.pages.asks import asks
from probatum.site.pages.common import info, page, show, theme_crumb


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
    )
