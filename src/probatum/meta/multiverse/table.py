"""The answers: one row per combination of choices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.errors import UnknownOption
from probatum.meta.types import Floats

NUMBERS = ("estimate", "se", "ci_lb", "ci_ub", "pval", "tau2", "I2")


class Choice(NamedTuple):
    """One way to do the analysis; `excluded` names what was left out, "" where nothing was."""

    measure: str
    model: str
    method: str
    test: str
    excluded: str


@dataclass(frozen=True, slots=True, eq=False)
class Multiverse:
    """One row per combination of choices; the first is made of the first of each.

    Attributes
    ----------
    choices : tuple of Choice
        `method` and `test` are "EE" and "z" for Mantel-Haenszel and Peto.
    k : ndarray of int, shape (B,)
        Studies pooled.
    estimate, se, ci_lb, ci_ub, pval, tau2, I2 : ndarray, shape (B,)
        On the analysis scale of the row's measure (the log for ratios); NaN where it can't be
        computed.
    reason : tuple of str
        "" or why a row has no numbers.
    level : float
        In percent.
    """

    choices: tuple[Choice, ...]
    k: NDArray[np.int64]
    estimate: Floats
    se: Floats
    ci_lb: Floats
    ci_ub: Floats
    pval: Floats
    tau2: Floats
    I2: Floats
    reason: tuple[str, ...]
    level: float

    def __len__(self) -> int:
        return len(self.choices)

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns (any data frame takes them)."""
        out: dict[str, list[Any]] = {
            name: [getattr(c, name) for c in self.choices] for name in Choice._fields
        }
        out["k"] = self.k.tolist()
        out.update((name, getattr(self, name).tolist()) for name in NUMBERS)
        out["reason"] = list(self.reason)
        return out

    def tidy(self) -> list[dict[str, Any]]:
        """One plain row per combination."""
        columns = self.to_dict()
        return [dict(zip(columns, row)) for row in zip(*columns.values())]

    def where(self, **chosen: Any) -> Multiverse:
        """The rows with these choices, such as ``where(test="knha", measure=["RR", "OR"])``.

        Raises
        ------
        UnknownOption
            If there is no such choice, or no row with it.
        """
        keep = np.ones(len(self), dtype=np.bool_)
        for name, value in chosen.items():
            if name not in Choice._fields:
                raise UnknownOption("choice", name, Choice._fields)
            there = [getattr(c, name) for c in self.choices]
            wanted = [value] if isinstance(value, str) else list(value)
            for one in wanted:
                if one not in there:
                    raise UnknownOption(name, one, list(dict.fromkeys(there)))
            keep &= np.array([x in wanted for x in there])
        rows = np.flatnonzero(keep)
        return replace(
            self,
            choices=tuple(self.choices[i] for i in rows),
            k=self.k[rows],
            reason=tuple(self.reason[i] for i in rows),
            **{name: getattr(self, name)[rows] for name in NUMBERS},
        )

    def varied(self) -> dict[str, tuple[str, ...]]:
        """The choices that differ between rows, with the options of each, in order."""
        all_of = {
            name: tuple(dict.fromkeys(getattr(c, name) for c in self.choices))
            for name in Choice._fields
        }
        return {name: options for name, options in all_of.items() if len(options) > 1}

    def glance(self) -> dict[str, Any]:
        """One row: how many combinations, how far they go, and what they agree on.

        Shares are of the rows that could be computed. The range is NaN where several measures are
        compared, whose scales differ.
        """
        known = np.isfinite(self.estimate)
        x, low, high = self.estimate[known], self.ci_lb[known], self.ci_ub[known]
        one = len({c.measure for c in self.choices}) == 1 and len(x) > 0
        nan = float("nan")
        quantiles = np.quantile(x, [0.0, 0.5, 1.0]) if one else [nan] * 3
        return {
            "combinations": len(self),
            "computed": len(x),
            "estimate_min": float(quantiles[0]),
            "estimate_median": float(quantiles[1]),
            "estimate_max": float(quantiles[2]),
            "share_below_0": float(np.mean(x < 0)) if len(x) else nan,
            "share_above_0": float(np.mean(x > 0)) if len(x) else nan,
            "share_ci_without_0": float(np.mean((low > 0) | (high < 0))) if len(x) else nan,
            "level": self.level,
        }
