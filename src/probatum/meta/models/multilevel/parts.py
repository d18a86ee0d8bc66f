"""The random part of a model: all terms with their parameters in one vector."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.columns import floats
from probatum.meta.design import INTERCEPT
from probatum.meta.models.multilevel.components import Component, Named
from probatum.meta.models.multilevel.distances import Metric, euclidean
from probatum.meta.models.multilevel.effects import AnyEffect, Effect, LevelEffect, SlopeEffect
from probatum.meta.models.multilevel.factors import Factor, Ints
from probatum.meta.models.multilevel.structures import STRUCTURES, Structure, angles_of
from probatum.meta.models.multilevel.terms import Intercept, Structured, Term
from probatum.meta.types import Bools, Floats

_KINDS = (("tau2", "rho"), ("gamma2", "phi"))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One term: how rows see it, what it is called, and where its parameters are."""

    term: Term
    effect: AnyEffect
    group: Factor
    inner: Factor | None
    named: Named
    at: slice

    @property
    def structure(self) -> Structure | None:
        """None for an intercept."""
        return None if isinstance(self.effect, Effect) else self.effect.structure

    @property
    def variances(self) -> int:
        """How many variances it has."""
        return 1 if self.structure is None else self.structure.variances

    def start(self, variance: float, rho: float, small: int = -1) -> Floats:
        """Parameters with this variance (one level's much smaller) and about this correlation."""
        if self.structure is None:
            return np.array([variance])
        out = self.structure.start(variance, rho)
        if 0 <= small < self.variances:
            out[small] *= 0.05
        return out

    def leading(self, first: int, second: int, theta: Floats) -> tuple[AnyEffect, Floats]:
        """The term with two levels put first, and the parameters that give the same covariance.

        For struct UN, whose first angle is then that of their correlation.
        """
        assert not isinstance(self.effect, Effect)
        structure, n = self.effect.structure, self.variances
        order = [first, second, *(j for j in range(n) if j not in (first, second))]
        place = np.argsort(order)
        C, _ = structure.kind.correlation(theta[n:], np.zeros((n, n)))
        moved = np.concatenate([theta[:n][order], angles_of(C[np.ix_(order, order)])])
        if isinstance(self.effect, SlopeEffect):
            return replace(self.effect, z=self.effect.z[:, order]), moved
        return replace(self.effect, inner=place[self.effect.inner]), moved


