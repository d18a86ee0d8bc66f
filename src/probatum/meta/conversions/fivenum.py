"""Means and standard deviations from medians, quartiles and ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from probatum.errors import BadInput, UnknownOption
from probatum.meta.conversions.result import Converted, labels, read_rows
from probatum.meta.measures.rows import Rows
from probatum.meta.options import typed_options
from probatum.meta.types import Floats

FIVE = ("min", "q1", "median", "q3", "max")
LUO = "luo/wan/shi"
METHODS = (LUO, "qe", "bc", "mln")


@dataclass(frozen=True, slots=True)
class Summary:
    """A set of quantiles that studies report, with the published estimators for it.

    Attributes
    ----------
    names : tuple of str
        Which of the five numbers.
    told : str
        In words, for notes.
    mean, sd, skewness : callable
        (numbers, n) to the estimate; `skewness` gives statistic and critical value.
    source : str
        Papers of mean and SD.
    """

    names: tuple[str, ...]
    told: str
    mean: Callable[[dict[str, Floats], Floats], Floats]
    sd: Callable[[dict[str, Floats], Floats], Floats]
    skewness: Callable[[dict[str, Floats], Floats], tuple[Floats, Floats]]
    source: str


def _range_z(n: Floats) -> Floats:
    """Expected maximum of n standard normal values (Blom 1958, as Wan et al. 2014 take it)."""
    z: Floats = ndtri((n - 0.375) / (n + 0.25))
    return z


def _quartile_z(n: Floats) -> Floats:
    z: Floats = ndtri((0.75 * n - 0.125) / (n + 0.25))
    return z


def _mean_of_range(x: dict[str, Floats], n: Floats) -> Floats:
    w = 4 / (4 + n**0.75)
    return w * (x["min"] + x["max"]) / 2 + (1 - w) * x["median"]


def _mean_of_quartiles(x: dict[str, Floats], n: Floats) -> Floats:
    w = 0.7 + 0.39 / n
    return w * (x["q1"] + x["q3"]) / 2 + (1 - w) * x["median"]


def _mean_of_five(x: dict[str, Floats], n: Floats) -> Floats:
    w1, w2 = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    ends, middle = (x["min"] + x["max"]) / 2, (x["q1"] + x["q3"]) / 2
    return w1 * ends + w2 * middle + (1 - w1 - w2) * x["median"]


def _sd_of_range(x: dict[str, Floats], n: Floats) -> Floats:
    return (x["max"] - x["min"]) / (2 * _range_z(n))


def _sd_of_quartiles(x: dict[str, Floats], n: Floats) -> Floats:
    return (x["q3"] - x["q1"]) / (2 * _quartile_z(n))


def _sd_of_five(x: dict[str, Floats], n: Floats) -> Floats:
    grown = n**0.6
    ends = (2 + 0.14 * grown) * _range_z(n)
    middle = (2 + 2 / (0.07 * grown)) * _quartile_z(n)
    return (x["max"] - x["min"]) / ends + (x["q3"] - x["q1"]) / middle


def _lean(low: Floats, median: Floats, high: Floats) -> Floats:
    """How far the middle of an interval is from the median, in the interval's width."""
    return np.abs(low + high - 2 * median) / (high - low)


def _skew_of_range(x: dict[str, Floats], n: Floats) -> tuple[Floats, Floats]:
    return _lean(x["min"], x["median"], x["max"]), 1.01 / np.log(n + 9) + 2.43 / (n + 1)


def _skew_of_quartiles(x: dict[str, Floats], n: Floats) -> tuple[Floats, Floats]:
    return _lean(x["q1"], x["median"], x["q3"]), 2.66 / np.sqrt(n) - 5.92 / n**2


def _skew_of_five(x: dict[str, Floats], n: Floats) -> tuple[Floats, Floats]:
    ends = 2.65 * np.log(0.6 * n) / np.sqrt(n) * _lean(x["min"], x["median"], x["max"])
    middle = _lean(x["q1"], x["median"], x["q3"])
    return np.maximum(ends, middle), 2.97 / np.sqrt(n) - 39.1 / n**3


