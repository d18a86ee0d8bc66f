"""The Jinja environment: autoescape, strict, and no number that leads nowhere."""

from __future__ import annotations

import datetime
import os
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemBytecodeCache,
    PackageLoader,
    StrictUndefined,
    pass_context,
)
from jinja2.runtime import Context, Undefined
from markupsafe import Markup

from probatum.site.page import Attr, Marked, Page, parts

#: Filters that would let a template declare its own text trusted.
_UNSAFE_FILTERS = ("safe", "escape", "e", "forceescape", "xmlattr", "tojson", "urlize")


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    if isinstance(value, Undefined):
        return value  # StrictUndefined raises when it is printed, with the name in the message
    page: Page = context["page"]
    return page.html(value)


def citation(text: str, href: str = "") -> Marked:
    """Mark a citation: author and year, journal, locator."""
    return Marked("citation", text, href)


def date(value: datetime.date | str) -> Marked:
    """Mark a date, written as ISO 8601."""
    return Marked("date", value if isinstance(value, str) else value.isoformat())


def ident(text: str) -> Marked:
    """Mark an id of a row, a report or a file."""
    return Marked("id", text)


def code(text: str) -> Marked:
    """Mark program text."""
    return Marked("code", text)


def furniture(text: str) -> Marked:
    """Mark page furniture; never used for results."""
    return Marked("furniture", text)


def _compiled() -> BytecodeCache | None:
    """Return where compiled templates are kept: beside them, as Python keeps its own modules.

    Never in a review: code that is found there would be a stranger's.
    """
    place = Path(__file__).parent / "templates" / "__pycache__"
    try:
        place.mkdir(exist_ok=True)
        # jinja's own key is the template alone; what is compiled depends on these too
        seal = sha256(Path(__file__).read_bytes() + version("jinja2").encode()).hexdigest()[:12]
    except (OSError, PackageNotFoundError):  # nobody may write there: compiled at every start
        return None
    if not os.access(place, os.W_OK):
        return None
    return FileSystemBytecodeCache(str(place), pattern=f"%s.{seal}.cache")


@cache
def environment() -> Environment:
    """Return the one environment all pages share."""
    env = Environment(
        loader=PackageLoader("probatum.site", "templates"),
        bytecode_cache=_compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in _UNSAFE_FILTERS:
        env.filters.pop(name, None)
    env.globals.update(
        attr=Attr,
        cite=citation,
        date=date,
        ident=ident,
        code=code,
        furniture=furniture,
        parts=parts,
    )
    return env


def render(page: Page, template: str, **values: object) -> dict[str, object]:
    """Render `template` as `page`; the values it shows are registered on the way."""
    html = (
        environment()
        .get_template(template)
        .render(page=page, url=page.url, text=page.text, bare=page.bare, **values)
    )
    return page.finish(html)


def render_part(page: Page, template: str, **values: object) -> Markup:
    """Render `template` as a part of `page`, such as a block of its prose."""
    found = environment().get_template(template)
    return Markup(found.render(page=page, url=page.url, text=page.text, bare=page.bare, **values))


def render_text(page: Page, source: str, **values: object) -> Markup:
    """Render template text as part of `page` (used by tests)."""
    template = environment().from_string(source)
    return Markup(
        template.render(page=page, url=page.url, text=page.text, bare=page.bare, **values)
    )


__all__ = [
    "Attr",
    "citation",
    "code",
    "date",
    "environment",
    "furniture",
    "ident",
    "render",
    "render_part",
]
