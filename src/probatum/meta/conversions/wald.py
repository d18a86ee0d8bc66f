"""Reported estimates with an interval, a test or a standard error, taken to yi and vi."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import logit, ndtri, stdtrit

from probatum.errors import BadInput, UnknownOption
from probatum.meta.conversions.result import labels, read_rows, written
from probatum.meta.measures.registry import find_measure
from probatum.meta.measures.rows import Rows
from probatum.meta.options import typed_options
from probatum.meta.types import EffectSizes, Floats, need

Change = Callable[[Any], Any]
FORWARD: dict[str, Change] = {
    "none": lambda x: x,
    "log": np.log,
    "logit": logit,
    "atanh": np.arctanh,
    "sqrt": np.sqrt,
}
#: an estimate this far from the middle, in halves of the interval, is worth a remark
OFF_CENTRE = 0.1


@typed_options
def conv_wald(
    data: Any = None,
    *,
    out: Any,
    se: Any = None,
    ci_lb: Any = None,
    ci_ub: Any = None,
    zval: Any = None,
    pval: Any = None,
    df: Any = None,
    ni: Any = None,
    level: Any = 95,
    transf: str | Change = "none",
    measure: str = "GEN",
    slab: Any = None,
    into: EffectSizes | None = None,
) -> EffectSizes:
    """Estimates as reported, with what says how precise they are, as effect sizes.

    Parameters
    ----------
    data : mapping or data frame, optional
    out : str or array_like
        Estimates as reported; `transf` takes them to the analysis scale.
    se, ci_lb, ci_ub, zval, pval : str or array_like, optional
        Standard error (on the analysis scale), limits (as reported), z or t statistic, two-sided
        p-value. Of several the first that a row has is used, in the order standard error,
        interval, statistic, p-value.
    df : str or array_like, optional
        Degrees of freedom where interval or p-value are from a t distribution.
    ni : str or array_like, optional
        Total sample sizes, kept as they are.
    level : float or array_like
        Confidence level of the intervals in percent.
    transf : {"none", "log", "logit", "atanh", "sqrt"} or callable
        Takes `out` and the limits to the analysis scale: ``"log"`` for ratios.
    measure : str
        What the estimates are, such as ``"OR"``.
    slab : str or sequence, optional
        Study labels.
    into : EffectSizes, optional
        Effect sizes of the same rows: those without an estimate are filled, the rest are left.

    Returns
    -------
    EffectSizes
        `notes` says per row what the variance was computed from and what that assumes.

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    A Wald interval is estimate +/- c s.e. on the analysis scale, so s.e. = (upper - lower)/(2 c);
    a Wald test is z = estimate/s.e., so s.e. = |estimate/z|, with z the quantile of a p-value
    (Higgins JPT, Li T, Deeks JJ, 2023, Cochrane Handbook ch. 6.3).

    Examples
    --------
    >>> es = conv_wald(out=[0.64, 0.64], ci_lb=[0.33, None], ci_ub=[1.22, None],
    ...                pval=[None, 0.17], transf="log", measure="OR")
    >>> es.yi.round(4).tolist(), es.vi.round(4).tolist()
    ([-0.4463, -0.4463], [0.1113, 0.1058])
    >>> es.notes[1]
    'standard error from p = 0.17 and the estimate: assumes a Wald test of log(estimate)'
    """
    find_measure(measure)
    change, scale = _change(transf)
    rows = read_rows(
        data,
        {"out": out, "se": se, "ci_lb": ci_lb, "ci_ub": ci_ub, "zval": zval, "pval": pval}
        | {"df": df, "ni": ni, "level": level},
    )
    rows.known("out")
    _check(rows)
    with np.errstate(all="ignore"):
        yi = np.asarray(change(rows["out"]), dtype=np.float64)
        rows.flag(~np.isfinite(yi) & rows.usable(), f"out = {{out}} has no {scale}")
        error, notes = _standard_errors(rows, yi, change, scale)
        vi = error**2
    rows.lacks(np.isnan(error) & rows.usable(), "se, ci_lb and ci_ub, zval or pval")
    rows.flag(~np.isfinite(vi) & rows.usable(), "its variance is too large for a number")
    good = rows.usable()
    es = EffectSizes(
        yi=np.where(good, yi, np.nan),
        vi=np.where(good, vi, np.nan),
        measure=measure,
        slab=labels(data, slab, rows),
        ni=rows["ni"] if ni is not None else None,
        inputs={"yi": np.where(good, yi, np.nan), "vi": np.where(good, vi, np.nan)},
        reasons=tuple(rows.reasons),
        notes=tuple(note if ok else "" for note, ok in zip(notes, good, strict=True)),
    )
    return es if into is None else _filled(into, es)


def _change(transf: str | Change) -> tuple[Change, str]:
    if callable(transf):
        return transf, "value on the analysis scale"
    if transf not in FORWARD:
        raise UnknownOption("transf", transf, FORWARD, "Or give a function.")
    return FORWARD[transf], "estimate" if transf == "none" else f"{transf}(estimate)"


def _check(rows: Rows) -> None:
    rows.flag(rows["se"] <= 0, "se = {se} is not over 0")
    rows.flag(rows["ci_lb"] > rows["ci_ub"], "ci_lb = {ci_lb} is over ci_ub = {ci_ub}")
    rows.flag((rows["pval"] <= 0) | (rows["pval"] > 1), "pval = {pval} is outside 0 to 1")
    rows.flag(rows["df"] <= 0, "df = {df} is not over 0")
    level = rows["level"]
    if np.any((level > 0) & (level < 1)):
        raise BadInput(f"level is in percent: 95 where you wrote {level[level < 1][0]:g}")
    rows.flag(~((level > 1) & (level < 100)), "level = {level} is not between 1 and 100 percent")


def _standard_errors(
    rows: Rows, yi: Floats, change: Change, scale: str
) -> tuple[Floats, list[str]]:
    """The standard error of each row by the first way that it has, and which that was."""
    df, level = rows["df"], rows["level"]
    lower, upper = (np.asarray(change(rows[name]), np.float64) for name in ("ci_lb", "ci_ub"))
    ways = (
        (rows["se"], lambda i: f"standard error as reported, of {scale}"),
        ((upper - lower) / (2 * _critical(0.5 + level / 200, df)), _of_interval(rows, scale)),
        (np.abs(yi / rows["zval"]), lambda i: _of_test("zval", "statistic", rows, i, scale)),
        (
            np.abs(yi) / _critical(1 - rows["pval"] / 2, df),
            lambda i: _of_test("pval", "p", rows, i, scale),
        ),
    )
    error = np.full(rows.k, np.nan)
    notes = [""] * rows.k
    for values, say in ways:
        for i in np.flatnonzero(np.isnan(error) & np.isfinite(values) & (values > 0)):
            error[i], notes[i] = values[i], say(int(i))
    centre = (lower + upper) / 2
    off = np.abs(yi - centre) > OFF_CENTRE * (upper - lower) / 2
    for i in np.flatnonzero(off):
        if notes[i].startswith("standard error from the"):
            notes[i] += "; but the estimate is not in the middle of the interval"
    return error, notes


def _critical(p: Floats, df: Floats) -> Floats:
    out: Floats = np.where(np.isnan(df), ndtri(p), stdtrit(np.where(np.isnan(df), 1.0, df), p))
    return out


def _of_interval(rows: Rows, scale: str) -> Callable[[int], str]:
    def say(i: int) -> str:
        df = rows["df"][i]
        kind = "a Wald interval" if np.isnan(df) else f"a t interval ({written(df)} df)"
        level = written(rows["level"][i])
        return f"standard error from the {level}% interval: assumes {kind} of {scale}"

    return say


def _of_test(name: str, called: str, rows: Rows, i: int, scale: str) -> str:
    df = rows["df"][i]
    kind = "a Wald test" if np.isnan(df) else f"a t-test ({written(df)} df)"
    value = written(rows[name][i])
    return f"standard error from {called} = {value} and the estimate: assumes {kind} of {scale}"


def _filled(into: EffectSizes, es: EffectSizes) -> EffectSizes:
    """Fill the rows of `into` that have no estimate."""
    need(into, "EffectSizes", name="into")
    if len(into) != len(es):
        raise BadInput(f"into has {len(into)} rows, the estimates have {len(es)}")
    if es.measure not in ("GEN", into.measure):
        raise BadInput(f"into holds {into.measure}, the estimates are {es.measure}")
    fill = np.isnan(into.yi) & np.isfinite(es.yi)
    mine, theirs = (into.reasons or ("",) * len(into)), es.reasons
    before = into.notes or ("",) * len(into)
    ni = es.ni if into.ni is None else into.ni
    if into.ni is not None and es.ni is not None:
        ni = np.where(fill & np.isnan(into.ni), es.ni, into.ni)
    return replace(
        into,
        yi=np.where(fill, es.yi, into.yi),
        vi=np.where(fill, es.vi, into.vi),
        ni=ni,
        reasons=tuple(b if f else a for a, b, f in zip(mine, theirs, fill, strict=True)),
        notes=tuple(b if f else a for a, b, f in zip(before, es.notes, fill, strict=True)),
    )
