"""`pool_many`: thousands of meta-analyses in one call, vectorised over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.meta import compiled
from probatum.meta.columns import yes_or_no
from probatum.meta.heterogeneity import heterogeneity
from probatum.meta.inference import Tested, by_forms, check_level, check_test, infer, mean_of
from probatum.meta.kernel import gathered
from probatum.meta.models.groups import Rows, gather, usable
from probatum.meta.models.rows import check_given, tau2_from
from probatum.meta.options import typed_options
from probatum.meta.scalar import FAILED
from probatum.meta.solvers import Estimate
from probatum.meta.tau2 import Tau2Method, estimate, tau2_method
from probatum.meta.types import Bools, Floats

_COLUMNS = ("beta", "se", "ci_lb", "ci_ub", "pval", "tau2", "I2", "QE")
# rows x columns of padded data handled at once: about a second-level cache
_CELLS = 60_000


@dataclass(frozen=True, slots=True, eq=False)
class PooledMany:
    """One row per meta-analysis, in order of first appearance.

    Attributes
    ----------
    key : ndarray
        The group's value in `by`, or its position.
    beta, se, ci_lb, ci_ub, pval, tau2, I2, QE : ndarray, shape (B,)
        As in `MetaFit`; NaN where no row of the group can be used.
    k : ndarray of int
        Estimates used.
    converged : ndarray of bool
    """

    key: NDArray[Any]
    beta: Floats
    se: Floats
    ci_lb: Floats
    ci_ub: Floats
    pval: Floats
    tau2: Floats
    I2: Floats
    QE: Floats
    k: NDArray[np.int64]
    converged: Bools

    def __len__(self) -> int:
        return len(self.key)

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns (any data frame takes them)."""
        names = ("key", *_COLUMNS, "k", "converged")
        return {name: getattr(self, name).tolist() for name in names}


@typed_options
def pool_many(
    data: Any = None,
    *,
    by: Any = None,
    yi: Any = "yi",
    vi: Any = "vi",
    method: str = "REML",
    test: str = "knha",
    level: float = 95,
    weighted: bool = True,
    weights: Any = None,
    tau2: float | None = None,
) -> PooledMany:
    """Pool each group of estimates by itself, all groups at once.

    Parameters
    ----------
    data : mapping of columns or data frame, optional
        Where `by`, `yi` and `vi` are found when they are names.
    by : str or array of shape (n,), optional
        Which meta-analysis a row belongs to; with it `yi` and `vi` are of shape (n,).
    yi, vi : str, array, or sequence of arrays
        Without `by`: arrays of shape (B, k), one meta-analysis per row, or B arrays of any
        lengths. NaN cells are left out.
    method, test, level, weighted, tau2
        As in `pool`; `tau2` is one value for all groups.
    weights : str or array, optional
        As in `pool`, in the form of `yi`, but all positive; NaN leaves its cell out.

    Returns
    -------
    PooledMany
        The numbers `pool` gives for each group; a group of one estimate has test "z".

    Raises
    ------
    UnknownOption
        If `method` or `test` does not exist.
    BadInput
        If shapes differ, a variance or a weight isn't positive, a method lacks its weights, or
        numbers of a group differ by 60 orders of magnitude.

    Notes
    -----
    With Numba installed (``probatum[fast]``), 5,000 meta-analyses and more are searched by
    compiled code (methods ML, REML, PM, EB, SJIT and DLIT, with the model's own weights), with the
    same numbers. The first such call ever takes about two seconds longer, for compiling, which is
    told (to the log) and kept on disk; the first of a session a quarter of a second.

    Examples
    --------
    >>> yi, vi = [[0.1, 0.3, 0.5], [0.2, 0.2]], [[0.01, 0.02, 0.03], [0.1, 0.1]]
    >>> out = pool_many(yi=yi, vi=vi, method="DL", test="z")
    >>> out.beta.round(4).tolist(), out.k.tolist()
    ([0.2674, 0.2], [3, 2])
    """
    weighted = yes_or_no("weighted", weighted)
    how = tau2_from(tau2_method(method), tau2, weights=weights, weighted=weighted)
    level = check_level(level)
    check_test(test, how, own_weights=weighted and weights is None)
    columns = {"yi": yi, "vi": vi} if weights is None else {"yi": yi, "vi": vi, "weights": weights}
    groups = usable(gather(data, by, columns))
    check_given(tau2, groups.v)
    if not weighted:
        groups = groups._replace(a=np.ones(len(groups.y)))
    total = len(groups.key)
    out = {name: np.full(total, np.nan) for name in _COLUMNS}
    converged = np.zeros(total, dtype=np.bool_)
    begin, left = groups.begin(), np.flatnonzero(groups.size > 0)
    if by_forms(test, groups.a) and how.search is not None and compiled.worthwhile(len(left)):
        done, left = np.flatnonzero(groups.size > 1), np.flatnonzero(groups.size == 1)
        size = groups.size[done]
        found, df = (
            compiled.search(groups.y, groups.v, begin[done], size, how.search),
            (size - 1).astype(np.float64),
        )
        _fill(out, done, found, mean_of(found, df, test=test, level=level)[0], df, how)
        converged[done] = found.status != FAILED
    for rows, lone in _slices(groups.size, left):
        batch = gathered(groups.y, groups.v, begin[rows], groups.size[rows], groups.a)
        found, own = estimate(batch, how), "z" if lone else test
        if by_forms(own, groups.a):
            fit, _ = mean_of(found, batch.df, test=own, level=level)
        else:
            _, every = infer(batch, found, test=own, level=level)
            fit = Tested(*(x[:, 0] for x in every))
        _fill(out, rows, found, fit, batch.df, how)
        converged[rows] = found.status != FAILED
    return PooledMany(key=groups.key, k=groups.size, converged=converged, **out)


def _fill(
    out: dict[str, Floats], rows: Rows, found: Estimate[Floats], fit: Tested, df: Floats,
    how: Tau2Method,
) -> None:  # fmt: skip
    apart = heterogeneity(found, df, fixed=how.code == "EE")
    values = (fit.beta, fit.se, fit.ci_lb, fit.ci_ub, fit.pval, found.tau2, apart.I2, apart.QE)
    for name, value in zip(_COLUMNS, values):
        out[name][rows] = value


def _slices(size: NDArray[np.int64], rows: Rows) -> list[tuple[Rows, bool]]:
    """Groups of like size together; and whether they are lone estimates."""
    order = rows[np.argsort(size[rows], kind="stable")]
    sorted_size = size[order]
    start = int(np.searchsorted(sorted_size, 2))
    out = [(order[:start], True)] if start else []
    while start < len(order):
        # twice, as the last group of a slice may be much larger than its first
        stop = start + max(1, _CELLS // int(sorted_size[start]))
        stop = start + max(1, _CELLS // int(sorted_size[min(stop, len(order)) - 1]))
        out.append((order[start:stop], False))
        start = stop
    return out
