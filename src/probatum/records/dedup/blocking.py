"""Pairs worth a look: records that share one of many cheap keys; no key grows without bound."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

_CHUNK = 100_000  # rows whose words are looked at at once
CAP = 50  # records in one block; larger ones are cut by a second key, then left out and told


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A key's blocks that no second key made small: their records were not all compared."""

    key: str
    blocks: int
    records: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """Candidate pairs as two columns ``a < b`` of row numbers, and the blocks left out."""

    pairs: pl.DataFrame
    left_out: tuple[LeftOut, ...]


def _joined(*parts: pl.Expr | str) -> pl.Expr:
    """One text of several columns; null where any of them is empty."""
    texts = [pl.col(part) if isinstance(part, str) else part for part in parts]
    shown = [
        pl.when(text.cast(pl.String) != "").then(text.cast(pl.String)).otherwise(None)
        for text in texts
    ]
    return pl.concat_str(shown, separator="|", ignore_nulls=False)


def _long(text: pl.Expr, least: int) -> pl.Expr:
    return pl.when(text.str.len_chars() >= least).then(text).otherwise(None)


_TITLE, _FIRST = pl.col("title"), pl.col("first").str.head(6)
_STARTS = pl.col("journal_start").str.head(3)

#: What records may share, by name. A pair that shares any one is looked at.
KEYS: dict[str, pl.Expr] = {
    "doi": pl.col("doi"),
    "pmid": pl.col("pmid"),
    "registry": pl.col("own").list.first(),
    "title-head": _long(_TITLE.str.head(24), 12),
    "title-tail": _long(_TITLE.str.tail(24), 20),
    "title-middle": _long(_TITLE.str.slice(12, 24), 24),
    "title-main": _joined(_long(pl.col("main"), 8), _FIRST),
    "title-second": _long(pl.col("second").str.head(24), 12),
    "rare-words": pl.col("rare"),
    "abstract-head": _long(pl.col("abstract").str.head(50), 50),
    "author-title-year": _joined(_FIRST, _TITLE.str.head(8), "year"),
    "author-volume-page": _joined(_FIRST, "volume", "page"),
    "author-year-page": _joined(_FIRST, "year", "page"),
    "author-journal-volume-issue": _joined(_FIRST, _STARTS, "year", "volume", "issue"),
    "journal-volume-page": _joined(_STARTS, "volume", "page"),
    "year-volume-page": _joined("year", "volume", "page", "page_end"),
}

# what cuts a block that is too large: two of one work nearly always agree in one of these
CUTS = (
    _joined("volume", "page"),
    _joined(_FIRST, "year"),
    _long(_TITLE.str.head(60), 40),
)


def blocks(records: pl.DataFrame, *, cap: int = CAP, new: pl.Series | None = None) -> Blocks:
    """All pairs of rows that share a key; with `new` (a mask), only pairs with a new record."""
    records = records.with_columns(_rare_words(records))
    pairs: list[pl.DataFrame] = []
    left_out: list[LeftOut] = []
    for name, key in KEYS.items():
        keyed = _shared(_keyed(records, key))
        small, large = _split(keyed, cap)
        pairs.append(_pairs(small, new))
        if len(large):
            finer, over = _cut(records, large, cap)
            pairs += [_pairs(blocks, new) for blocks in finer]
            if len(over):
                left_out.append(LeftOut(name, over["key"].n_unique(), len(over)))
    every = pl.concat(pairs).unique().sort("a", "b")
    return Blocks(every, tuple(left_out))


def _keyed(records: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
    """Row and key, the key as a number; rows without it left out."""
    keyed = records.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        pl.when(key.is_not_null()).then(key.hash(seed=1)).alias("key"),
    )
    return keyed.drop_nulls("key")


def _shared(keyed: pl.DataFrame) -> pl.DataFrame:
    return keyed.filter(pl.col("key").is_duplicated())


def _split(keyed: pl.DataFrame, cap: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    size = pl.len().over("key")
    return keyed.filter(size <= cap), keyed.filter(size > cap)


def _cut(
    records: pl.DataFrame, large: pl.DataFrame, cap: int
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Blocks too large, cut by each second key; and the rows that no cut put in a small block."""
    out: list[pl.DataFrame] = []
    over = large.select("row", "key")
    for second in CUTS:
        cut = records.select(second.alias("second")).to_series().gather(large["row"])
        finer = large.with_columns(cut).drop_nulls("second")
        finer = finer.select("row", pl.struct("key", "second").hash(seed=2).alias("key"))
        small, still = _split(_shared(finer), cap)
        out.append(small)
        uncut = large.filter(pl.lit(cut.is_null()))
        over = over.filter(pl.col("row").is_in(still["row"].append(uncut["row"]).implode()))
    return out, over


def _pairs(keyed: pl.DataFrame, new: pl.Series | None) -> pl.DataFrame:
    """Rows of one block with one another."""
    pairs = keyed.join(keyed, on="key", suffix="_b").filter(pl.col("row") < pl.col("row_b"))
    pairs = pairs.select(pl.col("row").alias("a"), pl.col("row_b").alias("b"))
    if new is not None:
        pairs = pairs.filter(new.gather(pairs["a"]) | new.gather(pairs["b"]))
    return pairs


def _rare_words(records: pl.DataFrame) -> pl.Series:
    """The two rarest words of each title (five letters or more, not unique), as one key."""
    starts = range(0, max(len(records), 1), _CHUNK)
    every = pl.concat([_words(records, start) for start in starts])
    rare = (
        every.with_columns(pl.len().over("word").alias("count"))
        .filter(pl.col("count") > 1)
        .sort("row", "count", "word")
        .group_by("row", maintain_order=True)
        .agg(pl.col("word").head(2).sort(), pl.len().alias("n"))
        .filter(pl.col("n") >= 2)
        .select("row", pl.col("word").hash(seed=5).alias("rare"))
    )
    rows = pl.DataFrame({"row": pl.int_range(len(records), dtype=pl.UInt32, eager=True)})
    return rows.join(rare, on="row", how="left", maintain_order="left")["rare"]


def _words(records: pl.DataFrame, start: int) -> pl.DataFrame:
    """Each word of some titles as a number, once per title."""
    some = records.slice(start, _CHUNK)
    row = pl.int_range(start, start + len(some), dtype=pl.UInt32, eager=True).alias("row")
    listed = pl.DataFrame([row, words(some)])
    return listed.explode("word", empty_as_null=False, keep_nulls=False).unique()


def words(records: pl.DataFrame) -> pl.Series:
    """The words of each title that are long enough to tell of it, as lists of numbers."""
    found = pl.col("plain").str.extract_all(r"[\p{L}\p{N}]{5,}")
    return records.select(found.list.eval(pl.element().hash(seed=4)).alias("word")).to_series()
