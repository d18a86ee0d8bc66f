"""What goes into a meta-analysis (`EffectSizes`) and what comes out (`MetaFit`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.columns import floats

if TYPE_CHECKING:
    from probatum.meta.confint import HeterogeneityIntervals
    from probatum.meta.prediction import Prediction

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: status of a fit without a tau2 to estimate
GIVEN = "fixed"


@dataclass(frozen=True, slots=True, eq=False)
class EffectSizes:
    """Estimates with their sampling variances, one row per study.

    Attributes
    ----------
    yi : ndarray, shape (k,)
        Estimates on the analysis scale (the log for ratios); NaN where not computable.
    vi : ndarray, shape (k,)
        Sampling variances of `yi`.
    measure : str
        Code of the measure, such as ``"RR"`` or ``"SMD"``; ``"GEN"`` for given estimates.
    slab : tuple of str
        Study labels.
    ni : ndarray, shape (k,), or None
        Total sample sizes, NaN where unknown.
    V : ndarray, shape (k, k), or None
        Sampling covariances, for dependent estimates.
    cluster : ndarray, shape (k,), or None
        Which estimates belong together.
    inputs : mapping of str to ndarray
        The raw cells by their usual names (``ai bi ci di n1i n2i x1i t1i ...``), before any
        continuity correction.
    ref : tuple of str
        Where each row comes from; empty when unknown.
    reasons : tuple of str
        "" or why a row is NaN.
    notes : tuple of str
        "" or what a row was converted from, and what that assumes (`conv_wald`, `aggregate`);
        empty where every row was computed from its own cells.
    """

    yi: Floats
    vi: Floats
    measure: str = "GEN"
    slab: tuple[str, ...] = ()
    ni: Floats | None = None
    V: Floats | None = None
    cluster: NDArray[Any] | None = None
    inputs: Mapping[str, Floats] = field(default_factory=dict)
    ref: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("yi", "vi"):
            given = getattr(self, name)
            if type(given) is not np.ndarray or given.dtype != np.float64:
                object.__setattr__(self, name, floats(given, name))
        if self.yi.ndim != 1 or self.yi.shape != self.vi.shape:
            raise BadInput(f"yi has shape {self.yi.shape} and vi {self.vi.shape}: one per study.")

    def __len__(self) -> int:
        return int(self.yi.shape[0])

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns (any data frame takes them).

        Returns
        -------
        dict of str to list
            Columns ``slab yi vi`` and, where known, ``ni reason ref`` and the raw inputs.

        Examples
        --------
        >>> import numpy as np
        >>> EffectSizes(np.array([0.5]), np.array([0.1]), slab=("A",)).to_dict()
        {'slab': ['A'], 'yi': [0.5], 'vi': [0.1]}
        """
        out: dict[str, list[Any]] = {
            "slab": list(self.slab) or [str(i + 1) for i in range(len(self))],
            "yi": self.yi.tolist(),
            "vi": self.vi.tolist(),
        }
        if self.ni is not None:
            out["ni"] = self.ni.tolist()
        if any(self.reasons):
            out["reason"] = list(self.reasons)
        if any(self.notes):
            out["note"] = list(self.notes)
        if self.ref:
            out["ref"] = list(self.ref)
        out.update((name, np.asarray(x).tolist()) for name, x in self.inputs.items())
        return out


class FitStats(NamedTuple):
    """Fit statistics of one likelihood: `ll`, deviance, AIC, BIC and small-sample AICc."""

    ll: float
    dev: float
    AIC: float
    BIC: float
    AICc: float


