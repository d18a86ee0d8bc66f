"""What a model takes from its caller: estimates, V, groups, and which rows can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.design import Design, design
from probatum.meta.kernel import TOO_FAR, comparable
from probatum.meta.models.multilevel.factors import Factor, combined, factor, present, values_of
from probatum.meta.models.multilevel.sampling import Sampling, check_definite, sampling
from probatum.meta.models.multilevel.terms import Intercept, Term
from probatum.meta.models.rows import as_effect_sizes
from probatum.meta.types import Bools, EffectSizes, Floats, labels


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The estimates of a model.

    Attributes
    ----------
    es : EffectSizes
        All rows.
    V : Sampling
        Of the rows used.
    layout : Design
        Of all rows.
    factors : mapping of names to Factor
        Groupings of the rows used, by the names that make them up.
    columns : mapping of str to ndarray
        Values of the random part's columns, of the rows used.
    usable : ndarray of bool, shape (k_all,)
    reasons : tuple of str
        "" or why a row is left out.
    """

    es: EffectSizes
    V: Sampling
    layout: Design
    factors: Mapping[tuple[str, ...], Factor]
    columns: Mapping[str, NDArray[Any]]
    usable: Bools
    reasons: tuple[str, ...]

    @property
    def y(self) -> Floats:
        """Estimates of the rows used."""
        return self.es.yi[self.usable]

    @property
    def X(self) -> Floats:
        """Their design."""
        return self.layout.X[self.usable]


def read_rows(
    yi: Any, V: Any, slab: Any, data: Any, mods: Any, terms: Sequence[Term], *, intercept: bool
) -> Rows:
    """Take the arguments of a model apart.

    Raises
    ------
    BadInput
        With what is wrong, and what to do.
    """
    es, whole = _estimates(yi, V, slab, data)
    columns = {n: values_of(n, data, es) for n in dict.fromkeys(_names(terms))}
    reasons = _unusable(es, columns)
    usable = np.array([not r for r in reasons], dtype=np.bool_)
    layout = design(mods, data, usable, intercept=intercept)
    for i in np.flatnonzero(usable & ~np.isfinite(layout.X).all(axis=1)):
        reasons[i] = "no moderator"
    usable = np.array([not r for r in reasons], dtype=np.bool_)
    if not usable.any():
        told = "; ".join(dict.fromkeys(reasons)) or "there are none"
        raise BadInput(f"none of the {len(es)} rows can be used: {told}.")
    kept = whole.take(usable)
    slabs = labels(es.slab, len(es))
    _check_numbers(kept, es.yi[usable])
    check_definite(kept, [s for s, u in zip(slabs, usable) if u])
    columns = {n: values[usable] for n, values in columns.items()}
    single = {n: factor(values) for n, values in columns.items()}
    wanted = {key for term in terms for key in _keys(term)}
    factors = {key: combined([single[n] for n in key]) for key in wanted}
    return Rows(es, kept, layout, factors, columns, usable, tuple(reasons))


def _estimates(yi: Any, V: Any, slab: Any, data: Any) -> tuple[EffectSizes, Sampling]:
    if V is None and not isinstance(yi, EffectSizes):
        raise BadInput(
            "give the sampling variances as V: one for each estimate, or their covariance matrix, "
            "or a list of its blocks."
        )
    if isinstance(yi, EffectSizes):
        es = yi
        given = es.V if V is None else V
        whole = sampling(given, len(es))
        if whole is None and given is not None:
            es = as_effect_sizes(es.yi, given, None, es.slab or None, data)
            es = replace(yi, vi=es.vi)
        whole = whole or Sampling(es.vi)
        return (es if whole.v is es.vi else replace(es, vi=whole.v)), whole
    k = len(_column(yi, data))
    blocks = sampling(V, k)
    es = as_effect_sizes(yi, V if blocks is None else blocks.v, None, slab, data)
    return es, blocks or Sampling(es.vi)


def _column(values: Any, data: Any) -> NDArray[Any]:
    from probatum.meta.columns import column

    return np.atleast_1d(np.asarray(column(data, values) if isinstance(values, str) else values))


def _keys(term: Term) -> list[tuple[str, ...]]:
    return [term.factors] if isinstance(term, Intercept) else [term.outer, term.inner]


def _names(terms: Sequence[Term]) -> list[str]:
    return [n for term in terms for key in _keys(term) for n in key]


def _unusable(es: EffectSizes, columns: Mapping[str, NDArray[Any]]) -> list[str]:
    """Per row "" or why it can't be used."""
    estimated = np.isfinite(es.yi)
    known = np.isfinite(es.vi)
    wrong = np.flatnonzero(estimated & (es.vi <= 0.0))
    if len(wrong):
        which = ", ".join(labels(es.slab, len(es))[i] for i in wrong[:3])
        raise BadInput(
            f"sampling variances must be positive; {len(wrong)} are not (study {which}). "
            "Correct them, or make them NaN to leave the rows out."
        )
    out = [""] * len(es)
    given = es.reasons or out
    for i in np.flatnonzero(~(estimated & known)):
        out[i] = given[i] or ("no sampling variance" if estimated[i] else "no estimate")
    for name, values in columns.items():
        for i in np.flatnonzero(~present(values)):
            out[i] = out[i] or f"no {name}"
    return out


def _check_numbers(V: Sampling, y: Floats) -> None:
    if len(y) and not comparable(y, V.v):
        raise BadInput(f"the estimates and their variances {TOO_FAR}")
    for c in V.correlated:
        if not np.isfinite(c.matrix).all():
            raise BadInput(
                "V has covariances that are not numbers, in rows that have an estimate and a "
                "variance; give each pair a covariance (0 where independent)."
            )
