"""Several estimates of one study made into one."""

from __future__ import annotations

from typing import Any

import numpy as np

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import floats, yes_or_no
from probatum.meta.conversions.covariance import (
    Keys,
    a_correlation,
    check_positive,
    decay,
    keys_of,
    known_numbers,
)
from probatum.meta.options import typed_options
from probatum.meta.types import EffectSizes, Floats, need

STRUCTURES = {
    "ID": "independent",
    "CS": "one correlation rho",
    "CAR": "correlation phi ** |time difference|",
    "CS+CAR": "rho + (1 - rho) phi ** |time difference|",
    "CS*CAR": "rho between scales, times phi ** |time difference|",
}


@typed_options
def aggregate(
    es: EffectSizes,
    cluster: Any,
    *,
    struct: str = "CS",
    rho: float | None = None,
    phi: float | None = None,
    time: Any = None,
    obs: Any = None,
    V: Any = None,
    weighted: bool = True,
) -> EffectSizes:
    """Combine the estimates of each cluster (study) into one.

    Parameters
    ----------
    es : EffectSizes
        Rows without an estimate are left out.
    cluster : sequence
        Which estimates belong together.
    struct : {"ID", "CS", "CAR", "CS+CAR", "CS*CAR"}
        How sampling errors within a cluster correlate: not at all (other people); by `rho`; by
        ``phi ** |time difference|``; by rho + (1 - rho) of that; or by `rho` between different
        `obs`, times that.
    rho, phi : float, optional
    time, obs : sequence, optional
        Times of measurement, and the scales.
    V : array_like, shape (k, k), optional
        Covariances of the sampling errors, in place of `struct` (see `vcalc`).
    weighted : bool
        Generalised least squares; plain averages otherwise (with the variance that the
        correlations give them).

    Returns
    -------
    EffectSizes
        One row per cluster in order of first appearance; `ni` is the largest of its rows, `notes`
        says what was combined and what that assumes.

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    Best linear unbiased estimate of a common effect: 1'V^-1 y / 1'V^-1 1 with variance
    1/1'V^-1 1 (Gleser LJ, Olkin I, 2009, in Cooper, Hedges & Valentine (eds), Handbook of Research
    Synthesis, ch. 19); unweighted 1'y/m with variance 1'V 1/m^2 (Borenstein et al. 2009,
    Introduction to Meta-Analysis, ch. 24).

    Examples
    --------
    >>> es = EffectSizes(np.array([0.2, 0.4, 0.1]), np.array([0.1, 0.1, 0.2]))
    >>> both = aggregate(es, ["A", "A", "B"], rho=0.5)
    >>> both.slab, both.yi.round(4).tolist(), both.vi.round(4).tolist()
    (('A', 'B'), [0.3, 0.1], [0.075, 0.2])
    """
    need(es, "EffectSizes", name="es")
    weighted = yes_or_no("weighted", weighted)
    k = len(es)
    groups = keys_of(None, "cluster", cluster, k)
    names = list(dict.fromkeys(groups.tolist()))
    matrix, told = _covariances(es, groups, struct, rho, phi, time, obs, V)
    known = np.isfinite(es.yi) & np.isfinite(es.vi)
    if np.any(es.vi[known] == 0):
        raise BadInput("vi holds 0: an estimate without error can't be combined with others")
    yi, vi = np.full(len(names), np.nan), np.full(len(names), np.nan)
    ni = np.full(len(names), np.nan)
    notes, reasons = [], []
    for row, name in enumerate(names):
        here = np.flatnonzero((groups == name) & known)
        reasons.append("" if here.size else "none of its estimates is known")
        notes.append("")
        if here.size:
            yi[row], vi[row] = _combined(es.yi[here], matrix[np.ix_(here, here)], weighted)
            if es.ni is not None and np.isfinite(es.ni[here]).any():
                ni[row] = np.nanmax(es.ni[here])
        if here.size > 1:
            how = "weighted by precision" if weighted else "plain average"
            notes[row] = f"{here.size} estimates of one study ({how}): assumes {told}"
    return EffectSizes(
        yi=yi,
        vi=vi,
        measure=es.measure,
        slab=tuple(str(name) for name in names),
        ni=None if es.ni is None else ni,
        inputs={"yi": yi, "vi": vi},
        reasons=tuple(reasons),
        notes=tuple(notes),
    )


def _combined(y: Floats, V: Floats, weighted: bool) -> tuple[float, float]:
    m = len(y)
    if not weighted:
        return float(y.mean()), float(V.sum()) / m**2
    w = np.linalg.solve(V, np.ones(m))
    return float(w @ y / w.sum()), float(1 / w.sum())


def _covariances(
    es: EffectSizes,
    groups: Keys,
    struct: str,
    rho: float | None,
    phi: float | None,
    time: Any,
    obs: Any,
    V: Any,
) -> tuple[Floats, str]:
    k = len(es)
    if V is not None:
        matrix = floats(V, "V")
        if matrix.shape != (k, k):
            raise BadInput(f"V has shape {matrix.shape}; {k} estimates need ({k}, {k})")
        check_positive(matrix, groups)
        return matrix, "the covariances given in V"
    if struct not in STRUCTURES:
        raise UnknownOption("struct", struct, STRUCTURES)
    r = np.eye(k)
    told = "that they are independent"
    if struct != "ID":
        needs = {"rho": rho, "phi": phi} if "CAR" in struct and "CS" in struct else (
            {"phi": phi} if struct == "CAR" else {"rho": rho}
        )  # fmt: skip
        missing = [name for name, value in needs.items() if value is None]
        if missing:
            raise BadInput(f'struct="{struct}" ({STRUCTURES[struct]}) needs {", ".join(missing)}')
        r = _structure(struct, rho, phi, time, obs, k)
        values = ", ".join(f"{name} = {value:g}" for name, value in needs.items())
        told = f"correlated sampling errors, {values} ({STRUCTURES[struct]})"
    np.fill_diagonal(r, 1.0)
    root = np.sqrt(es.vi)
    matrix = r * root[:, None] * root[None, :]
    check_positive(matrix, groups)
    return matrix, told


def _structure(
    struct: str, rho: float | None, phi: float | None, time: Any, obs: Any, k: int
) -> Floats:
    if struct == "CS":
        return np.full((k, k), a_correlation("rho", rho))
    if time is None:
        raise BadInput(f'struct="{struct}" needs time, when each estimate was measured')
    times = known_numbers(None, "time", time, k)
    over_time = decay(phi, times[:, None] - times[None, :])
    if struct == "CAR":
        return over_time
    common = a_correlation("rho", rho)
    if struct == "CS+CAR":
        return common + (1 - common) * over_time
    if obs is None:
        raise BadInput('struct="CS*CAR" needs obs, the scale of each estimate')
    scales = keys_of(None, "obs", obs, k)
    return np.where(scales[:, None] == scales[None, :], 1.0, common) * over_time
