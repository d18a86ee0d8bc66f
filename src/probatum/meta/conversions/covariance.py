"""Covariances of estimates that share people: what is known or guessed, put together."""

from __future__ import annotations

import reprlib
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.columns import is_missing, numbers, pick
from probatum.meta.options import typed_options
from probatum.meta.types import Floats

Keys = NDArray[Any]
Pairs = Mapping[tuple[Any, Any], float]
Correlation = float | Pairs


@typed_options
def vcalc(
    data: Any = None,
    *,
    vi: Any,
    cluster: Any,
    subgroup: Any = None,
    obs: Any = None,
    type: Any = None,
    time1: Any = None,
    time2: Any = None,
    grp1: Any = None,
    grp2: Any = None,
    w1: Any = None,
    w2: Any = None,
    rho: Any = None,
    phi: float | None = None,
    check: bool = True,
) -> Floats:
    """Covariance matrix of the sampling errors of dependent estimates.

    Parameters
    ----------
    data : mapping or data frame, optional
    vi : str or array_like
        Sampling variances.
    cluster, subgroup : str or sequence
        Estimates of different clusters, or of different subgroups of one, are independent.
    obs, type : str or sequence, optional
        Which scale, and which construct, an estimate is about. Their correlation is `rho`: one
        number for `obs` or `type` alone, two (within a construct, between constructs) for both.
        In place of a number a mapping of pairs: ``{("BDI", "HDRS"): 0.7}``.
    time1, time2 : str or array_like, optional
        Times of measurement (of the first and second condition of a contrast); two values of the
        same people correlate ``phi ** |difference|``.
    grp1, grp2 : str or sequence, optional
        The groups that an estimate compares: estimates with a common group correlate.
    w1, w2 : str or array_like, optional
        Sizes of those groups (or other inverse-variance weights); equal by default.
    rho, phi : float
        Correlations, see above.
    check : bool
        Refuse a matrix that isn't positive definite.

    Returns
    -------
    ndarray, shape (k, k)

    Raises
    ------
    BadInput

    Notes
    -----
    A contrast is the difference of two group results with variances proportional to 1/w1 and
    1/w2; covariances of contrasts follow from those of the results (Gleser LJ, Olkin I, 2009, in
    Cooper, Hedges & Valentine (eds), Handbook of Research Synthesis, ch. 19). Correlations for
    scale, construct and time multiply, as in vcalc of metafor.

    Examples
    --------
    >>> vcalc(vi=[0.1, 0.2], cluster=["A", "A"], obs=["BDI", "HDRS"], rho=0.5).round(4).tolist()
    [[0.1, 0.0707], [0.0707, 0.2]]
    """
    v, _ = numbers(pick(data, "vi", vi), "vi")
    k = len(v)
    if np.any(v < 0):
        raise BadInput("vi holds negative variances")
    clusters = keys_of(data, "cluster", cluster, k)
    same = clusters[:, None] == clusters[None, :]
    if subgroup is not None:
        part = keys_of(data, "subgroup", subgroup, k)
        same &= part[:, None] == part[None, :]
    r = _of_scales(data, obs, type, rho, k)
    if grp1 is not None:
        r = r * _of_contrasts(data, (grp1, grp2), (time1, time2), (w1, w2), phi, k)
    elif grp2 is not None:
        raise BadInput("grp2 needs grp1: the groups an estimate compares")
    elif time1 is not None:
        times = known_numbers(data, "time1", time1, k)
        r = r * decay(phi, times[:, None] - times[None, :])
    if obs is None and type is None and grp1 is None and time1 is None:
        raise BadInput("say in what estimates of a cluster differ: obs, type, time1 or grp1")
    r = np.where(same, r, 0.0)
    np.fill_diagonal(r, 1.0)
    root = np.sqrt(v)
    V: Floats = r * root[:, None] * root[None, :]
    np.fill_diagonal(V, v)
    if check:
        check_positive(V, clusters)
    return V


def keys_of(data: Any, name: str, values: Any, k: int) -> Keys:
    """A column of labels (text, numbers) as an array of objects, nothing missing."""
    out = np.empty(k, dtype=object)
    column = np.asarray(pick(data, name, values), dtype=object)
    if column.ndim == 0:
        column = np.repeat(column, k)
    if column.shape != (k,):
        raise BadInput(f"{name} has {column.size} values for {k} rows")
    for i, value in enumerate(column.tolist()):
        if is_missing(value):
            raise BadInput(f"{name} is missing in row {i + 1}")
        if not isinstance(value, Hashable):
            raise BadInput(f"{name} holds {reprlib.repr(value)} in row {i + 1}: no label")
        out[i] = value
    return out


def known_numbers(data: Any, name: str, values: Any, k: int) -> Floats:
    """A column of numbers, none missing."""
    x, _ = numbers(pick(data, name, values), name)
    if len(x) == 1 and k > 1:
        x = np.repeat(x, k)
    if len(x) != k or not np.isfinite(x).all():
        raise BadInput(f"{name} has {np.isfinite(x).sum()} known values for {k} rows")
    return x


