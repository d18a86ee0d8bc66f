"""Where a work stands: year, volume, issue, pages; each as numbers, however it was printed."""

from __future__ import annotations

import polars as pl

_DASHES = r"[\x{2010}-\x{2015}\x{2212}\x{FE58}\x{FF0D}]|-{2,}| *-+ *"
# an Ovid export's remains of "S417-S429" and "2665-8": the first page is lost
_LOST = r"^[a-z]+-\d+$"
# numbers that are no pages: "5-Jan" is what a spreadsheet makes of 1-5, "12 p." how many there are
_NO_PAGES = (
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:[a-z]{2,6})?\b|"
    r"^\d+ ?(?:pp?|pgs?|pages?|seiten|leaves)\b\.?$|\b10\.\d{4}|\b(?:epub|online|in press)\b"
)


def places(table: pl.DataFrame) -> pl.DataFrame:
    """``year volume issue issue_end page page_end`` as numbers or null, ``mark suppl``.

    ``mark`` is the letter before the page ("s" in S12, "e" in e1021), ``suppl`` whether volume or
    issue speak of a supplement.
    """
    small = table.select(
        pl.col("year").str.extract(r"\b(1[5-9]\d\d|20\d\d)", 1).cast(pl.Int16),
        pl.col("volume").str.to_lowercase(),
        pl.col("number").str.to_lowercase(),
        pl.col("pages")
        .str.to_lowercase()
        .str.replace_all(_DASHES, "-")
        .str.replace_all(r"\b(?:pages?|pp?\.?|art(icle)?\.? ?(no\.?|id|number)?:?)\s*(\d)", "${3}")
        .str.strip_chars(),
    )
    return small.select("year", *_volume(), *_pages())


def _volume() -> list[pl.Expr]:
    """A volume that is the year says nothing; "12(3)" holds an issue; months are no issues."""
    supplement = pl.col("volume").str.contains(r"^\W*s(upp|\W*\d)")
    volume = pl.when(~supplement).then(_number(pl.col("volume"), r"(\d+)"))
    issue = (
        pl.when(pl.col("number").str.contains(r"\d"))
        .then(pl.col("number"))
        .otherwise(pl.col("volume").str.extract(r"\d\s*\(([^)]*)\)", 1))
        .fill_null("")
    )
    year = pl.col("year").cast(pl.Int64)
    number = _number(issue, r"(\d+)")
    end = _number(issue, r"\d+\s*[-/&–,+]\s*(\d+)")
    return [
        pl.when(volume.is_between(1800, 2100) & (volume - year).abs().le(1).fill_null(True))
        .then(None).otherwise(volume).alias("volume"),
        pl.when(number.is_between(1800, 2100)).then(None).otherwise(number).alias("issue"),
        pl.when(number.is_between(1800, 2100)).then(None)
        .otherwise(end.fill_null(number)).alias("issue_end"),
        pl.any_horizontal(
            pl.col("volume", "number").str.contains(r"\bs(?:upp|\W*\d|$)|\bpt|\dsu?\b|special")
        ).alias("suppl"),
    ]  # fmt: skip


def _pages() -> list[pl.Expr]:
    pages = pl.col("pages")
    start = pages.str.extract(r"^\D*?(\d{1,15})", 1)
    lost = pages.str.contains(_LOST) | pages.str.contains(_NO_PAGES) | (start.cast(pl.Int64) == 0)
    tail = pages.str.extract(r"^\D*?\d+[a-z]?-[a-z]*(\d{1,15})", 1)
    short = start.str.len_chars().cast(pl.Int64) - tail.str.len_chars().cast(pl.Int64)
    # "1123-9" means 1123-1129
    whole = pl.when(short > 0).then(start.str.head(short) + tail).otherwise(tail)
    before = pages.str.extract(r"^[^a-z\d]*([a-z])[a-z]*[\s.]*\d", 1)
    return [
        pl.when(lost).then(None).otherwise(start).cast(pl.Int64).alias("page"),
        pl.when(lost).then(None).otherwise(whole).cast(pl.Int64).alias("page_end"),
        before.fill_null("").alias("mark"),
    ]


def _number(text: pl.Expr, pattern: str) -> pl.Expr:
    """A count from 1; 0 stands where none is known."""
    number = text.str.extract(pattern, 1).str.slice(0, 15).cast(pl.Int64)
    return pl.when(number > 0).then(number)
