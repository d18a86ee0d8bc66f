"""Pooled effects: one function per model, found by the name that an analysis gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from probatum.build.results import Interval, Pooled, StudyEffect
from probatum.build.steps.effects import number, scale_of, size_of
from probatum.meta.measures import effect_sizes
from probatum.meta.models.inverse_variance import pool
from probatum.meta.models.mantel_haenszel import pool_mh
from probatum.meta.models.peto import pool_peto
from probatum.meta.transforms import NEED_SIZE, harmonic_mean
from probatum.meta.types import EffectSizes
from probatum.review.model import AnalysisSpec

Fitter = Callable[[Sequence[StudyEffect], AnalysisSpec, str], Any]
FITTERS: dict[str, Fitter] = {}
#: of models with a variance between studies: the two intervals that two studies are given
TESTS = {"random": ("z", "adhoc"), "one-stage": ("z", "t")}
PREDICTION_FROM = 3  # with fewer studies a prediction interval says nothing


def fitter(model: str) -> Callable[[Fitter], Fitter]:
    """Register how a model is fitted: ``f(lines, spec, test) -> MetaFit``."""

    def register(function: Fitter) -> Fitter:
        FITTERS[model] = function
        return function

    return register


def _sizes(lines: Sequence[StudyEffect], measure: str) -> EffectSizes:
    names = sorted({name for line in lines for name in line.cells})
    return EffectSizes(
        np.array([line.yi for line in lines], float),
        np.array([line.vi for line in lines], float),
        measure=measure,
        slab=tuple(line.label for line in lines),
        ni=np.array([np.nan if line.n is None else line.n for line in lines], float),
        inputs={n: np.array([line.cells.get(n, np.nan) for line in lines]) for n in names},
        ref=tuple(line.key for line in lines),
    )


@fitter("random")
def _random(lines: Sequence[StudyEffect], spec: AnalysisSpec, test: str) -> Any:
    return pool(_sizes(lines, spec.measure), method=spec.method, test=test, level=spec.level)


@fitter("equal")
def _equal(lines: Sequence[StudyEffect], spec: AnalysisSpec, test: str) -> Any:
    # the Hartung-Knapp tests belong to the random-effects model
    test = test if test in ("z", "t") else "z"
    return pool(_sizes(lines, spec.measure), method="EE", test=test, level=spec.level)


def _tables(lines: Sequence[StudyEffect], measure: str) -> EffectSizes:
    """Effect sizes from raw counts, which MH and Peto pool without correction."""
    names = sorted({name for line in lines for name in line.cells})
    columns: dict[str, Any] = {
        name: np.array([line.cells.get(name, np.nan) for line in lines]) for name in names
    }
    return effect_sizes(measure=measure, slab=[line.label for line in lines], **columns)


@fitter("mantel-haenszel")
def _mantel_haenszel(lines: Sequence[StudyEffect], spec: AnalysisSpec, test: str) -> Any:
    return pool_mh(_tables(lines, spec.measure), measure=spec.measure, level=spec.level)


@fitter("peto")
def _peto(lines: Sequence[StudyEffect], spec: AnalysisSpec, test: str) -> Any:
    return pool_peto(_tables(lines, "PETO"), level=spec.level)


def _display(spec: AnalysisSpec, lines: Sequence[StudyEffect], value: Any) -> float | None:
    if number(value) is None:
        return None
    scale, size = scale_of(spec.measure), None
    if scale.transf in NEED_SIZE:
        size = harmonic_mean(np.ravel([size_of(line.cells) for line in lines]))
    return number(np.ravel(scale.back(np.array([value]), size))[0])


def pooled(fit: Any, lines: Sequence[StudyEffect], spec: AnalysisSpec) -> Pooled:
    """The pooled effect of a fit as plain data; no prediction interval under three studies."""

    def first(name: str) -> Any:
        value = getattr(fit, name, None)
        return None if value is None else np.ravel(value)[0]

    estimate = _display(spec, lines, first("beta"))
    lower, upper = (_display(spec, lines, first(name)) for name in ("ci_lb", "ci_ub"))
    if estimate is None or lower is None or upper is None:
        raise ArithmeticError("the model gives no finite estimate or interval for these studies")
    people = [line.n for line in lines]
    pi: tuple[Any, Any] = (None, None)
    tau2: tuple[Any, Any] = (None, None)
    random = spec.model == "random"
    if random and len(lines) >= PREDICTION_FROM:
        predicted = fit.predict(predtype=spec.predtype)
        pi = (
            _display(spec, lines, np.ravel(predicted.pi_lb)[0]),
            _display(spec, lines, np.ravel(predicted.pi_ub)[0]),
        )
        tau2 = tau2_interval(fit)
    return Pooled(
        k=len(lines),
        n=None if None in people else sum(n for n in people if n is not None),
        beta=float(first("beta")),
        se=float(first("se")),
        estimate=estimate,
        ci_lb=lower,
        ci_ub=upper,
        pi_lb=pi[0],
        pi_ub=pi[1],
        zval=number(first("zval")),
        pval=number(first("pval")),
        tau2=number(first("tau2")) if spec.model in TESTS else None,
        tau2_lb=tau2[0],
        tau2_ub=tau2[1],
        I2=number(first("I2")),
        H2=number(first("H2")),
        QE=number(first("QE")),
        QEdf=getattr(fit, "QEdf", None),
        QEp=number(first("QEp")),
    )


def tau2_interval(fit: Any) -> tuple[float | None, float | None]:
    """Q-profile interval for tau2 (Viechtbauer 2007)."""
    _, lower, upper = fit.confint().tau2
    return number(lower), number(upper)


def intervals(lines: Sequence[StudyEffect], spec: AnalysisSpec) -> list[Interval]:
    """Both intervals that two studies can be given, and that differ wildly."""
    out = []
    for test in TESTS.get(spec.model, ("z",)):
        found = pooled_plain(FITTERS[spec.model](lines, spec, test), lines, spec)
        out.append(Interval(test=test, ci_lb=found[0], ci_ub=found[1]))
    return out


def pooled_plain(fit: Any, lines: Sequence[StudyEffect], spec: AnalysisSpec) -> tuple[float, float]:
    """Interval of a fit on the display scale."""
    lower = _display(spec, lines, np.ravel(fit.ci_lb)[0])
    upper = _display(spec, lines, np.ravel(fit.ci_ub)[0])
    if lower is None or upper is None:
        raise ArithmeticError("the model gives no finite interval for these studies")
    return lower, upper


def weights(fit: Any) -> list[float | None]:
    """Weights in percent, in the order of the studies."""
    return [number(w) for w in np.ravel(fit.weights)]


def between(lines: Sequence[StudyEffect], spec: AnalysisSpec) -> dict[str, float]:
    """Test of subgroup differences: subgroups as moderators with one tau2 for all."""
    groups = sorted({line.subgroup for line in lines})
    if spec.model not in ("random", "equal") or len(groups) < 2 or len(lines) <= len(groups):
        return {}
    mods = np.array([[float(line.subgroup == g) for g in groups[1:]] for line in lines])
    method = spec.method if spec.model == "random" else "EE"
    test = spec.test if spec.model == "random" or spec.test in ("z", "t") else "z"
    fit = pool(_sizes(lines, spec.measure), method=method, test=test, mods=mods, level=spec.level)
    values = {"QM": fit.QM, "df": fit.QMdf[0], "df2": fit.QMdf[1], "p": fit.QMp}
    return {name: float(v) for name, v in values.items() if number(v) is not None}
