"""What a location-scale model yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from probatum.meta.prediction import Prediction
from probatum.meta.types import Bools, EffectSizes, Floats


@dataclass(frozen=True, slots=True, eq=False)
class LocationScaleFit:
    """A fitted location-scale model.

    Attributes
    ----------
    beta, se, zval, pval, ci_lb, ci_ub : ndarray, shape (p,)
        Coefficients of the average effect.
    alpha, se_alpha, zval_alpha, pval_alpha, ci_lb_alpha, ci_ub_alpha : ndarray, shape (q,)
        Coefficients of log tau2, or of tau2 with the identity link. On the edge, where a study's
        tau2 is 0 under the identity link, they have no standard errors: those are NaN.
    vb, va : ndarray, shape (p, p) and (q, q)
        Their covariances.
    names, names_alpha : tuple of str
    tau2 : ndarray, shape (k,)
        Between-study variance of each study that was fitted.
    QE, QEp : float
        Test of residual heterogeneity (of the equal-effects fit).
    QM, QMp, QMdf : float, float, (float, float)
        Omnibus test of the moderators of the average effect.
    QS, QSp, QSdf : float, float, (float, float)
        The same for the moderators of tau2.
    ll : float
        Log-likelihood (restricted for REML).
    AIC, BIC : float
    k : int
    method, test : str
    level : float
    link : str
    slab : tuple of str
    converged : bool
    yi, vi : ndarray, shape (k,)
    X, Z : ndarray, shape (k, p) and (k, q)
        What was fitted.
    data : EffectSizes
        All rows, those left out too.
    included : ndarray of bool, shape (k_all,)
    encode, encode_alpha : callable or None
        From a mapping of new columns to rows of X and Z, where they were given as formulas.
    """

    beta: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    alpha: Floats
    se_alpha: Floats
    zval_alpha: Floats
    pval_alpha: Floats
    ci_lb_alpha: Floats
    ci_ub_alpha: Floats
    vb: Floats
    va: Floats
    names: tuple[str, ...]
    names_alpha: tuple[str, ...]
    tau2: Floats
    QE: float
    QEp: float
    QM: float
    QMp: float
    QMdf: tuple[float, float]
    QS: float
    QSp: float
    QSdf: tuple[float, float]
    ll: float
    AIC: float
    BIC: float
    k: int
    method: str
    test: str
    level: float
    link: str
    slab: tuple[str, ...]
    converged: bool
    yi: Floats
    vi: Floats
    X: Floats
    Z: Floats
    data: EffectSizes
    included: Bools
    encode: Callable[[Any], Floats] | None = None
    encode_alpha: Callable[[Any], Floats] | None = None

    def predict(
        self, newmods: Any = None, newscale: Any = None, *, transf: Any = None,
        level: float | None = None,
    ) -> Prediction:  # fmt: skip
        """Average effects with confidence and prediction intervals.

        See `probatum.meta.models.location_scale.predict.predict`.
        """
        from probatum.meta.models.location_scale.predict import predict

        return predict(self, newmods, newscale, transf=transf, level=level)

    def predict_scale(
        self, newscale: Any = None, *, transf: Any = None, level: float | None = None
    ) -> Prediction:
        """Log tau2 (tau2 with the identity link) with confidence intervals.

        See `probatum.meta.models.location_scale.predict.predict_scale`.
        """
        from probatum.meta.models.location_scale.predict import predict_scale

        return predict_scale(self, newscale, transf=transf, level=level)

    def tidy(self) -> list[dict[str, Any]]:
        """One plain row per coefficient; `part` says of what."""
        rows = []
        for part, names, columns in (
            ("location", self.names, (self.beta, self.se, self.zval, self.pval, self.ci_lb,
                                      self.ci_ub)),
            ("scale", self.names_alpha, (self.alpha, self.se_alpha, self.zval_alpha,
                                         self.pval_alpha, self.ci_lb_alpha, self.ci_ub_alpha)),
        ):  # fmt: skip
            keys = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
            for i, name in enumerate(names):
                row: dict[str, Any] = {"part": part, "term": name}
                row.update((key, float(values[i])) for key, values in zip(keys, columns))
                rows.append(row)
        return rows