SUMMARIES = (
    Summary(FIVE, "minimum, quartiles, median, maximum", _mean_of_five, _sd_of_five,
            _skew_of_five, "Luo 2016, Shi 2020"),
    Summary(("q1", "median", "q3"), "median and quartiles", _mean_of_quartiles,
            _sd_of_quartiles, _skew_of_quartiles, "Luo 2016, Wan 2014"),
    Summary(("min", "median", "max"), "median and range", _mean_of_range, _sd_of_range,
            _skew_of_range, "Luo 2016, Wan 2014"),
)  # fmt: skip


@typed_options
def conv_fivenum(
    data: Any = None,
    *,
    min: Any = None,
    q1: Any = None,
    median: Any = None,
    q3: Any = None,
    max: Any = None,
    n: Any,
    method: str = LUO,
    test: bool = True,
    slab: Any = None,
) -> Converted:
    """Estimate means and SDs from medians with quartiles, range, or both.

    Parameters
    ----------
    data : mapping or data frame, optional
    min, q1, median, q3, max : str or array_like, optional
        What the studies report; rows may differ in what they have. The fullest set is used.
    n : str or array_like
        Sample sizes; at least 5.
    method : {"luo/wan/shi", "qe", "bc", "mln"}
        Formulas that assume a normal distribution; quantile estimation, which fits normal,
        log-normal, gamma, beta and Weibull distributions and takes the nearest; or, for values
        over 0 that some power (or the log) makes normal, the power that makes the numbers
        symmetric ("bc") or likeliest ("mln").
    test : bool
        Leave out rows whose numbers speak against a normal distribution (for "luo/wan/shi", at
        the 5% level). With False they are converted, and the note says so.
    slab : str or sequence, optional

    Returns
    -------
    Converted
        Columns ``mean sd n``, and ``skewness critical``, the statistic of the test for skewness
        and its 5% point.

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    Means: Luo D, Wan X, Liu J, Tong T (2018), Statistical Methods in Medical Research 27,
    1785-1805, eq. 7, 11, 15. SDs: Wan X, Wang W, Liu J, Tong T (2014), BMC Medical Research
    Methodology 14:135, eq. 9, 16; Shi J et al. (2020), Research Synthesis Methods 11, 641-654,
    eq. 10. Tests: Shi J et al. (2023), Statistical Methods in Medical Research 32, 1338-1360.
    "qe", "bc": McGrath S et al. (2020), Statistical Methods in Medical Research 29, 2520-2537.
    "mln": Cai S, Zhou J, Pan J (2021), Statistical Methods in Medical Research 30, 2701-2719. The
    authors of "bc" and "mln" simulate the moments; here they are integrals, the same each time,
    and powers below 0, under which there is no mean, are not considered. Values estimated like
    this are less precise than reported ones, which no variance formula knows.

    Examples
    --------
    >>> found = conv_fivenum(q1=4, median=6, q3=8, n=40)
    >>> round(float(found["mean"][0]), 3), round(float(found["sd"][0]), 3)
    (6.0, 3.076)
    >>> found.notes[0][-29:]
    'assumes a normal distribution'
    """
    if method not in METHODS:
        raise UnknownOption("method", method, METHODS)
    if not isinstance(test, (bool, np.bool_)):
        raise BadInput(f"test is True or False; got {test!r}")
    given = {"min": min, "q1": q1, "median": median, "q3": q3, "max": max}
    if all(value is None for value in given.values()):
        raise BadInput("give a median with quartiles (q1, q3), with the range (min, max), or both")
    rows = read_rows(data, given | {"n": n})
    _check(rows)
    k = rows.k
    columns = {name: np.full(k, np.nan) for name in ("mean", "sd", "skewness", "critical")}
    notes = [""] * k
    kind = _kinds(rows)
    for j, summary in enumerate(SUMMARIES):
        here = np.flatnonzero((kind == j) & rows.usable())
        if here.size:
            _convert(rows, here, summary, method, bool(test), columns, notes)
    good = rows.usable()
    out = {name: np.where(good, x, np.nan) for name, x in columns.items()} | {"n": rows["n"]}
    return Converted(
        out,
        tuple(note if ok else "" for note, ok in zip(notes, good, strict=True)),
        tuple(rows.reasons),
        labels(data, slab, rows),
    )