class RandomPart:
    """All terms.

    Attributes
    ----------
    parts : list of Part
    parameters : list of Parameter
    free : ndarray of bool, shape (q,)
        Which are estimated.
    given : ndarray, shape (q,)
        Values of the others, in units of the data (NaN where estimated).
    notes : list of str
        What can't be estimated, and why.
    """

    def __init__(
        self, terms: Sequence[Term], factors: Mapping[tuple[str, ...], Factor],
        relations: Mapping[str, Floats], columns: Mapping[str, NDArray[Any]],
        distances: Mapping[str, Metric | Floats] | None = None,
    ) -> None:  # fmt: skip
        apart = distances or {}
        self.parts: list[Part] = []
        self.notes: list[str] = []
        kinds = iter(_KINDS)
        start = 0
        for term in terms:
            if isinstance(term, Intercept):
                part = _intercept(term, factors, relations, start)
            else:
                pair = next(kinds, None)
                if pair is None:
                    raise BadInput("random has more than two terms of the form ~ inner | outer.")
                part = _structured(term, factors, columns, pair, start, apart.get(term.label))
            self.parts.append(part)
            start = part.at.stop
        self.parameters = [p for part in self.parts for p in part.effect.parameters]
        self.free = np.ones(start, dtype=np.bool_)
        self.given = np.full(start, np.nan)
        for part in self.parts:
            self._fix_what_cannot_be_told(part)

    @property
    def effects(self) -> list[AnyEffect]:
        """How rows see the terms."""
        return [part.effect for part in self.parts]

    def _fix_what_cannot_be_told(self, part: Part) -> None:
        if part.structure is None:
            if len(part.group) == 1:
                self.free[part.at], self.given[part.at] = False, 0.0
                self.notes.append(f"{part.term.label} has one level: its variance is set to 0.")
            return
        rest = slice(part.at.start + part.variances, part.at.stop)
        if not isinstance(part.effect, LevelEffect):
            return
        if rest.start == rest.stop or _most(part.effect.outer, part.effect.inner) > 1:
            return
        self.free[rest] = False
        self.given[rest] = part.structure.start(1.0, 0.0)[part.variances :]
        self.notes.append(
            f"{part.term.label}: no level of the second has two levels of the first, so their "
            "correlation is set to 0."
        )

    def fix(self, kind: str, values: Any) -> None:
        """Hold the components of one kind at given values (None or NaN: estimated).

        Raises
        ------
        BadInput
            If there are not as many values as components, or one is impossible.
        """
        index = [i for part in self.parts for i in _indices(part, kind)]
        if isinstance(values, (str, bytes)) or np.ndim(values) > 1:
            raise BadInput(f"{kind} is {values!r}; it takes a number, or one for each component.")
        listed = [values] * len(index) if np.ndim(values) == 0 else list(values)
        if len(listed) != len(index) or not index:
            raise BadInput(f"{kind} has {len(listed)} values; the model has {len(index)} of them.")
        for i, value in zip(index, listed):
            if value is None or value != value:
                continue
            limits = self.parameters[i]
            if limits.kind == "angle":
                raise BadInput(f"{kind} can't be fixed with struct UN of more than two levels.")
            value = value / self._lag_unit(i) if limits.kind == "range" else value
            if not limits.lower - 1e-12 <= value <= limits.upper:
                raise BadInput(
                    f"{kind} is {value:g}; it lies between {limits.lower:g} and {limits.upper:g}."
                )
            self.free[i] = False
            self.given[i] = math.sqrt(value) if limits.kind == "sd" else float(value)

    def _lag_unit(self, index: int) -> float:
        for part in self.parts:
            if part.at.start <= index < part.at.stop and part.structure is not None:
                return part.structure.lag_unit
        return 1.0

    def scaled_given(self, unit: float) -> Floats:
        """The fixed values in the search's units."""
        size = {"variance": unit, "sd": math.sqrt(unit)}
        return np.asarray(self.given / [size.get(p.kind, 1.0) for p in self.parameters])

    def no_effects(self) -> Floats:
        """Parameters with all variances 0."""
        return np.concatenate([np.zeros(0), *(part.start(0.0, 0.0) for part in self.parts)])

    def starts(self, totals: Sequence[float], given: Floats) -> list[list[Floats]]:
        """Places to search from, in families that differ in kind.

        A total variance is shared equally or is mostly one term's: families differ by that, or
        with correlations by these, and by a level that hardly varies.
        """
        many = len(self.parts)
        shares = [np.full(many, 1.0 / max(many, 1))]
        if many > 1:
            shares += [np.where(np.arange(many) == i, 0.9, 0.1 / (many - 1)) for i in range(many)]
        if all(part.structure is None for part in self.parts):
            return [[self._start(t, s, 0.0, -1, given) for t in totals] for s in shares]
        levels = max(part.variances for part in self.parts)
        ranges = any(p.kind == "range" for p in self.parameters)
        kinds = [(0.0, -1), (-0.4, -1)]
        kinds += [(0.8, j) for j in range(levels)] if 1 < levels < 7 else []
        mixed = [
            [self._start(t, s, rho, small, given) for t in totals for s in shares]
            for rho, small in kinds
        ]
        return mixed + [
            [self._start(t, s, rho, -1, given) for t in totals]
            for rho in (0.5, 0.95, -0.9, *((-0.65, 0.25) if ranges else ()))
            for s in shares
        ]

    def _start(self, total: float, share: Floats, rho: float, small: int, given: Floats) -> Floats:
        each = [part.start(total * s, rho, small) for part, s in zip(self.parts, share)]
        return np.where(self.free, np.concatenate([np.zeros(0), *each]), given)

    def components(
        self, theta: Floats, unit: float, shares: Sequence[Floats]
    ) -> tuple[Component, ...]:
        """The parameters by name, in the data's units; `shares` is I2 of each term's variances."""
        out: list[Component] = []
        for part, I2 in zip(self.parts, shares):
            out += part.named.components(
                part.structure, theta[part.at], unit, self.free[part.at], I2
            )
        return tuple(out)


def _indices(part: Part, kind: str) -> range:
    """Where a term's parameters of one kind of component are."""
    cut = part.at.start + part.variances
    if kind == part.named.kinds[0]:
        return range(part.at.start, cut)
    return range(cut, part.at.stop) if kind == part.named.kinds[1] else range(0)


def _intercept(
    term: Intercept, factors: Mapping[tuple[str, ...], Factor], relations: Mapping[str, Floats],
    start: int,
) -> Part:  # fmt: skip
    group = factors[term.factors]
    named = Named(("sigma2", ""), term.label, ("",), len(group))
    effect = Effect(group.codes, relations.get(term.label))
    return Part(term, effect, group, None, named, slice(start, start + 1))


