"""Mixed model of repeated measurements: an effect of each patient, and of treatment over all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import column, is_missing, listed
from probatum.meta.design import Design, check_rank, design
from probatum.meta.inference import check_level, tested
from probatum.meta.options import typed_options
from probatum.meta.patients.blocks import blocks, evaluate
from probatum.meta.patients.pairs import floats
from probatum.meta.patients.spread import degrees, greatest
from probatum.meta.types import Bools, Floats

METHODS = ("REML", "ML")
TESTS = ("t", "z")


@dataclass(frozen=True, slots=True, eq=False)
class MixedFit:
    """A mixed model of repeated measurements.

    Attributes
    ----------
    names : tuple of str
    beta, se, zval, dfs, pval, ci_lb, ci_ub : ndarray, shape (p,)
        Coefficients with their tests; `dfs` are Satterthwaite's, infinite for test "z".
    vb : ndarray, shape (p, p)
    G : ndarray, shape (q, q)
        Covariance of the patients' effects: of the intercept, and of the slope if there is one.
    sigma2 : float
        Variance of a measurement around its patient's line.
    effects : ndarray, shape (m, q)
        Predicted effects of the patients (shrunken), in the order of `patients`.
    patients : tuple of str
    ll, AIC, BIC : float
        Restricted under REML: compare such fits only where they have the same moderators.
    k, m, k_left_out : int
        Measurements, patients, rows left out because a value was missing.
    method, test : str
    level : float
    status : str
        "converged", or "boundary" where a variance of the patients' effects is 0.
    """

    names: tuple[str, ...]
    beta: Floats
    se: Floats
    zval: Floats
    dfs: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    vb: Floats
    G: Floats
    sigma2: float
    effects: Floats
    patients: tuple[str, ...]
    ll: float
    AIC: float
    BIC: float
    k: int
    m: int
    k_left_out: int
    method: str
    test: str
    level: float
    status: str

    @property
    def icc(self) -> float:
        """Share of the variance that lies between patients (without a slope)."""
        return float(self.G[0, 0] / (self.G[0, 0] + self.sigma2))

    def tidy(self) -> list[dict[str, Any]]:
        """One row per coefficient."""
        columns = ("beta", "se", "zval", "dfs", "pval", "ci_lb", "ci_ub")
        return [
            {"term": name} | {c: float(getattr(self, c)[i]) for c in columns}
            for i, name in enumerate(self.names)
        ]


@typed_options
def mixed_model(
    y: Any,
    patient: Any,
    *,
    mods: Any = None,
    slope: Any = None,
    data: Any = None,
    method: str = "REML",
    test: str = "t",
    level: float = 95,
) -> MixedFit:
    """Fit a linear mixed model with a random intercept, and slope, of each patient.

    Parameters
    ----------
    y : array_like or str
        The measurement; a name is a column of `data`.
    patient : array_like or str
        Whose it is.
    mods, data
        Moderators, as in `pool`: a formula such as ``"~ week + age"``, or arrays.
    slope : array_like or str, optional
        A variable whose effect differs between patients too, correlated with the intercept.
    method : {"REML", "ML"}
    test : {"t", "z"}
        t with Satterthwaite's degrees of freedom, or normal.
    level : float
        Confidence level in percent.

    Returns
    -------
    MixedFit

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    Laird NM, Ware JH (1982), Biometrics 38, 963-974. The likelihood is profiled over coefficients
    and residual variance (Bates et al. 2015, Journal of Statistical Software 67(1), as lme4) and
    costs a few small products per patient; the variance of a random intercept is the root of its
    derivative in each dip of a grid, so the greatest maximum is found. Degrees of freedom:
    Satterthwaite's, as lmerTest. With two measurements of every patient the test of time is the
    paired t-test.

    Examples
    --------
    >>> week = [0, 1, 2, 0, 1, 2, 0, 1]
    >>> who = ["a", "a", "a", "b", "b", "b", "c", "c"]
    >>> fit = mixed_model([9, 7, 6, 14, 11, 9, 8, 6], who, mods=week)
    >>> fit.names, fit.beta.round(3).tolist()
    (('intrcpt', 'mods'), [10.219, -1.989])
    >>> round(float(fit.G[0, 0]), 3), round(fit.sigma2, 3)
    (7.57, 0.333)
    """
    if method not in METHODS:
        raise UnknownOption("method", method, METHODS)
    if test not in TESTS:
        raise UnknownOption("test", test, TESTS)
    level = check_level(level)
    rows = _rows(y, patient, mods, slope, data)
    return _fit(rows, method, test, level)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Complete measurements: `y (k,)`, `X (k, p)`, `Z (k, q)`, patients numbered from 0."""

    y: Floats
    X: Floats
    Z: Floats
    patient: NDArray[np.int64]
    names: tuple[str, ...]
    patients: tuple[str, ...]
    left_out: int


