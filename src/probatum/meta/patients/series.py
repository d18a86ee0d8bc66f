"""Patients of several case series pooled: series by series, and all at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.columns import column, is_missing, listed
from probatum.meta.inference import check_test
from probatum.meta.measures import MEASURES, effect_sizes
from probatum.meta.models.glmm.fit import pool_glmm
from probatum.meta.models.inverse_variance import pool
from probatum.meta.options import typed_options
from probatum.meta.patients.mixed import MixedFit, mixed_model
from probatum.meta.patients.pairs import ROUNDING, both, floats
from probatum.meta.summary import number, table
from probatum.meta.tau2 import tau2_method
from probatum.meta.types import EffectSizes, Floats, MetaFit

LONE = "one patient has no spread"
ALIKE = "all patients changed alike: no spread"
_TWO_STAGE = (
    "Two-stage: each series gives its own {what}, with a standard error from its own patients that "
    "is taken as known; {entered} of {k} series enter{rest}."
)
_ONE_STAGE = {
    "MC": (
        "One-stage: all {n} patients of {k} series enter one model; changes are taken to be normal "
        "and to vary between patients by as much in every series."
    ),
    "PLO": (
        "One-stage: all {n} patients of {k} series enter one logistic model, without corrections "
        "for series in which nobody, or everybody, had the event; series differ on the log odds "
        "scale by a normal distribution."
    ),
}
_BOTH = (
    "Neither repairs how patients came to be reported, and without a comparison group a change is "
    "not an effect of the treatment."
)


@dataclass(frozen=True, slots=True, eq=False)
class PatientPool:
    """Patients of several series, pooled in one and in two stages.

    Attributes
    ----------
    measure : str
        MC (mean change) or PLO (log odds of the event).
    one_stage : MixedFit or MetaFit
        The mixed model of all patients: `mixed_model`, or `pool_glmm` for events.
    two_stage : MetaFit or None
        `pool` of the series' own estimates; None where fewer than two series have one.
    effects : EffectSizes
        The series' own estimates, in order of their names; `reasons` says why one has none.
    n_left_out : int
        Patients without a value.
    assumptions : tuple of str
        What each assumes, in a sentence each, and what neither can repair.
    """

    measure: str
    one_stage: MixedFit | MetaFit
    two_stage: MetaFit | None
    effects: EffectSizes
    n_left_out: int
    assumptions: tuple[str, ...]

    def table(self) -> list[dict[str, Any]]:
        """Both side by side, on the display scale (a share, for events).

        One row each: ``stage series patients estimate ci_lb ci_ub se pval tau2``; `se` and
        `tau2` (the variance between series) are on the analysis scale, `pval` is that of no
        change (NaN for events: no share is the null hypothesis).
        """
        sizes = np.asarray(self.effects.ni)
        rows = []
        if self.two_stage is not None:
            kept = self.two_stage.included
            rows.append(self._row("two", self.two_stage, int(kept.sum()), sizes[kept].sum()))
        rows.append(self._row("one", self.one_stage, len(sizes), sizes.sum()))
        return rows

    def _row(
        self, stage: str, fit: MixedFit | MetaFit, series: int, patients: float
    ) -> dict[str, Any]:
        back = MEASURES[self.measure].back
        shown = (float(np.ravel(back(np.array([x[0]]), None))[0]) for x in
                 (fit.beta, fit.ci_lb, fit.ci_ub))  # fmt: skip
        between = fit.G[0, 0] if isinstance(fit, MixedFit) else fit.tau2
        return {
            "stage": stage, "series": series, "patients": int(patients),
            **dict(zip(("estimate", "ci_lb", "ci_ub"), shown)),
            "se": float(fit.se[0]),
            "pval": float(fit.pval[0]) if self.measure == "MC" else math.nan,
            "tau2": float(between),
        }  # fmt: skip

    def summary(self) -> str:
        """The table as text, with the assumptions."""
        what = "Share with the event" if self.measure == "PLO" else "Mean change"
        head = ("", "series", "patients", "estimate", f"{self.one_stage.level:g}% CI", "")
        rows: list[tuple[str, ...]] = [head]
        for row in self.table():
            numbers = [number(row[name]) for name in ("estimate", "ci_lb", "ci_ub")]
            counts = (str(row["series"]), str(row["patients"]))
            rows.append((f"{row['stage']}-stage", *counts, *numbers))
        return "\n".join([f"{what} of patients in case series", "", *table(rows), "",
                          *self.assumptions])  # fmt: skip


@typed_options
def pool_patients(
    data: Any = None,
    *,
    series: Any,
    change: Any = None,
    before: Any = None,
    after: Any = None,
    event: Any = None,
    method: str = "REML",
    test: str = "adhoc",
    level: float = 95,
) -> PatientPool:
    """Pool the patients of several case series, in two stages and in one, side by side.

    Parameters
    ----------
    data : mapping or data frame, optional
        One row per patient; the other arguments may then be names of columns.
    series : str or array_like
        The series of each patient.
    change : str or array_like, optional
        Change of each patient on one scale that all series share; or give `before` and `after`.
    before, after : str or array_like, optional
    event : str or array_like, optional
        Instead of a change: 1 for patients who had the event (a response, say), 0 for others.
    method : str
        Of the variance between series: one of `tau2_methods` in the two-stage model. The
        one-stage model uses REML (ML if asked for), and ML for events.
    test : {"z", "t", "knha", "adhoc", "kr"}
        For the two-stage model; the one-stage model uses normal tests for "z", else t
        (Satterthwaite's degrees of freedom, or those of series for events).
    level : float
        Confidence level in percent.

    Returns
    -------
    PatientPool

    Raises
    ------
    BadInput
        For fewer than two series, or where each series has one patient, so that nothing tells
        the spread of series from that of patients.

    Notes
    -----
    Riley RD, Lambert PC, Abo-Zaid G (2010), BMJ 340, c221; Burke DL, Ensor J, Riley RD (2017),
    Statistics in Medicine 36, 855-875 (why one- and two-stage results differ). For changes the
    one-stage model is y_ij = mu + u_i + e_ij for patient j of series i. That of the two
    measurements themselves, with an effect of each patient and one of each series on the change,
    gives the same: the patients' own levels drop out of their changes. For events it is
    logistic, with a normal effect of each series (adaptive quadrature, Stijnen et al. 2010).

    Examples
    --------
    >>> cases = {
    ...     "series": ["a", "a", "a", "b", "b", "c", "c", "c", "d"],
    ...     "before": [28, 31, 35, 22, 27, 30, 41, 25, 33],
    ...     "after": [20, 25, 24, 18, 25, 17, 24, 16, 22],
    ... }
    >>> found = pool_patients(cases, series="series", before="before", after="after")
    >>> for row in found.table():
    ...     print(row["stage"], row["series"], row["patients"], round(row["estimate"], 2))
    two 3 8 -7.83
    one 4 9 -8.81
    """
    check_test(test, tau2_method(method), own_weights=True)
    labels = _labels(series, data)
    if event is not None:
        if any(x is not None for x in (change, before, after)):
            raise BadInput("give either event, or the change (or before and after).")
        rows = _kept(_events(_column(event, data)), labels)
        return _pooled_events(rows, method=method, test=test, level=level)
    if before is not None or after is not None:
        if change is not None:
            raise BadInput("give either change, or before and after.")
        x, y = both(_column(before, data), _column(after, data))
        d, size = y - x, np.maximum(np.abs(x), np.abs(y))
    elif change is not None:
        d = floats(_column(change, data), "change")
        size = np.abs(d)
    else:
        raise BadInput("give change, before and after, or event.")
    tiny = ROUNDING * float(np.nanmax(size, initial=0.0))
    return _pooled_changes(_kept(d, labels), tiny, method=method, test=test, level=level)


def _column(given: Any, data: Any) -> Any:
    return column(data, given) if isinstance(given, str) else given


def _labels(series: Any, data: Any) -> NDArray[np.str_]:
    """The series of each patient, as text."""
    given = listed(_column(series, data), "series")
    if any(is_missing(x) for x in given):
        raise BadInput("a patient has no series: name one for every row.")
    return np.array([str(x) for x in given])


def _events(event: Any) -> Floats:
    happened = floats(event, "event")
    odd = ~np.isnan(happened) & (happened != 0) & (happened != 1)
    if odd.any():
        raise BadInput(f"event is {happened[odd][0]:g} in a row: write 1 for yes and 0 for no.")
    return happened


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """Patients with a value: `series (n,)` and `value (n,)`; the names of their series."""

    series: NDArray[np.str_]
    value: Floats
    names: tuple[str, ...]
    left_out: int

    def own(self) -> list[Floats]:
        """The values of each series."""
        return [self.value[self.series == name] for name in self.names]


def _kept(values: Floats, series: NDArray[np.str_]) -> _Kept:
    if len(values) != len(series):
        raise BadInput(f"there are {len(series)} patients and {len(values)} values: one row each.")
    known = ~np.isnan(values)
    names = tuple(str(name) for name in np.unique(series[known]))
    if len(names) < 2:
        raise BadInput(
            f"{len(names)} series have patients with values; pooling takes two or more. Describe "
            "one series by signed_rank, sign_flips or standardised_change."
        )
    return _Kept(series[known], values[known], names, int((~known).sum()))


def _pooled_changes(
    rows: _Kept, tiny: float, *, method: str, test: str, level: float
) -> PatientPool:
    if len(rows.names) == len(rows.value):
        raise BadInput(
            "each series has one patient, so the spread of series can't be told from that of "
            "patients; describe all patients by signed_rank or sign_flips."
        )
    own = rows.own()
    spread = np.array([x.std(ddof=1) if len(x) > 1 else math.nan for x in own])
    reasons = [LONE if math.isnan(s) else ALIKE if s <= tiny else "" for s in spread]
    sizes = np.array([len(x) for x in own], dtype=np.float64)
    known = np.array([not why for why in reasons])
    es = EffectSizes(
        np.where(known, [x.mean() for x in own], math.nan),
        np.where(known, spread**2 / sizes, math.nan),
        measure="MC", slab=rows.names, ni=sizes, reasons=tuple(reasons),
    )  # fmt: skip
    one = mixed_model(
        rows.value, rows.series, method="ML" if method == "ML" else "REML",
        test="z" if test == "z" else "t", level=level,
    )  # fmt: skip
    return _side_by_side("MC", es, one, rows.left_out, method=method, test=test, level=level)


def _pooled_events(rows: _Kept, *, method: str, test: str, level: float) -> PatientPool:
    own = rows.own()
    es = effect_sizes(
        measure="PLO", xi=[x.sum() for x in own], ni=[len(x) for x in own], slab=rows.names
    )
    one = pool_glmm(es, test="z" if test == "z" else "t", level=level)
    return _side_by_side("PLO", es, one, rows.left_out, method=method, test=test, level=level)


def _side_by_side(
    measure: str,
    es: EffectSizes,
    one: MixedFit | MetaFit,
    left_out: int,
    *,
    method: str,
    test: str,
    level: float,
) -> PatientPool:
    entered = int(np.isfinite(es.vi).sum())
    two = None
    if entered > 1:
        two = pool(es, method=method, test=test, level=level)
    n, k = int(np.sum(np.asarray(es.ni))), len(es)
    what = "mean change" if measure == "MC" else "share"
    rest = " (the others have too few patients to show a spread)" if entered < k else ""
    return PatientPool(
        measure, one, two, es, left_out,
        (
            _TWO_STAGE.format(what=what, entered=entered, k=k, rest=rest),
            _ONE_STAGE[measure].format(n=n, k=k), _BOTH,
        ),
    )  # fmt: skip
