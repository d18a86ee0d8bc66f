"""What all pages share: how a path finds its maker, the layout, and reading nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from probatum.build.engine import Context, StepFailed, step
from probatum.build.results import AnalysisResult
from probatum.build.shown import Shown
from probatum.review.model import AnalysisSpec, Question, ReviewInfo, Study, Theme
from probatum.site.abbreviations import explain
from probatum.site.addresses import slug, theme_path, web_url
from probatum.site.environment import render
from probatum.site.finish import ABOUT, finish
from probatum.site.navigation import sections
from probatum.site.page import Attr, Page

Maker = Callable[[Context, str], dict[str, object]]
MAKERS: dict[str, Maker] = {}
GLOSSARY = "glossary.html"
UNEXPLAINED = (GLOSSARY, "search.html", "problems.html", "404.html")


def page(kind: str) -> Callable[[Maker], Maker]:
    """Register the maker of a page: its path, or its folder with a slash."""

    def register(maker: Maker) -> Maker:
        MAKERS[kind] = maker
        return maker

    return register


@step("page")
def make_page(ctx: Context, path: str) -> Any:
    """Make the page at `path`."""
    folder, slash, name = path.rpartition("/")
    maker = MAKERS.get(path) or MAKERS[folder + slash]
    return maker(ctx, name.removesuffix(".html"))


def info(ctx: Context) -> ReviewInfo:
    """Return `review.toml`."""
    return ctx.model("info", ReviewInfo)


def study_ids(ctx: Context) -> list[str]:
    """Return the ids of the study folders."""
    return ctx.list("studies")


def spec_ids(ctx: Context) -> list[str]:
    """Return the ids of the analyses."""
    return [n.removesuffix(".toml") for n in ctx.list("analyses") if n.endswith(".toml")]


def question_ids(ctx: Context) -> list[str]:
    """Return the ids of the question pages."""
    return [n.removesuffix(".md") for n in ctx.list("questions") if n.endswith(".md")]


def study(ctx: Context, name: str) -> Study | None:
    """Return a study, or nothing where its text could not be read."""
    try:
        return None if ctx.get(f"study:{name}") is None else ctx.model(f"study:{name}", Study)
    except StepFailed:
        return None


def about(ctx: Context, name: str) -> Study | None:
    """Return a study without its rows: a page that lists studies hangs on none of their numbers."""
    try:
        return None if ctx.get(f"about:{name}") is None else ctx.model(f"about:{name}", Study)
    except StepFailed:
        return None


def spec(ctx: Context, name: str) -> AnalysisSpec | None:
    """Return an analysis as written, or nothing where its text could not be read."""
    try:
        return None if ctx.get(f"spec:{name}") is None else ctx.model(f"spec:{name}", AnalysisSpec)
    except StepFailed:
        return None


def question(ctx: Context, name: str) -> Question | None:
    """Return a question, or nothing where its text could not be read."""
    try:
        found = ctx.get(f"question:{name}")
        return None if found is None else ctx.model(f"question:{name}", Question)
    except StepFailed:
        return None


def result(ctx: Context, name: str) -> AnalysisResult | None:
    """Return a result, or nothing where there is none."""
    try:
        return ctx.model(f"result:{name}", AnalysisResult)
    except StepFailed:
        return None


def study_label(found: Study) -> str:
    """Return what a study is called in tables and figures."""
    return found.short or found.title or found.id


def theme_crumb(on: Page, name: str, found: Theme) -> Shown | str:
    """Return what breadcrumbs call a theme."""
    field = "short" if found.short else "title"
    return on.text(getattr(found, field), f"review.toml#themes.{name}.{field}")


def theme_above(ctx: Context, on: Page, name: str) -> tuple[object, str] | None:
    """Return the breadcrumb above a question, where the review has its theme."""
    found = info(ctx).themes.get(name)
    return (theme_crumb(on, name, found), theme_path(name)) if found else None


@step("layout")
def layout(ctx: Context, argument: str) -> Any:
    """What header and footer need, apart so that pages do not hang on all of `info`."""
    found = info(ctx)
    listed = sections(ctx)
    return {
        "title": found.title,
        "brand": found.short or found.title,
        "brand_key": "short" if found.short else "title",
        "summary": found.summary,
        "address": web_url(found.address),
        "version": found.version,
        "licence": found.licence,
        "nav": [[s.label, s.target] for s in listed if s.header],
        "pages": [[s.label, s.target] for s in listed],
        "searched": found.living.searched.isoformat() if found.living.searched else "",
    }


def version(text: str) -> Shown:
    """Return the review's version as a shown value."""
    return Shown("version", text, text, "text", "info", ("review.toml#version",))


def show(
    ctx: Context,
    path: str,
    template: str,
    *,
    title: str,
    crumb: object = None,
    above: tuple[object, str] | None = None,
    on: Page | None = None,
    **values: object,
) -> dict[str, object]:
    """Render a page with the layout around it."""
    frame = ctx.get("layout")
    crumbs: list[tuple[object, str]] = []
    if crumb is not None:
        crumbs = [("Home", "index.html"), *([above] if above else []), (crumb, "")]
    on = on or Page(path)
    made = render(
        on,
        template,
        layout=frame,
        version=version(frame["version"]),
        crumbs=crumbs,
        head=_head(on, frame, title),
        **values,
    )
    made["html"] = finish(explain(str(made["html"]), _places(ctx, on)), about=frame["summary"])
    return made


def _places(ctx: Context, on: Page) -> dict[str, str]:
    """Return where each abbreviation of the glossary is explained, as seen from a page."""
    if on.path in UNEXPLAINED:
        return {}
    return {
        term["short"]: on.relative(f"{GLOSSARY}#{slug(ident)}")
        for ident, term in ctx.get("glossary").items()
        if term["short"]
    }


@step("glossary")
def glossary(ctx: Context, argument: str) -> Any:
    """Return the glossary, apart so that pages hang on it and not on all of `info`."""
    return {ident: term.model_dump() for ident, term in info(ctx).glossary.items()}


def _head(on: Page, frame: dict[str, Any], title: str) -> dict[str, Attr]:
    full = f"{title} · {frame['brand']}" if title else str(frame["title"])
    # those who show shared links want a whole address; without one, a relative link is true
    root = frame["address"].rstrip("/")
    image = "static/share.png"
    return {
        "title": Attr(full),
        "about": Attr(ABOUT),
        "image": Attr(f"{root}/{image}" if root else on.relative(image)),
    }