def _values(given: Any, data: Any) -> Any:
    return column(data, given) if isinstance(given, str) else given


def _rows(y: Any, patient: Any, mods: Any, slope: Any, data: Any) -> _Rows:
    outcome = floats(_values(y, data), "y")
    who, known = _labels(_values(patient, data))
    lines = np.ones((len(outcome), 1))
    if slope is not None:
        lines = np.column_stack([lines, _matching(floats(_values(slope, data), "slope"), outcome)])
    usable = ~np.isnan(outcome) & _matching(known, outcome) & np.isfinite(lines).all(axis=1)
    layout: Design = design(mods, data, np.asarray(usable), intercept=True)
    usable &= np.isfinite(layout.X).all(axis=1)
    if not usable.any():
        raise BadInput(f"none of the {len(outcome)} rows is complete.")
    names, codes = np.unique(who[usable], return_inverse=True)
    X = layout.X[usable]
    if usable.sum() <= X.shape[1]:
        raise BadInput(f"{usable.sum()} measurements can't carry {X.shape[1]} coefficients.")
    check_rank(X, layout.names)
    if slope is not None:
        check_rank(lines[usable], ("intrcpt", "slope"))
    if len(names) == usable.sum() or len(names) < 2:
        few = "two patients" if len(names) < 2 else "two measurements of a patient"
        raise BadInput(f"a patient's own effect shows only where there are {few} or more.")
    return _Rows(
        outcome[usable], X, lines[usable], codes.astype(np.int64), layout.names,
        tuple(str(name) for name in names), int((~usable).sum()),
    )  # fmt: skip


def _labels(given: Any) -> tuple[NDArray[np.str_], Bools]:
    """Labels as text, and which are there (None and NaN are not)."""
    who = listed(given, "patient")
    known = np.array([not is_missing(x) for x in who], dtype=np.bool_)
    return np.array([str(x) for x in who]), known


def _matching(x: Any, y: Floats) -> Any:
    if len(x) != len(y):
        raise BadInput(f"y has {len(y)} rows, another column {len(x)}: one row per measurement.")
    return x


def _fit(rows: _Rows, method: str, test: str, level: float) -> MixedFit:
    restricted = method == "REML"
    # orthonormal columns, and what they leave of y in units of its spread
    Q, T = np.linalg.qr(rows.X)
    plain = Q.T @ rows.y
    rest = rows.y - Q @ plain
    unit = float(np.sqrt(np.mean(rest**2)))
    if unit <= 1e-12 * float(np.abs(rows.y).max()):
        raise BadInput("the moderators explain every measurement: there is no spread to model.")
    Qz, Tz = np.linalg.qr(rows.Z)
    data = blocks(rest / unit, Q, Qz, rows.patient, restricted=restricted)
    L = greatest(data)
    at = evaluate(data, L[None])
    sigma2 = float(at.rss[0]) / data.dof
    coef = plain + unit * at.coef[0]
    cov = unit**2 * sigma2 * np.linalg.inv(at.A[0])
    back, back_z = np.linalg.inv(T), np.linalg.inv(Tz)
    beta, vb = back @ coef, back @ cov @ back.T
    dfs = degrees(data, L, back) if test == "t" else np.full(len(beta), math.inf)
    relative = back_z @ L
    G = unit**2 * sigma2 * relative @ relative.T
    logs = 2 * np.log(np.abs(np.diagonal(T))).sum() if restricted else 0.0
    deviance = float(at.deviance[0]) + 2 * data.dof * math.log(unit) + logs
    count = len(beta) + data.q * (data.q + 1) // 2 + 1
    t = tested(beta, np.diagonal(vb), dfs, test, level)
    weak = np.linalg.svd(L * data.scale[:, None], compute_uv=False)
    away = data.Y @ np.append(-at.coef[0], 1.0)
    own = np.einsum("mqr,mr->mq", at.S[0][data.group], away)
    return MixedFit(
        names=rows.names, beta=beta, se=t.se, zval=t.stat, dfs=dfs, pval=t.pval,
        ci_lb=t.ci_lb, ci_ub=t.ci_ub, vb=vb, G=G, sigma2=unit**2 * sigma2,
        effects=unit * (own @ L @ relative.T), patients=rows.patients, ll=-deviance / 2,
        AIC=deviance + 2 * count, BIC=deviance + count * math.log(len(rows.y)), k=len(rows.y),
        m=len(rows.patients), k_left_out=rows.left_out, method=method, test=test, level=level,
        status="boundary" if weak.min() < 1e-6 else "converged",
    )  # fmt: skip
