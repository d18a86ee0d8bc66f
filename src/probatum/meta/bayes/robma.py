"""`robma`: effect, heterogeneity and publication bias, averaged over models of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from probatum.errors import BadInput, UnknownOption
from probatum.meta.bayes.biasmodels import PSMA, BiasModel, Regression, Weights
from probatum.meta.bayes.evidence import Evidence, Question, evidence
from probatum.meta.bayes.gridlaw import Blend, GridLaw
from probatum.meta.bayes.mixture import Mixture
from probatum.meta.bayes.priors import TauPrior, tau_prior
from probatum.meta.inference import check_level
from probatum.meta.models.rows import as_effect_sizes
from probatum.meta.options import typed_options
from probatum.meta.types import EffectSizes, MetaFit

COMPONENTS = ("effect", "heterogeneity", "bias")
_LIGHT = 1e-12  # components of mixtures that are lighter are left out of quantiles


@dataclass(frozen=True, slots=True)
class AveragedModel:
    """One of the models: what it holds, its probabilities, its log marginal likelihood."""

    effect: bool
    heterogeneity: bool
    bias: str
    prior: float
    log_marginal: float
    posterior: float
    mu: float
    tau: float


@dataclass(frozen=True, slots=True)
class Averaged:
    """A parameter averaged over models: posterior mean, sd, median and central interval.

    A model without the parameter counts as 0; in `conditional` it doesn't count.
    """

    mean: float
    sd: float
    median: float
    ci_lb: float
    ci_ub: float


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Prior and posterior probability of a component, and the Bayes factor for it."""

    prior: float
    posterior: float
    bf: float


@dataclass(frozen=True, slots=True, eq=False)
class RobmaFit:
    """Model-averaged meta-analysis.

    Attributes
    ----------
    models : tuple of AveragedModel
    effect, heterogeneity, bias : Inclusion
    mu, tau : Averaged
        Over all models.
    mu_conditional, tau_conditional : Averaged
        Over the models that have them.
    k : int
    level : float
    """

    models: tuple[AveragedModel, ...]
    effect: Inclusion
    heterogeneity: Inclusion
    bias: Inclusion
    mu: Averaged
    tau: Averaged
    mu_conditional: Averaged
    tau_conditional: Averaged
    k: int
    level: float

    def summary(self) -> str:
        """A readable account."""
        lines = [f"Model-averaged meta-analysis of {self.k} estimates, {len(self.models)} models"]
        for name in COMPONENTS:
            got: Inclusion = getattr(self, name)
            lines.append(
                f"{name:<14} prior {got.prior:.3f}  posterior {got.posterior:.3f}  "
                f"Bayes factor {got.bf:.4g}"
            )
        for name in ("mu", "tau"):
            a: Averaged = getattr(self, name)
            lines.append(
                f"{name:<14} mean {a.mean: .4f}  median {a.median: .4f}  "
                f"[{a.ci_lb: .4f}, {a.ci_ub: .4f}]"
            )
        return "\n".join(lines)


@typed_options
def robma(
    yi: Any, vi: Any = None, *, sei: Any = None, data: Any = None, side: str = "greater",
    mu: Sequence[float] = (0.0, 1.0), tau: TauPrior | None = None,
    bias: Sequence[BiasModel] = PSMA, prior: Sequence[float] = (0.5, 0.5, 0.5), level: float = 95,
) -> RobmaFit:  # fmt: skip
    """Robust Bayesian meta-analysis: averages over models with and without publication bias.

    Every combination of an effect or none, heterogeneity or none, and no bias or one of its
    models is weighed by its marginal likelihood; these are computed by quadrature, not sampled.
    Maier M, Bartoš F, Wagenmakers EJ (2023). Psychological Methods 28, 107-122; Bartoš F, Maier M,
    Wagenmakers EJ, Doucouliagos H, Stanley TD (2023). Research Synthesis Methods 14, 99-116
    (PSMA: the 36 models and priors that are the default here).

    Parameters
    ----------
    yi, vi, sei, data
        As in `pool`; a fit or effect sizes too. The default priors are for standardised mean
        differences.
    side : {"greater", "less"}
        Where the results lie that one-sided selection, PET and PEESE favour.
    mu : (mean, sd)
        Normal prior of the effect, where there is one.
    tau : TauPrior, optional
        Prior of tau, where there is heterogeneity: by default inverse-gamma with shape 1 and
        scale 0.15.
    bias : sequence of Weights or Regression
        Models of bias (`probatum.meta.bayes.biasmodels`); none for averages without bias.
    prior : (effect, heterogeneity, bias)
        Prior probability of each.
    level : float
        Of the intervals, in percent.

    Returns
    -------
    RobmaFit

    Raises
    ------
    UnknownOption, BadInput

    Notes
    -----
    The 36 models take some seconds; longer with fewer studies, whose posteriors are wider.
    Log marginal likelihoods are within 1e-5 of plain grids, with three steps within 3e-4. Where
    only one side is favoured, strong selection and an effect of the other side can explain the
    same results, so the lower end of the interval may reach far.

    Examples
    --------
    >>> yi = [0.5, 0.7, 0.3, 0.9, 0.4]
    >>> vi = [0.05, 0.08, 0.03, 0.2, 0.04]
    >>> found = robma(yi, vi, bias=())
    >>> len(found.models), bool(found.effect.bf > 3)
    (4, True)
    """
    level = check_level(level)
    sign = _sign(side)
    q = _question(yi, vi, sei, data, sign, mu, tau)
    kinds: list[BiasModel | None] = [None, *bias]
    chances = _prior_of_bias(kinds, prior)
    found: list[tuple[bool, bool, str, float, Evidence]] = []
    for effect, heterogeneity, (kind, chance) in product(
        (False, True), (False, True), zip(kinds, chances)
    ):
        each = (prior[0] if effect else 1.0 - prior[0]) * (
            prior[1] if heterogeneity else 1.0 - prior[1]
        )
        if each * chance > 0.0:
            name = "none" if kind is None else kind.name
            result = evidence(q, effect, heterogeneity, kind)
            found.append((effect, heterogeneity, name, each * chance, result))
    return _averaged(found, sign, len(q.y), level)


