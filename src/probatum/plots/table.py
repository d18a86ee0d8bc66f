"""What a forest plot shows: rows of text and display-scale numbers, before any layout."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .axis import Scale

Look = Literal["band", "solid", "dashed"]


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study. `cells` stand under the table's columns; NaN estimates draw nothing.

    `model` is what a model says of the study (estimate and limits), drawn open beneath it.

    Text keys are ``"<key>/label"``, ``"<key>/cell/<i>"``, ``"<key>/text"`` and
    ``"<key>/weight"``.
    """

    key: str
    label: str
    cells: tuple[str, ...] = ()
    estimate: float = math.nan
    ci_lb: float = math.nan
    ci_ub: float = math.nan
    text: str = ""
    weight: float | None = None  # percent
    weight_text: str = ""
    model: tuple[float, float, float] | None = None
    indented: bool = False  # one of the rows of the heading above it


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of bold text over the rows of a subgroup."""

    label: str


@dataclass(frozen=True, slots=True)
class Diamond:
    """A pooled effect. Its text's key is ``"<key>/text"``."""

    key: str
    label: str
    estimate: float
    ci_lb: float
    ci_ub: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval without a point: a prediction ("band"), or two methods' ("solid", "dashed")."""

    key: str
    label: str
    lb: float
    ub: float
    text: str = ""
    look: Look = "band"


@dataclass(frozen=True, slots=True)
class Note:
    """Words beneath the figure, such as heterogeneity; `key` names the number in it, if any."""

    text: str
    key: str = ""


Row = StudyRow | Heading | Diamond | Bar | Note


@dataclass(frozen=True, slots=True)
class ForestTable:
    """All that a forest plot shows, as text and display-scale numbers."""

    rows: tuple[Row, ...]
    title: str
    desc: str
    scale: Scale = "linear"
    null: float | None = 0.0
    columns: tuple[str, ...] = ()  # headers of the cells; the second line says what they count
    effect: str = "Estimate"  # header of the interval column
    favours: tuple[str, str] = ("", "")
    pooled: float | None = None  # dotted line
    label: str = "Study"
    weights: bool = True
    empty: str = "No study found"  # stands in the place of rows

    @property
    def drawn(self) -> tuple[StudyRow | Heading | Diamond | Bar, ...]:
        """The rows beside the axis: all but the notes."""
        return tuple(r for r in self.rows if not isinstance(r, Note))

    @property
    def notes(self) -> tuple[Note, ...]:
        """The rows beneath the axis."""
        return tuple(r for r in self.rows if isinstance(r, Note))
