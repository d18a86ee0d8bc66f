"""The GOSH plot: estimates and I2 of all subsets of the studies, as a density."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..meta.diagnostics.subsets import Gosh
from ..meta.types import Floats, MetaFit
from .axis import Axis
from .display import Display, number, scaled
from .figure import Figure
from .frame import Frame, area, axes
from .marks import TICK
from .measuring import text_width
from .registry import drawing
from .scene import Item, Line, Polygon, Role, Scene, Text, Tiles

_ACROSS = 36  # hexagons in a row: together never more than about 1,000
_SHADES = (0.18, 0.34, 0.52, 0.72, 0.95)
_HISTOGRAM = 46.0


@drawing(
    "Olkin I, Dahabreh IJ, Trikalinos TA (2012). Research Synthesis Methods 3, 214-223.",
    "pb.gosh_plot(pb.gosh(fit))",
)
def gosh_plot(
    gosh: Gosh, *, coef: int = 0, narrow: bool = False, title: str = "GOSH plot"
) -> Figure:
    """GOSH plot: estimate against I2 of all subsets of the studies, as a density of hexagons.

    One cloud says that the studies tell one story; two clouds, that some of them tell another.
    Darker is more, in equal steps of the logarithm. Olkin I, Dahabreh IJ, Trikalinos TA (2012).
    Research Synthesis Methods 3, 214-223.

    Parameters
    ----------
    gosh : Gosh
        Made by `gosh`.
    coef : int
        Which coefficient, where the model has moderators.
    narrow : bool
        For a phone.
    title : str

    Returns
    -------
    Figure

    Raises
    ------
    BadInput
        For anything but such a result, or a coefficient that the model doesn't have.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2, 0.9], [0.04, 0.05, 0.03, 0.02])
    >>> pb.gosh_plot(pb.gosh(fit)).scene.desc
    'Estimate as given against I² in 11 subsets of 4 studies; half of them from 0.12 to 0.40.'
    """
    estimate = _estimates(gosh, coef)
    show = scaled(gosh.fit.data)
    several = (gosh.k > 1) & np.isfinite(estimate) & np.isfinite(gosh.I2)
    y, i2 = estimate[several], gosh.I2[several]
    if not len(y):
        raise BadInput("gosh_plot needs subsets of at least two studies; this result has none.")
    width, left, right, top, bottom = area(narrow, 480.0)
    top, right = top + _HISTOGRAM, right - _HISTOGRAM
    frame = Frame(_across(y, show, left, right), Axis(0.0, 102.0, bottom, top, "linear"))
    log = show.scale == "log"
    ends = [frame.x.lo, frame.x.hi]
    lo, hi = (float(v) for v in (np.log(ends) if log else ends))
    x = left + (y - lo) / (hi - lo) * (right - left)
    up = bottom - i2 / frame.y.hi * (bottom - top)
    r = (right - left) / _ACROSS / 3**0.5
    tiles, most = _tiles(x, up, r, frame)
    items: list[Item] = [*tiles, *axes(frame, show.name, "I² (%)")]
    items += _bars(np.histogram(x, 48, (left, right))[0], left, right, top - 4, False)
    items += _bars(np.histogram(up, 40, (top, bottom))[0], top, bottom, right + 4, True)
    whole = show.value(float(gosh.fit.beta[coef]))
    at = frame.at(whole, float(gosh.fit.I2))
    items += [Line(at[0], top, at[0], bottom, "ink", 1, "5 3")]
    items += _legend(most, bottom + 66, f"all {gosh.fit.k} studies: {number(whole)}", width)
    quarter, three = (show.value(float(v)) for v in np.quantile(y, [0.25, 0.75]))
    desc = (
        f"{show.name} against I² in {len(y)} subsets of {len(gosh.slab)} studies; half of them "
        f"from {number(quarter)} to {number(three)}."
    )
    return Figure(Scene(width, bottom + 92, tuple(items), title, desc))


def _estimates(gosh: Gosh, coef: int) -> Floats:
    if not isinstance(gosh, Gosh):
        made = "gosh_plot(pb.gosh(fit))" if isinstance(gosh, MetaFit) else "pb.gosh(fit) makes one"
        raise BadInput(f"gosh_plot draws subsets; this is of type {type(gosh).__name__}: {made}.")
    columns = gosh.estimate.reshape(len(gosh.k), -1)
    if not 0 <= coef < columns.shape[1]:
        raise BadInput(f"gosh_plot: coef is {coef}; the model has 0 to {columns.shape[1] - 1}.")
    out: Floats = columns[:, coef]
    return out


def _across(y: Floats, show: Display, left: float, right: float) -> Axis:
    """From the smallest to the largest estimate, and a little beyond."""
    pad = 0.04 * float(np.ptp(y)) or 0.5
    lo, hi = float(y.min()) - pad, float(y.max()) + pad
    return Axis(show.value(lo), show.value(hi), left, right, show.scale)


def _tiles(x: Floats, y: Floats, r: float, frame: Frame) -> tuple[list[Item], int]:
    """Hexagons that hold points, one item for each shade, and the largest count.

    A hexagonal lattice is two rectangular ones; a point belongs to the nearer of the two centres
    (Carr DB, Littlefield RJ, Nicholson WL, Littlefield JS 1987, JASA 82, 424-436).
    """
    wide, tall = 3**0.5 * r, 3 * r
    left, _, _, bottom = frame.box
    centres = []
    for shift in (0.0, 0.5):
        i, j = np.round((x - left) / wide - shift), np.round((bottom - y) / tall - shift)
        centres.append((2 * i + 2 * shift, 2 * j + 2 * shift))
    far = [
        ((x - left) / wide - a / 2) ** 2 + 3 * ((bottom - y) / tall - b / 2) ** 2
        for a, b in centres
    ]
    first = far[0] <= far[1]
    cells = np.stack([np.where(first, centres[0][n], centres[1][n]) for n in (0, 1)], axis=1)
    places, counts = np.unique(cells, axis=0, return_counts=True)
    most = int(counts.max())
    shade = _shade(counts, most)
    return [
        Tiles(
            tuple(
                (left + float(a) * wide / 2, bottom - float(b) * tall / 2)
                for a, b in places[shade == s]
            ),
            r * 1.01,
            "accent",
            opacity,
        )
        for s, opacity in enumerate(_SHADES)
        if (shade == s).any()
    ], most


def _shade(counts: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Which of the shades a count gets, by its logarithm."""
    share = np.log(counts) / np.log(most) if most > 1 else np.ones(len(counts))
    return np.asarray(np.minimum(share * len(_SHADES), len(_SHADES) - 1), dtype=np.int64)


