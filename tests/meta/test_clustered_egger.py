"""The regression test of dependent estimates against metafor with clubSandwich."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

FOLDER = Path(__file__).parents[2] / "validation"
PINNED = json.loads((FOLDER / "clustered_egger.json").read_text())
ROWS = json.loads((FOLDER / "multilevel.json").read_text())["data"]["d"]
DATA = {name: np.array(column) for name, column in ROWS.items()}


def _fit(name: str) -> Any:
    if name == "plain":
        return pb.pool(DATA["yi"], DATA["vi"], test="z")
    V = DATA["vi"]
    if name == "blocks":
        V = pb.vcalc(vi=DATA["vi"], cluster=DATA["study"], obs=DATA["id"], rho=0.5)
    mods = DATA["x"] if name == "moderated" else None
    return pb.pool_multilevel(DATA["yi"], V, mods=mods, random="~ 1 | study/id", data=DATA)


@pytest.mark.parametrize("case", sorted(PINNED))
def test_against_clubsandwich(case: str) -> None:
    name, predictor = case.split()
    ref = PINNED[case]
    cluster = DATA["study"] if name == "plain" else None  # a multilevel fit knows its own
    found = pb.regtest(_fit(name), predictor=predictor, cluster=cluster)
    for field in ("slope", "se", "dfs", "pval"):
        assert getattr(found, field) == pytest.approx(ref[field], rel=1e-4), field
    if name == "moderated":
        assert np.isnan(found.limit)
    else:
        assert found.limit == pytest.approx(ref["limit"], rel=1e-4)
        assert found.limit_ub - found.limit == pytest.approx(ref["half"], rel=1e-4)
    assert found.k == len(DATA["yi"])


def test_rows_left_out_and_other_clusters() -> None:
    y = DATA["yi"].copy()
    y[:4] = np.nan
    whole = pb.pool_multilevel(y, DATA["vi"], random="~ 1 | study/id", data=DATA)
    rest = {name: column[4:] for name, column in DATA.items()}
    part = pb.pool_multilevel(rest["yi"], rest["vi"], random="~ 1 | study/id", data=rest)
    assert pb.regtest(whole).pval == pytest.approx(pb.regtest(part).pval, rel=1e-7)
    by_name = pb.regtest(whole, cluster="study")
    assert by_name.pval == pytest.approx(pb.regtest(whole, cluster=DATA["study"]).pval, rel=1e-12)
    plain = pb.pool(y, DATA["vi"], test="z")
    short = pb.pool(rest["yi"], rest["vi"], test="z")
    assert pb.regtest(plain, cluster=DATA["study"]).se == pytest.approx(
        pb.regtest(short, cluster=rest["study"]).se
    )


def test_pet_peese_of_dependent_estimates() -> None:
    fit = _fit("nested")
    found = pb.petpeese(fit, model="fit")
    for kind, case in (("pet", "nested sei"), ("peese", "nested vi")):
        ref, part = PINNED[case], getattr(found, kind)
        assert part.beta[0] == pytest.approx(ref["limit"], rel=1e-4)
        assert part.ci_ub[0] - part.beta[0] == pytest.approx(ref["half"], rel=1e-4)
    one_sided = 0.5 * found.pet.pval[0]
    assert found.chosen == ("PEESE" if one_sided < 0.1 else "PET")
    assert found.se == getattr(found, found.chosen.lower()).se[0]
    with pytest.raises(pb.BadInput, match='model="fit"'):
        pb.petpeese(fit)


def test_bad_input_is_told() -> None:
    fit = _fit("nested")
    with pytest.raises(pb.BadInput, match='model="rma"'):
        pb.regtest(fit, model="lm")
    with pytest.raises(pb.BadInput, match="needs sample sizes"):
        pb.regtest(fit, predictor="ni")
    same = pb.pool_multilevel(
        DATA["yi"], np.full(len(DATA["yi"]), 0.1), random="~ 1 | study", data=DATA
    )
    with pytest.raises(pb.BadInput, match="the same sei"):
        pb.regtest(same)
