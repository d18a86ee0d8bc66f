"""Fits of parts of the studies: leave-one-out, cumulative, all subsets (GOSH)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.columns import is_missing, pick, plain
from probatum.meta.models.tables import some_tables
from probatum.meta.options import typed_options
from probatum.meta.refit import refit, rows_of, slab_of
from probatum.meta.types import Bools, Floats, MetaFit, need

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.deletion import ClusterDeletion
    from probatum.meta.models.multilevel.types import MultilevelFit

_ALL_SUBSETS = 20  # studies: 2^20 subsets take about a second and 100 MB
_PIECE = 1 << 16  # subsets written down at once


@dataclass(frozen=True, slots=True, eq=False)
class Subsets:
    """One fit per row: columns of shape (B,), or (B, p) where the model has moderators.

    Attributes
    ----------
    slab : tuple of str
        What was left out, or added last.
    estimate, se, zval, pval, ci_lb, ci_ub : ndarray, shape (B,) or (B, p)
    QE, QEp, tau2, I2, H2 : ndarray, shape (B,)
    k : ndarray of int, shape (B,)
    fit : MetaFit
        Of all studies.
    kind : {"leave1out", "cumulative"}
    """

    slab: tuple[str, ...]
    estimate: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    QE: Floats
    QEp: Floats
    tau2: Floats
    I2: Floats
    H2: Floats
    k: NDArray[np.int64]
    fit: MetaFit
    kind: Literal["leave1out", "cumulative"]

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns (any data frame takes them)."""
        out: dict[str, list[Any]] = {"slab": list(self.slab)}
        for name in self.__dataclass_fields__:
            if name not in ("slab", "fit", "kind"):
                out[name] = getattr(self, name).tolist()
        return out


Kind = Literal["leave1out", "cumulative"]
_NUMBERS = ("se", "zval", "pval", "ci_lb", "ci_ub", "QE", "QEp", "tau2", "I2", "H2")


def _subsets(slab: Sequence[str], masks: Bools, fit: MetaFit, kind: Kind) -> Subsets:
    """The fit of each subset; masks, shape (B, k), mark its studies."""
    if fit.again is not None:
        return _subsets_of_tables(slab, masks, fit, kind)
    r = refit(fit, masks)

    def flat(values: Floats) -> Floats:
        return values[:, 0] if values.shape[1] == 1 else values

    return Subsets(
        slab=tuple(slab), estimate=flat(r.beta), se=flat(r.se), zval=flat(r.zval),
        pval=flat(r.pval), ci_lb=flat(r.ci_lb), ci_ub=flat(r.ci_ub), QE=r.QE, QEp=r.QEp,
        tau2=r.tau2, I2=r.I2, H2=r.H2, k=r.k.astype(np.int64),
        fit=fit, kind=kind,
    )  # fmt: skip


def _subsets_of_tables(slab: Sequence[str], masks: Bools, fit: MetaFit, kind: Kind) -> Subsets:
    """The same for Mantel-Haenszel and Peto, whose rows are tables."""
    assert fit.again is not None
    found = {name: np.full(len(masks), np.nan) for name in ("beta", *_NUMBERS)}
    k = np.zeros(len(masks), dtype=np.int64)
    for i, mask in enumerate(masks):
        use = fit.included.copy()
        use[use] = mask
        try:
            part = fit.again(some_tables(fit.data, use))
        except BadInput:  # no such estimate exists: without events in a group there is no ratio
            continue
        k[i] = part.k
        for name, values in found.items():
            values[i] = np.ravel(getattr(part, name))[0]
    return Subsets(tuple(slab), found.pop("beta"), **found, k=k, fit=fit, kind=kind)


@overload
def leave1out(fit: MetaFit, *, cluster: Any = None) -> Subsets: ...
@overload
def leave1out(fit: MultilevelFit, *, cluster: Any = None) -> ClusterDeletion: ...
@typed_options
def leave1out(fit: MetaFit | MultilevelFit, *, cluster: Any = None) -> Subsets | ClusterDeletion:
    """The fit without each study in turn (or without each cluster of estimates).

    Viechtbauer W, Cheung MWL (2010). Research Synthesis Methods 1, 112-125, section 3.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
        A multilevel fit is fitted without each cluster (see `leave_cluster_out`); fits by
        Mantel-Haenszel and Peto are made again from the other tables.
    cluster : array of shape (k_all,), optional
        Estimates that are left out together.

    Returns
    -------
    Subsets
        One row per study, or per cluster in order of first appearance; NaN where the rest can't
        be fitted.

    Raises
    ------
    BadInput
        With fewer than two studies, or a cluster of another length.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> leave1out(fit).estimate.round(3).tolist()
    [0.38, 0.275, 0.175]
    """
    need(fit, "MetaFit", "MultilevelFit")
    if not isinstance(fit, MetaFit):
        from probatum.meta.models.multilevel.deletion import leave_cluster_out

        return leave_cluster_out(fit, cluster)
    names = slab_of(fit)
    if cluster is None:
        own = np.arange(fit.k)
        groups: tuple[str, ...] = names
    else:
        values = np.asarray(plain(cluster))
        if values.shape != (len(fit.data),):
            raise BadInput(f"cluster has {values.size} rows; there are {len(fit.data)} estimates.")
        kept = values[fit.included].tolist()
        order = list(dict.fromkeys(kept))
        own = np.array([order.index(x) for x in kept])
        groups = tuple(str(x) for x in order)
    if len(groups) < 2:
        raise BadInput(f"leaving one out needs at least two; there is {len(groups)}.")
    masks = own[None, :] != np.arange(len(groups))[:, None]
    return _subsets(groups, masks, fit, "leave1out")


