"""`multiverse`: the same studies pooled by every combination of choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import yes_or_no
from probatum.meta.inference import check_level
from probatum.meta.multiverse.exclusions import subsets
from probatum.meta.multiverse.pieces import MODELS, Piece, measured, of_measure
from probatum.meta.multiverse.table import NUMBERS, Multiverse
from probatum.meta.options import typed_options
from probatum.meta.types import EffectSizes, need


@typed_options
def multiverse(
    es: EffectSizes,
    *,
    measures: Sequence[str] | None = None,
    models: Sequence[str] = ("inverse variance",),
    methods: Sequence[str] = ("REML", "DL", "PM", "EE"),
    tests: Sequence[str] = ("knha", "adhoc", "z"),
    exclude: Mapping[str, Any] | None = None,
    leave1out: bool = False,
    level: float = 95,
) -> Multiverse:
    """Pool the same studies by every combination of choices.

    Steegen S, Tuerlinckx F, Gelman A, Vanpaemel W (2016). Perspectives on Psychological Science
    11, 702-712; for meta-analysis Voracek M, Kossmeier M, Tran US (2019). Zeitschrift für
    Psychologie 227, 64-82. A description of how much the answer hangs on choices: the rows are
    made of the same data, so they are no evidence beside each other, and counting p-values in them
    tests nothing.

    Parameters
    ----------
    es : EffectSizes
    measures : sequence of str, optional
        Measures to compute from the same inputs (with the usual zero-cell rules); that of `es`,
        as it is, by default.
    models : sequence of str
        "inverse variance"; where there are tables also "Mantel-Haenszel" (for OR RR RD IRR IRD)
        and "Peto" (for OR). These two are equal-effects models by method "EE" and test "z".
    methods : sequence of str
        Estimators of tau2 (see `tau2_methods`). "EE" is combined with test "z" alone.
    tests : sequence of str
        As in `pool`; "kr" is combined with "REML" alone.
    exclude : mapping of str to array of bool, or to labels, optional
        Reasons to leave studies out, with the rows that each concerns; every combination of
        these, none of them included, is a choice.
    leave1out : bool
        Whether each study in turn is also left out, beside every combination of `exclude`.
    level : float
        In percent.

    Returns
    -------
    Multiverse

    Raises
    ------
    UnknownOption, BadInput
        If a choice does not exist, the inputs of a measure or model are not there, or no two
        choices can be combined.

    Examples
    --------
    >>> from probatum.meta.measures import effect_sizes
    >>> es = effect_sizes(measure="RR", ai=[4, 6, 3], bi=[119, 300, 228], ci=[11, 29, 11],
    ...                   di=[128, 274, 209])
    >>> found = multiverse(es, measures=["RR", "OR"], models=["inverse variance", "Peto"],
    ...                    methods=["REML", "EE"], tests=["z"])
    >>> [(c.measure, c.model, c.method) for c in found.choices][3:]
    [('OR', 'inverse variance', 'EE'), ('OR', 'Peto', 'EE')]
    >>> found.glance()["share_below_0"]
    1.0
    """
    need(es, "EffectSizes", name="es")
    leave1out = yes_or_no("leave1out", leave1out)
    level = check_level(level)
    for model in models:
        if model not in MODELS:
            raise UnknownOption("model", model, MODELS)
    names, masks = subsets(es, exclude or {}, leave1out)
    pieces = [
        piece
        for measure in dict.fromkeys(measures or (es.measure,))
        for piece in of_measure(measured(es, measure), models, methods, tests, masks, level)
    ]
    if not pieces:
        raise BadInput("none of these choices can be combined: see models, methods and tests.")
    return _collected(pieces, names, level)


def _collected(pieces: Sequence[Piece], names: Sequence[str], level: float) -> Multiverse:
    """All rows, those of one subset together."""
    order = [(i, piece) for i in range(len(names)) for piece in pieces]
    numbers = {
        name: np.array([piece.numbers[name][i] for i, piece in order], dtype=np.float64)
        for name in NUMBERS
    }
    return Multiverse(
        choices=tuple(piece.choice._replace(excluded=names[i]) for i, piece in order),
        k=np.array([piece.k[i] for i, piece in order], dtype=np.int64),
        reason=tuple(piece.reasons[i] for i, piece in order),
        level=level,
        **numbers,
    )
