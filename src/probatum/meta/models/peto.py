"""Peto's one-step pooling of odds ratios."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.models.tables import TWO_BY_TWO, assemble, read_tables, zero_rules
from probatum.meta.options import typed_options
from probatum.meta.types import EffectSizes, MetaFit, need


@typed_options
def pool_peto(
    es: EffectSizes, *, level: float = 95, add: Any = 0.5, to: Any = "only0", drop00: Any = True
) -> MetaFit:
    """Pool 2x2 tables by Peto's method: an equal-effects log odds ratio for rare events.

    Parameters
    ----------
    es : EffectSizes
        Made from ``ai bi ci di`` (or ``n1i n2i`` in place of ``bi di``).
    level : float
        Confidence level in percent.
    add, to, drop00 : float, str, bool, or a pair of them
        What is done about zeros (see `effect_sizes`) in the studies' own estimates, which are for
        display; the second of a pair is for the pooled tables, which are else taken as they
        are.

    Returns
    -------
    MetaFit
        `beta` is the log odds ratio. `k` counts the complete tables; those without events, or
        with nothing but events, have weight 0, and ``extra["k_yi"]`` counts the others.

    Raises
    ------
    BadInput
        If the tables are not there, or none of them has both outcomes.

    Notes
    -----
    Yusuf S, Peto R, Lewis J, Collins R, Sleight P (1985), Progress in Cardiovascular Diseases 27,
    335-371: the sum of observed minus expected events over the sum of their hypergeometric
    variances. QE is the scatter of observed minus expected events, without corrections;
    the likelihoods are those of the studies' own estimates. Biased when effects are large or
    groups very unequal.

    Examples
    --------
    >>> from probatum.meta.measures import effect_sizes
    >>> es = effect_sizes(measure="PETO", ai=[0, 2], n1i=[50, 40], ci=[3, 5], n2i=[50, 41])
    >>> fit = pool_peto(es)
    >>> round(float(fit.beta[0]), 4), round(float(fit.se[0]), 4)
    (-1.2564, 0.6519)
    """
    need(es, "EffectSizes", name="es")
    tables = read_tables(es, "PETO", TWO_BY_TWO, "Peto", zero_rules(add, to, drop00))
    a, b, c, d = (tables.cells[name] for name in TWO_BY_TWO)
    n1, n2, m = a + b, c + d, a + c
    N = n1 + n2
    # a table of one person has no variance
    V = (n1 / N) * (n2 / N) * m * (N - m) / np.where(N > 1.0, N - 1.0, 1.0)
    total = float(V.sum())
    if total <= 0.0:
        raise BadInput(
            "Peto's odds ratio does not exist for these tables: none has both people with and "
            "people without the event. Use a risk difference."
        )
    surplus = a - n1 * m / N
    beta = float(surplus.sum()) / total
    some = V > 0.0
    Q = float(np.sum((surplus[some] - beta * V[some]) ** 2 / V[some]))
    se = 1.0 / math.sqrt(total)
    fit = assemble(tables, beta, se, V, level=level, model="Peto", extra={}, Q=Q)
    options: dict[str, Any] = {"add": add, "to": to, "drop00": drop00, "level": level}
    return replace(fit, again=partial(pool_peto, **options))
