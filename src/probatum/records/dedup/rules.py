"""What speaks for a pair, in words: the first rule that holds names it."""

from __future__ import annotations

import polars as pl

_title, _part, _pages = pl.col("title"), pl.col("part"), pl.col("pages")
_people = (pl.col("author") >= 1) | (pl.col("names") >= 1)
_id = (pl.col("dois") == 1) | (pl.col("pmids") == 1)

RULES: tuple[tuple[str, pl.Expr], ...] = (
    ("register entry", pl.col("entry_a") & pl.col("entry_b") & (pl.col("entries") == 1)),
    ("identifier and title", _id & (_title >= 1)),
    ("title, authors and page", (_title >= 1) & _people & (_pages >= 2)),
    ("part of the title, authors and page", (_part > 0) & _people & (_pages >= 2)),
    ("title, authors and year", (_title >= 1) & _people & (pl.col("years") == 1)),
    ("title and authors", (_title >= 1) & _people),
    ("part of the title and authors", (_part > 0) & _people),
    ("title and page", (_title >= 1) & (_pages >= 2)),
    ("abstract", pl.col("abstracts") == 2),
    ("identifier", _id),
    ("authors and page", _people & (_pages >= 2)),
    ("title", (_title >= 1) | (_part > 0)),
)


def rule() -> pl.Expr:
    out: pl.Expr = pl.lit("some agreement in all")
    for name, holds in reversed(RULES):
        out = pl.when(holds).then(pl.lit(name)).otherwise(out)
    return out.alias("rule")