@typed_options
def cumulative(fit: MetaFit, order: Any = None, *, data: Any = None) -> Subsets:
    """The fit of the first study, the first two, and so on.

    Lau J, Antman EM, Jimenez-Silva J, et al. (1992). New England Journal of Medicine 327,
    248-254.

    Parameters
    ----------
    fit : MetaFit
    order : array of shape (k_all,), or str with `data`, optional
        Values to sort by, such as years; ties keep their order. By default as the rows stand.
    data : mapping of columns, optional
        Where `order` is found when it is a name.

    Returns
    -------
    Subsets
        Row i holds the fit of the first i + 1 studies; `slab` is the study added last.

    Raises
    ------
    BadInput
        If `order` has another length or missing values, or the model has moderators.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> cumulative(fit, order=[2001, 1999, 2000]).estimate.round(3).tolist()
    [0.3, 0.38, 0.267]
    """
    need(fit, "MetaFit")
    if fit.moderated:
        raise BadInput("a cumulative meta-analysis has no moderators: the first study is alone.")
    if order is None:
        place = np.arange(fit.k)
    else:
        values = np.asarray(plain(pick(data, "order", order)))
        if values.shape != (len(fit.data),):
            raise BadInput(f"order has shape {values.shape}; expected ({len(fit.data)},).")
        kept = values[fit.included]
        if any(is_missing(x) for x in kept.tolist()):
            raise BadInput("order has missing values; give every study its place.")
        place = np.argsort(kept, kind="stable")
    rank = np.empty(fit.k, dtype=np.int64)
    rank[place] = np.arange(fit.k)
    masks = rank[None, :] <= np.arange(fit.k)[:, None]
    names = slab_of(fit)
    return _subsets([names[i] for i in place], masks, fit, "cumulative")


@dataclass(frozen=True, slots=True, eq=False)
class Gosh:
    """Fits of subsets of the studies.

    Attributes
    ----------
    estimate : ndarray, shape (B,) or (B, p)
    QE, tau2, I2, H2 : ndarray, shape (B,)
    k : ndarray of int, shape (B,)
        Studies in the subset.
    incl : ndarray of bool, shape (B, k)
        Which studies.
    slab : tuple of str
    fit : MetaFit
        Of all studies.
    """

    estimate: Floats
    QE: Floats
    tau2: Floats
    I2: Floats
    H2: Floats
    k: Floats
    incl: Bools
    slab: tuple[str, ...]
    fit: MetaFit


@typed_options
def gosh(fit: MetaFit, *, subsets: int | None = None, seed: int | None = 0) -> Gosh:
    """Fit all subsets of the studies (graphical display of study heterogeneity).

    Olkin I, Dahabreh IJ, Trikalinos TA (2012). Research Synthesis Methods 3, 214-223.

    Parameters
    ----------
    fit : MetaFit
    subsets : int, optional
        So many subsets at random. By default all that are large enough to be fitted, up to
        20 studies, and a million random ones beyond.
    seed : int or None
        Of the random subsets; None takes another at every call.

    Returns
    -------
    Gosh

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> len(gosh(fit).estimate)
    7
    """
    need(fit, "MetaFit")
    _, _, X = rows_of(fit)
    k, p = X.shape
    if subsets is None and k <= _ALL_SUBSETS:
        masks = _all_masks(k, p)
    else:
        masks = _random_masks(k, p, 1_000_000 if subsets is None else subsets, seed)
    r = refit(fit, masks)
    estimate = r.beta[:, 0] if p == 1 else r.beta
    return Gosh(estimate, r.QE, r.tau2, r.I2, r.H2, r.k.astype(np.int64), masks, slab_of(fit), fit)


def _all_masks(k: int, p: int) -> Bools:
    """All subsets of at least p studies; made in pieces, as numbers take more room than bits."""
    pieces, study = [], np.arange(k, dtype=np.uint32)
    for start in range(1, 1 << k, _PIECE):
        codes = np.arange(start, min(start + _PIECE, 1 << k), dtype=np.uint32)
        masks = (codes[:, None] >> study & 1).astype(np.bool_)
        pieces.append(masks if p == 1 else masks[np.count_nonzero(masks, axis=1) >= p])
    return np.concatenate(pieces)


def _random_masks(k: int, p: int, subsets: int, seed: int | None) -> Bools:
    """Each study in or out with equal chance; subsets that are too small are drawn again."""
    if subsets < 1:
        raise BadInput(f"subsets is {subsets}; ask for at least one.")
    rng = np.random.default_rng(seed)
    masks = rng.integers(0, 2, size=(subsets, k), dtype=np.int8).view(np.bool_)
    while (small := np.count_nonzero(masks, axis=1) < p).any():
        masks[small] = rng.integers(0, 2, size=(int(small.sum()), k)).astype(np.bool_)
    return masks
