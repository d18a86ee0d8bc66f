"""Scene -> SVG: real text, both themes, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from itertools import pairwise

from .scene import (
    DARK,
    LEADING,
    LIGHT,
    Circle,
    Curve,
    Dots,
    Item,
    Line,
    Polygon,
    Scene,
    Text,
    Theme,
    Tiles,
)

# Characters XML 1.0 forbids, and the marks that reorder text around them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
MARGIN = 16.0
OUTLINE = 1.4  # of open marks
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def readable(text: str) -> str:
    """`text` without lone surrogates, control characters and marks that reorder what is read."""
    return _UNSAFE.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def _clean(text: str) -> str:
    return escape(readable(text), quote=True)


def _num(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


Palette = Mapping[str, str] | None  # None: the page's

# On a page that names only ink and paper, the bands are mixed from these.
_MIXED = {"band1": 18, "band2": 11, "band3": 5}


def _paint(own: Palette, **roles: str) -> str:
    """Fill and stroke: plain colours with a class for the dark theme, or the page's variables.

    Programs for papers (Inkscape, LibreOffice, rsvg) know no variables.
    """
    if own is not None:
        colours = "".join(f' {name}="{own[role]}"' for name, role in roles.items())
        classes = " ".join(f"{name[0]}-{role}" for name, role in roles.items())
        return f'{colours} class="{classes}"'
    return "".join(f' {name}="{_variable(role)}"' for name, role in roles.items())


def _variable(role: str) -> str:
    other = LIGHT[role]
    if role in _MIXED:
        ink, paper = f"var(--fig-ink,{LIGHT['ink']})", f"var(--fig-paper,{LIGHT['paper']})"
        other = f"color-mix(in srgb,{ink} {_MIXED[role]}%,{paper})"
    return f"var(--fig-{role},{other})"


def _shine(opacity: float) -> str:
    return f' fill-opacity="{_num(opacity)}"' if opacity < 1 else ""


def _dark() -> str:
    rules = "".join(
        f".probatum-figure .f-{role}{{fill:{colour}}}.probatum-figure .s-{role}{{stroke:{colour}}}"
        for role, colour in DARK.items()
    )
    return f"<style>@media screen and (prefers-color-scheme:dark){{{rules}}}</style>"


def _safe(href: str) -> str:
    """The address, unless it would run something instead of leading somewhere."""
    scheme = re.match(r"\s*([a-z][a-z0-9+.\s-]*):", href, re.IGNORECASE)
    return href if scheme is None or scheme[1].lower() in ("http", "https") else ""


def _lines(item: Text) -> str:
    """The text; further lines as spans, with the space between them kept for who reads it aloud."""
    first, *rest = item.text.split("\n")
    step = _num(item.size * LEADING)
    out, before = _clean(first), first
    for line in rest:
        space = "" if before.endswith(("-", "/")) else " "  # lines also end inside words
        out += f'{space}<tspan x="{_num(item.x)}" dy="{step}">{_clean(line)}</tspan>'
        before = line
    return out


def _dots(item: Dots) -> str:
    """One path for all marks: hundreds of elements would make a heavy page."""
    half = 0.0 if not item.square else item.size / 2
    return "".join(f"M{_num(x - half)} {_num(y)}h{_num(2 * half)}" for x, y in item.points)


def _tiles(item: Tiles) -> str:
    """One path for all hexagons, each by its steps from the topmost corner."""
    corners = item.corners()
    steps = "".join(f"l{_num(x2 - x1)} {_num(y2 - y1)}" for (x1, y1), (x2, y2) in pairwise(corners))
    return "".join(f"M{_num(x)} {_num(y - item.r)}{steps}z" for x, y in item.points)


def _joined(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{_num(x)},{_num(y)}" for x, y in points)


def _text(item: Text, ids: Mapping[str, str], hrefs: Mapping[str, str], own: Palette) -> str:
    mark = ""
    if item.key in ids:
        mark = f' data-n="{_clean(ids[item.key])}"'
    elif item.mark:
        mark = f' data-x="{item.mark}"'
    weight = ' font-weight="600"' if item.bold else ""
    anchor = "" if item.anchor == "start" else f' text-anchor="{item.anchor}"'
    body = (
        f'<text x="{_num(item.x)}" y="{_num(item.y)}" font-size="{_num(item.size)}"'
        f"{anchor}{weight}{_paint(own, fill=item.role)}{mark}>{_lines(item)}</text>"
    )
    href = _safe(hrefs.get(item.key, "")) if item.key else ""
    return f'<a href="{_clean(href)}">{body}</a>' if href else body


def _item(item: Item, ids: Mapping[str, str], hrefs: Mapping[str, str], own: Palette) -> str:
    match item:
        case Text():
            return _text(item, ids, hrefs, own)
        case Line():
            dash = f' stroke-dasharray="{item.dash}"' if item.dash else ""
            return (
                f'<line x1="{_num(item.x1)}" y1="{_num(item.y1)}" x2="{_num(item.x2)}" '
                f'y2="{_num(item.y2)}"{_paint(own, stroke=item.role)} '
                f'stroke-width="{_num(item.width)}"{dash}/>'
            )
        case Curve():
            dash = f' stroke-dasharray="{item.dash}"' if item.dash else ""
            return (
                f'<polyline points="{_joined(item.points)}" fill="none" '
                f'stroke-width="{_num(item.width)}" stroke-linejoin="round"{dash}'
                f"{_paint(own, stroke=item.role)}/>"
            )
        case Polygon():
            look = _paint(own, fill=item.fill) + _shine(item.opacity)
            return f'<polygon points="{_joined(item.points)}"{look}/>'
        case Circle():
            look = _shine(item.opacity)
            if item.stroke is None:
                look = _paint(own, fill=item.fill) + look
            else:
                look = _paint(own, fill=item.fill, stroke=item.stroke) + look
                look += f' stroke-width="{_num(OUTLINE)}"'
            return f'<circle cx="{_num(item.x)}" cy="{_num(item.y)}" r="{_num(item.r)}"{look}/>'
        case Tiles():
            look = _paint(own, fill=item.fill) + _shine(item.opacity)
            return f'<path d="{_tiles(item)}"{look}/>'
        case Dots():
            cap = "" if item.square else ' stroke-linecap="round"'
            return (
                f'<path d="{_dots(item)}" fill="none" stroke-width="{_num(item.size)}"{cap}'
                f"{_paint(own, stroke=item.role)}/>"
            )


def render_svg(
    scene: Scene,
    *,
    ids: Mapping[str, str] | None = None,
    hrefs: Mapping[str, str] | None = None,
    standalone: bool = True,
    theme: Theme = "auto",
    hidden: bool = False,
) -> str:
    """Write `scene` as SVG.

    Parameters
    ----------
    scene : Scene
    ids : mapping, optional
        `Text.key` -> id of the number in the manifest, written as ``data-n``.
    hrefs : mapping, optional
        `Text.key` -> link target.
    standalone : bool
        Carry paper, colours and the XML namespace. Without it the page's ``--fig-*`` variables
        rule.
    theme : {"auto", "light", "dark"}
        Whether a standalone figure follows the reader's theme ("auto"), which papers don't want.
    hidden : bool
        Keep it from screen readers, because the words beside it say the same.

    Examples
    --------
    >>> from probatum.plots.scene import Scene, Text
    >>> svg = render_svg(Scene(50, 20, (Text(0, 12, "a < b"),), "t", "d"), standalone=False)
    >>> "a &lt; b" in svg
    True
    """
    ids, hrefs = ids or {}, hrefs or {}
    palette = (DARK if theme == "dark" else LIGHT) if standalone else None
    # 2 px, so that nothing at the edge is shaved; a figure of its own stands on paper with a margin
    margin = MARGIN if standalone else 2.0
    edge = _num(-margin)
    width, height = _num(scene.width + 2 * margin), _num(scene.height + 2 * margin)
    # a page needs neither namespace nor class
    own = 'xmlns="http://www.w3.org/2000/svg" class="probatum-figure" ' if standalone else ""
    head = (
        f'<svg {own}viewBox="{edge} {edge} {width} {height}" '
        f'width="{width}" height="{height}" {_told(scene, bool(hrefs), standalone, hidden)}'
    )
    if standalone:
        paper = _paint(palette, fill="paper")
        style = _dark() if theme == "auto" else ""
        head += f'{style}<rect x="{edge}" y="{edge}" width="{width}" height="{height}"{paper}/>'
    return head + "".join(_item(i, ids, hrefs, palette) for i in scene.items) + "</svg>\n"


def _told(scene: Scene, links: bool, standalone: bool, hidden: bool) -> str:
    """What assistive technology hears: a picture by its name, a linked figure text by text."""
    # on a page, its own type rules
    style = f' font-family="{FONT}" style="font-variant-numeric:tabular-nums">'
    style = style if standalone else ">"
    if hidden:
        return f'aria-hidden="true"{style}'
    title, desc = _clean(scene.title), _clean(scene.desc)
    # a picture ("img") has no inside: links in it would be focused and not announced
    role = "group" if links else "img"
    if standalone:
        name = f"<title>{title}</title><desc>{desc}</desc>"
        return f'role="{role}" aria-label="{title}"{style}{name}'
    # on a page a <title> would only be a label that pops up over the drawing
    return f'role="{role}" aria-label="{title}. {desc}"{style}'
