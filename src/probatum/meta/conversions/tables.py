"""2x2 tables from their margins and one number that says how the variables go together."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from probatum.errors import BadInput
from probatum.meta.conversions.result import Converted, labels, read_rows, written
from probatum.meta.measures.rows import Rows
from probatum.meta.options import typed_options
from probatum.meta.types import Floats

CELLS = ("ai", "bi", "ci", "di")
#: how a statistic is called in notes
NAMES = {"ori": "odds ratio", "ri": "phi", "x2i": "chi-square", "pi": "p-value of chi-square"}


@typed_options
def conv_2x2(
    data: Any = None,
    *,
    ori: Any = None,
    ri: Any = None,
    x2i: Any = None,
    pi: Any = None,
    ni: Any,
    n1i: Any,
    n2i: Any,
    correct: bool = True,
    slab: Any = None,
) -> Converted:
    """Rebuild 2x2 tables from margins and an odds ratio, phi, or chi-square.

    Parameters
    ----------
    data : mapping or data frame, optional
    ori : str or array_like, optional
        Odds ratio (not its log).
    ri : str or array_like, optional
        Phi coefficient.
    x2i, pi : str or array_like, optional
        Pearson's chi-square with 1 degree of freedom, or its p-value; negative where the
        association is negative, since neither carries a sign of its own.
    ni, n1i, n2i : str or array_like
        People in all, in the first row (ai + bi: group 1), and in the first COLUMN (ai + ci: all
        events) — n2i is no group here.
    correct : bool
        Whether the chi-square has Yates's continuity correction.
    slab : str or sequence, optional

    Returns
    -------
    Converted
        Columns ``ai bi ci di`` in whole people.

    Raises
    ------
    BadInput
        If none of the four statistics was given.

    Notes
    -----
    Odds ratio: Bonett DG (2007), American Psychologist 62, 254-255: the root of a quadratic that
    keeps all cells positive. Phi: ai = (n1i n2i + phi sqrt(n1i (ni - n1i) n2i (ni - n2i)))/ni,
    its definition solved for ai. Yates F (1934), Supplement to the Journal of the Royal
    Statistical Society 1, 217-235, for the correction. Of several statistics the first that a row
    has is used, in the order odds ratio, phi, chi-square, p-value.

    Examples
    --------
    >>> table = conv_2x2(ori=2.05, ni=240, n1i=122, n2i=56)
    >>> [int(table[name][0]) for name in ("ai", "bi", "ci", "di")]
    [36, 86, 20, 98]
    """
    if all(given is None for given in (ori, ri, x2i, pi)):
        raise BadInput("give ori, ri, x2i or pi: margins alone don't make a table")
    rows = read_rows(
        data, {"ori": ori, "ri": ri, "x2i": x2i, "pi": pi, "ni": ni, "n1i": n1i, "n2i": n2i}
    )
    _check(rows)
    with np.errstate(all="ignore"):
        a, used = _first_cell(rows, correct)
    n, n1, n2 = rows["ni"], rows["n1i"], rows["n2i"]
    rows.lacks(np.isnan(a) & rows.usable(), "ori, ri, x2i or pi")
    a = np.round(a)
    cells = dict(zip(CELLS, (a, n1 - a, n2 - a, n - n1 - n2 + a), strict=True))
    rows.flag(
        np.min(list(cells.values()), axis=0) < 0,
        "a cell would be negative: the statistic is not possible with these margins",
    )
    good = rows.usable()
    notes = [
        f"table from the margins and {NAMES[name]} {written(rows[name][i])}: assumes that neither "
        "is a guess; cells are rounded to whole people"
        if ok
        else ""
        for i, (name, ok) in enumerate(zip(used, good, strict=True))
    ]
    columns = {name: np.where(good, x, np.nan) for name, x in cells.items()}
    return Converted(columns, tuple(notes), tuple(rows.reasons), labels(data, slab, rows))


def _check(rows: Rows) -> None:
    rows.known("ni", "n1i", "n2i")
    rows.at_least(1, "ni")
    rows.at_least(0, "n1i", "n2i")
    for name in ("n1i", "n2i"):
        rows.flag(rows[name] > rows["ni"], f"{name} = {{{name}}} is over ni = {{ni}}")
    rows.flag(rows["ori"] < 0, "ori = {ori} is negative: give the odds ratio, not its log")
    rows.flag(np.abs(rows["ri"]) > 1, "ri = {ri} is outside -1 to 1")
    rows.flag((np.abs(rows["pi"]) > 1) | (rows["pi"] == 0), "pi = {pi} is 0 or beyond 1")


def _first_cell(rows: Rows, correct: bool) -> tuple[Floats, list[str]]:
    """ai of each row, not yet whole, and the statistic it came from."""
    n, n1, n2 = rows["ni"], rows["n1i"], rows["n2i"]
    spread = np.sqrt(n1 * (n - n1) * n2 * (n - n2))
    ways = {
        "ori": _of_odds_ratio(rows["ori"], n, n1, n2),
        "ri": (n1 * n2 + rows["ri"] * spread) / n,
    }
    for name in ("x2i", "pi"):
        size = np.abs(rows[name])
        chi2 = size if name == "x2i" else ndtri(size / 2) ** 2
        # |ad - bc|, of which Yates's correction has taken n/2
        cross = spread * np.sqrt(chi2 / n) + (n / 2 if correct else 0.0)
        ways[name] = (n1 * n2 + np.sign(rows[name]) * cross) / n
    a = np.full(rows.k, np.nan)
    used = [""] * rows.k
    for name, values in ways.items():
        for i in np.flatnonzero(np.isnan(a) & np.isfinite(values)):
            a[i], used[i] = values[i], name
    return a, used


def _of_odds_ratio(ratio: Floats, n: Floats, n1: Floats, n2: Floats) -> Floats:
    """The root of (1 - ratio) a^2 + h a - ratio n1 n2 that keeps the cells positive."""
    h = n - n1 - n2 + ratio * (n1 + n2)
    root = np.sqrt(h * h + 4 * (1 - ratio) * ratio * n1 * n2)
    # two forms of one root: nothing cancels in the one that is taken, and ratio may be 1
    return np.where(h >= 0, 2 * ratio * n1 * n2 / (h + root), (root - h) / (2 * (1 - ratio)))
