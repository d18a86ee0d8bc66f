"""What a user gives as rows: estimates, variances, weights, offsets, and which can be used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.columns import floats, pick, plain, same_index
from probatum.meta.design import Design
from probatum.meta.kernel import TOO_FAR, comparable
from probatum.meta.tau2 import Tau2Method, given
from probatum.meta.types import Bools, EffectSizes, Floats, labels


def as_effect_sizes(yi: Any, vi: Any, sei: Any, slab: Any, data: Any) -> EffectSizes:
    """`EffectSizes` as given, or of arrays (or columns of `data`).

    Raises
    ------
    BadInput
        If there are no variances, or lengths differ.
    """
    if isinstance(yi, EffectSizes):
        if vi is not None or sei is not None:
            raise BadInput("yi already has its variances (EffectSizes): leave out vi and sei.")
        return yi
    if (vi is None) == (sei is None):
        raise BadInput("give either the variances vi or the standard errors sei.")
    same_index(yi=yi, vi=vi, sei=sei, slab=slab)
    y = _numbers("yi", yi, data)
    v = _numbers("vi", vi, data) if sei is None else _numbers("sei", sei, data)
    if y.shape != v.shape:
        raise BadInput(f"yi has {len(y)} rows and {'vi' if sei is None else 'sei'} {len(v)}.")
    if sei is not None:
        with np.errstate(over="ignore"):  # an infinite variance is refused later, by name
            # a negative standard error must not become a variance by squaring
            v = np.where(v < 0, -1.0, 1.0) * v * v
    names = plain(pick(data, "slab", slab))
    if names is not None and (count := _count(names)) != len(y):
        raise BadInput(f"slab has {count} labels; there are {len(y)} estimates.")
    return EffectSizes(y, v, slab=labels(names, len(y)))


def _count(names: Any) -> int:
    try:
        return len(names)
    except TypeError:  # one label, not in a list
        return 1


def _numbers(name: str, values: Any, data: Any) -> Floats:
    array = np.atleast_1d(floats(pick(data, name, values), name))
    if array.ndim != 1:
        raise BadInput(f"{name} has {array.ndim} dimensions; it takes one number per study.")
    return array


def usable_rows(es: EffectSizes) -> tuple[Bools, list[str]]:
    """Which rows can be used, and per row "" or why it can't.

    Raises
    ------
    BadInput
        If a variance isn't positive, or numbers differ too much in size.
    """
    k = len(es)
    out = [""] * k
    if k and comparable(es.yi, es.vi):
        return np.ones(k, dtype=np.bool_), out
    estimated: Bools = np.isfinite(es.yi)
    usable = estimated & np.isfinite(es.vi)
    wrong = np.flatnonzero((es.vi <= 0) & estimated)
    if len(wrong):
        which = ", ".join(labels(es.slab, k)[i] for i in wrong[:3])
        raise BadInput(
            f"sampling variances must be positive; {len(wrong)} are not (study {which}). "
            "Correct them, or make them NaN to leave the rows out."
        )
    given = es.reasons or tuple(out)
    for i in np.flatnonzero(~usable):
        out[i] = given[i] or ("no sampling variance" if estimated[i] else "no estimate")
    if usable.any() and not comparable(es.yi[usable], es.vi[usable]):
        raise BadInput(f"the estimates and their variances {TOO_FAR}")
    return usable, out


def mark_missing(layout: Design, reasons: list[str]) -> Bools:
    """Rows with all moderators; the others get their reason."""
    finite: Bools = np.isfinite(layout.X)
    ok: Bools = np.asarray(finite.all(axis=1))
    if not ok.all():
        for i in np.flatnonzero(~ok):
            gaps = [n for n, good in zip(layout.names, finite[i]) if not good]
            named = "" if layout.encode else f" {', '.join(gaps)}"
            reasons[i] = reasons[i] or f"no moderator{named}"
    return ok


def common(reasons: list[str]) -> str:
    """The reasons, each once."""
    kinds = [r for r in dict.fromkeys(reasons) if r]
    return "; ".join(kinds) if kinds else "there are none"


def without_offset(es: EffectSizes, offset: Any, data: Any) -> EffectSizes:
    """The estimates less a known part of each; NaN, with a reason, where that is missing.

    Raises
    ------
    BadInput
        If there is not one number per estimate.
    """
    known = _numbers("offset", offset, data)
    if len(known) != len(es):
        raise BadInput(f"offset has {len(known)} rows; there are {len(es)} estimates.")
    missing = ~np.isfinite(known)
    reasons = es.reasons or ("",) * len(es)
    told = (r or ("no offset" if gone else "") for r, gone in zip(reasons, missing))
    return replace(es, yi=np.where(missing, np.nan, es.yi - known), reasons=tuple(told))


def weights_in(values: Any, data: Any, k: int) -> Floats:
    """Weights of k estimates as the user gives them; NaN where missing.

    Raises
    ------
    BadInput
        If there is not one number per estimate, or one is negative or infinite.
    """
    a = _numbers("weights", values, data)
    if len(a) != k:
        raise BadInput(f"weights has {len(a)} rows; there are {k} estimates.")
    check_weights(a)
    return a


def check_weights(a: Floats) -> None:
    """That no weight is negative or infinite.

    Raises
    ------
    BadInput
    """
    if len(wrong := np.flatnonzero((a < 0.0) | np.isinf(a))):
        raise BadInput(
            f"weights must be finite and not negative; weight {wrong[0] + 1} is {a[wrong[0]]:g}."
        )


def mark_unweighted(a: Floats, reasons: list[str]) -> Bools:
    """Rows with a weight; the others get their reason."""
    known: Bools = ~np.isnan(a)
    for i in np.flatnonzero(~known):
        reasons[i] = reasons[i] or "no weight"
    return known


def tau2_from(how: Tau2Method, tau2: Any, *, weights: Any, weighted: bool) -> Tau2Method:
    """The estimator of tau2, or the given value in its place.

    Raises
    ------
    BadInput
        If tau2 is no number from 0 on or the model has none, if the estimator needs weights, or
        if weights are given for an unweighted fit.
    """
    if weights is not None and not weighted:
        raise BadInput("weights are given, and weighted=False asks for none: leave out one.")
    if how.needs_weights and weights is None:
        raise BadInput(f"{how.code} estimates tau2 from weights that you choose: give weights=.")
    if tau2 is None:
        return how
    if how.code == "EE":
        raise BadInput("an equal-effects model has a tau2 of 0: leave out tau2, or use a method.")
    try:
        value = float(tau2)
    except (TypeError, ValueError):
        raise BadInput(f"tau2 is {tau2!r}; it takes one number.") from None
    if not 0.0 <= value < np.inf:
        raise BadInput(f"tau2 is {value:g}; a variance is finite and not negative.")
    return given(how, value)


def check_given(tau2: Any, v: Floats) -> None:
    """That a given tau2 can be computed with beside these variances.

    Raises
    ------
    BadInput
    """
    if (
        tau2 is not None
        and len(v)
        and not comparable(np.zeros(1), np.append(v, v[0] + float(tau2)))
    ):
        raise BadInput(f"tau2 = {float(tau2):g} and the sampling variances {TOO_FAR}")
