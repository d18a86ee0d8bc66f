"""What the models for raw tables share: reading the cells, and a fit around one pooled estimate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr

from probatum.errors import BadInput
from probatum.meta.columns import yes_or_no
from probatum.meta.inference import check_level, critical
from probatum.meta.measures import effect_sizes, find_measure
from probatum.meta.measures.rows import Rows
from probatum.meta.measures.zeros import check_options, correct_zeros
from probatum.meta.types import Bools, EffectSizes, FitStats, Floats, MetaFit, labels

TWO_BY_TWO = ("ai", "bi", "ci", "di")
PERSON_TIME = ("x1i", "t1i", "x2i", "t2i")


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """The complete tables among the rows, as they are pooled.

    Attributes
    ----------
    cells : mapping of str to ndarray, shape (k,)
    complete : ndarray of bool, shape (k_all,)
    data : EffectSizes
        Every study's own estimate, for display and for the heterogeneity statistics.
    """

    cells: Mapping[str, Floats]
    complete: Bools
    data: EffectSizes


@dataclass(frozen=True, slots=True)
class ZeroRule:
    """What is done about zeros: see `effect_sizes` for `add`, `to` and `drop00`."""

    add: float
    to: str
    drop00: bool


def zero_rules(add: Any, to: Any, drop00: Any) -> tuple[ZeroRule, ZeroRule]:
    """The rules for the studies' own estimates and for the pooled tables.

    A single value is for the first; the pooled tables are then taken as they are.

    Raises
    ------
    BadInput, UnknownOption
    """
    single = {"add": (0.0,), "to": ("none",), "drop00": (False,)}
    pairs = {}
    for name, value in (("add", add), ("to", to), ("drop00", drop00)):
        pair = tuple(value) if isinstance(value, (list, tuple)) else (value, *single[name])
        if len(pair) != 2:
            raise BadInput(f"{name} is one value, or two (own estimates, pooled tables)")
        pairs[name] = pair
    for amount, where, drop in zip(*pairs.values(), strict=True):
        check_options(amount, where)
        if amount is None or where is None:
            raise BadInput("add and to have no None here")
        yes_or_no("drop00", drop)
    own, pooled = (
        ZeroRule(float(amount), where, bool(drop))
        for amount, where, drop in zip(*pairs.values(), strict=True)
    )
    return own, pooled


def read_tables(
    es: EffectSizes,
    measure: str,
    names: tuple[str, ...],
    model: str,
    rules: tuple[ZeroRule, ZeroRule],
) -> Tables:
    """The cells a model needs, and each study's own estimate of `measure`.

    Raises
    ------
    BadInput
        If a cell is not there, or no table is complete.
    """
    missing = [name for name in names if name not in es.inputs]
    if missing:
        raise BadInput(
            f"{model} pooling works on the tables themselves and needs {', '.join(names)}; these "
            f'effect sizes (measure "{es.measure}") have no {", ".join(missing)}. '
            f'Make them with effect_sizes(..., measure="{measure}").'
        )
    cells = {name: np.asarray(es.inputs[name], dtype=np.float64) for name in names}
    own, pooled = rules
    given: dict[str, Any] = dict(cells)
    each = effect_sizes(
        measure=measure,
        slab=list(es.slab) or None,
        add=own.add,
        to=own.to,
        drop00=own.drop00,
        **given,
    )
    rows = Rows(cells, {})
    cells = correct_zeros(rows, find_measure(measure), pooled.add, pooled.to, pooled.drop00)
    complete = np.logical_and.reduce([np.isfinite(x) for x in cells.values()]) & rows.usable()
    if not complete.any():
        raise BadInput(f"none of the {len(es)} tables is complete.")
    dropped = rows.reasons
    data = replace(
        each,
        ref=es.ref,
        cluster=es.cluster,
        reasons=tuple(why or drop for why, drop in zip(each.reasons, dropped, strict=True)),
    )
    return Tables({name: x[complete] for name, x in cells.items()}, complete, data)


def some_tables(es: EffectSizes, mask: Bools) -> EffectSizes:
    """Some of the rows, with their tables."""
    slab = labels(es.slab, len(es))
    return EffectSizes(
        es.yi[mask], es.vi[mask], es.measure, tuple(s for s, use in zip(slab, mask) if use),
        inputs={name: np.asarray(x)[mask] for name, x in es.inputs.items()},
    )  # fmt: skip


def assemble(
    tables: Tables,
    beta: float,
    se: float,
    weight: Floats,
    *,
    level: float,
    model: str,
    extra: Mapping[str, float],
    Q: float | None = None,
) -> MetaFit:
    """A fit from a pooled estimate, its standard error and the tables' weights.

    The heterogeneity statistic is `Q`, or follows from the studies' own estimates.
    """
    es = tables.data
    level = check_level(level)
    half = float(critical(level, None)) * se
    z = beta / se
    p = float(2.0 * ndtr(-abs(z)))
    known = tables.complete & np.isfinite(es.yi) & np.isfinite(es.vi)
    y, v = es.yi[known], es.vi[known]
    scatter = float(np.sum((y - beta) ** 2 / v))
    QE = scatter if Q is None else Q
    df = len(y) - 1
    percent = np.full(len(es), np.nan)
    percent[tables.complete] = 100.0 * weight / weight.sum()
    return MetaFit(
        beta=np.array([beta]), se=np.array([se]), zval=np.array([z]), pval=np.array([p]),
        ci_lb=np.array([beta - half]), ci_ub=np.array([beta + half]),
        vb=np.array([[se * se]]), names=("intrcpt",), tau2=0.0, se_tau2=math.nan,
        I2=max(0.0, 100.0 * (QE - df) / QE) if df > 0 and QE > 0.0 else 0.0,
        H2=QE / df if df > 0 else 1.0,
        R2=math.nan, QE=QE if df > 0 else 0.0, QEp=float(chdtrc(df, QE)) if df > 0 else 1.0,
        QM=z * z, QMp=p, QMdf=(1.0, math.nan), s2w=1.0, k=int(tables.complete.sum()), p=1, m=1,
        dfs=math.nan, weights=percent, method="EE", test="z", level=level, weighted=True,
        data=es, X=np.ones((len(es), 1)), included=tables.complete,
        k_left_out=int((~tables.complete).sum()), left_out=_left_out(tables),
        fit_stats=_fit_stats(v, scatter), model=model, status="fixed",
        extra={**extra, "k_yi": float(len(y))},
    )  # fmt: skip


def _left_out(tables: Tables) -> tuple[str, ...]:
    reasons = tables.data.reasons or ("",) * len(tables.complete)
    return tuple(
        "" if ok else why or "incomplete table"
        for ok, why in zip(tables.complete, reasons, strict=True)
    )


def _fit_stats(v: Floats, scatter: float) -> dict[str, FitStats]:
    """Normal likelihoods of the studies' own estimates around the pooled one."""
    k = len(v)
    if k == 0:
        return {}
    logs, twice_pi = float(np.log(v).sum()), math.log(2.0 * math.pi)
    full = -0.5 * (k * twice_pi + logs + scatter)
    information = math.log(float(np.sum(1.0 / v)))
    restricted = -0.5 * ((k - 1) * twice_pi - math.log(k) + logs + information + scatter)
    return {
        "ML": _criteria(full, scatter, k),
        "REML": _criteria(restricted, -2.0 * restricted, k - 1),
    }


def _criteria(ll: float, dev: float, n: int) -> FitStats:
    size = max(n, 3)
    return FitStats(
        ll=ll,
        dev=dev,
        AIC=-2.0 * ll + 2.0,
        BIC=-2.0 * ll + (math.log(n) if n > 0 else -math.inf),
        AICc=-2.0 * ll + 2.0 * size / (size - 2.0),
    )
