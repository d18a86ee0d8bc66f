"""What a publication prints beside what the engine gives, and how close the two must be.

An example is a function that returns lines; each line has the printed digits as text, so that the
tolerance is read off them: half a unit in the last printed place, nothing looser.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import brentq

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "fixtures" / "literature"
MEMORY = "from memory of the publication, written down before it was computed"
ROUNDING = 1e-9  # of the half unit, so that a decimal fraction just half way isn't cut off


@dataclass(frozen=True)
class Line:
    """Numbers printed side by side, and ours.

    Attributes
    ----------
    what : str
    printed : tuple of str
    ours : tuple of float
    cause : str
        Why they differ; empty where they must agree.
    reproduced : float or None
        With a cause: what its doing gives, which must agree with the printed digits.
    right : float or None
        With a cause: the same by another route without it, which must agree with ours.
    """

    what: str
    printed: tuple[str, ...]
    ours: tuple[float, ...]
    cause: str = ""
    reproduced: float | None = None
    right: float | None = None


@dataclass(frozen=True)
class Example:
    """A worked example: where it stands, its data, how its numbers are known, and its lines."""

    name: str
    title: str
    source: str
    place: str
    data: str
    known: str
    lines: Callable[[], list[Line]]


EXAMPLES: list[Example] = []


def examples() -> list[Example]:
    """All worked examples: every module of this folder registers its own."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem != "published" and not path.stem.startswith("test_"):
            import_module(path.stem)
    return EXAMPLES


def example(
    title: str, *, source: str, place: str, data: str, known: str
) -> Callable[[Callable[[], list[Line]]], Callable[[], list[Line]]]:
    """Register a function that returns the lines of one worked example."""

    def keep(lines: Callable[[], list[Line]]) -> Callable[[], list[Line]]:
        EXAMPLES.append(Example(lines.__name__, title, source, place, data, known, lines))
        return lines

    return keep


def line(what: str, printed: str, *ours: Any) -> Line:
    """Printed numbers (parted by spaces) and as many of ours, arrays taken apart."""
    values = [float(x) for one in ours for x in np.ravel(one)]
    texts = tuple(printed.split())
    if len(texts) != len(values):
        raise ValueError(f"{what}: {len(texts)} printed numbers, {len(values)} of ours")
    return Line(what, texts, tuple(values))


def apart(
    what: str, printed: str, ours: float, *, cause: str, right: float,
    reproduced: float | None = None,
) -> Line:  # fmt: skip
    """A printed number that is known to differ from the right one, and the proof."""
    return Line(what, (printed,), (float(ours),), cause, reproduced, float(right))


def half_unit(printed: str) -> float:
    """Half a unit in the last printed place."""
    decimals = len(printed.partition(".")[2])
    return 0.5 * 10.0**-decimals


def agrees(printed: str, value: float) -> bool:
    """Whether the value rounds to the printed digits (either way where it is just half way)."""
    half = half_unit(printed)
    return math.isfinite(value) and abs(value - float(printed)) <= half * (1 + ROUNDING)


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(name: str) -> dict[str, list[Any]]:
    """A data set of tests/fixtures/literature as columns; empty cells are NaN."""
    rows = _rows(name)
    return {column: [_cell(row[column]) for row in rows] for column in rows[0]}


def _cell(text: str) -> float | str:
    try:
        return float(text) if text else math.nan
    except ValueError:
        return text


def coefficients(fit: Any, texts: Iterable[str], columns: str = "estimate se stat pval ci_lb ci_ub",
                 only: Sequence[int] | None = None) -> list[Line]:  # fmt: skip
    """One line per coefficient of a fit, with the columns of its tidy rows."""
    rows = fit.tidy() if only is None else [fit.tidy()[i] for i in only]
    return [
        line(f"{row['term']}: {columns.replace(' ', ', ')}", text,
             *(row[name] for name in columns.split()))
        for row, text in zip(rows, texts, strict=True)
    ]  # fmt: skip


def within_rounding(
    result: Callable[[np.ndarray], float], inputs: np.ndarray, half: float, printed: float
) -> float:
    """What inputs that round to the given ones can give: `printed`, or as near as they reach."""
    here = result(inputs)
    slope = np.array([
        result(inputs + step) - here for step in _steps(inputs, 1e-3 * half)
    ]).reshape(inputs.shape)  # fmt: skip
    corner = half * np.sign(slope) * np.sign(printed - here)
    if (result(inputs + corner) - printed) * (here - printed) > 0:
        return result(inputs + corner)
    share = brentq(lambda t: result(inputs + t * corner) - printed, 0.0, 1.0)
    return result(inputs + share * corner)


def _steps(inputs: np.ndarray, size: float) -> Iterator[np.ndarray]:
    for i in range(inputs.size):
        step = np.zeros(inputs.size)
        step[i] = size
        yield step.reshape(inputs.shape)


@cache
def _stopped() -> Any:
    return json.loads((ROOT / "validation" / "literature.json").read_text(encoding="utf-8"))


def early_stop(what: str, printed: str, ours: float, key: str) -> Line:
    """Digits that R prints because a search stops early (validation/literature.R has both)."""
    found = _stopped()[key]
    cause = "R's search stops early: with a tighter tolerance it gives ours"
    return apart(
        what, printed, ours, cause=cause, reproduced=found["default"], right=found["tight"]
    )
