"""Counts of studies for models that take the tables themselves, not estimates made from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.design import Design, design
from probatum.meta.measures import effect_sizes
from probatum.meta.types import Bools, EffectSizes, Floats

Cells = Mapping[str, Floats]
GROUPS = ("ai", "bi", "ci", "di")


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Cells of all studies, their own estimates, and which can be used (`reasons` why not)."""

    cells: dict[str, Floats]
    own: EffectSizes
    usable: Bools
    reasons: tuple[str, ...]

    def used(self) -> dict[str, Floats]:
        """Cells of the usable studies."""
        return {name: x[self.usable] for name, x in self.cells.items()}


def read_counts(
    es: EffectSizes,
    code: str,
    names: tuple[str, ...],
    uninformative: Callable[[Cells], Bools] | None = None,
) -> Counts:
    """The cells `names` of effect sizes; studies that `uninformative` marks are left out.

    Raises
    ------
    BadInput
        If the effect sizes were not made from these cells.
    """
    missing = [name for name in names if name not in es.inputs]
    if missing:
        raise BadInput(
            f"this model needs the counts themselves: these effect sizes "
            f'(measure "{es.measure}") have no {", ".join(missing)}. '
            f'Make them with effect_sizes(..., measure="{code}").'
        )
    cells = {name: np.asarray(es.inputs[name], dtype=np.float64) for name in names}
    known = np.logical_and.reduce([np.isfinite(x) for x in cells.values()])
    whole = np.logical_and.reduce(
        [~known | (x == np.round(x)) for name, x in cells.items() if not name.startswith("t")]
    )
    none = uninformative(cells) & known if uninformative else np.zeros(len(es), dtype=bool)
    drop00 = uninformative is not None
    given: dict[str, Any] = dict(cells)
    own = effect_sizes(measure=code, slab=list(es.slab) or None, drop00=drop00, **given)
    reasons = tuple(
        ""
        if ok
        else (why if not is_known else "the counts are not whole numbers" if not is_whole else
              "no events (or only events) in both groups say nothing of the effect")
        or "incomplete"
        for ok, why, is_known, is_whole in zip(
            known & whole & ~none, own.reasons or ("",) * len(es), known, whole, strict=True
        )
    )  # fmt: skip
    own = replace(own, ref=es.ref, cluster=es.cluster)
    return Counts(cells, own, known & whole & ~none, reasons)


def with_moderators(counts: Counts, mods: Any, data: Any, test: str) -> tuple[Counts, Design]:
    """The design of the effect; studies without a moderator are left out.

    Raises
    ------
    BadInput
        If no study is left, or too few for the coefficients.
    """
    layout = design(mods, data, counts.usable, intercept=True)
    finite = np.asarray(np.isfinite(layout.X).all(axis=1))
    reasons = tuple(
        why or ("" if ok else "no moderator")
        for why, ok in zip(counts.reasons, finite, strict=True)
    )
    usable = counts.usable & finite
    if not usable.any():
        why = next((why for why in reasons if why), "there are none")
        raise BadInput(f"none of the {len(usable)} studies can be used: {why}.")
    X = layout.X[usable]
    k, p = X.shape
    if k < p + (test == "t") or np.linalg.matrix_rank(X) < p:
        raise BadInput(f"{k} studies can't carry these {p} coefficients; use fewer moderators.")
    return replace(counts, usable=usable, reasons=reasons), layout


def no_contrast(names: tuple[str, ...], cells: Cells) -> str:
    """Why no effect can be estimated from all the counts together, or ""."""
    sums = {name: float(x.sum()) for name, x in cells.items()}
    if len(names) == 4:
        first, second = ("ai", "ci") if names == GROUPS else ("x1i", "x2i")
        if sums[first] == 0 or sums[second] == 0:
            return "one group has no events in any study"
        if names == GROUPS and (sums["bi"] == 0 or sums["di"] == 0):
            return "one group has nothing but events in every study"
    elif sums["xi"] == 0:
        return "no study has an event"
    elif sums.get("mi") == 0:
        return "no study has anything but events"
    return ""
