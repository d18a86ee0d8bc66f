"""`MultilevelFit`: what a multilevel or multivariate model gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from probatum.meta.models.multilevel.components import Component
from probatum.meta.models.multilevel.likelihood import Point
from probatum.meta.models.multilevel.parts import RandomPart
from probatum.meta.models.multilevel.sampling import Sampling
from probatum.meta.models.multilevel.search import Bounds
from probatum.meta.types import Bools, EffectSizes, FitStats, Floats

if TYPE_CHECKING:
    from probatum.meta.diagnostics.influence import Residuals
    from probatum.meta.diagnostics.shrinkage import Shrunken
    from probatum.meta.models.multilevel.profile import ComponentIntervals, ComponentProfile
    from probatum.meta.prediction import Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The fitted model in the units in which it was searched.

    Attributes
    ----------
    point : Point
        The likelihood at the estimates; estimates are divided by sqrt(unit).
    random : RandomPart
    bounds : Bounds
    V : Sampling
        Sampling covariance of the rows used, in the data's own units.
    unit : float
    """

    point: Point
    random: RandomPart
    bounds: Bounds
    V: Sampling
    unit: float


@dataclass(frozen=True, eq=False)
class MultilevelFit:
    """A fitted multilevel or multivariate model of k estimates with p coefficients.

    All numbers are on the analysis scale (the log for ratios); I2 in percent.

    Attributes
    ----------
    beta, se, zval, pval, ci_lb, ci_ub : ndarray, shape (p,)
        Coefficients, standard errors, test statistics (z or t), p-values, confidence limits.
    vb : ndarray, shape (p, p)
        Covariance matrix of the coefficients.
    names : tuple of str
        Coefficient names; the intercept is ``"intrcpt"``.
    components : tuple of Component
        Every variance and correlation with its name; `sigma2`, `tau2`, `rho`, `gamma2`, `phi` are
        their values by kind.
    QE, QEp : float
        Test of (residual) heterogeneity: chi-square with k - p degrees of freedom.
    QM, QMp : float
        Omnibus test of the moderators (of all coefficients without an intercept).
    QMdf : tuple of float
        Its degrees of freedom; the second is NaN for a chi-square.
    I2 : float
        Share of the total variance that is not sampling error, in percent; that of each component
        stands in `components`. NaN where levels have variances of their own.
    k, p, m : int
        Estimates used, coefficients, and coefficients in the omnibus test.
    dfs : ndarray, shape (p,)
        Degrees of freedom of each t-test; NaN for test "z".
    method, test : str
    level : float
        Confidence level in percent.
    data : EffectSizes
        All rows, those left out too.
    X : ndarray, shape (k_all, p)
    included : ndarray of bool, shape (k_all,)
    left_out : tuple of str
        "" or why a row was left out.
    fit_stats : mapping
        `FitStats` under ``"ML"`` and ``"REML"``.
    status : str
        ``"converged"``, ``"boundary"`` (a variance of 0 or a correlation at its limit is the
        optimum), ``"fixed"`` (nothing to estimate) or ``"not converged"``.
    notes : tuple of str
        What was fixed because the data can't tell, and why.
    encode : callable or None
        Turns new moderator columns into design rows, for fits with a formula.
    fitted_model : Model
        For further results.
    """

    beta: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    vb: Floats
    names: tuple[str, ...]
    components: tuple[Component, ...]
    QE: float
    QEp: float
    QM: float
    QMp: float
    QMdf: tuple[float, float]
    I2: float
    k: int
    p: int
    m: int
    dfs: Floats
    method: str
    test: str
    level: float
    data: EffectSizes
    X: Floats
    included: Bools
    left_out: tuple[str, ...]
    fit_stats: Mapping[str, FitStats]
    status: str
    notes: tuple[str, ...]
    encode: Callable[[Any], Floats] | None
    fitted_model: Model

    def _of(self, kind: str) -> Floats:
        return np.array([c.value for c in self.components if c.kind == kind])

    @property
    def sigma2(self) -> Floats:
        """Variances of the random intercepts, in the order of the formula."""
        return self._of("sigma2")

    @property
    def tau2(self) -> Floats:
        """Variances of the first structured term: one, or one per level."""
        return self._of("tau2")

    @property
    def rho(self) -> Floats:
        """Correlations of the first structured term (UN: 1-2, 1-3, ..., 2-3, ...)."""
        return self._of("rho")

    @property
    def gamma2(self) -> Floats:
        """Variances of the second structured term."""
        return self._of("gamma2")

    @property
    def phi(self) -> Floats:
        """Correlations of the second structured term."""
        return self._of("phi")

    @property
    def k_left_out(self) -> int:
        """Rows that could not be used."""
        return len(self.data) - self.k

    @property
    def measure(self) -> str:
        """Code of the measure that was pooled."""
        return self.data.measure

    @property
    def moderated(self) -> bool:
        """Whether there are moderators, be it one without an intercept."""
        return self.p > 1 or not bool((self.X[self.included] == 1.0).all())

    @property
    def converged(self) -> bool:
        """Whether the search reached an optimum (it reports, it never raises)."""
        return self.status != "not converged"

    @property
    def ll(self) -> float:
        """Log-likelihood: restricted for REML, full for ML."""
        return self.fit_stats[self.method].ll

    @cached_property
    def component_vcov(self) -> Floats:
        """Covariance of the components' estimates, from the observed information.

        NaN for those that are fixed or at a bound, where it has no meaning.
        """
        from probatum.meta.models.multilevel.uncertainty import component_vcov

        return component_vcov(self)

    @property
    def component_se(self) -> Floats:
        """Standard errors of the components (see `component_vcov`)."""
        out: Floats = np.sqrt(np.diagonal(self.component_vcov))
        return out

    def variance_components(self) -> list[dict[str, Any]]:
        """One plain row per variance or correlation."""
        return [
            {
                "component": c.kind,
                "term": c.term,
                "level": c.level,
                "estimate": c.value,
                "sqrt": math.nan if c.is_correlation else math.sqrt(c.value),
                "se": float(se),
                "I2": c.I2,
                "groups": c.groups,
                "fixed": c.fixed,
            }
            for c, se in zip(self.components, self.component_se)
        ]

    def predict(
        self, newmods: Any = None, *, transf: Any = None, level: float | None = None,
        inner: Any = None,
    ) -> Prediction:  # fmt: skip
        """Average effect(s) with confidence and prediction intervals.

        See `probatum.meta.models.multilevel.predict.predict`.
        """
        from probatum.meta.models.multilevel.predict import predict

        return predict(self, newmods, transf=transf, level=level, inner=inner)

    def confint(self, *, level: float | None = None) -> ComponentIntervals:
        """Profile likelihood intervals of the variances and correlations.

        See `probatum.meta.models.multilevel.profile.confint`.
        """
        from probatum.meta.models.multilevel.profile import confint

        return confint(self, level=level)

    def profiles(self, *, level: float | None = None) -> tuple[ComponentProfile, ...]:
        """The profile of the log-likelihood over each variance and correlation.

        See `probatum.meta.models.multilevel.profile.profiles`.
        """
        from probatum.meta.models.multilevel.profile import profiles

        return profiles(self, level=level)

    def ranef(self, *, level: float | None = None) -> dict[str, Shrunken]:
        """Predicted random effects of every level of every term.

        See `probatum.meta.models.multilevel.shrinkage.ranef`.
        """
        from probatum.meta.models.multilevel.shrinkage import ranef

        return ranef(self, level=level)

    def blup(self, *, level: float | None = None) -> Shrunken:
        """Predicted true effect of every estimate.

        See `probatum.meta.models.multilevel.shrinkage.blup`.
        """
        from probatum.meta.models.multilevel.shrinkage import blup

        return blup(self, level=level)

    def rstandard(self) -> Residuals:
        """Internally standardized residuals.

        See `probatum.meta.models.multilevel.residuals.rstandard`.
        """
        from probatum.meta.models.multilevel.residuals import rstandard

        return rstandard(self)

    def hatvalues(self) -> Floats:
        """Leverages of the rows that were fitted.

        See `probatum.meta.models.multilevel.residuals.hatvalues`.
        """
        from probatum.meta.models.multilevel.residuals import hatvalues

        return hatvalues(self)

    def tidy(self) -> list[dict[str, Any]]:
        """One plain row per coefficient."""
        from probatum.meta.summary import tidy

        return tidy(self)

    def glance(self) -> dict[str, Any]:
        """One plain row for the whole fit."""
        from probatum.meta.models.multilevel.summary import glance

        return glance(self)

    def summary(self) -> str:
        """A readable account of what was done and found."""
        from probatum.meta.models.multilevel.summary import summary

        return summary(self)

    def fitted(self) -> Floats:
        """Fitted values of all rows, shape (k_all,)."""
        out: Floats = self.X @ self.beta
        return out

    def residuals(self) -> Floats:
        """Observed minus fitted values, NaN for rows left out."""
        return np.where(self.included, self.data.yi - self.fitted(), np.nan)