@dataclass(frozen=True, slots=True, eq=False)
class MetaFit:
    """A fitted meta-analysis of k estimates with p coefficients.

    All numbers are on the analysis scale (the log for ratios); I2, R2 and weights in percent.

    Attributes
    ----------
    beta, se, zval, pval, ci_lb, ci_ub : ndarray, shape (p,)
        Coefficients, standard errors, test statistics (z or t), p-values, confidence limits.
    vb : ndarray, shape (p, p)
        Covariance matrix of the coefficients.
    names : tuple of str
        Coefficient names; the intercept is ``"intrcpt"``.
    tau2, se_tau2 : float
        Between-study variance and its standard error (NaN where not defined).
    I2, H2, R2 : float
        Heterogeneity relative to a typical sampling variance (I2 in percent, H2 a ratio), and
        the share of tau2 that the moderators account for (percent; NaN without moderators).
    QE, QEp : float
        Test of (residual) heterogeneity: chi-square with k - p degrees of freedom.
    QM, QMp : float
        Omnibus test of the moderators (of all coefficients when there are none): chi-square for
        test "z", F otherwise.
    QMdf : tuple of float
        Its degrees of freedom; the second is NaN for a chi-square.
    s2w : float
        Knapp-Hartung scale factor (1 where not used).
    k, p, m : int
        Estimates used, coefficients, and coefficients in the omnibus test.
    dfs : float
        Degrees of freedom of the t-tests; NaN for test "z", and where they differ between
        coefficients (test "kr" with moderators: see `ddf`).
    weights : ndarray, shape (k_all,)
        Weights of the estimates in percent; NaN for rows left out.
    method, test : str
    level : float
        Confidence level in percent.
    weighted : bool
    data : EffectSizes
        All rows, those left out too.
    X : ndarray, shape (k_all, p)
    included : ndarray of bool, shape (k_all,)
    k_left_out : int
    left_out : tuple of str
        "" or why a row was left out.
    fit_stats : mapping
        `FitStats` under ``"ML"`` and ``"REML"`` (empty where there is no likelihood).
    model : str
        ``"inverse variance"``, ``"Mantel-Haenszel"`` or ``"Peto"``.
    status : str
        ``"converged"``, ``"closed form"``, ``"boundary"`` (tau2 = 0 is the optimum), or
        ``"fixed"`` (no tau2 to estimate: equal effects, or tau2 was given).
    extra : mapping
        Further statistics of a model (for Mantel-Haenszel: ``MH MHp TA TAp BD BDp``...).
    encode : callable or None
        Turns new moderator columns into design rows, for fits with a formula (see `predict`).
    user_weights : ndarray, shape (k_all,), or None
        Weights that the user gave, as given; None where they are the model's own, or equal.
    again : callable or None
        Of a model for tables: the same fit of other studies (an `EffectSizes`).
    """

    beta: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    vb: Floats
    names: tuple[str, ...]
    tau2: float
    se_tau2: float
    I2: float
    H2: float
    R2: float
    QE: float
    QEp: float
    QM: float
    QMp: float
    QMdf: tuple[float, float]
    s2w: float
    k: int
    p: int
    m: int
    dfs: float
    weights: Floats
    method: str
    test: str
    level: float
    weighted: bool
    data: EffectSizes
    X: Floats
    included: Bools
    k_left_out: int
    left_out: tuple[str, ...]
    fit_stats: Mapping[str, FitStats]
    model: str = "inverse variance"
    status: str = "converged"
    extra: Mapping[str, float] = field(default_factory=dict)
    encode: Callable[[Any], Floats] | None = None
    user_weights: Floats | None = None
    again: Callable[[EffectSizes], MetaFit] | None = None

    @property
    def tau2_given(self) -> bool:
        """Whether tau2 was given, not estimated."""
        return self.status == GIVEN and self.method != "EE"

    @property
    def moderated(self) -> bool:
        """Whether there are moderators, be it one without an intercept."""
        return self.p > 1 or not bool((self.X[self.included] == 1.0).all())

    @property
    def own_weights(self) -> bool:
        """Whether the coefficients have the model's own weights 1 / (vi + tau2)."""
        return self.weighted and self.user_weights is None

    @property
    def converged(self) -> bool:
        """Whether the solver reached its optimum (it reports, it never raises)."""
        return self.status != "not converged"

    @property
    def QEdf(self) -> int:
        """Degrees of freedom of QE: tables without an estimate of their own add none."""
        return max(0, int(self.extra.get("k_yi", self.k)) - self.p)

    @property
    def ddf(self) -> Floats:
        """Degrees of freedom of each coefficient's t-test, shape (p,); NaN for test "z"."""
        df = self.degrees_of(np.eye(self.p))
        return np.full(self.p, np.nan) if df is None else df

    def degrees_of(self, L: Floats) -> Floats | None:
        """Degrees of freedom for each row of L (m, p), a combination of coefficients.

        None where the normal distribution is used (test "z").
        """
        if self.test == "z":
            return None
        if self.test != "kr":
            return np.full(len(L), self.dfs)
        from probatum.meta.kenward_roger import degrees_of

        return degrees_of(self, L)

    @property
    def measure(self) -> str:
        """Code of the measure that was pooled."""
        return self.data.measure

    @property
    def ll(self) -> float:
        """Log-likelihood: restricted for REML, full otherwise (NaN where there is none)."""
        stats = self.fit_stats.get("REML" if self.method == "REML" else "ML")
        return stats.ll if stats else float("nan")

    def predict(
        self,
        newmods: Any = None,
        *,
        transf: Any = None,
        level: float | None = None,
        predtype: str = "default",
        draws: int = 25_000,
        seed: int | None = 0,
    ) -> Prediction:
        """Average effect(s) with confidence and prediction intervals.

        See `probatum.meta.prediction.predict`.
        """
        from probatum.meta.prediction import predict

        return predict(
            self, newmods, transf=transf, level=level, predtype=predtype, draws=draws, seed=seed
        )

    def confint(
        self, *, type: str = "QP", weights: Any = None, level: float | None = None
    ) -> HeterogeneityIntervals:
        """Intervals for tau2, tau, I2 and H2: Q-profile, profile likelihood or generalised Q.

        See `probatum.meta.confint.confint`.
        """
        from probatum.meta.confint import confint

        return confint(self, type=type, weights=weights, level=level)

    def tidy(self) -> list[dict[str, Any]]:
        """One plain row per coefficient."""
        from probatum.meta.summary import tidy

        return tidy(self)

    def glance(self) -> dict[str, Any]:
        """One plain row for the whole fit."""
        from probatum.meta.summary import glance

        return glance(self)

    def summary(self) -> str:
        """A readable account of what was done and found."""
        from probatum.meta.summary import summary

        return summary(self)

    def fitted(self) -> Floats:
        """Fitted values of all rows, shape (k_all,)."""
        out: Floats = self.X @ self.beta
        return out

    def residuals(self) -> Floats:
        """Observed minus fitted values, NaN for rows left out."""
        return np.where(self.included, self.data.yi - self.fitted(), np.nan)


