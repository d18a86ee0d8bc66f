"""Priors of tau learned from the meta-analyses of the Cochrane Database.

The tables are those of the two papers as two R packages list them (bayesmeta and rnmamod; compared
cell by cell in November 2026). Both come from additive models, so that the columns of a table
differ by constants; three cells where the packages disagree, or where a value contradicts all
others of its column, are left out.
"""

from __future__ import annotations

from probatum.errors import BadInput, UnknownOption
from probatum.meta.bayes.priors import TauPrior, tau_prior
from probatum.meta.options import typed_options

Cell = tuple[float, float] | None

TURNER_COMPARISONS = (
    "pharmacological vs placebo", "pharmacological vs pharmacological",
    "non-pharmacological vs placebo", "non-pharmacological vs pharmacological",
    "non-pharmacological vs non-pharmacological",
)  # fmt: skip
# mean and sd of log tau^2, by comparison
# fmt: off
TURNER: dict[str, tuple[Cell, ...]] = {
    "all-cause mortality":
        ((-3.95, 1.34), (-4.18, 1.41), (-4.17, 1.55), (-2.92, 1.02), (-3.50, 1.26)),
    "obstetric":
        ((-3.52, 1.74), (-3.75, 1.79), (-3.74, 1.91), (-2.49, 1.50), (-3.08, 1.68)),
    "cause-specific mortality or major morbidity":
        ((-3.71, 1.74), (-3.95, 1.79), (-3.93, 1.91), (-2.68, 1.51), (-3.27, 1.68)),
    "resource use or process":
        ((-2.34, 1.74), (-2.58, 1.79), (-2.56, 1.91), (-1.31, 1.50), (-1.90, 1.68)),
    "surgical or device success":
        ((-2.14, 1.74), (-2.37, 1.79), (-2.36, 1.91), (-1.11, 1.50), (-1.69, 1.68)),
    "withdrawals":
        ((-2.99, 1.74), (-3.23, 1.79), (-3.21, 1.91), (-1.96, 1.51), (-2.55, 1.68)),
    "internal structure":
        ((-2.71, 1.74), (-2.94, 1.79), (-2.93, 1.92), (-1.67, 1.51), (-2.26, 1.68)),
    "general physical health":
        ((-2.29, 1.53), (-2.53, 1.58), (-2.51, 1.72), (-1.26, 1.25), (-1.85, 1.46)),
    "adverse events":
        ((-1.87, 1.52), (-2.10, 1.58), (-2.10, 1.71), (-0.84, 1.24), (-1.43, 1.45)),
    "infection or onset of disease":
        ((-2.49, 1.52), (-2.73, 1.58), (-2.71, 1.71), (-1.46, 1.24), (-2.05, 1.45)),
    "signs and symptoms":
        ((-2.06, 1.51), (-2.29, 1.58), (-2.28, 1.71), (-1.03, 1.24), (-1.61, 1.45)),
    "pain":
        ((-1.83, 1.52), (-2.06, 1.58), (-2.05, 1.71), (-0.80, 1.25), (-1.38, 1.45)),
    "quality of life":
        ((-2.54, 1.54), (-2.78, 1.60), (-2.77, 1.73), (-1.51, 1.27), (-2.10, 1.47)),
    "mental health":
        ((-2.12, 1.53), (-2.35, 1.60), (-2.34, 1.72), (-1.09, 1.27), (-1.67, 1.47)),
    "biological markers":
        ((-1.77, 1.52), (-2.00, 1.58), (-1.99, 1.71), (-0.74, 1.24), (-1.33, 1.45)),
    "subjective outcomes":
        ((-2.70, 1.52), (-2.93, 1.58), (-2.92, 1.71), (-1.67, 1.25), (-2.26, 1.45)),
}
# fmt: on
TURNER_ANY = (-2.56, 1.74)

