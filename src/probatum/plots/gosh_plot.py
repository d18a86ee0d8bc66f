"""The GOSH plot: estimates and I2 of all subsets of the studies, as a density."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probatum.meta.options import typed_options

from ..errors import BadInput, UnknownOption
from ..meta.diagnostics.subsets import Gosh
from ..meta.types import Bools, Floats, MetaFit
from .axis import Axis
from .display import Display, number, scaled
from .figure import Figure
from .frame import NAME, Area, Frame, area, axes, panels
from .marks import TICK
from .measuring import shorten, text_width
from .registry import drawing
from .scene import Item, Line, Polygon, Role, Scene, Text, Tiles

_ACROSS = 36  # hexagons in a row: together never more than about 1,000
_SHADES = (0.18, 0.34, 0.52, 0.72, 0.95)
_HISTOGRAM = 46.0


@drawing(
    "Olkin I, Dahabreh IJ, Trikalinos TA (2012). Research Synthesis Methods 3, 214-223.",
    "pb.gosh_plot(pb.gosh(fit))",
    'pb.gosh_plot(pb.gosh(fit), study="TPT Madras 1980")',
)
@typed_options
def gosh_plot(
    gosh: Gosh,
    *,
    study: str | int | None = None,
    coef: int = 0,
    narrow: bool = False,
    title: str = "GOSH plot",
) -> Figure:
    """GOSH plot: estimate against I2 of all subsets of the studies, as a density of hexagons.

    One cloud says that the studies tell one story; two clouds, that some of them tell another:
    with `study` the subsets with that study and those without it stand side by side. Darker is
    more, in equal steps of the logarithm. Olkin I, Dahabreh IJ, Trikalinos TA (2012). Research
    Synthesis Methods 3, 214-223.

    Parameters
    ----------
    gosh : Gosh
        Made by `gosh`.
    study : str or int, optional
        A study, by its label or its place from 0 on.
    coef : int
        Which coefficient, where the model has moderators.
    narrow : bool
        For a phone.
    title : str
        The figure's name for who can't see it; not drawn, since a caption says it.

    Returns
    -------
    Figure

    Raises
    ------
    BadInput
        For anything but such a result, or a coefficient that the model doesn't have.
    UnknownOption
        If there is no such study.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2, 0.9], [0.04, 0.05, 0.03, 0.02])
    >>> pb.gosh_plot(pb.gosh(fit)).scene.desc
    'Estimate against I² in 11 subsets of 4 studies; half of them from 0.12 to 0.40.'
    """
    estimate = _estimates(gosh, coef)
    show = scaled(gosh.fit.data)
    several = (gosh.k > 1) & np.isfinite(estimate) & np.isfinite(gosh.I2)
    if not several.any():
        raise BadInput("gosh_plot needs subsets of at least two studies; this result has none.")
    groups = _groups(gosh, study, several)
    width, rooms = _rooms(len(groups), narrow)
    clouds = [
        _cloud(estimate[mask], gosh.I2[mask], _frame(estimate[several], show, room))
        for (_, mask), room in zip(groups, rooms)
    ]
    most = max(int(cloud.counts.max(initial=1)) for cloud in clouds)
    whole = show.value(float(gosh.fit.beta[coef]))
    items: list[Item] = []
    for (name, _), cloud in zip(groups, clouds):
        left, top, right, bottom = cloud.frame.box
        items += [*_tiles(cloud, most), *axes(cloud.frame, show.name, "I² (%)")]
        at = cloud.frame.x.x(whole)
        items.append(Line(at, top, at, bottom, "ink", 1, "5 3"))
        if name:
            head = shorten(name, right - left - 10, NAME)
            items.append(Text(right, top - 14, head, "end", "ink", NAME, mark="id"))
        else:
            items += _margins(cloud)
    bottom = max(cloud.frame.box[3] for cloud in clouds)
    items += _legend(most, bottom + 66, f"all {gosh.fit.k} studies: {number(whole)}", width)
    told = "; ".join(_told(name, estimate[mask], show) for name, mask in groups)
    many = int(several.sum())
    desc = f"{show.name} against I² in {many} subsets of {len(gosh.slab)} studies; {told}."
    return Figure(Scene(width, bottom + (92 if narrow else 76), tuple(items), title, desc))


def _groups(gosh: Gosh, study: str | int | None, several: Bools) -> list[tuple[str, Bools]]:
    """All subsets, or those with a study and those without it, by name."""
    if study is None:
        return [("", several)]
    names = list(gosh.slab)
    if isinstance(study, str) and study in names:
        study = names.index(study)
    if not isinstance(study, int) or not 0 <= study < len(names):
        raise UnknownOption("study", study, names)
    own = gosh.incl[:, study]
    return [(f"with {names[study]}", several & own), (f"without {names[study]}", several & ~own)]


def _rooms(count: int, narrow: bool) -> tuple[float, list[Area]]:
    """Width of the figure and its plot areas; alone, one has room for its histograms."""
    if count > 1:
        return panels(count, narrow)
    width, left, right, top, bottom = area(narrow, 480.0)
    return width, [(left, right - _HISTOGRAM, top + _HISTOGRAM, bottom)]


def _told(name: str, y: Floats, show: Display) -> str:
    if not len(y):
        return f"none {name}"
    quarter, three = (number(show.value(float(v))) for v in np.quantile(y, [0.25, 0.75]))
    return f"half of {f'those {name}' if name else 'them'} from {quarter} to {three}"


def _estimates(gosh: Gosh, coef: int) -> Floats:
    if not isinstance(gosh, Gosh):
        made = "gosh_plot(pb.gosh(fit))" if isinstance(gosh, MetaFit) else "pb.gosh(fit) makes one"
        raise BadInput(f"gosh_plot draws subsets; this is of type {type(gosh).__name__}: {made}.")
    columns = gosh.estimate.reshape(len(gosh.k), -1)
    if not 0 <= coef < columns.shape[1]:
        raise BadInput(f"gosh_plot: coef is {coef}; the model has 0 to {columns.shape[1] - 1}.")
    out: Floats = columns[:, coef]
    return out


def _frame(y: Floats, show: Display, room: Area) -> Frame:
    """From the smallest to the largest estimate, and a little beyond; up to all of I2."""
    left, right, top, bottom = room
    pad = 0.04 * float(np.ptp(y)) or 0.5
    lo, hi = float(y.min()) - pad, float(y.max()) + pad
    across = Axis(show.value(lo), show.value(hi), left, right, show.scale)
    return Frame(across, Axis(0.0, 102.0, bottom, top, "linear"))


@dataclass(frozen=True, slots=True)
class _Cloud:
    """Subsets in pixels, and the hexagons that hold them with their counts."""

    frame: Frame
    x: Floats
    y: Floats
    r: float
    places: Floats
    counts: NDArray[np.int64]


def _cloud(estimate: Floats, i2: Floats, frame: Frame) -> _Cloud:
    """Count points in hexagons.

    A hexagonal lattice is two rectangular ones; a point belongs to the nearer of the two centres
    (Carr DB, Littlefield RJ, Nicholson WL, Littlefield JS 1987, JASA 82, 424-436).
    """
    left, top, right, bottom = frame.box
    ends = [frame.x.lo, frame.x.hi]
    lo, hi = (float(v) for v in (np.log(ends) if frame.x.scale == "log" else ends))
    x = left + (estimate - lo) / (hi - lo) * (right - left)
    y = bottom - i2 / frame.y.hi * (bottom - top)
    r = (right - left) / _ACROSS / 3**0.5
    wide, tall = 3**0.5 * r, 3 * r
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
    return _Cloud(frame, x, y, r, places, counts)


def _tiles(cloud: _Cloud, most: int) -> Iterator[Item]:
    """Hexagons that hold points, one item for each shade."""
    left, _, _, bottom = cloud.frame.box
    wide, tall = 3**0.5 * cloud.r, 3 * cloud.r
    shade = _shade(cloud.counts, most)
    for s, opacity in enumerate(_SHADES):
        at = tuple(
            (left + float(a) * wide / 2, bottom - float(b) * tall / 2)
            for a, b in cloud.places[shade == s]
        )
        if at:
            yield Tiles(at, cloud.r * 1.01, "accent", opacity)


def _margins(cloud: _Cloud) -> list[Item]:
    """Histograms along the top and the right."""
    left, top, right, bottom = cloud.frame.box
    above = np.histogram(cloud.x, 48, (left, right))[0]
    beside = np.histogram(cloud.y, 40, (top, bottom))[0]
    return [
        *_bars(above, left, right, top - 4, False),
        *_bars(beside, top, bottom, right + 4, True),
    ]


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
