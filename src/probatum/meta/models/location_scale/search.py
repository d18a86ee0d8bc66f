"""The maximum of the likelihood in alpha, from several starts, for many versions at once."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from probatum.errors import BadInput
from probatum.meta.models.location_scale.likelihood import Likelihood, Rows
from probatum.meta.types import Bools, Floats

_STEPS = 200
_SCORING = 25  # steps by the expected information; then by the observed one, where that is convex
_LOWEST = 1e-12  # tau2, relative to the smallest sampling variance: below it nothing changes
_LONGEST = 4.0  # by which log tau2 moves at a time
_BARRIERS = (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11)  # the last costs ll k times as much at most
_KEPT = 3  # ends of a version that are followed beyond the second barrier


class Peak(NamedTuple):
    """Alpha (n, q), its log-likelihood (n,) and whether the climb came to rest (n,)."""

    alpha: Floats
    ll: Floats
    settled: Bools


def maximise(model: Likelihood, level: Floats) -> Peak:
    """The best end of the climbs from several starts, for each version.

    `level` (B,) is a plain estimate of the average tau2.
    """
    starts = _starts(model, level)
    if not model.link.bounded:
        return _highest(_climb(model, starts, 0.0))
    # towards the edge along ever weaker barriers (Fiacco & McCormick 1968)
    ends = starts
    for i, barrier in enumerate(_BARRIERS):
        found = _climb(model, ends, barrier)
        ends = found.alpha
        if i == 1:
            best = np.argsort(-found.ll, axis=1, kind="stable")[:, :_KEPT]
            ends = np.take_along_axis(ends, best[..., None], axis=1)
    return _highest(found)


def _climb(model: Likelihood, starts: Floats, barrier: float) -> Peak:
    """Climbs from starts of shape (B, n, q): all has their leading axes."""
    B, n, q = starts.shape
    rows: Rows = np.repeat(np.arange(B), n)
    found = climb(model, starts.reshape(B * n, q), rows, barrier)
    return Peak(found.alpha.reshape(B, n, q), found.ll.reshape(B, n), found.settled.reshape(B, n))


def _highest(found: Peak) -> Peak:
    """The best end of each version.

    Of ends that differ by rounding only the first: it does not depend on the other starts.
    """
    top = found.ll.max(axis=1, keepdims=True)
    best = np.argmax(found.ll >= top - 1e-10, axis=1)
    at = np.arange(len(best))
    return Peak(found.alpha[at, best], found.ll[at, best], found.settled[at, best])


def climb(model: Likelihood, alpha: Floats, rows: Rows, barrier: float = 0.0) -> Peak:
    """Scoring with damping; each climb stops by itself.

    With a barrier, `barrier` times the sum of log tau2 is added to the likelihood, but not to `ll`.
    """
    alpha = alpha.copy()
    value, gradient = _height(model, alpha, rows, barrier)
    damping, settled = np.full(len(alpha), 1e-8), np.zeros(len(alpha), dtype=np.bool_)
    alive = np.arange(len(alpha))
    for count in range(_STEPS):
        if not alive.size:
            break
        a, r = alpha[alive], rows[alive]
        information = model.information(a, r)
        if count >= _SCORING:
            information = _observed(model, a, r, information)
        step = _step(model, a, r, barrier, information, gradient[alive], damping[alive])
        rise = np.vecdot(step, gradient[alive])
        size, allowed = _reach(model, a, r, step)
        trial = a + step * allowed[:, None]
        new, slope = _height(model, trial, r, barrier)
        gain = new - value[alive]
        up = gain >= -1e-13 * np.abs(value[alive])
        at = alive[up]
        alpha[at], value[at], gradient[at] = trial[up], new[up], slope[up]
        damping[alive] = np.where(
            up, np.maximum(damping[alive] * 0.2, 1e-10), np.maximum(damping[alive] * 10.0, 1e-4)
        )
        rest = up & ((size < 1e-9) | ((gain < 1e-14) & (rise < 1e-18)))
        rest |= up & _vanished(model, trial, r)
        stuck = damping[alive] >= 1e12
        settled[alive] = rest | (stuck & (rise < 1e-10))
        alive = alive[~(rest | stuck)]
    ll = model.at(alpha, rows).ll if barrier else value
    return Peak(alpha, ll, settled)


def _height(model: Likelihood, alpha: Floats, rows: Rows, barrier: float) -> tuple[Floats, Floats]:
    found = model.at(alpha, rows)
    if not barrier:
        return found.ll, found.gradient
    tau2 = model.tau2(alpha, rows)
    pull = ((1.0 / tau2)[:, None, :] @ model.Z[rows])[:, 0, :]
    return found.ll + barrier * np.log(tau2).sum(axis=1), found.gradient + barrier * pull


def _observed(model: Likelihood, alpha: Floats, rows: Rows, expected: Floats) -> Floats:
    """The observed information where it is positive definite: scoring is slow along ridges."""
    found = model.observed(alpha, rows)
    convex = np.linalg.eigvalsh(np.where(np.isfinite(found), found, -1.0))[:, 0] > 0
    return np.where(convex[:, None, None], found, expected)


def _step(
    model: Likelihood, alpha: Floats, rows: Rows, barrier: float, information: Floats,
    gradient: Floats, damping: Floats,
) -> Floats:  # fmt: skip
    if barrier:
        scaled = model.Z[rows] / model.tau2(alpha, rows)[..., None]
        information += barrier * np.swapaxes(scaled, 1, 2) @ scaled
    ridge = damping[:, None] * np.maximum(np.diagonal(information, axis1=1, axis2=2), 1e-10)
    information += ridge[:, None, :] * np.eye(alpha.shape[1])
    return np.asarray(np.linalg.solve(information, gradient[..., None])[..., 0])


def _reach(model: Likelihood, alpha: Floats, rows: Rows, step: Floats) -> tuple[Floats, Floats]:
    """How far a step goes, and how much of it may be taken."""
    move = model.eta(step, rows)
    if not model.link.bounded:
        size = np.max(np.abs(move), axis=1)
        return size, np.minimum(1.0, _LONGEST / np.maximum(size, 1e-300))
    tau2 = model.tau2(alpha, rows)
    size = np.max(np.abs(move) / (model.v[rows] + tau2), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_edge = np.where(move < 0, tau2 / -move, np.inf).min(axis=1)
    return size, np.minimum(1.0, 0.9 * to_edge)


def _vanished(model: Likelihood, alpha: Floats, rows: Rows) -> Bools:
    """No heterogeneity anywhere, under the log link: the edge is the optimum."""
    if model.link.bounded:
        return np.zeros(len(alpha), dtype=np.bool_)
    lowest = np.log(_LOWEST * model.v[rows].min(axis=1))
    return np.asarray(model.eta(alpha, rows).max(axis=1) < lowest)


def on_the_edge(model: Likelihood, alpha: Floats, rows: Rows) -> Bools:
    """Studies (n, k) whose tau2 only the bound at 0 holds up."""
    tau2, v = model.tau2(alpha, rows), model.v[rows]
    return np.asarray((tau2 < 1e-7 * v.min(axis=1, keepdims=True)) & model.link.bounded)


def settled_on_edge(model: Likelihood, found: Peak) -> Peak:
    """Of a single version: exactly 0 what the barrier left just above, and the rest at its best."""
    row: Rows = np.zeros(1, dtype=np.intp)
    edge = on_the_edge(model, found.alpha, row)[0]
    if not edge.any():
        return climb(model, found.alpha, row)
    q = found.alpha.shape[1]
    _, s, vt = np.linalg.svd(model.Z[0][edge])
    basis = vt[int((s > 1e-10 * s[0]).sum()) :].T  # (q, free): directions that leave these at 0
    alpha, settled = np.zeros((1, q)), np.array([True])
    if basis.shape[1]:
        Z = np.where(edge[:, None], 0.0, model.Z[0] @ basis)
        rest = Likelihood(
            model.y, model.v, model.X, Z[None], restricted=model.restricted, link=model.link
        )
        start = np.linalg.lstsq(basis, found.alpha[0], rcond=None)[0]
        end = climb(rest, start[None], row)
        alpha, settled = end.alpha @ basis.T, end.settled
    return Peak(alpha, model.at(alpha, row).ll, settled)


def _starts(model: Likelihood, level: Floats) -> Floats:
    """Levels and tilts of log tau2, shape (B, n, q)."""
    base = np.log(np.maximum(level, 0.05 * np.median(model.v, axis=1)))
    centre, spread = model.Z.mean(axis=1), model.Z.std(axis=1)
    varies = np.flatnonzero((spread > 0).any(axis=0))
    n = min(len(varies), 3)
    tilts = list(itertools.product((0.0, -1.0, 1.0), repeat=n))
    # a steep slope, where a few studies alone differ, is often a maximum of its own
    tilts += [tuple(t * (i == j) for j in range(n)) for i in range(n) for t in (-3.0, 3.0)]
    out = []
    for shift, tilt in itertools.product((0.0, -2.0), tilts):
        eta = (base + shift)[:, None] + np.zeros(model.v.shape)
        for j, t in zip(varies, tilt):
            wide = np.where(spread[:, j] > 0, spread[:, j], 1.0)
            eta += t * (model.Z[:, :, j] - centre[:, j, None]) / wide[:, None]
        out.append(_nearest(model, eta))
    return np.stack(out, axis=1)


def _nearest(model: Likelihood, log_tau2: Floats) -> Floats:
    """Alpha that comes closest to these log tau2, and is allowed."""
    Z = model.Z
    if not model.link.bounded:
        return np.stack([np.linalg.lstsq(z, t, rcond=None)[0] for z, t in zip(Z, log_tau2)])
    out = []
    for z, target in zip(Z, np.exp(log_tau2)):
        inner = _inside(z) * float(target.mean())
        alpha = np.linalg.lstsq(z, target, rcond=None)[0]
        eta, safe = z @ alpha, z @ inner
        lacking = eta < 0.05 * safe
        if lacking.any():  # between the two, as near as the bounds let it come
            share = ((safe - 0.05 * safe) / np.where(lacking, safe - eta, 1.0))[lacking].min()
            alpha = inner + share * (alpha - inner)
        out.append(alpha)
    return np.stack(out)


def _inside(Z: Floats) -> Floats:
    """Alpha with every Z alpha above 0, and 1 at most.

    Raises
    ------
    BadInput
        If there is none.
    """
    flat = np.asarray(np.linalg.lstsq(Z, np.ones(len(Z)), rcond=None)[0], dtype=np.float64)
    if np.allclose(Z @ flat, 1.0):
        return flat
    from scipy.optimize import linprog

    q = Z.shape[1]
    scale = np.abs(Z).max(axis=0)
    scaled = Z / scale  # the lowest Z alpha, as high as it goes with |alpha| <= 1 / q
    above = np.column_stack([-scaled, np.ones(len(Z))])
    bounds = [*[(-1.0 / q, 1.0 / q)] * q, (None, 1.0)]
    found = linprog(np.r_[np.zeros(q), -1.0], A_ub=above, b_ub=np.zeros(len(Z)), bounds=bounds)
    if found.status != 0 or found.x[-1] <= 1e-9:
        raise BadInput(
            'no coefficients of scale give every study a variance above 0 with link="identity"; '
            "add an intercept to scale, or use the log link."
        )
    return np.asarray(found.x[:-1] / scale)
