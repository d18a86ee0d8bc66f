"""The same duplicates on Spark, for more records than one machine holds.

Blocking, features, model, vetoes and components are those of `engine`; Spark only brings together
what shares a key, and spreads the comparing over its workers. Records travel as the text they are,
hash-partitioned in Parquet, and are normalised where they are compared.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from probatum.errors import ProbatumError
from probatum.records.dedup import blocking, scoring
from probatum.records.dedup.blocking import CAP, LeftOut
from probatum.records.dedup.columns import COLUMNS, as_table
from probatum.records.dedup.engine import settle
from probatum.records.dedup.identical import tells_enough
from probatum.records.dedup.links import Duplicates
from probatum.records.dedup.normalise import normalise

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

PAIRS = 20_000  # compared at once by a worker: bounds its memory, never the result
_TEXT = ", ".join(f"`{name}` string" for name in COLUMNS)
_CUTS = tuple(f"cut{i}" for i in range(len(blocking.CUTS)))
_KEYED = "row long, name string, key string, " + ", ".join(f"{cut} string" for cut in _CUTS)
_SCORED = (
    "a long, b long, score double, rule string, veto string, `distinct` boolean, study boolean"
)


@dataclass(frozen=True)
class Work:
    """Where a run keeps what it has made, so that one that was ended goes on."""

    folder: Path

    def at(self, name: str) -> str:
        """Path of a step's Parquet."""
        return str(self.folder / name)

    def done(self, name: str) -> bool:
        """Whether a step was finished."""
        return (self.folder / name / "_SUCCESS").is_file()


def session(cores: str = "local[2]", memory: str = "4g") -> SparkSession:
    """A local Spark that listens on the loopback address alone.

    Raises
    ------
    ProbatumError
        Where pyspark or Java is missing.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise ProbatumError(
            'pyspark is not installed. Try: pip install "probatum[spark]"; it needs Java 17 '
            "(Debian: openjdk-17-jre-headless)."
        ) from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else workers take the first on PATH
    builder = (
        SparkSession.builder.master(cores)
        .appName("probatum dedup")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", memory)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "50000")
    )
    made: SparkSession = builder.getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


def duplicates_on_spark(
    spark: SparkSession, parquet: str, work: Path, *, parts: int = 8
) -> Duplicates:
    """Find records that are the same work in a Parquet folder of any size.

    Parameters
    ----------
    spark : SparkSession
    parquet : str
        Columns of `columns.COLUMNS` as text, and ``row``: the records' order, from 0.
    work : Path
        A folder for what is made on the way. A run that was ended goes on with what is there.
    parts : int
        Into how many parts records and pairs are hashed.

    Returns
    -------
    Duplicates
        The same as `engine.duplicates` gives for the same table, to the id.
    """
    steps = Work(work)
    records = _records(spark, parquet, steps, parts)
    keyed = _step(spark, steps, "keys", lambda: _keys(records))
    pairs = _step(spark, steps, "pairs", lambda: _pairs(keyed))
    scored = _step(spark, steps, "scored", lambda: _scored(records, pairs, parts))
    return _settled(records, scored, _left_out(keyed), pairs.count())


def _step(spark: SparkSession, steps: Work, name: str, make: Any) -> DataFrame:
    if not steps.done(name):
        make().write.mode("overwrite").parquet(steps.at(name))
    return spark.read.parquet(steps.at(name))


# ------------------------------------------------------------------ records
def _records(spark: SparkSession, parquet: str, steps: Work, parts: int) -> DataFrame:
    """Every record once, with its digest, by hash; ``twin`` is the first row that is the same."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    def make() -> DataFrame:
        raw = spark.read.parquet(parquet)
        read = raw.mapInArrow(_told, f"row long, {_TEXT}, enough boolean, registered boolean")
        told = [f.col(f"`{name}`") for name in COLUMNS if name != "id"]
        digest = f.sha2(f.to_json(f.struct(*told)), 256)
        same = Window.partitionBy("digest")
        alone = f.when(f.col("enough"), digest).otherwise(f.concat(f.lit("#"), f.col("row")))
        return (
            read.withColumn("digest", alone)
            .withColumn("twin", f.min("row").over(same))
            .drop("digest", "enough")
            .repartition(parts, "row")
        )

    return _step(spark, steps, "records", make)


