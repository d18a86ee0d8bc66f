"""Every result of metafor in ../shared/reference against ours, and that nothing slips by."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from benchmarks.parity import causes
from benchmarks.parity.ledger import Entry, Ledger, Node, result_of
from benchmarks.parity.reference import FOLDER, NAMES
from benchmarks.parity.registry import walk
from benchmarks.parity.report import Report, report, show

import probatum as pb

needs_reference = pytest.mark.skipif(not NAMES, reason=f"{FOLDER} is not beside this clone")
#: small ones, with every family between them
QUICK = ("hart1999", "berkey1998", "raudenbush1985", "matched_pairs")


@needs_reference
@pytest.mark.filterwarnings("ignore")
def test_some_data_sets() -> None:
    found = report(map(walk, QUICK), whole=False)
    assert not found.faults, "\n".join(found.faults[:20])
    assert len(found.families) == 12
    assert found.total.compared == 681


@needs_reference
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_data_set() -> None:
    found = report(map(walk, NAMES), whole=True)
    assert not found.faults, "\n".join(found.faults[:20])
    total, text = found.total, " ".join(causes.FILE.read_text(encoding="utf-8").split())
    n = total.results
    assert (
        f"of {total.compared + n['excluded']:,} results {total.compared:,} are compared, "
        f"{n['equal']:,} equal, {n['better']:,} better, none different, "
        f"and {n['excluded']:,} excluded as a whole; of {total.numbers + total.left:,} numbers "
        f"{total.left:,} are excluded."
    ) in text
    assert total.compared >= 8_443
    # an exclusion may shrink, but not grow without a look at it
    assert dict(found.excluded) == {
        "iterated-dl": 1_802, "robust-of-knha": 562, "tau2-not-0": 452, "later-variances": 135,
        "seven-nodes": 88, "filled-rows": 120, "integral-over-a-jump": 74,
        "likelihood-given-modes": 55, "laplace": 42, "tetrachoric": 26, "option-ignored": 18,
        "at-a-bound": 16, "saturated-laplace": 12, "variance-not-0": 12, "no-convergence": 11,
        "saturated-hessian": 10, "fitted-exactly": 4, "impossible-tables": 2,
    }  # fmt: skip


@needs_reference
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("method", "field", "factor"),
    [("DL", "se", 1 + 1e-11), ("DL", "I2", 1 + 1e-10), ("EE", "QE", 1 - 1e-11),
     ("REML", "tau2", 1 + 1e-7), ("PM", "pval", 1 + 1e-6)],
)  # fmt: skip
def test_a_slip_of_ours_is_noticed(
    monkeypatch: pytest.MonkeyPatch, method: str, field: str, factor: float
) -> None:
    real = pb.pool

    def slips(*args: Any, **options: Any) -> pb.MetaFit:
        fit = real(*args, **options)
        if fit.method != method:
            return fit
        return dataclasses.replace(fit, **{field: getattr(fit, field) * factor})

    monkeypatch.setattr(pb, "pool", slips)
    found = report([walk("matched_pairs")], whole=False)
    assert any(f".{field}: different" in fault for fault in found.faults)


# the ledger itself, of a file made up here --------------------------------------------------------

MADE_UP = {
    "uni": [{"reml": {"k": 3, "beta": [0.5], "fit_stats": {"ll": {"ML": [-1.0]}}}}],
    "rma_mh": [{"result": {"error": "no"}}],
}


def place() -> Node:
    return Ledger("made up", MADE_UP).root()["uni"][0]["reml"]


def of(node: Node) -> Report:
    return report([node.ledger], whole=False)


def test_what_nobody_claims_is_a_fault() -> None:
    node = place()
    node.same("k", 3, 0.0)
    found = of(node)
    assert [f.split(":")[0] for f in found.faults] == [
        "made up uni.0.reml.beta", "made up uni.0.reml.fit_stats.ll.ML",
        "made up rma_mh.0.result.error",
    ]  # fmt: skip
    assert "unclaimed" in show(found)


@pytest.mark.parametrize(
    ("ours", "status"),
    [(0.5, "equal"), (0.5 + 4e-9, "equal"), (0.5 + 6e-9, "different"), (np.nan, "different"),
     ([0.5, 0.5], "different")],
)  # fmt: skip
def test_tolerances_are_relative_and_missing_is_missing(ours: Any, status: str) -> None:
    node = place()
    node.same("beta", ours, 1e-8)
    assert node.off("beta").status == status


def test_a_difference_is_not_forgotten() -> None:
    node = place()
    node.same("beta", 0.6, 1e-8)
    node.same("beta", 0.5, 1e-8)
    node.better("because", "beta")
    assert node.off("beta").status == "different"
    node.overrule("a reason", 1e6, "beta")  # it is 2e7 tolerances
    assert node.off("beta").status == "different"
    node.overrule("a reason", 1e8, "beta")
    assert node.off("beta").status == "better"


def test_known_to_differ_is_excluded_only_where_the_cause_gives_their_number() -> None:
    node = place()
    node.same("beta", 0.5, 1e-8, cause="seven-nodes")
    assert node.off("beta") == Entry("excluded", 1, 0.0, "seven-nodes", 1)
    node.same("k", 4, 1e-8, cause="seven-nodes")
    assert node.off("k").status == "different"


@pytest.mark.parametrize(
    ("ours", "status"), [(-1.0 + 1e-9, "equal"), (-0.9, "better"), (-1.0 - 2e-8, "different")]
)
def test_likelihoods_may_only_be_higher(ours: float, status: str) -> None:
    node = place()["fit_stats"]["ll"]
    node.likelihood("ML", ours)
    assert node.off("ML").status == status


def test_an_exclusion_needs_its_line() -> None:
    node = place()
    node.ledger.root().excluded("no-such-key")
    assert of(node).faults == ["no-such-key: not in validation/divergences.md"]
    stale = report([node.ledger], whole=True).faults
    assert "seven-nodes: listed, but occurs nowhere" in stale
    text = f"{causes.SECTION}\n\n| `one` | a |\n| `two-b` | c |\n\n## Next\n| `three` | d |\n"
    assert causes.listed(text) == {"one", "two-b"}


def test_a_result_is_as_good_as_its_worst_leaf() -> None:
    assert result_of(("uni", 0, "reml", "fit_stats", "ll", "ML")) == ("uni", 0, "reml")
    assert result_of(("uni", 0, "grid", 3, "result", "beta")) == ("uni", 0, "grid", 3, "result")
    node = place()
    node.same("k", 3, 0.0)
    node.same("beta", 0.5, 0.0)
    node["fit_stats"]["ll"].likelihood("ML", -0.5)
    assert of(node).families["pooled"].results["better"] == 1


def test_metafors_errors_need_one_of_ours_or_a_check() -> None:
    node = Ledger("made up", MADE_UP).root()["rma_mh"][0]["result"]
    node.refused_too(lambda: None)
    assert node.off("error").status == "different"
    again = Ledger("made up", MADE_UP).root()["rma_mh"][0]["result"]
    again.better("checked", "error", if_true=False)
    assert again.off("error").status == "different"
