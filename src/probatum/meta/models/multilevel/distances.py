"""How far apart two places are, for spatial structures (`dist=`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from probatum.errors import BadInput, UnknownOption
from probatum.meta.models.multilevel.factors import Factor
from probatum.meta.models.multilevel.relations import in_order
from probatum.meta.models.multilevel.structures import STRUCTURES
from probatum.meta.models.multilevel.terms import Structured, Term
from probatum.meta.types import Floats

Metric = Callable[[Floats, Floats], Floats]
"""From coordinates of two sets of places, (..., d) each, to distances (...)."""


def euclidean(a: Floats, b: Floats) -> Floats:
    """The length of the straight line."""
    return np.asarray(np.sqrt(np.sum((a - b) ** 2, axis=-1)))


def maximum(a: Floats, b: Floats) -> Floats:
    """The largest difference of a coordinate."""
    return np.asarray(np.max(np.abs(a - b), axis=-1))


def manhattan(a: Floats, b: Floats) -> Floats:
    """The sum of the differences of the coordinates."""
    return np.asarray(np.sum(np.abs(a - b), axis=-1))


_EQUATOR, _FLATTENING = 6378.137, 1.0 / 298.257223563  # WGS84; kilometres


def great_circle(a: Floats, b: Floats) -> Floats:
    """Kilometres along the ellipsoid WGS84, from (longitude, latitude) in degrees.

    Andoyer's formula, which is off by the square of the flattening: Meeus J (1998). Astronomical
    Algorithms, 2nd ed., p. 85.
    """
    a, b = np.radians(a), np.radians(b)
    F, G = (a[..., 1] + b[..., 1]) / 2, (a[..., 1] - b[..., 1]) / 2
    L = (a[..., 0] - b[..., 0]) / 2
    S = np.sin(G) ** 2 * np.cos(L) ** 2 + np.cos(F) ** 2 * np.sin(L) ** 2
    C = np.cos(G) ** 2 * np.cos(L) ** 2 + np.sin(F) ** 2 * np.sin(L) ** 2
    w = np.arctan2(np.sqrt(S), np.sqrt(C))
    with np.errstate(divide="ignore", invalid="ignore"):
        R = np.sqrt(S * C) / w
        bend = (3 * R - 1) / (2 * C) * np.sin(F) ** 2 * np.cos(G) ** 2
        bend = bend - (3 * R + 1) / (2 * S) * np.cos(F) ** 2 * np.sin(G) ** 2
        out = 2 * w * _EQUATOR * (1 + _FLATTENING * bend)
    return np.asarray(np.where(S == 0.0, 0.0, out))


METRICS: dict[str, Metric] = {
    "euclidean": euclidean,
    "maximum": maximum,
    "manhattan": manhattan,
    "gcd": great_circle,
}


def read_distances(
    dist: Any, terms: Sequence[Term], factors: Mapping[tuple[str, ...], Factor]
) -> dict[str, Metric | Floats]:
    """By the label of a spatial term: how distances are taken, or the distances of its levels.

    Parameters
    ----------
    dist : str or mapping
        The name of a metric for all terms; or from the inner side of a term (``"lon + lat"``,
        ``"site"``) to such a name, or to a matrix in the forms that `R` takes.

    Raises
    ------
    UnknownOption
        If there is no such metric.
    BadInput
        If a term or level is missing, or a matrix can't be one of distances.
    """
    spatial = {
        " + ".join(term.inner): term
        for term in terms
        if isinstance(term, Structured) and STRUCTURES[term.struct].lag == "space"
    }
    given = dict(dist) if isinstance(dist, Mapping) else dict.fromkeys(spatial, dist)
    out: dict[str, Metric | Floats] = {}
    for name, value in given.items():
        term = spatial.get(str(name))
        if term is None:
            known = ", ".join(spatial) or "no spatial structure"
            raise BadInput(f'dist has "{name}"; random has: {known}.')
        if isinstance(value, str):
            out[term.label] = _metric(value, term)
        else:
            out[term.label] = _matrix(str(name), value, factors[term.inner])
    return out


def _metric(name: str, term: Structured) -> Metric:
    if name not in METRICS:
        raise UnknownOption("dist", name, list(METRICS))
    if name == "gcd" and len(term.inner) != 2:
        raise BadInput(
            'dist="gcd" needs a longitude and a latitude: random="~ lon + lat | region".'
        )
    return METRICS[name]


def _matrix(name: str, given: Any, places: Factor) -> Floats:
    matrix = in_order(f'dist["{name}"]', given, places)
    off = ~np.eye(len(matrix), dtype=np.bool_)
    if not np.isfinite(matrix).all() or (matrix[off] < 0).any() or np.diagonal(matrix).any():
        raise BadInput(f'dist["{name}"] has a distance below 0, a gap, or no 0 on the diagonal.')
    if np.abs(matrix - matrix.T).max(initial=0.0) > 1e-8 * np.abs(matrix).max(initial=0.0):
        raise BadInput(f'dist["{name}"] is not symmetric.')
    return matrix
