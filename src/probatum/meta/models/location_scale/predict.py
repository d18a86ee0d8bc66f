"""Average effects and variances that a location-scale model predicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.inference import check_level, critical
from probatum.meta.models.location_scale.fit import LocationScaleFit
from probatum.meta.models.location_scale.links import LINKS
from probatum.meta.prediction import Prediction, ordered, rows_asked, transformation
from probatum.meta.types import Floats


def predict(
    fit: LocationScaleFit, newmods: Any = None, newscale: Any = None, *, transf: Any = None,
    level: float | None = None,
) -> Prediction:  # fmt: skip
    """Average effects at given moderator values, with prediction intervals.

    The prediction interval is pred +/- c sqrt(se^2 + tau2), where tau2 is that of the row; c is the
    quantile of the model's own test (Viechtbauer W, López-López JA, 2022, Research Synthesis
    Methods 13, 697-715).

    Parameters
    ----------
    newmods : array of shape (q,) or (m, q), or mapping, optional
        Moderators of the average effect, without the intercept; the rows fitted by default.
    newscale : the same for the moderators of tau2
        With `newmods` alone there is no tau2, and the prediction interval is NaN. One row of either
        goes with all of the other.
    transf : str or callable, optional
        Applied to the estimate and the limits, such as ``"exp"``.
    level : float, optional
        In percent; the fit's by default.

    Raises
    ------
    BadInput
        If the values don't match the model.

    Examples
    --------
    >>> from probatum.meta.models.location_scale import pool_location_scale
    >>> yi, vi = [0.1, 0.9, -0.4, 0.3, 0.35, 0.28], [0.02, 0.03, 0.02, 0.02, 0.03, 0.02]
    >>> fit = pool_location_scale(yi, vi, scale=[0, 0, 0, 1, 1, 1])
    >>> wide, narrow = fit.predict(newscale=[0, 1]).pi_ub
    >>> bool(wide > narrow)
    True
    """
    level = fit.level if level is None else check_level(level)
    change = transformation(transf)
    X, tau2 = _rows(fit, newmods, newscale)
    pred = X @ fit.beta
    se = np.sqrt(np.einsum("ij,jk,ik->i", X, fit.vb, X))
    crit = critical(level, None if fit.test == "z" else float(fit.k - len(fit.beta)))
    wide = np.sqrt(se**2 + tau2)
    ci_lb, ci_ub = ordered(change, pred - crit * se, pred + crit * se)
    pi_lb, pi_ub = ordered(change, pred - crit * wide, pred + crit * wide)
    shown_se = se if transf in (None, "none") else np.full(se.shape, np.nan)
    return Prediction(np.asarray(change(pred)), shown_se, ci_lb, ci_ub, pi_lb, pi_ub, level)


def predict_scale(
    fit: LocationScaleFit, newscale: Any = None, *, transf: Any = None, level: float | None = None
) -> Prediction:
    """Log tau2, or tau2 with the identity link, at given moderator values.

    Its interval is of the Wald type; with the identity link it starts at 0 at the least. There is
    no prediction interval (NaN): tau2 is a parameter.

    Parameters
    ----------
    newscale, transf, level
        As in `predict`; ``transf="exp"`` gives tau2 itself for the log link.

    Raises
    ------
    BadInput
        If the values don't match the model.
    """
    level = fit.level if level is None else check_level(level)
    change = transformation(transf)
    asked = newscale is not None
    Z = rows_asked(newscale, fit.names_alpha, fit.encode_alpha, "newscale") if asked else fit.Z
    pred = Z @ fit.alpha
    se = np.sqrt(np.einsum("ij,jk,ik->i", Z, fit.va, Z))
    crit = critical(level, None if fit.test == "z" else float(fit.k - len(fit.alpha)))
    low, high = pred - crit * se, pred + crit * se
    if LINKS[fit.link].bounded:
        low, high = np.maximum(low, 0.0), np.maximum(high, 0.0)
    low, high = ordered(change, low, high)
    shown_se = se if transf in (None, "none") else np.full(se.shape, np.nan)
    none = np.full(se.shape, np.nan)
    return Prediction(np.asarray(change(pred)), shown_se, low, high, none, none, level)


def _rows(fit: LocationScaleFit, newmods: Any, newscale: Any) -> tuple[Floats, Floats]:
    """Rows of X, and the tau2 of each."""
    X = fit.X if newmods is None else rows_asked(newmods, fit.names, fit.encode, "newmods")
    if newscale is None:
        alike = bool(np.ptp(fit.Z, axis=0).max() == 0.0)  # one tau2 for all
        unknown = newmods is not None and not alike
        return X, np.full(len(X), np.nan) if unknown else np.resize(fit.tau2, len(X))
    Z = rows_asked(newscale, fit.names_alpha, fit.encode_alpha, "newscale")
    tau2 = np.maximum(LINKS[fit.link].tau2(Z @ fit.alpha), 0.0)
    if newmods is None and np.ptp(fit.X, axis=0).max() == 0.0:
        X = fit.X[:1]
    if len(X) != len(tau2) and 1 not in (len(X), len(tau2)):
        raise BadInput(f"newmods has {len(X)} rows and newscale {len(tau2)}; give as many of both.")
    m = max(len(X), len(tau2))
    return np.broadcast_to(X, (m, X.shape[1])), np.broadcast_to(tau2, m)
