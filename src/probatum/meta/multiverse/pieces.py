"""The fits of all subsets by one measure, model, method and test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from probatum.errors import BadInput
from probatum.meta.measures import effect_sizes
from probatum.meta.measures.registry import find_measure
from probatum.meta.models.inverse_variance import pool
from probatum.meta.models.mantel_haenszel import MEASURES_MH, pool_mh
from probatum.meta.models.peto import pool_peto
from probatum.meta.models.tables import some_tables
from probatum.meta.multiverse.table import NUMBERS, Choice
from probatum.meta.refit import refit
from probatum.meta.tau2 import tau2_method
from probatum.meta.types import Bools, EffectSizes, Floats, MetaFit

_OF_TABLES = {"Mantel-Haenszel": tuple(MEASURES_MH), "Peto": ("OR", "PETO")}
MODELS = ("inverse variance", *_OF_TABLES)


class Piece(NamedTuple):
    """The rows of all subsets for one combination of the other choices."""

    choice: Choice
    k: Floats
    numbers: dict[str, Floats]
    reasons: list[str]


def measured(es: EffectSizes, measure: str) -> EffectSizes:
    """The same studies by another measure."""
    if measure == es.measure:
        return es
    found = find_measure(measure)
    cells: dict[str, Any] = {
        name: es.inputs[name] for name in (*found.needs, *found.optional) if name in es.inputs
    }
    other = effect_sizes(measure=measure, slab=list(es.slab) or None, **cells)
    return replace(other, cluster=es.cluster, ref=es.ref)


def of_measure(
    es: EffectSizes, models: Iterable[str], methods: Iterable[str], tests: Sequence[str],
    masks: Bools, level: float,
) -> Iterator[Piece]:  # fmt: skip
    for model in models:
        if model == "inverse variance":
            for method in methods:
                for test in _tests_of(tau2_method(method).code, tests):
                    yield _inverse_variance(es, method, test, masks, level)
        elif es.measure in _OF_TABLES[model]:
            yield _tables(es, model, masks, level)


def _tests_of(code: str, tests: Sequence[str]) -> Sequence[str]:
    if code == "EE":
        return ("z",)
    return [t for t in tests if t != "kr" or code == "REML"]


def _inverse_variance(es: EffectSizes, method: str, test: str, masks: Bools, level: float) -> Piece:
    fit = pool(es, method=method, test=test, level=level)
    found = refit(fit, masks[:, fit.included])
    numbers = {
        "estimate": found.beta[:, 0], "se": found.se[:, 0], "ci_lb": found.ci_lb[:, 0],
        "ci_ub": found.ci_ub[:, 0], "pval": found.pval[:, 0], "tau2": found.tau2, "I2": found.I2,
    }  # fmt: skip
    reasons = ["" if k > 0 else "no estimates are left" for k in found.k]
    choice = Choice(es.measure, "inverse variance", fit.method, test, "")
    return Piece(choice, found.k, numbers, reasons)


def _tables(es: EffectSizes, model: str, masks: Bools, level: float) -> Piece:
    if not {"ai", "x1i"} & set(es.inputs):
        raise BadInput(f"{model} pools tables, and these effect sizes were not made from any.")
    numbers = {name: np.full(len(masks), np.nan) for name in NUMBERS}
    k, reasons = np.zeros(len(masks)), [""] * len(masks)
    for i, mask in enumerate(masks):
        part = some_tables(es, mask)
        try:
            fit: MetaFit = (
                pool_peto(part, level=level)
                if model == "Peto"
                else pool_mh(part, measure=es.measure, level=level)
            )
        except BadInput as error:
            reasons[i] = str(error)
            continue
        k[i] = fit.k
        row = (fit.beta[0], fit.se[0], fit.ci_lb[0], fit.ci_ub[0], fit.pval[0], 0.0, fit.I2)
        for name, value in zip(NUMBERS, row):
            numbers[name][i] = value
    return Piece(Choice(es.measure, model, "EE", "z", ""), k, numbers, reasons)
