"""Pages with no result of their own: methods, problems, not found."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from probatum.build.engine import Context, StepFailed, step
from probatum.site.addresses import web_url
from probatum.site.environment import render
from probatum.site.page import Page
from probatum.site.pages.common import info, page, show
from probatum.site.pages.finding import finding


@page("methods.html")
def methods(ctx: Context, name: str) -> dict[str, object]:
    """Make the page that says how everything was made."""
    on = Page("methods.html")
    return show(
        ctx,
        "methods.html",
        "methods.html",
        title="How this was made",
        crumb="Methods",
        on=on,
        info=info(ctx),
        finding=finding(ctx, on),
    )


@page("problems.html")
def problems(ctx: Context, name: str) -> dict[str, object]:
    """Make the page of what the checks found."""
    return show(
        ctx,
        "problems.html",
        "problems.html",
        title="What the checks found",
        crumb="Problems",
        problems=_problems(ctx),
    )


@step("unbuilt")
def unbuilt(ctx: Context, path: str) -> dict[str, object]:
    """Return the page at `path` for a review that can't be read as a whole: it needs nothing."""
    return render(Page(path), "unbuilt.html", problems=_problems(ctx))


def _problems(ctx: Context) -> list[dict[str, Any]]:
    try:
        found = ctx.get("problems")
    except StepFailed as failed:
        found = [failed.problem.as_dict()]
    for p in found:
        p["where"] = f"{p['file']}:{p['line']}" if p["line"] else p["file"]
    return list(found)


@page("404.html")
def not_found(ctx: Context, name: str) -> dict[str, object]:
    """Make the page for addresses that do not exist.

    It is served at any depth, so its style stands in it, and its links are whole where the
    review says the site's address.
    """
    root = web_url(info(ctx).address).rstrip("/")
    on = Page("404.html", root=root)
    style = Markup(ctx.get("static:site.css"))  # ships with the program
    return show(ctx, on.path, "notfound.html", on=on, title="Not found", style=style, root=root)