RHODES_COMPARISONS = (
    "pharmacological vs placebo", "pharmacological vs pharmacological", "non-pharmacological",
)  # fmt: skip
# location and scale of log tau^2, a t distribution with 5 degrees of freedom, by comparison
RHODES: dict[str, dict[str, tuple[Cell, ...]]] = {
    "other": {
        "obstetric": ((-4.13, 2.34), (-4.40, 2.31), (-3.99, 2.11)),
        "resource use or process": ((-2.55, 2.73), (-2.83, 2.70), (-2.41, 2.57)),
        "internal or external structure": ((-2.43, 2.50), (-2.70, 2.46), (-2.29, 2.32)),
        "physical health, adverse events, pain or quality of life": (
            (-3.16, 2.50), (-3.44, 2.44), (-3.02, 2.27),
        ),
        "signs, symptoms or infection": ((-3.00, 2.50), (-3.27, 2.47), (-2.86, 2.33)),
        # listed as -3.85; the others of its column say -2.85
        "mental health": ((-2.99, 2.16), (-3.27, 2.14), None),
        "biological markers": ((-3.41, 2.83), (-3.68, 2.78), (-3.27, 2.66)),
        "subjective outcomes": ((-2.76, 2.58), (-3.03, 2.59), (-2.62, 2.41)),
    },
    "respiratory": {
        "obstetric": ((-6.03, 2.36), (-6.31, 2.31), (-5.89, 2.21)),
        "resource use or process": ((-4.46, 2.74), (-4.73, 2.70), (-4.32, 2.57)),
        "internal or external structure": ((-4.33, 2.51), (-4.61, 2.46), (-4.19, 2.33)),
        "physical health, adverse events, pain or quality of life": (
            (-5.07, 2.51), (-5.34, 2.45), (-4.93, 2.28),
        ),
        "signs, symptoms or infection": ((-4.90, 2.50), (-5.18, 2.47), (-4.76, 2.33)),
        "mental health": ((-4.90, 2.17), (-5.17, 2.14), (-4.76, 1.94)),
        "biological markers": ((-5.31, 2.83), (-5.59, 2.78), (-5.17, 2.66)),
        "subjective outcomes": ((-4.66, 2.59), (-4.94, 2.59), (-4.52, 2.41)),
    },
    "cancer": {
        "obstetric": ((-1.57, 2.45), (-1.85, 2.41), (-1.43, 2.24)),
        # listed as 0.01 and as -0.01
        "resource use or process": (None, (-0.27, 2.79), (0.15, 2.68)),
        # listed as -0.13; the others of its column say 0.13
        "internal or external structure": (None, (-0.14, 2.56), (0.27, 2.45)),
        "physical health, adverse events, pain or quality of life": (
            (-0.60, 2.61), (-0.88, 2.55), (-0.46, 2.40),
        ),
        "signs, symptoms or infection": ((-0.44, 2.60), (-0.71, 2.57), (-0.30, 2.46)),
        "mental health": ((-0.43, 2.28), (-0.71, 2.25), (-0.29, 2.08)),
        "biological markers": ((-0.85, 2.93), (-1.13, 2.87), (-0.71, 2.78)),
        "subjective outcomes": ((-0.20, 2.68), (-0.48, 2.68), (-0.06, 2.53)),
    },
}  # fmt: skip
RHODES_ANY = (-3.44, 2.59)


@typed_options
def empirical_prior(
    measure: str, outcome: str | None = None, comparison: str | None = None, *,
    area: str = "other",
) -> TauPrior:  # fmt: skip
    """The prior of tau that earlier Cochrane meta-analyses of the same kind suggest.

    Parameters
    ----------
    measure : {"OR", "SMD"}
        Log odds ratios: log-normal priors of tau squared by Turner RM, Jackson D, Wei Y, Thompson
        SG, Higgins JPT (2015), Statistics in Medicine 34, 984-998, table IV. Standardised mean
        differences: log-t priors by Rhodes KM, Turner RM, Higgins JPT (2015), Journal of Clinical
        Epidemiology 68, 52-60, table 3 and its appendix.
    outcome : str, optional
        Type of outcome; a wrong one lists all. Without it, the prior for any setting.
    comparison : str, optional
        Such as "pharmacological vs placebo" ("placebo" includes other controls).
    area : {"other", "respiratory", "cancer"}
        Medical area, for SMD.

    Returns
    -------
    TauPrior

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> prior = empirical_prior("OR", "mental health", "pharmacological vs placebo")
    >>> prior.family, dict(prior.parameters)
    ('lognormal', {'mean': -2.12, 'sd': 1.53})
    """
    if measure not in ("OR", "SMD"):
        raise UnknownOption("measure", measure, ["OR", "SMD"])
    if area not in RHODES:
        raise UnknownOption("area", area, list(RHODES))
    if measure == "OR" and area != "other":
        raise BadInput("the priors for odds ratios know no medical area; leave out area.")
    if outcome is None and comparison is None and area == "other":
        first, second = TURNER_ANY if measure == "OR" else RHODES_ANY
    else:
        first, second = _cell(measure, outcome, comparison, area)
    if measure == "OR":
        return tau_prior("lognormal", mean=first, sd=second)
    return tau_prior("log-t", mean=first, scale=second, df=5.0)


def _cell(
    measure: str, outcome: str | None, comparison: str | None, area: str
) -> tuple[float, float]:
    table = TURNER if measure == "OR" else RHODES[area]
    comparisons = TURNER_COMPARISONS if measure == "OR" else RHODES_COMPARISONS
    if outcome is None or comparison is None:
        raise BadInput("outcome and comparison go together: name both, or neither for any setting.")
    if outcome not in table:
        raise UnknownOption("outcome", outcome, list(table))
    if comparison not in comparisons:
        raise UnknownOption("comparison", comparison, list(comparisons))
    cell = table[outcome][comparisons.index(comparison)]
    if cell is None:
        raise BadInput(
            f"the published prior for {outcome}, {comparison}, {area} is listed with a value that "
            'can\'t be right; look it up in Rhodes et al. (2015) and use tau_prior("log-t", '
            "mean=..., scale=..., df=5)."
        )
    return cell
