"""The cells of k studies while they are being checked: what is wrong with a row is said once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: beyond this (or its inverse) squares and products silently become infinite or zero
LARGEST = 1e100


class Rows:
    """Cells by name, and per row the first reason why it can't be used.

    Parameters
    ----------
    cells : mapping of str to ndarray, shape (k,)
    reasons : mapping of str to mapping of int to str
        Per cell and row what kept a value from being read as a number.
    """

    def __init__(self, cells: Mapping[str, Floats], unread: Mapping[str, Mapping[int, str]]):
        self.cells = dict(cells)
        self.k = len(next(iter(self.cells.values())))
        self.reasons: list[str] = [""] * self.k
        #: rows that are wrong, not merely incomplete
        self.wrong: Bools = np.zeros(self.k, dtype=bool)
        for found in unread.values():
            for row, why in found.items():
                self.reasons[row] = self.reasons[row] or why
                self.wrong[row] = True

    def __getitem__(self, name: str) -> Floats:
        return self.cells[name]

    def __contains__(self, name: str) -> bool:
        return name in self.cells

    def flag(self, bad: Bools, why: str) -> None:
        """Give the bad rows a reason; ``{ai}`` in it becomes the value of that cell."""
        self.wrong |= bad
        self._say(bad, why)

    def lacks(self, missing: Bools, what: str) -> None:
        """Say of rows that a cell is missing."""
        self._say(missing, f"{what} is missing")

    def _say(self, which: Bools, why: str) -> None:
        for row in np.flatnonzero(which):
            if not self.reasons[row]:
                values = {name: format(x[row], "g") for name, x in self.cells.items()}
                self.reasons[row] = why.format(**values)

    def usable(self) -> Bools:
        """Rows without a reason."""
        return np.array([not why for why in self.reasons], dtype=bool)

    def blank_wrong(self) -> None:
        """Blank all cells of impossible rows, so that nothing can be computed from them."""
        self.cells = {name: np.where(self.wrong, np.nan, x) for name, x in self.cells.items()}

    def at_least(self, lowest: float, *names: str) -> None:
        """Flag values under `lowest`."""
        for name in names:
            what = "negative" if lowest == 0 else f"under {lowest:g}"
            self.flag(self[name] < lowest, f"{name} = {{{name}}} is {what}")

    def known(self, *names: str, unless: Bools | None = None) -> None:
        """Flag values that are missing, infinite, or so extreme that a square leaves the range.

        Where `unless` is true something else stands for a missing value.
        """
        for name in names:
            size = np.abs(self[name])
            missing = np.isnan(size)
            self.lacks(missing if unless is None else missing & ~unless, name)
            self.flag(np.isinf(size), f"{name} is infinite")
            extreme = (size > LARGEST) | ((size > 0) & (size < 1 / LARGEST))
            self.flag(extreme, f"{name} = {{{name}}} is too extreme to compute with")

    def fill(self, name: str, values: Floats) -> None:
        """Set a cell that follows from others, keeping the values that were given."""
        given = self.cells.get(name)
        self.cells[name] = values if given is None else np.where(np.isnan(given), values, given)

    def rest_of(self, part: str, rest: str, whole: str) -> None:
        """Complete `part` + `rest` = `whole`, and flag rows where the three disagree."""
        with np.errstate(all="ignore"):
            if rest in self:
                total = self[part] + self[rest]
                if whole in self:
                    off = np.abs(total - self[whole]) > 1e-9 * np.abs(total)
                    self.flag(off, f"{part} + {rest} is not {whole} = {{{whole}}}")
                self.fill(whole, total)
            elif whole in self:
                over = self[part] > self[whole]
                self.flag(over, f"{part} = {{{part}}} is over {whole} = {{{whole}}}")
            remaining = self[whole] - self[part]
        self.fill(rest, remaining)
