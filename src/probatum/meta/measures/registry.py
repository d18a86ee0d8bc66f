"""What an effect measure is, and the list of those that exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probatum.errors import BadInput, UnknownOption
from probatum.meta.measures.rows import Rows
from probatum.meta.transforms import TRANSFORMS

Floats = NDArray[np.float64]
Cells = Mapping[str, Floats]
Compute = Callable[[Cells, "Choices"], tuple[Floats, Floats]]
Scale = Literal["ratio", "difference", "proportion", "correlation", "rate", "none"]

INF = float("inf")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a measure may be told beyond the cells: variance formula, bias correction."""

    vtype: str = "LS"
    correct: bool = True


@dataclass(frozen=True, slots=True)
class Family:
    """Measures that share their cells, checks and zero-cell rule.

    Attributes
    ----------
    name : str
    check : callable
        Fills in cells that follow from others and says what is wrong with a row.
    size : callable
        Total sample size per row, or None where the measure has none.
    stands_for : mapping of str to tuple of str
        Cells any of which may be given in place of another (``n1i`` for ``bi``).
    counts : tuple of str
        Cells that take a continuity correction; empty where there are none.
    empty : callable or None
        Rows without events (or without non-events) in both groups, which ``drop00`` drops.
    undefined : str
        Usual cause of a row whose numbers are in order but whose estimate is not finite.
    """

    name: str
    check: Callable[[Rows], None]
    size: Callable[[Cells], Floats | None]
    undefined: str
    stands_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: tuple[str, ...] = ()
    empty: Callable[[Cells], NDArray[np.bool_]] | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """An effect measure.

    Attributes
    ----------
    code : str
        Its usual code, such as ``"RR"``.
    name : str
        Its name in words, on the analysis scale ("log risk ratio").
    display : str
        Its name on the display scale, as readers are told ("risk ratio").
    family : Family
    needs, optional : tuple of str
        Arguments it needs, and further ones it understands.
    scale : {"ratio", "difference", "proportion", "correlation", "rate", "none"}
        What kind of number the display scale is.
    null : float or None
        Value of no effect on the display scale; None where there is none (a single proportion).
    transf : str
        Name of the back-transformation in `probatum.meta.transforms`.
    limits : tuple of float
        Range of the display scale, to which back-transformed values are clipped.
    vtypes : tuple of str
        Variance formulas it offers; the first is the default.
    default_add : float
        Continuity correction where the caller names none.
    corrects : bool
        Whether the estimate has a bias correction that can be switched off.
    source : str
        Where the formula was published.
    compute : callable
        Cells (corrected for zeros) and choices to estimates and sampling variances.
    """

    code: str
    name: str
    display: str
    family: Family
    needs: tuple[str, ...]
    optional: tuple[str, ...]
    scale: Scale
    null: float | None
    transf: str
    limits: tuple[float, float]
    vtypes: tuple[str, ...]
    default_add: float
    corrects: bool
    source: str
    compute: Compute

    def back(self, x: ArrayLike, ni: ArrayLike | None = None) -> Floats:
        """Analysis scale to display scale, clipped to the range of the measure.

        Parameters
        ----------
        x : array_like
            Estimates or limits on the analysis scale.
        ni : array_like, optional
            Sample sizes, for PFT only: each study's own, or for a pooled value the harmonic mean
            (`probatum.meta.transforms.harmonic_mean`).

        Examples
        --------
        >>> from probatum.meta.measures import MEASURES
        >>> float(MEASURES["RR"].back(0.0))
        1.0
        """
        return np.clip(TRANSFORMS[self.transf](x, ni), *self.limits)[()]

    def signature(self) -> str:
        """What it is and needs, for messages: ``log risk ratio; needs ai, bi, ci, di``."""
        return f"{self.name}; needs {', '.join(self.needs)}"

    def as_dict(self) -> dict[str, Any]:
        """The facts about the measure as plain data."""
        return {
            "code": self.code,
            "name": self.name,
            "display": self.display,
            "family": self.family.name,
            "needs": self.needs,
            "instead": {k: v for k, v in self.family.stands_for.items() if k in self.needs},
            "optional": self.optional,
            "scale": self.scale,
            "null": self.null,
            "transf": self.transf,
            "limits": self.limits,
            "vtypes": self.vtypes,
            "corrects": self.corrects,
            "source": self.source,
        }


MEASURES: dict[str, Measure] = {}


def measure(
    code: str,
    name: str,
    family: Family,
    needs: str,
    *,
    scale: Scale,
    source: str,
    display: str = "",
    null: float | None = None,
    transf: str = "identity",
    limits: tuple[float, float] = (-INF, INF),
    optional: str = "",
    vtypes: tuple[str, ...] = ("LS",),
    default_add: float = 0.5,
    corrects: bool = False,
) -> Callable[[Compute], Compute]:
    """Register the decorated function as the formula of a measure (see `Measure`).

    `display` is needed only where the display scale has another name than the analysis scale.
    """

    def register(compute: Compute) -> Compute:
        if code in MEASURES:
            raise ValueError(f"measure {code} is registered twice")
        MEASURES[code] = Measure(
            code,
            name,
            display or name,
            family,
            tuple(needs.split()),
            tuple(optional.split()),
            scale,
            null,
            transf,
            limits,
            vtypes,
            default_add,
            corrects,
            source,
            compute,
        )
        return compute

    return register


def find_measure(code: str) -> Measure:
    """Look a measure up by its code.

    Raises
    ------
    UnknownOption
        If there is none of that code; the message names the nearest.

    Examples
    --------
    >>> from probatum.meta.measures import find_measure
    >>> find_measure("MD").name
    'mean difference'
    """
    if isinstance(code, str) and code in MEASURES:
        return MEASURES[code]
    about = {known: found.signature() for known, found in MEASURES.items()}
    raise UnknownOption("measure", code, about, "pb.measures() lists all.")


def choose(found: Measure, vtype: str, correct: bool) -> Choices:
    """Check the options of a measure.

    Raises
    ------
    UnknownOption, BadInput
        If the measure doesn't offer them.
    """
    if vtype not in found.vtypes:
        raise UnknownOption("vtype", vtype, found.vtypes, f"(measure {found.code})")
    if not correct and not found.corrects:
        able = ", ".join(code for code, m in MEASURES.items() if m.corrects)
        raise BadInput(
            f"measure {found.code} has no bias correction that can be switched off; "
            f"correct=False is for {able}"
        )
    return Choices(vtype, correct)


def measures() -> list[dict[str, Any]]:
    """List the effect measures that exist.

    Returns
    -------
    list of dict
        One per measure: code, name, name on the display scale, family, arguments needed and
        understood, scale, value of no effect and range on the display scale,
        back-transformation, variance formulas, source.

    Examples
    --------
    >>> from probatum.meta.measures import measures
    >>> [m["needs"] for m in measures() if m["code"] == "COR"]
    [('ri', 'ni')]
    """
    return [found.as_dict() for found in MEASURES.values()]