def _told(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for frame in _frames(batches):
        table = as_table(frame)
        registered = normalise(table)["registered"].list.len().fill_null(0) > 0
        yield from _out(
            table.with_columns(
                frame["row"], tells_enough().alias("enough"), registered.alias("registered")
            ).select("row", *COLUMNS, "enough", "registered")
        )


# ------------------------------------------------------------------ blocking
def _keys(records: DataFrame) -> DataFrame:
    """Row, name and text of every key that two records share, with what cuts a large block."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    firsts = records.where("twin = row").select("row", *(f"`{name}`" for name in COLUMNS))
    keyed = firsts.mapInArrow(_keyed, _KEYED)
    words = keyed.where("name = 'word'").select("row", f.col("key").alias("word"))
    counted = words.withColumn("count", f.count("*").over(Window.partitionBy("word")))
    ranked = counted.where("count > 1").withColumn(
        "rank", f.row_number().over(Window.partitionBy("row").orderBy("count", "word"))
    )
    rare = (
        ranked.where("rank <= 2")
        .groupBy("row")
        .agg(f.array_sort(f.collect_list("word")).alias("rare"))
        .where("size(rare) = 2")
        .select("row", f.lit("rare-words").alias("name"), f.concat_ws("|", "rare").alias("key"))
    )
    cuts = keyed.where("name = 'cuts'").select("row", *_CUTS)
    every = (
        keyed.where("name not in ('word', 'cuts')")
        .select("row", "name", "key")
        .unionByName(rare)
        .withColumn("size", f.count("*").over(Window.partitionBy("name", "key")))
        .where("size > 1")
    )
    return every.join(cuts, "row")


def _keyed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for frame in _frames(batches):
        records = normalise(as_table(frame))
        cuts = records.select(cut.alias(name) for cut, name in zip(blocking.CUTS, _CUTS))
        named = {name: key for name, key in blocking.KEYS.items() if name != "rare-words"}
        keys = records.select(key.cast(pl.String).alias(name) for name, key in named.items())
        rows = frame.select("row")
        long = pl.concat([rows, keys], how="horizontal").unpivot(
            index="row", variable_name="name", value_name="key"
        )
        listed = rows.with_columns(blocking.words(records))
        words = listed.explode("word", empty_as_null=False, keep_nulls=False).unique()
        # as text of one length, numbers keep their order, which Spark's whole numbers would not
        key = pl.col("word").cast(pl.String).str.zfill(20).alias("key")
        words = words.select("row", pl.lit("word").alias("name"), key)
        own = pl.concat([rows, cuts], how="horizontal").select(
            "row", pl.lit("cuts").alias("name"), pl.lit(None, pl.String).alias("key"), *_CUTS
        )
        every = pl.concat([long.drop_nulls("key"), words, own], how="diagonal")
        yield from _out(every.select("row", "name", "key", *_CUTS))


def _pairs(keyed: DataFrame) -> DataFrame:
    """Pairs of rows in one small block, or in one small part of a large one."""
    found = _within(keyed.where(f"size <= {CAP}"), ["name", "key"])
    large = keyed.where(f"size > {CAP}")
    for cut in _CUTS:
        found = found.union(_within(_part(large, cut), ["name", "key", cut]))
    return found.distinct()


def _part(large: DataFrame, cut: str) -> DataFrame:
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    block = Window.partitionBy("name", "key", cut)
    return (
        large.where(f"{cut} is not null")
        .withColumn("part", f.count("*").over(block))
        .where(f"part between 2 and {CAP}")
    )


def _within(blocks: DataFrame, by: list[str]) -> DataFrame:
    left = blocks.select(*by, blocks["row"].alias("a"))
    right = blocks.select(*by, blocks["row"].alias("b"))
    return left.join(right, by).where("a < b").select("a", "b")


def _left_out(keyed: DataFrame) -> tuple[LeftOut, ...]:
    """Large blocks' rows that no cut put in a small one."""
    from pyspark.sql import functions as f

    over = keyed.where(f"size > {CAP}").select("name", "key", "row")
    for cut in _CUTS:
        small = _part(keyed.where(f"size > {CAP}"), cut).select("name", "key", "row")
        alone = _alone(keyed.where(f"size > {CAP}"), cut)
        over = over.subtract(small.union(alone))
    counted = over.groupBy("name").agg(f.countDistinct("key"), f.count("*")).collect()
    at = list(blocking.KEYS)
    rows = sorted(counted, key=lambda row: at.index(row[0]))
    return tuple(LeftOut(name, blocks, records) for name, blocks, records in rows)


def _alone(large: DataFrame, cut: str) -> DataFrame:
    """Rows whose second key no other row of the block has: they were compared with all alike."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    block = Window.partitionBy("name", "key", cut)
    counted = large.where(f"{cut} is not null").withColumn("part", f.count("*").over(block))
    return counted.where("part = 1").select("name", "key", "row")


# ------------------------------------------------------------------ comparing
def _scored(records: DataFrame, pairs: DataFrame, parts: int) -> DataFrame:
    """Each pair beside both its records, compared by `scoring.score`."""
    from pyspark.sql import functions as f

    text = f.struct(*(f.col(f"`{name}`") for name in COLUMNS))
    told = records.select("row", text.alias("told"))
    left = told.select(f.col("row").alias("a"), f.col("told").alias("left"))
    right = told.select(f.col("row").alias("b"), f.col("told").alias("right"))
    both = pairs.join(left, "a").join(right, "b").repartition(parts, "a")
    return both.mapInArrow(_compared, _SCORED)


def _compared(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for frame in _frames(batches):
        for at in range(0, len(frame), PAIRS):
            some = frame[at : at + PAIRS]
            sides = [
                some.select(pl.col(row).alias("row"), pl.col(told)).unnest(told)
                for row, told in (("a", "left"), ("b", "right"))
            ]
            own = pl.concat(sides).unique("row").sort("row")
            local = own.select("row", pl.int_range(pl.len(), dtype=pl.UInt32).alias("here"))
            pairs = some.select("a", "b").join(local, left_on="a", right_on="row")
            pairs = pairs.join(local, left_on="b", right_on="row", suffix="_b")
            here = pairs.select(pl.col("here").alias("a"), pl.col("here_b").alias("b"))
            found = scoring.score(normalise(own.select(COLUMNS)), here.sort("a", "b"))
            yield from _out(
                found.with_columns(own["row"].gather(found[side]).alias(side) for side in "ab")
            )


# ------------------------------------------------------------------ deciding
def _settled(
    records: DataFrame, scored: DataFrame, left_out: tuple[LeftOut, ...], compared: int
) -> Duplicates:
    """What the pairs decide: of all records only those with a pair or a registration are needed."""
    pairs = _collected(scored).sort("a", "b")
    rows = _collected(records.select("row", "id", "twin", "registered")).sort("row")
    needed = rows.filter(
        (pl.col("twin") == pl.col("row"))
        & (pl.col("registered") | pl.col("row").is_in(pairs["a"].append(pairs["b"]).implode()))
    )
    spark = records.sparkSession
    wanted = spark.createDataFrame(needed.select("row").to_arrow())
    told = _collected(records.join(wanted, "row", "left_semi")).sort("row").drop_nulls("id")
    place = told.select("row", pl.int_range(pl.len(), dtype=pl.UInt32).alias("here"))
    for side in "ab":
        pairs = pairs.join(place, left_on=side, right_on="row", maintain_order="left")
        pairs = pairs.with_columns(pl.col("here").alias(side)).drop("here")
    count = int((rows["twin"] == rows["row"]).sum())
    made = settle(normalise(told.select(COLUMNS)), told["id"], pairs.select(_PAIR), count=count)
    return made.of_all(rows["id"], rows["twin"], left_out, compared)


_PAIR = ("a", "b", "score", "rule", "veto", "distinct", "study")


def _collected(frame: DataFrame) -> pl.DataFrame:
    out = pl.from_arrow(frame.toArrow())
    assert isinstance(out, pl.DataFrame)
    return out


def _frames(batches: Iterable[pa.RecordBatch]) -> Iterator[pl.DataFrame]:
    for batch in batches:
        frame = pl.from_arrow(batch)
        if isinstance(frame, pl.DataFrame) and len(frame):
            yield frame


def _out(frame: pl.DataFrame) -> Iterator[pa.RecordBatch]:
    yield from frame.to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()