def _structured(
    term: Structured, factors: Mapping[tuple[str, ...], Factor],
    columns: Mapping[str, NDArray[Any]], kinds: tuple[str, str], start: int,
    distance: Metric | Floats | None,
) -> Part:  # fmt: skip
    group, kind = factors[term.outer], STRUCTURES[term.struct]
    if kind.lag == "slopes":
        return _sloped(term, group, columns, kinds, start)
    inner = factors[term.inner]
    position, metric, unit = _positions(term, inner, columns, distance)
    shortest = _shortest(position, metric) / unit
    structure = Structure(kind, len(inner), _most(group.codes, inner.codes), unit, shortest)
    effect = LevelEffect(group.codes, inner.codes, position, structure, metric)
    levels = tuple(str(x) for x in inner.levels) if kind.heterogeneous else ("",)
    together = _together(group.codes, inner.codes, len(inner)) if structure.pairwise else None
    named = Named(kinds, term.label, levels, len(group), together)
    return Part(term, effect, group, inner, named, slice(start, start + len(effect.parameters)))


def _sloped(
    term: Structured, group: Factor, columns: Mapping[str, NDArray[Any]], kinds: tuple[str, str],
    start: int,
) -> Part:  # fmt: skip
    names = [INTERCEPT] * term.constant + list(term.inner)
    variables = [_numbers(term, name, columns[name]) for name in term.inner]
    ones = [np.ones(len(group.codes))] if term.constant else []
    structure = Structure(STRUCTURES[term.struct], len(names), len(names))
    effect = SlopeEffect(group.codes, np.column_stack([*ones, *variables]), structure)
    together = np.ones((len(names), len(names)), dtype=np.bool_)
    named = Named(kinds, term.label, tuple(names), len(group), together)
    return Part(term, effect, group, None, named, slice(start, start + len(effect.parameters)))


def _most(outer: Ints, inner: Ints) -> int:
    """Most levels of inner that occur in one level of outer."""
    h = int(inner.max(initial=0)) + 1
    return int(np.bincount(np.unique(outer * h + inner) // h).max(initial=1))


def _together(outer: Ints, inner: Ints, h: int) -> Bools:
    from scipy.sparse import coo_array

    size = int(outer.max(initial=-1)) + 1
    seen = coo_array((np.ones(len(outer)), (outer, inner)), shape=(size, h)).tocsr()
    return np.asarray((seen.T @ seen).toarray() > 0.0)


def _positions(
    term: Structured, inner: Factor, columns: Mapping[str, NDArray[Any]],
    distance: Metric | Floats | None,
) -> tuple[Floats, Metric, float]:  # fmt: skip
    """What lags are taken from, shape (k, d), how, and the distance to count as 1."""
    lag = STRUCTURES[term.struct].lag
    codes = inner.codes[:, None].astype(np.float64)
    if lag in ("other", "places"):
        return codes, euclidean, 1.0
    if isinstance(distance, np.ndarray):
        return codes, _looked_up(distance), _widest(term, float(distance.max(initial=0.0)))
    at = np.column_stack([_numbers(term, name, columns[name]) for name in term.inner])
    if lag == "values":
        return at, euclidean, 1.0
    metric = distance or euclidean
    corners = np.stack([at.min(axis=0), at.max(axis=0)])
    return at, metric, _widest(term, float(metric(corners[:1], corners[1:])[0]))


def _shortest(position: Floats, metric: Metric) -> float:
    """The least distance between two places, of some hundred at most."""
    places = np.unique(position, axis=0)
    some = places[:: max(1, len(places) // 300)]
    apart = metric(some[:, None, :], some[None, :, :])
    return float(np.min(apart, where=apart > 0.0, initial=np.inf))


def _widest(term: Structured, widest: float) -> float:
    if widest == 0.0:
        raise BadInput(f'"{term.label}" has all estimates in one place.')
    return widest


def _looked_up(distances: Floats) -> Metric:
    def metric(a: Floats, b: Floats) -> Floats:
        return np.asarray(distances[a[..., 0].astype(int), b[..., 0].astype(int)])

    return metric


def _numbers(term: Structured, name: str, values: NDArray[Any]) -> Floats:
    try:
        return floats(values, name)
    except BadInput:
        raise BadInput(
            f'"{term.label}" with struct {term.struct} needs numbers; "{name}" has other values.'
        ) from None