def a_correlation(name: str, value: Any) -> float:
    """A number from -1 to 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise BadInput(f"{name} is a correlation; got {reprlib.repr(value)}")
    if not -1 <= value <= 1:
        raise BadInput(f"{name} = {reprlib.repr(value)} is outside -1 to 1")
    return float(value)


def _between(name: str, keys: Keys, rho: Correlation) -> Floats:
    """Correlations of rows by their keys: 1 where they are the same."""
    same = keys[:, None] == keys[None, :]
    if not isinstance(rho, Mapping):
        return np.where(same, 1.0, a_correlation("rho", rho))
    r = np.ones((len(keys), len(keys)))
    known = {frozenset(pair): a_correlation("rho", value) for pair, value in rho.items()}
    for i, j in zip(*np.nonzero(~same), strict=True):
        pair = frozenset((keys[i], keys[j]))
        if pair not in known:
            raise BadInput(f"rho has no correlation of {name} {keys[i]!r} and {keys[j]!r}")
        r[i, j] = known[pair]
    return r


def _of_scales(data: Any, obs: Any, type: Any, rho: Any, k: int) -> Floats:
    if obs is None and type is None:
        return np.ones((k, k))
    if rho is None:
        raise BadInput("obs and type need rho, the correlation of what they tell apart")
    if obs is None or type is None:
        name, values = ("obs", obs) if type is None else ("type", type)
        return _between(name, keys_of(data, name, values, k), rho)
    if not isinstance(rho, (list, tuple)) or len(rho) != 2:
        raise BadInput("with obs and type, rho is two correlations: within, between constructs")
    kinds = keys_of(data, "type", type, k)
    alike = kinds[:, None] == kinds[None, :]
    within = _between("obs", keys_of(data, "obs", obs, k), rho[0])
    return np.where(alike, within, _between("type", kinds, rho[1]))


def decay(phi: float | None, apart: Floats) -> Floats:
    """Correlation of values `apart` units of time from each other."""
    if phi is None:
        raise BadInput("times need phi, the correlation of values one unit of time apart")
    if not 0 <= a_correlation("phi", phi) <= 1:
        raise BadInput(f"phi = {phi:g} is outside 0 to 1")
    out: Floats = np.power(float(phi), np.abs(apart))
    return out


def _of_contrasts(
    data: Any, groups: Any, times: Any, weights: Any, phi: float | None, k: int
) -> Floats:
    """Correlations of differences between two groups or two times."""
    if groups[1] is None:
        raise BadInput("grp1 needs grp2: the groups an estimate compares")
    g = [keys_of(data, name, x, k) for name, x in zip(("grp1", "grp2"), groups, strict=True)]
    if (weights[0] is None) != (weights[1] is None):
        raise BadInput("give both w1 and w2, or neither")
    w = [
        np.ones(k) if x is None else known_numbers(data, name, x, k)
        for name, x in zip(("w1", "w2"), weights, strict=True)
    ]
    if min(w[0].min(initial=1), w[1].min(initial=1)) <= 0:
        raise BadInput("w1 and w2 are sizes of groups: over 0")
    if times[0] is not None:
        first = known_numbers(data, "time1", times[0], k)
        second = first if times[1] is None else known_numbers(data, "time2", times[1], k)
        t: list[Floats] | None = [first, second]
    else:
        t = None

    def shared(a: int, b: int) -> Floats:
        """Correlation of side a of each row with side b of each row."""
        same: Floats = (g[a][:, None] == g[b][None, :]).astype(np.float64)
        return same if t is None else same * decay(phi, t[a][:, None] - t[b][None, :])

    total = w[0] + w[1]
    c = [np.sqrt(w[1] / total), -np.sqrt(w[0] / total)]
    cov = sum(c[a][:, None] * c[b][None, :] * shared(a, b) for a in range(2) for b in range(2))
    own = np.sqrt(np.diag(cov))
    if np.any(own <= 0):
        raise BadInput("a row compares a group with itself at one time: it has no sampling error")
    return np.asarray(cov / (own[:, None] * own[None, :]))


def check_positive(V: Floats, clusters: Keys) -> None:
    """Refuse covariances that no sampling errors can have.

    Raises
    ------
    BadInput
        Naming the clusters.
    """
    bad = []
    for name in dict.fromkeys(clusters.tolist()):
        here = np.flatnonzero(clusters == name)
        block = V[np.ix_(here, here)]
        if len(here) > 1 and np.isfinite(block).all():
            lowest = np.linalg.eigvalsh(block)[0]
            if lowest <= 1e-12 * np.trace(block):
                bad.append(str(name))
    if bad:
        shown = ", ".join(bad[:5]) + (", ..." if len(bad) > 5 else "")
        raise BadInput(
            f"these correlations are not possible together in cluster {shown}: the matrix isn't "
            "positive definite. Lower rho or phi, or check what tells the rows apart "
            "(check=False gives the matrix all the same)"
        )
