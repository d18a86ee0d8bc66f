"""What a forest plot of subgroups shows."""

from __future__ import annotations

import math

from ..meta.comparing import Subgroups
from ..meta.types import MetaFit
from .display import NBSP, Display, number, p_text
from .forest_fit import Wanted, diamond, heterogeneity, prediction, study_rows, table_of
from .table import ForestTable, Heading, Note, Row


def subgroups_table(found: Subgroups, wanted: Wanted) -> ForestTable:
    """Each subgroup's studies and pooled effect, then all together and the test of differences.

    Weights are those in the pool of all studies, so that the column adds up to 100%.
    """
    whole = found.whole
    data, show = whole.data, Display(whole.data, wanted.transf)
    found_rows = list(study_rows(data, show, wanted, whole.level, whole.weights))
    member = {row.key: group for row, group in zip(found_rows, found.member)}
    studies = wanted.ordered(found_rows)
    rows: list[Row] = []
    for j, name in enumerate(found.names):
        fit, i = (found.fits[j], 0) if found.joint is None else (found.joint, j)
        rows.append(Heading(name))
        rows += [row for row in studies if member[row.key] == name]
        values = fit.beta[i], fit.ci_lb[i], fit.ci_ub[i]
        rows.append(diamond(f"subgroup/{j}", _label(found, found.fits[j]), show, values))
    others = [row for row in studies if member[row.key] not in found.names]
    rows += [Heading("In no subgroup that could be pooled"), *others] if others else []
    rows += _foot(found, show)
    return table_of(
        rows, data, show, wanted, whole.level,
        told=_told(found, show),
        pooled=show.value(float(whole.beta[0])),
        kind="Forest plot with subgroups",
    )  # fmt: skip


def _label(found: Subgroups, fit: MetaFit) -> str:
    """Name of a subgroup's diamond: how it was pooled, and how much its effects differ."""
    many = fit.k > 1 and math.isfinite(fit.I2)
    i2 = f", I² = {fit.I2:.0f}%" if many else ""
    return f"Pooled ({found.whole.method}){i2}".replace(" = ", f"{NBSP}={NBSP}")


def _foot(found: Subgroups, show: Display) -> list[Row]:
    whole = found.whole
    values = whole.beta[0], whole.ci_lb[0], whole.ci_ub[0]
    rows: list[Row] = [diamond("pooled", f"All studies ({whole.method})", show, values)]
    if whole.tau2 > 0 and whole.k > 2:
        spread = whole.predict()
        rows.append(prediction(show, spread.pi_lb[0], spread.pi_ub[0]))
    for name, fit in zip(found.names, found.fits):
        if fit.k > 1:
            rows.append(Note(f"Heterogeneity, {name}: {heterogeneity(fit)}"))
    rows.append(Note(f"Heterogeneity, all studies: {heterogeneity(whole)}"))
    if found.common_tau2:
        rows.append(Note("The subgroups' diamonds share one τ²."))
    return [*rows, Note(f"Differences between subgroups: {_test(found)}")]


def _test(found: Subgroups) -> str:
    m, rest = found.QMdf
    if math.isnan(rest):
        return f"Q = {number(found.QM)} (df{NBSP}{m:g}, {p_text(found.QMp)})"
    return f"F = {number(found.QM)} (df{NBSP}{m:g} and {rest:g}, {p_text(found.QMp)})"


def _told(found: Subgroups, show: Display) -> str:
    rows = [show.number(show.value(float(r["estimate"]))) for r in found.tidy()]
    each = ", ".join(f"{name} {value}" for name, value in zip(found.names, rows))
    return f"{show.name} of {found.whole.k} studies: {each}."
