"""A table of records as they were printed -> columns that can be compared."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from probatum.records.dedup import identifiers
from probatum.records.dedup.authors import authors
from probatum.records.dedup.journals import journals
from probatum.records.dedup.places import places
from probatum.records.dedup.text import folded, mended, squashed
from probatum.records.dedup.titles import titles

_TRAILER = r"\s*(copyright|©|\(c\)|all rights reserved).{0,200}$"

# kinds that can't be the same work even under one title; the rest ("article", "review") is one kind
_KINDS = (
    ("preprint", r"preprint|posted|arxiv|working ?paper"),
    ("chapter", r"chapter|incollection|inbook|book section"),
    ("book", r"^book$|monograph|edited book|whole book"),
    ("thesis", r"thesis|dissertation"),
    ("conference", r"conference|inproceedings|meeting|proceedings|cpaper"),
)  # fmt: skip
_PREPRINT_PLACE = (
    r"medrxiv|biorxiv|\barxiv|psyarxiv|\bssrn\b|research ?square|\bpreprints?\b|\bosf\b"
)


_CHUNK = 100_000  # rows at once: bounds what is in memory between two forms of a text


def normalise(table: pl.DataFrame) -> pl.DataFrame:
    """All that blocking, features and vetoes read, one row per record, in the table's order.

    Nulls stand where a record says nothing; text columns hold "" instead.
    """
    starts = range(0, max(len(table), 1), _CHUNK)
    return pl.concat([_normalise(table.slice(start, _CHUNK)) for start in starts])


def _normalise(table: pl.DataFrame) -> pl.DataFrame:
    """Its parts know nothing of each other and are made side by side."""
    parts: tuple[Callable[[], pl.DataFrame], ...] = (
        lambda: titles(table["title"]),
        lambda: authors(table["author"]),
        lambda: _abstracts(table["abstract"]),
        lambda: identifiers.registrations(table),
        lambda: places(table),
        lambda: journals(table["journal"]),
        lambda: table.select(
            identifiers.dois(pl.col("doi")).alias("doi"),
            identifiers.pmids(pl.col("pmid")).alias("pmid"),
            identifiers.issns(pl.col("issn")).alias("issn"),
            _kind(),
            pl.col("language").str.to_lowercase().str.slice(0, 2),
        ),
    )
    with ThreadPoolExecutor(min(len(parts), os.cpu_count() or 1)) as pool:
        made = list(pool.map(lambda part: part(), parts))
    out: pl.DataFrame = pl.concat(made, how="horizontal")
    return out


def _kind() -> pl.Expr:
    kind = pl.col("type").str.to_lowercase()
    out = pl.lit("")
    for name, pattern in reversed(_KINDS):
        out = pl.when(kind.str.contains(pattern)).then(pl.lit(name)).otherwise(out)
    posted = pl.col("journal").str.to_lowercase().str.contains(_PREPRINT_PLACE)
    return pl.when(posted).then(pl.lit("preprint")).otherwise(out).alias("kind")


def _abstracts(raw: pl.Series) -> pl.DataFrame:
    """The first 400 letters and digits; a copyright line at the end is no part of it."""
    if not (raw != "").any():
        return pl.DataFrame({"abstract": raw})
    text = folded(mended(raw.str.slice(0, 800)))
    cut = pl.col("abstract").str.replace(_TRAILER, "").str.replace(r"^\W*(abstract|summary)\W+", "")
    return pl.DataFrame({"abstract": text}).select(squashed(cut).str.slice(0, 400))
