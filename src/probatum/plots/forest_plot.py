"""`pb.forest`: the forest plot of a fit, or of what was made of one."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from probatum.meta.options import typed_options

from ..errors import BadInput
from ..meta.types import EffectSizes
from .display import Transf
from .figure import Figure
from .forest import forest_scene
from .forest_fit import Wanted
from .registry import drawing
from .table import ForestTable

if TYPE_CHECKING:
    from ..meta.bayes.model import BayesFit
    from ..meta.comparing import Subgroups
    from ..meta.diagnostics.subsets import Subsets
    from ..meta.models.location_scale.fit import LocationScaleFit
    from ..meta.models.multilevel.deletion import ClusterDeletion
    from ..meta.models.multilevel.types import MultilevelFit
    from ..meta.patients.series import PatientPool
    from ..meta.robust.sandwich import RobustFit
    from ..meta.types import MetaFit

    Single = MetaFit | MultilevelFit | BayesFit | LocationScaleFit | RobustFit
    Drawn = Single | PatientPool | Subgroups | Subsets | ClusterDeletion


@drawing(
    "Lewis S, Clarke M (2001). BMJ 322, 1479-1480.",
    'pb.forest(fit, arms=("Vaccinated", "Not vaccinated"))',
    'pb.forest(pb.subgroups(es, "alloc", data=bcg))',
    'pb.forest(pb.cumulative(fit, order="year", data=bcg))',
    "pb.forest(pb.leave1out(fit))",
    'pb.forest(pb.pool(es, mods="~ ablat", data=bcg), cells=False)',
    'teams = pb.pool_multilevel(es, random="~ 1 | team/trial", data=bcg)\npb.forest(teams)',
    "pb.forest(pb.pool_bayes(es), cells=False)",
    'pb.forest(pb.pool_mh(es, measure="OR"))',
)
@typed_options
def forest(
    fit: Drawn,
    *,
    slab: Sequence[str] | None = None,
    transf: Transf = "auto",
    cells: bool = True,
    arms: tuple[str, str] = ("Group 1", "Group 2"),
    favours: tuple[str, str] = ("", ""),
    predtype: str = "default",
    shrunken: bool = False,
    order: str | Sequence[Any] = "data",
    narrow: bool = False,
    title: str = "",
) -> Figure:
    """Forest plot of a fit: studies, weights, pooled effect and prediction interval.

    Layout after Lewis & Clarke (2001), BMJ 322:1479. Of a fit with moderators each study shows
    what the model says of it, since no single effect stands for all. Subgroups stand one under
    the other with their own diamonds; estimates of a multilevel model stand under their cluster;
    a Bayesian fit shows each study's posterior. The result of `leave1out` or `cumulative` gives
    one row for each of its fits.

    Parameters
    ----------
    fit : MetaFit, MultilevelFit, BayesFit, LocationScaleFit, RobustFit, Subgroups, ...
        What `pool_patients`, `cumulative` and `leave1out` give, too.
    slab : sequence of str, optional
        Labels in the place of the data's own, one for each row.
    transf : {"auto", "none"}
        Back to the scale that people read (ratios, percent), or as analysed.
    cells : bool
        Show the arms' numbers behind each estimate, where the effect sizes were made of them.
    arms, favours : pair of str
        Names of the two arms; what a value left and right of no effect favours.
    predtype : str
        Convention of the prediction interval, as in `MetaFit.predict`.
    shrunken : bool
        Beneath each estimate the true effect that the model predicts for the study (`blup`).
    order : {"data", "estimate", "precision"} or sequence
        Of the studies, in each subgroup: that of the data, from the smallest estimate, from the
        largest weight, or by a value for each row, such as a year. Clusters keep that of the data.
    narrow : bool
        Two lines a study, for a phone, without the arms' numbers.
    title : str
        The figure's name for who can't see it; not drawn, since a caption says it.

    Returns
    -------
    Figure

    Raises
    ------
    BadInput
        If `slab` does not have one label for each row, or true effects can't be predicted.
    UnknownOption
        If `transf`, `predtype` or `order` is not known.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2], [0.04, 0.05, 0.03])
    >>> pb.forest(fit).scene.title
    'Forest plot'
    >>> pb.forest(pb.pool_bayes([0.1, 0.3, -0.2], [0.04, 0.05, 0.03])).scene.title
    'Forest plot of a Bayesian fit'
    """
    wanted = Wanted(slab, transf, cells, arms, favours, predtype, shrunken, order, title)
    return Figure(forest_scene(forest_table(fit, wanted), narrow=narrow))


# Where the table of each kind of result is made; imported when one comes, whose own module is
# then loaded anyway.
_TABLES = {
    "MetaFit": ("forest_fit", "fit_table"),
    "Subsets": ("forest_subsets", "subsets_table"),
    "Subgroups": ("forest_subgroups", "subgroups_table"),
    "MultilevelFit": ("forest_multilevel", "multilevel_table"),
    "ClusterDeletion": ("forest_multilevel", "deletion_table"),
    "BayesFit": ("forest_bayes", "bayes_table"),
    "LocationScaleFit": ("forest_location_scale", "location_scale_table"),
    "RobustFit": ("forest_robust", "robust_table"),
    "PatientPool": ("forest_patients", "patients_table"),
}


def forest_table(fit: object, wanted: Wanted) -> ForestTable:
    """What the forest plot of a result shows.

    Raises
    ------
    BadInput
        For what has none.
    """
    kind = type(fit)
    if not (kind.__module__.startswith("probatum.") and kind.__name__ in _TABLES):
        made = "forest(pb.pool(es))" if isinstance(fit, EffectSizes) else "pool() makes one"
        raise BadInput(f"forest draws a fit; this is of type {kind.__name__}. Try: {made}.")
    module, name = _TABLES[kind.__name__]
    table: ForestTable = getattr(import_module(f".{module}", __package__), name)(fit, wanted)
    return table
