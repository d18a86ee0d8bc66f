"""The site's files: which path is made by which node."""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import Any

from probatum.build.engine import Context, step
from probatum.build.outputs import outputs
from probatum.site.addresses import analysis_path, theme_path
from probatum.site.citation import citation
from probatum.site.figures import figure_file, figure_kinds, figure_path
from probatum.site.navigation import sections
from probatum.site.pages.common import (
    info,
    result,
    spec,
    spec_ids,
)

_STATIC = ("site.css", "site.js", "favicon.svg", "share.png")


@outputs("pages")
def site_files(ctx: Context) -> dict[str, str]:
    """List every file of the site and the node that makes it."""
    paths = [section.path for section in sections(ctx)] + ["404.html"]
    paths += [f"analyses/{a}.html" for a in spec_ids(ctx) if spec(ctx, a)]
    paths += [f"studies/{s}.html" for s in ctx.get("studies")]
    paths += [theme_path(name) for name in info(ctx).themes]
    paths += [f"questions/{q}.html" for q in ctx.get("questions")]
    found = {path: f"page:{path}" for path in paths}
    found |= {f"static/{name}": f"static:{name}" for name in _STATIC}
    found["static/search-index.js"] = "search-index"
    for a in spec_ids(ctx):
        kinds = ctx.get(f"figures:{a}") if spec(ctx, a) else []
        found |= {figure_path(a, kind): f"figure:{kind}/{a}" for kind in kinds}
    return found


@step("salvage")
def salvage(ctx: Context, _: str) -> dict[str, str]:
    """List what is written where the review can't be read as a whole."""
    pages = {path: f"unbuilt:{path}" for path in ("index.html", "problems.html")}
    return pages | {f"static/{name}": f"static:{name}" for name in _STATIC}


@step("static")
def static(ctx: Context, name: str) -> Any:
    """Return a file that ships with the program."""
    data = files("probatum.site").joinpath("static", name).read_bytes()
    if name.endswith(".png"):
        return {"base64": base64.b64encode(data).decode("ascii")}
    return data.decode("utf-8")


@step("figures")
def figures(ctx: Context, name: str) -> list[str]:
    """Return which figures an analysis has, apart so that the list of files hangs on no number."""
    found = result(ctx, name)
    return figure_kinds(found) if found else []


@step("figure")
def figure(ctx: Context, name: str) -> Any:
    """Return a figure (``<kind>/<analysis>``) as a file."""
    kind, _, analysis = name.partition("/")
    found = result(ctx, analysis)
    if found is None:
        raise LookupError(f"analysis {analysis} has no result")
    return figure_file(found, kind, citation(info(ctx), analysis_path(analysis), found.title))