def _sign(side: str) -> float:
    if side not in ("greater", "less"):
        raise UnknownOption("side", side, ["greater", "less"])
    return 1.0 if side == "greater" else -1.0


def _question(
    yi: Any, vi: Any, sei: Any, data: Any, sign: float, mu: Sequence[float], tau: TauPrior | None
) -> Question:
    if isinstance(yi, MetaFit) and yi.moderated:
        raise BadInput("robma averages models without moderators; give a fit without, or its data.")
    given = yi.data if isinstance(yi, MetaFit) else yi
    es: EffectSizes = as_effect_sizes(given, vi, sei, None, data)
    use = np.isfinite(es.yi) & np.isfinite(es.vi)
    if isinstance(yi, MetaFit):
        use &= yi.included
    y, v = es.yi[use], es.vi[use]
    if not len(y) or (v <= 0).any():
        raise BadInput("there must be an estimate, and sampling variances must be positive.")
    if len(mu) != 2 or not (np.isfinite(mu).all() and mu[1] > 0):
        raise BadInput(f"mu is {mu!r}; it takes a mean and a positive standard deviation.")
    tau = tau_prior("inverse-gamma", shape=1.0, scale=0.15) if tau is None else tau
    if not tau.proper:
        raise BadInput("models can't be compared under an improper prior of tau.")
    return Question(sign * y, v, (sign * float(mu[0]), float(mu[1])), tau)


def _prior_of_bias(kinds: Sequence[BiasModel | None], prior: Sequence[float]) -> list[float]:
    if len(prior) != 3 or not all(0.0 <= p <= 1.0 for p in prior):
        raise BadInput(f"prior is {prior!r}; it takes three probabilities.")
    for kind in kinds[1:]:
        if isinstance(kind, Weights):
            ordered = all(a < b for a, b in zip((0.0, *kind.steps), (*kind.steps, 1.0)))
            fits = not kind.alpha or len(kind.alpha) == len(kind.steps) + 1
            if not (ordered and kind.steps and fits and all(a > 0 for a in kind.alpha)):
                raise BadInput(
                    f"{kind}: steps rise from 0 to 1, and alpha has a positive value for each "
                    "interval."
                )
        elif not (isinstance(kind, Regression) and kind.name in ("PET", "PEESE")):
            raise BadInput(f"{kind!r} is no model of bias; use Weights or Regression.")
    shares = [float(kind.share) for kind in kinds[1:] if kind is not None]
    if not shares:
        return [1.0]
    if min(shares) < 0.0 or sum(shares) <= 0.0:
        raise BadInput("the shares of the models of bias must be positive.")
    return [1.0 - prior[2], *(prior[2] * s / sum(shares) for s in shares)]


