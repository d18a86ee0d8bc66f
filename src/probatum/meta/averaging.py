"""Averages over models of the same estimates, weighted by an information criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.design import INTERCEPT
from probatum.meta.inference import critical
from probatum.meta.models.inverse_variance import pool
from probatum.meta.options import typed_options
from probatum.meta.types import EffectSizes, Floats, MetaFit, need

CRITERIA = ("AICc", "AIC", "BIC")
_MOST_TERMS = 12
_WHY = "Restricted likelihoods of models with other moderators don't compare."


class Weighed(NamedTuple):
    """One model: its terms, criterion, distance from the best, weight, and the fit."""

    terms: tuple[str, ...]
    method: str
    criterion: float
    delta: float
    weight: float
    fit: MetaFit


@dataclass(frozen=True, slots=True, eq=False)
class ModelAverage:
    """Coefficients averaged over models, the best model first in `models`.

    Attributes
    ----------
    names : tuple of str
    estimate, se, zval, pval, ci_lb, ci_ub : ndarray, shape (p,)
        A coefficient is 0 in the models without it.
    importance : ndarray, shape (p,)
        Sum of the weights of the models with the coefficient.
    models : tuple of Weighed
    criterion : str
    level : float
        In percent.
    """

    names: tuple[str, ...]
    estimate: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    importance: Floats
    models: tuple[Weighed, ...]
    criterion: str
    level: float

    def tidy(self) -> list[dict[str, Any]]:
        """One plain row per coefficient."""
        numbers = ("estimate", "se", "zval", "pval", "ci_lb", "ci_ub", "importance")
        return [
            {"term": name, **{n: float(getattr(self, n)[j]) for n in numbers}}
            for j, name in enumerate(self.names)
        ]

    def table(self) -> list[dict[str, Any]]:
        """One plain row per model, the best first."""
        return [
            {
                "terms": " + ".join(m.terms) or "1", "method": m.method, "p": m.fit.p,
                self.criterion: m.criterion, "delta": m.delta, "weight": m.weight,
                "ll": m.fit.ll, "tau2": m.fit.tau2,
            }
            for m in self.models
        ]  # fmt: skip

    def glance(self) -> dict[str, Any]:
        """One plain row for the whole."""
        best = self.models[0]
        return {
            "models": len(self.models), "criterion": self.criterion,
            "best": " + ".join(best.terms) or "1", "best_weight": best.weight,
            "k": best.fit.k, "level": self.level,
        }  # fmt: skip


@typed_options
def model_average(
    es: EffectSizes, mods: Any, *, data: Any = None, criterion: str = "AICc",
    methods: Sequence[str] = ("ML",), level: float = 95,
) -> ModelAverage:  # fmt: skip
    """Fit every subset of the moderators, and average the coefficients over the models.

    Burnham KP, Anderson DR (2002). Model selection and multimodel inference, 2nd ed. The weights
    are exp(-delta / 2) over their sum (p. 75); a coefficient is averaged over all models, as 0 in
    those without it (p. 152); its variance is that within and between models, sum w (var + (b -
    average)^2) (p. 345). Tests and intervals are normal.

    Every model is fitted to the same estimates by full maximum likelihood: criteria of restricted
    likelihoods with other moderators, of other measures, or of other studies don't compare. What
    an intercept means depends on where the moderators are 0: centre them.

    Parameters
    ----------
    es : EffectSizes
    mods : str, array or mapping
        As in `pool`. Columns of one factor (as in ``"~ alloc"``) enter together, an interaction
        only with its parts.
    data : mapping of columns or data frame, optional
    criterion : {"AICc", "AIC", "BIC"}
    methods : sequence of {"ML", "EE"}
        With both, models with and without tau2 are averaged.
    level : float
        In percent.

    Returns
    -------
    ModelAverage

    Raises
    ------
    UnknownOption, BadInput
        If a criterion or method is not of full likelihoods, there are no or more than 12
        moderators, or there are too few studies for all of them.

    Examples
    --------
    >>> es = EffectSizes(np.array([0.1, 0.9, 0.5, 0.2, 0.3]), np.full(5, 0.02))
    >>> found = model_average(es, {"dose": [1, 4, 2, 1, 2], "year": [1, 3, 2, 5, 4]},
    ...                       criterion="BIC")
    >>> found.glance()["best"], found.importance.round(2).tolist()
    ('dose', [1.0, 0.99, 0.31])
    """
    need(es, "EffectSizes", name="es")
    if criterion not in CRITERIA:
        raise UnknownOption("criterion", criterion, CRITERIA)
    if not len(methods):
        raise BadInput("methods is empty; give ML, EE or both.")
    for method in methods:
        if method not in ("ML", "EE"):
            raise UnknownOption("method", method, ("ML", "EE"), _WHY)
    full = pool(es, mods=mods, data=data, method=methods[0], test="z", level=level)
    if full.names[0] != INTERCEPT or full.p < 2:
        raise BadInput("model_average needs an intercept and at least one moderator.")
    terms = _terms(full.names[1:])
    if len(terms) > _MOST_TERMS:
        raise BadInput(
            f"{len(terms)} moderators make 2^{len(terms)} models; at most 12 are fitted."
        )
    fits = [
        (chosen, _fit(full, columns, method))
        for chosen, columns in _subsets(terms)
        for method in methods
    ]
    return _averaged(full, fits, criterion)


def _terms(names: Sequence[str]) -> dict[str, list[int]]:
    """Columns of each term, from 1 on; "x[T.b]" is a column of the factor x."""
    out: dict[str, list[int]] = {}
    for j, name in enumerate(names, start=1):
        term = ":".join(part.partition("[")[0] for part in name.split(":"))
        out.setdefault(term, []).append(j)
    return out


def _subsets(terms: dict[str, list[int]]) -> list[tuple[tuple[str, ...], list[int]]]:
    """Subsets of the terms in which no interaction stands without its parts, with their columns."""
    out = []
    for size in range(len(terms) + 1):
        for chosen in combinations(terms, size):
            parts = {p for t in chosen for p in t.split(":") if p in terms}
            if parts <= set(chosen):
                out.append((chosen, [j for t in chosen for j in terms[t]]))
    return out


def _fit(full: MetaFit, columns: list[int], method: str) -> MetaFit:
    use = full.included
    X = full.X[use][:, columns]
    mods = {full.names[j]: X[:, i] for i, j in enumerate(columns)} or None
    yi, vi = full.data.yi[use], full.data.vi[use]
    return pool(yi, vi, mods=mods, method=method, test="z", level=full.level)


def _averaged(
    full: MetaFit, fits: list[tuple[tuple[str, ...], MetaFit]], criterion: str
) -> ModelAverage:
    value = np.array([getattr(fit.fit_stats["ML"], criterion) for _, fit in fits])
    delta = value - value.min()
    weight = np.exp(-0.5 * delta)
    weight /= weight.sum()
    beta, var, present = np.zeros((3, len(fits), full.p))
    for i, (_, fit) in enumerate(fits):
        place = [full.names.index(n) for n in fit.names]
        beta[i, place], var[i, place], present[i, place] = fit.beta, fit.se**2, 1.0
    estimate = weight @ beta
    se = np.sqrt(weight @ (var + (beta - estimate) ** 2))
    half = critical(full.level, None) * se
    z = estimate / se
    order = np.argsort(delta, kind="stable")
    return ModelAverage(
        full.names, estimate, se, z, 2.0 * ndtr(-np.abs(z)), estimate - half, estimate + half,
        weight @ present,
        tuple(
            Weighed(fits[i][0], fits[i][1].method, float(value[i]), float(delta[i]),
                    float(weight[i]), fits[i][1])
            for i in order
        ),
        criterion, full.level,
    )  # fmt: skip