def labels(slab: Sequence[object] | None, k: int) -> tuple[str, ...]:
    """Study labels as text; numbered from 1 when none are given."""
    if slab is None or len(slab) == 0:
        return tuple(map(str, range(1, k + 1)))
    return tuple(map(str, slab))


#: what makes each kind of fit or data
_MADE_BY = {
    "MetaFit": "fit (pool makes one)",
    "MultilevelFit": "multilevel fit (pool_multilevel)",
    "RobustFit": "robust fit (robust)",
    "EffectSizes": "effect sizes (effect_sizes makes them)",
}


def need(value: object, *kinds: str, name: str = "fit") -> None:
    """Refuse what is none of these kinds, named so that none has to be loaded to ask.

    Raises
    ------
    BadInput
        With what makes the right kind.
    """
    if any(c.__name__ in kinds for c in type(value).__mro__):
        return
    hint = ""
    if isinstance(value, EffectSizes) and "MetaFit" in kinds:
        hint = " Pool them first: pool(es)."
    elif "EffectSizes" in kinds and isinstance(getattr(value, "data", None), EffectSizes):
        hint = " A fit keeps its effect sizes: fit.data."
    wanted = " or ".join(_MADE_BY[k] for k in kinds)
    raise BadInput(f"{name} is of type {type(value).__name__}; this takes {wanted}.{hint}")