def _averaged(
    found: Sequence[tuple[bool, bool, str, float, Evidence]], sign: float, k: int, level: float
) -> RobmaFit:
    log_weight = np.array([np.log(chance) + e.log_marginal for *_, chance, e in found])
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    models = tuple(
        AveragedModel(
            effect, heterogeneity, bias, chance, e.log_marginal, float(w),
            sign * e.mu_moments[0], e.tau_moments[0],
        )
        for (effect, heterogeneity, bias, chance, e), w in zip(found, weight)
    )  # fmt: skip
    pairs = [(float(w), e) for w, (*_, e) in zip(weight, found)]
    return RobmaFit(
        models=models,
        effect=_inclusion([(m.effect, m) for m in models]),
        heterogeneity=_inclusion([(m.heterogeneity, m) for m in models]),
        bias=_inclusion([(m.bias != "none", m) for m in models]),
        mu=_effect(pairs, sign, level), tau=_spread(pairs, level),
        mu_conditional=_effect([(w, e) for w, e in pairs if e.mu is not None], sign, level),
        tau_conditional=_spread([(w, e) for w, e in pairs if e.log_tau is not None], level),
        k=k, level=level,
    )  # fmt: skip


def _inclusion(models: Sequence[tuple[bool, AveragedModel]]) -> Inclusion:
    prior = sum(m.prior for has, m in models if has)
    posterior = sum(m.posterior for has, m in models if has)
    against = sum(m.prior for has, m in models if not has)
    rest = sum(m.posterior for has, m in models if not has)
    with np.errstate(divide="ignore", invalid="ignore"):
        bf = np.float64(posterior) / rest / (np.float64(prior) / against)
    return Inclusion(prior, posterior, float(bf))


Pairs = Sequence[tuple[float, Evidence]]


def _moments(values: Sequence[tuple[float, tuple[float, float]]]) -> tuple[float, float]:
    mean = sum(w * m for w, (m, _) in values)
    return mean, float(np.sqrt(max(0.0, sum(w * s for w, (_, s) in values) - mean**2)))


def _shares(pairs: Pairs) -> list[tuple[float, Evidence]]:
    total = sum(w for w, _ in pairs)
    return [(w / total, e) for w, e in pairs]


_NOTHING = Averaged(*[float("nan")] * 5)


def _effect(pairs: Pairs, sign: float, level: float) -> Averaged:
    if not pairs:
        return _NOTHING
    pairs = _shares(pairs)
    mean, sd = _moments([(w, e.mu_moments) for w, e in pairs])
    laws = [(w, e.mu) for w, e in pairs if e.mu is not None]
    point = 1.0 - sum(w for w, _ in laws)
    low, high = _reach([law for _, law in laws])
    blend = Blend(_joined(laws), max(0.0, point), 0.0, low, high)
    tail = 0.5 * (1.0 - level / 100.0)
    ends = [sign * blend.quantile(p) for p in (tail, 1.0 - tail)]
    return Averaged(sign * mean, sd, sign * blend.quantile(0.5), min(ends), max(ends))


def _spread(pairs: Pairs, level: float) -> Averaged:
    if not pairs:
        return _NOTHING
    pairs = _shares(pairs)
    mean, sd = _moments([(w, e.tau_moments) for w, e in pairs])
    laws = [(w, e.log_tau) for w, e in pairs if e.log_tau is not None]
    point = max(0.0, 1.0 - sum(w for w, _ in laws))
    low, high = _reach([law for _, law in laws])
    blend = Blend(tuple(laws), point, -np.inf, low, high)
    tail = 0.5 * (1.0 - level / 100.0)
    median, lower, upper = (float(np.exp(blend.quantile(p))) for p in (0.5, tail, 1.0 - tail))
    return Averaged(mean, sd, median, lower, upper)


def _reach(laws: Sequence[GridLaw | Mixture]) -> tuple[float, float]:
    ends = [
        (law.x[0], law.x[-1]) if isinstance(law, GridLaw)
        else (float(np.min(law.mean - 9.0 * law.sd)), float(np.max(law.mean + 9.0 * law.sd)))
        for law in laws
    ]  # fmt: skip
    return (min(a for a, _ in ends), max(b for _, b in ends)) if ends else (0.0, 0.0)


def _joined(
    laws: Sequence[tuple[float, GridLaw | Mixture]],
) -> tuple[tuple[float, GridLaw | Mixture], ...]:
    """All mixtures of normals as one."""
    grids = [(w, law) for w, law in laws if isinstance(law, GridLaw)]
    normals = [(w, law) for w, law in laws if isinstance(law, Mixture)]
    if not normals:
        return tuple(grids)
    weight, mean, sd = (
        np.concatenate(columns)
        for columns in zip(*((w * law.weight, law.mean, law.sd) for w, law in normals))
    )
    keep = weight > _LIGHT * weight.max()
    return (*grids, (1.0, Mixture(weight[keep], mean[keep], sd[keep])))