def _check(rows: Rows) -> None:
    rows.known("n")
    rows.flag(rows["n"] < 5, "n = {n}: fewer than 5 people are too few for these formulas")
    for name in FIVE:
        size = np.abs(rows[name])
        rows.flag(size > 1e100, f"{name} = {{{name}}} is too extreme to compute with")
    for i, low in enumerate(FIVE):
        for high in FIVE[i + 1 :]:
            rows.flag(rows[low] > rows[high], f"{low} = {{{low}}} is over {high} = {{{high}}}")


def _kinds(rows: Rows) -> Floats:
    """Which of SUMMARIES each row has in full, the richest first; rows with none say why."""
    kind = np.full(rows.k, np.nan)
    for j, summary in reversed(list(enumerate(SUMMARIES))):
        full = np.all([np.isfinite(rows[name]) for name in summary.names], axis=0)
        kind = np.where(full, float(j), kind)
    rows.lacks(np.isnan(kind) & rows.usable(), "the median, or both quartiles or both ends,")
    return kind


def _convert(
    rows: Rows,
    here: Any,
    summary: Summary,
    method: str,
    test: bool,
    columns: dict[str, Floats],
    notes: list[str],
) -> None:
    """Fill in the rows `here`, which have the numbers of `summary`."""
    flat = np.zeros(rows.k, dtype=bool)
    flat[here] = rows[summary.names[0]][here] == rows[summary.names[-1]][here]
    rows.flag(flat, "all numbers are the same: there is no spread to estimate")
    here = here[~flat[here]]
    x = {name: rows[name][here] for name in summary.names}
    n = rows["n"][here]
    with np.errstate(all="ignore"):
        skew, critical = summary.skewness(x, n)
    columns["skewness"][here], columns["critical"][here] = skew, critical
    skewed = skew > critical
    if method != LUO:
        found, source = _distribution(method, summary)
        for row, i in enumerate(here):
            numbers = {name: float(v[row]) for name, v in x.items()}
            mean, sd, said = found(numbers, float(n[row]))
            columns["mean"][i], columns["sd"][i] = mean, sd
            notes[i] = f"mean and SD from {summary.told} and n ({source}): {said}"
            one = np.zeros(rows.k, dtype=bool)
            one[i] = not np.isfinite(sd)
            rows.flag(one, said)
        return
    columns["mean"][here], columns["sd"][here] = summary.mean(x, n), summary.sd(x, n)
    if test:
        which = np.zeros(rows.k, dtype=bool)
        which[here] = skewed
        rows.flag(which, "the numbers are too skewed for a normal distribution: "
                  'take method="qe", or test=False')  # fmt: skip
    for row, i in enumerate(here):
        notes[i] = (
            f"mean and SD from {summary.told} and n ({summary.source}): "
            "assumes a normal distribution"
        ) + (", which the numbers speak against" if skewed[row] else "")


def _distribution(
    method: str, summary: Summary
) -> tuple[Callable[[dict[str, float], float], tuple[float, float, str]], str]:
    """How a method finds mean and SD of one row's numbers, and its paper."""
    if method == "qe":
        from probatum.meta.conversions.quantiles import nearest

        return nearest, "McGrath 2020"
    from probatum.meta.conversions.boxcox import by_likelihood, by_symmetry

    by, source = (
        (by_symmetry, "McGrath 2020, Box-Cox") if method == "bc" else (by_likelihood, "Cai 2021")
    )
    return lambda x, n: by(x, n, summary.mean, summary.sd), source
