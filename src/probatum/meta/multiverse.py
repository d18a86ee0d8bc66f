"""The same question answered by every combination of defensible choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import yes_or_no
from probatum.meta.inference import check_level
from probatum.meta.measures import effect_sizes
from probatum.meta.measures.registry import find_measure
from probatum.meta.models.inverse_variance import pool
from probatum.meta.models.mantel_haenszel import MEASURES_MH, pool_mh
from probatum.meta.models.peto import pool_peto
from probatum.meta.refit import refit
from probatum.meta.tau2 import tau2_method
from probatum.meta.types import Bools, EffectSizes, Floats, MetaFit, labels, need

_OF_TABLES = {"Mantel-Haenszel": tuple(MEASURES_MH), "Peto": ("OR", "PETO")}
MODELS = ("inverse variance", *_OF_TABLES)
_MOST_EXCLUSIONS = 12
_NUMBERS = ("estimate", "se", "ci_lb", "ci_ub", "pval", "tau2", "I2")


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
        out.update((name, getattr(self, name).tolist()) for name in _NUMBERS)
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
            **{name: getattr(self, name)[rows] for name in _NUMBERS},
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
    names, masks = _subsets(es, exclude or {}, leave1out)
    pieces = [
        piece
        for measure in dict.fromkeys(measures or (es.measure,))
        for piece in _of_measure(_measured(es, measure), models, methods, tests, masks, level)
    ]
    if not pieces:
        raise BadInput("none of these choices can be combined: see models, methods and tests.")
    return _collected(pieces, names, level)


class _Piece(NamedTuple):
    """The rows of all subsets for one combination of the other choices."""

    choice: Choice
    k: Floats
    numbers: dict[str, Floats]
    reasons: list[str]


def _subsets(
    es: EffectSizes, exclude: Mapping[str, Any], leave1out: bool
) -> tuple[list[str], Bools]:
    """Names of what is left out, and the rows that stay; the first subset is everything."""
    if len(exclude) > _MOST_EXCLUSIONS:
        raise BadInput(
            f"{len(exclude)} reasons to exclude make {2 ** len(exclude)} combinations; "
            f"{_MOST_EXCLUSIONS} are possible."
        )
    gone = {name: _excluded(es, name, rows) for name, rows in exclude.items()}
    names, masks = [], []
    for size in range(len(gone) + 1):
        for some in combinations(gone, size):
            out = np.zeros(len(es), dtype=np.bool_)
            for name in some:
                out |= gone[name]
            names.append(" + ".join(some))
            masks.append(~out)
            for i in np.flatnonzero(~out) if leave1out else ():
                one = ~out
                one[i] = False
                names.append(" + ".join((*some, labels(es.slab, len(es))[i])))
                masks.append(one)
    return names, np.array(masks)


def _excluded(es: EffectSizes, name: str, rows: Any) -> Bools:
    given = np.asarray(rows)
    if given.dtype == np.bool_:
        if given.shape != (len(es),):
            raise BadInput(f'exclude "{name}" has {len(given)} rows; there are {len(es)} studies.')
        return given
    slab = labels(es.slab, len(es))
    wanted = [str(x) for x in np.atleast_1d(given)]
    unknown = [x for x in wanted if x not in slab]
    if unknown:
        raise UnknownOption(f'exclude "{name}": study', unknown[0], slab)
    return np.array([s in wanted for s in slab])


def _measured(es: EffectSizes, measure: str) -> EffectSizes:
    """The same studies by another measure."""
    if measure == es.measure:
        return es
    found = find_measure(measure)
    cells: dict[str, Any] = {
        name: es.inputs[name] for name in (*found.needs, *found.optional) if name in es.inputs
    }
    other = effect_sizes(measure=measure, slab=list(es.slab) or None, **cells)
    return replace(other, cluster=es.cluster, ref=es.ref)


def _of_measure(
    es: EffectSizes, models: Iterable[str], methods: Iterable[str], tests: Sequence[str],
    masks: Bools, level: float,
) -> Iterator[_Piece]:  # fmt: skip
    for model in models:
        if model == "inverse variance":
            for method in methods:
                for test in _tests_of(tau2_method(method).code, tests):
                    yield _inverse_variance(es, method, test, masks, level)
        elif es.measure in _OF_TABLES[model]:
            yield _tables(es, model, masks, level)


def _tests_of(code: str, tests: Sequence[str]) -> Sequence[str]:
    if code == "EE":
        return ("z",)
    return [t for t in tests if t != "kr" or code == "REML"]


def _inverse_variance(
    es: EffectSizes, method: str, test: str, masks: Bools, level: float
) -> _Piece:
    fit = pool(es, method=method, test=test, level=level)
    found = refit(fit, masks[:, fit.included])
    numbers = {
        "estimate": found.beta[:, 0], "se": found.se[:, 0], "ci_lb": found.ci_lb[:, 0],
        "ci_ub": found.ci_ub[:, 0], "pval": found.pval[:, 0], "tau2": found.tau2, "I2": found.I2,
    }  # fmt: skip
    reasons = ["" if k > 0 else "no estimates are left" for k in found.k]
    choice = Choice(es.measure, "inverse variance", fit.method, test, "")
    return _Piece(choice, found.k, numbers, reasons)


def _tables(es: EffectSizes, model: str, masks: Bools, level: float) -> _Piece:
    if not {"ai", "x1i"} & set(es.inputs):
        raise BadInput(f"{model} pools tables, and these effect sizes were not made from any.")
    numbers = {name: np.full(len(masks), np.nan) for name in _NUMBERS}
    k, reasons = np.zeros(len(masks)), [""] * len(masks)
    for i, mask in enumerate(masks):
        part = _part(es, mask)
        try:
            fit: MetaFit = (
                pool_peto(part, level=level)
                if model == "Peto"
                else pool_mh(part, measure=es.measure, level=level)
            )
        except BadInput as error:
            reasons[i] = str(error)
            continue
        k[i] = fit.k
        row = (fit.beta[0], fit.se[0], fit.ci_lb[0], fit.ci_ub[0], fit.pval[0], 0.0, fit.I2)
        for name, value in zip(_NUMBERS, row):
            numbers[name][i] = value
    return _Piece(Choice(es.measure, model, "EE", "z", ""), k, numbers, reasons)


def _part(es: EffectSizes, mask: Bools) -> EffectSizes:
    """Some of the rows, with their tables."""
    slab = labels(es.slab, len(es))
    return EffectSizes(
        es.yi[mask], es.vi[mask], es.measure, tuple(s for s, use in zip(slab, mask) if use),
        inputs={name: np.asarray(x)[mask] for name, x in es.inputs.items()},
    )  # fmt: skip


def _collected(pieces: Sequence[_Piece], names: Sequence[str], level: float) -> Multiverse:
    """All rows, those of one subset together."""
    order = [(i, piece) for i in range(len(names)) for piece in pieces]
    numbers = {
        name: np.array([piece.numbers[name][i] for i, piece in order], dtype=np.float64)
        for name in _NUMBERS
    }
    return Multiverse(
        choices=tuple(piece.choice._replace(excluded=names[i]) for i, piece in order),
        k=np.array([piece.k[i] for i, piece in order], dtype=np.int64),
        reason=tuple(piece.reasons[i] for i, piece in order),
        level=level,
        **numbers,
    )
