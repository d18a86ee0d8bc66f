"""Spark gives the links of one machine to the id; runs where pyspark and Java are there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pl = pytest.importorskip("polars")
pytest.importorskip("pyspark", reason='needs the extra "spark"')
if shutil.which("java") is None:
    pytest.skip("needs Java", allow_module_level=True)

from benchmarks.synthetic_records import records  # noqa: E402

from probatum.records.dedup.blocking import CAP  # noqa: E402
from probatum.records.dedup.columns import as_table  # noqa: E402
from probatum.records.dedup.engine import duplicates  # noqa: E402
from probatum.records.dedup.spark import duplicates_on_spark, session  # noqa: E402


def test_links_are_the_same_to_the_id(tmp_path: Path) -> None:
    made = records(1200, seed=3)
    twins = made[:40].with_columns(pl.format("t{}", "id").alias("id"))
    editorials = made[:1].select(pl.all().repeat_by(CAP + 20).explode())
    editorials = editorials.with_columns(
        pl.format("e{}", pl.int_range(pl.len())).alias("id"),
        pl.lit("From the editor of the journal of long titles").alias("title"),
        pl.int_range(1900, 1900 + CAP + 20).cast(pl.String).alias("year"),
        pl.lit("").alias("doi"),
    )
    replies = editorials.with_columns(  # too many, and nothing that tells them apart
        pl.format("f{}", pl.int_range(pl.len())).alias("id"),
        pl.lit("Reply from the editor").alias("title"),
        pl.lit("1999").alias("year"),
        pl.format("Journal of thing {}", pl.int_range(pl.len())).alias("journal"),
        *(pl.lit("").alias(name) for name in ("volume", "number", "pages", "pmid")),
    )
    data = pl.concat([made, twins, editorials, replies])
    table = as_table(data).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    (tmp_path / "in").mkdir()
    for part in range(3):
        at = range(part, len(table), 3)
        table[list(at)].write_parquet(tmp_path / "in" / f"{part}.parquet")
    one = duplicates(data)
    spark = session()
    try:
        two = duplicates_on_spark(spark, str(tmp_path / "in"), tmp_path / "work", parts=3)
        again = duplicates_on_spark(spark, str(tmp_path / "in"), tmp_path / "work", parts=3)
    finally:
        spark.stop()
    assert one.summary()["merged"] > 100
    assert one.left_out
    assert two.clusters.equals(one.clusters)
    assert sorted(two.links.rows()) == sorted(one.links.rows())
    assert sorted(two.studies.rows()) == sorted(one.studies.rows())
    assert two.left_out == one.left_out
    assert again.clusters.equals(two.clusters)
