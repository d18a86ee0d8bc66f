"""The engine as a whole: order, twins, what stands already, components, large blocks, scale."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.records.dedup.blocking import blocks
from probatum.records.dedup.columns import as_table
from probatum.records.dedup.components import Components
from probatum.records.dedup.deciding import Decided
from probatum.records.dedup.engine import duplicates
from probatum.records.dedup.links import Duplicates
from probatum.records.dedup.model import design, parameters, terms
from probatum.records.dedup.normalise import normalise

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks.dedup_score import of
from benchmarks.synthetic_records import records

MADE = records(300, seed=5)


def partition(found: Duplicates) -> set[frozenset[str]]:
    held: dict[str, set[str]] = {}
    for name, cluster in found.clusters.select("id", "cluster").iter_rows():
        held.setdefault(cluster, set()).add(name)
    return {frozenset(names) for names in held.values()}


def test_made_up_records_are_found() -> None:
    data = records(1500, seed=8)
    score = of(data, duplicates(data))
    assert score.wrong <= 1
    assert score.recall > 0.97
    assert score.recall_with_queue > 0.99


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_records_is_irrelevant(random: object) -> None:
    at = list(range(len(MADE)))
    random.shuffle(at)  # type: ignore[attr-defined]
    shuffled = duplicates(MADE[at])
    assert partition(shuffled) == partition(duplicates(MADE))
    assert shuffled.summary()["queue_pairs"] == duplicates(MADE).summary()["queue_pairs"]


def test_the_same_table_gives_the_same_answer() -> None:
    one, two = duplicates(MADE), duplicates(MADE)
    assert one.links.equals(two.links)
    assert one.clusters.equals(two.clusters)


def test_what_is_imported_twice_merges() -> None:
    again = MADE.with_columns((pl.lit("again-") + pl.col("id")).alias("id"))
    both = duplicates(pl.concat([MADE, again]))
    cluster = dict(both.clusters.select("id", "cluster").iter_rows())
    assert all(cluster[name] == cluster[f"again-{name}"] for name in MADE["id"])
    # and nothing else changes by it
    once = partition(duplicates(MADE))
    assert {
        frozenset(n for n in names if not n.startswith("again-")) for names in partition(both)
    } == once
    twins = both.links.filter(pl.col("rule") == "identical")
    assert len(twins) >= len(MADE)


def test_a_row_that_tells_nothing_has_no_twin() -> None:
    table = pl.DataFrame({"id": ["a", "b", "c", "d"], "title": ["Editorial", "Editorial", "", ""]})
    assert duplicates(table).clusters["cluster"].n_unique() == 4


def test_decided_clusters_stay_as_they_are() -> None:
    old, new = MADE[:200], MADE[200:]
    # against all sense: each record a cluster of its own, but for two with nothing in common
    stands = {name: f"work-{name}" for name in old["id"]}
    odd = [old["id"][0], old["id"][1]]
    stands[odd[1]] = stands[odd[0]]
    found = duplicates(pl.concat([new, old]), decided=Decided(stands))
    got = dict(found.clusters.select("id", "cluster").iter_rows())
    assert {name: got[name] for name in stands} == stands
    told = set(found.links["a"]) | set(found.links["b"])
    assert told
    for a, b in found.links.select("a", "b").iter_rows():
        assert a not in stands or b not in stands, "two decided records are not looked at"
    joined = [name for name in new["id"] if got[name] in stands.values()]
    assert joined, "a new record can join what stands"


def test_records_told_apart_are_not_asked_about_again() -> None:
    found = duplicates(MADE)
    queued = found.links.filter(pl.col("status") == "queue")
    pair = queued.row(0)[:2] if len(queued) else found.links.row(0)[:2]
    told = duplicates(MADE, decided=Decided(distinct=[pair]))
    cluster = dict(told.clusters.select("id", "cluster").iter_rows())
    assert cluster[pair[0]] != cluster[pair[1]]
    assert pair not in told.links.select("a", "b").rows()


def test_a_third_record_does_not_bring_two_works_together() -> None:
    base = {"title": "Ketamine for relapse prevention in heroin addiction after detoxification",
            "author": "Roe, Jane and Doe, John", "journal": "Addiction"}  # fmt: skip
    table = pl.DataFrame(
        [
            {"id": "a", **base, "year": "2001", "volume": "96", "pages": "100-110"},
            {"id": "b", **base, "year": "2002", "volume": "97", "pages": "501-509"},
            {"id": "c", **base, "year": "", "volume": "", "pages": ""},
        ]
    )
    found = duplicates(table)
    cluster = found.clusters["cluster"].to_list()
    assert cluster[0] != cluster[1]
    assert "queue" in found.clusters["status"].to_list()


def test_two_pmids_never_share_a_component() -> None:
    works = Components(4, facts=[["1", "", "", "2"]])
    assert works.join(0, 1)
    assert works.join(3, 2)
    assert not works.join(1, 2)
    assert works.members(2) == [2, 3]


def test_a_pair_kept_apart_stays_apart_through_others() -> None:
    works = Components(3)
    works.keep_apart([(0, 2)])
    assert works.join(0, 1)
    assert not works.join(1, 2)


def test_components_that_stand_are_not_united() -> None:
    works = Components(5)
    works.stand([(0, 0), (0, 1), (2, 2), (2, 3)])
    assert works.join(4, 1)
    assert not works.join(4, 3)
    assert works.root(4) == 0


def test_blocks_too_large_are_cut_and_then_told() -> None:
    many = 300
    table = pl.DataFrame(
        {
            "id": [str(n) for n in range(many)],
            "title": ["Quarterly report of the society for sleep"] * many,
            "year": ["2001"] * many,
            "volume": [str(n) for n in range(many)],
        }
    )
    found = blocks(normalise(as_table(table)))
    assert len(found.pairs) == 0
    assert {left.key for left in found.left_out} >= {"title-head", "title-tail"}
    assert all(left.records == many for left in found.left_out)
    placed = table.with_columns(pl.Series("pages", [str(n // 2 + 1) for n in range(many)]))
    placed = placed.with_columns(pl.Series("volume", [str(n // 2 + 1) for n in range(many)]))
    pairs = blocks(normalise(as_table(placed))).pairs
    assert pairs.select("a", "b").rows() == [(n, n + 1) for n in range(0, many, 2)]


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_records(count: int) -> None:
    found = duplicates(MADE[:count])
    assert found.summary()["works"] == count
    assert found.links.is_empty()


def test_noise_is_no_fault() -> None:
    noise = ["", "   ", "\x00", "🐍" * 300, "<" * 5000, "&#xFFFFFFFF;", "((((", "NaN", "Ã¼" * 50]
    columns = ("title", "author", "pages", "doi", "year", "abstract", "volume", "journal")
    table = pl.DataFrame({"id": list("abcdefghi")} | dict.fromkeys(columns, noise))
    assert len(duplicates(table).clusters) == 9


def test_agreement_never_counts_against() -> None:
    weights = parameters()["weights"]
    signs = dict(terms())
    assert set(weights) <= set(signs)
    assert all(weights[name] * signs[name] > 0 for name in weights)
    assert 0 < parameters()["queue"] < parameters()["auto"] < 1
    assert "made-up" in parameters()["trained"]
    assert set(parameters()["unseen"]) == {"cytology", "digital_work"}


def test_the_design_has_a_column_per_term() -> None:
    from probatum.records.dedup.features import compare

    normal = normalise(as_table(MADE))
    compared = compare(normal, blocks(normal).pairs)
    assert design(compared).shape == (len(compared), len(terms()))