def _bars(counts: Floats, start: float, end: float, foot: float, upright: bool) -> list[Item]:
    """A histogram along the top or the right."""
    most, step = max(int(counts.max()), 1), (end - start) / len(counts)
    outline = [(start, 0.0)]
    for i, n in enumerate(counts):
        tall = (_HISTOGRAM - 10) * float(n) / most
        outline += [(start + i * step, tall), (start + (i + 1) * step, tall)]
    outline.append((end, 0.0))
    points = [(foot + h, at) if upright else (at, foot - h) for at, h in outline]
    return [Polygon(tuple(points), "accent", 0.45)]


def _legend(most: int, y: float, whole: str, width: float) -> list[Item]:
    """The shades with the counts where they begin, and the line."""
    items: list[Item] = [Line(0, y - 4, 18, y - 4, "ink", 1.2, "5 3")]
    items.append(Text(24, y, whole, role="muted", size=TICK, mark="axis"))
    x = 24 + text_width(whole, TICK) + 24
    role: Role = "accent"
    words = "subsets in a hexagon:"
    if x + text_width(words, TICK) + 250 > width:
        x, y = 0.0, y + 18
    if x + text_width(words, TICK) + 250 > width:
        words = "subsets:"
    items.append(Text(x, y, words, role="muted", size=TICK, mark="axis"))
    x += text_width(words, TICK) + 6
    shades, first = np.unique(_shade(np.arange(1, most + 1), most), return_index=True)
    for shade, least in zip(shades, first + 1):
        opacity = _SHADES[shade]
        items.append(Tiles(((x + 7, y - 4.5),), 7, role, opacity))
        items.append(Text(x + 17, y, f"{least:,}+", role="muted", size=TICK, mark="axis"))
        x += 17 + text_width(f"{least:,}+", TICK) + 10
    return items
