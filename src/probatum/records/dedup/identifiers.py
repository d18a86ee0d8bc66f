"""Identifiers in columns: DOI, PMID, ISSN and trial registration numbers, in one form each."""

from __future__ import annotations

import polars as pl

_REGISTERED = (
    r"(?i)\b(?:NCT\s?\d{8}|ISRCTN\s?\d{8}|ACTRN\s?\d{14}|DRKS\s?\d{8}|ChiCTR[-A-Z]*\d{8,10}|"
    r"UMIN\s?\d{9}|CTRI/\d{4}/\d{2,3}/\d{6}|IRCT\w{10,18}|NTR\s?\d{3,5}|KCT\d{7}|PACTR\d{15,16}|"
    r"(?:EUCTR)?\d{4}-\d{6}-\d{2})\b"
)
_REGISTER_ROW = (
    r"(?i)clinicaltrials\.gov|isrctn|anzctr|trialsearch\.who|who\.int/trial|chictr|drks\.de|"
    r"clinicaltrialsregister|umin\.ac|clinical trials? regist"
)


def dois(raw: pl.Expr) -> pl.Expr:
    """In small letters, without an address; null where there is none."""
    return (
        raw.str.to_lowercase()
        .str.replace_all("%2f", "/", literal=True)
        .str.replace_all("%28", "(", literal=True)
        .str.replace_all("%29", ")", literal=True)
        .str.replace_all("&lt;", "<", literal=True)
        .str.replace_all("&gt;", ">", literal=True)
        .str.replace_all("&amp;", "&", literal=True)
        .str.extract(r"(10\.\d{4,9}/[^\s\"]+)", 1)
        .str.strip_chars_end(".,;:'\"/")
        .str.replace(r"^([^(]*)\)$", "${1}")
    )


def pmids(raw: pl.Expr) -> pl.Expr:
    return raw.str.extract(r"^\D{0,12}0*(\d{1,9})(?:\.0)?$", 1)


def issns(raw: pl.Expr) -> pl.Expr:
    """All in the field, as a list of eight signs each."""
    return (
        raw.str.to_uppercase()
        .str.extract_all(r"\b\d{4}-?\d{3}[\dX]\b")
        .list.eval(pl.element().str.replace("-", "", literal=True))
    )


def registrations(table: pl.DataFrame) -> pl.DataFrame:
    """What trials a record names.

    ``entry`` whether it is a trial register's own entry, by its type, its address or its journal;
    ``own`` the numbers of that entry; ``registered`` all numbers that the record names anywhere.
    """
    entry = (
        pl.col("type").str.contains(r"(?i)\btrial\b|regist(er|ry|ration)")
        | pl.col("journal").str.contains(_REGISTER_ROW)
        | (pl.col("url").str.contains(_REGISTER_ROW) & (pl.col("journal") == ""))
    )
    own, title = _numbers("registry", "url", "journal"), _numbers("title")
    rows = pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
    text = [pl.col(c) for c in ("registry", "url", "journal", "title", "abstract")]
    named = pl.any_horizontal(column.str.contains(_REGISTERED) for column in text)
    # few records name a trial: only those are looked at closely
    some = table.with_columns(rows).filter(named).select(
        "row", _numbers("registry", "url", "journal", "title", "abstract").alias("registered"),
        pl.when(~entry).then(pl.lit([], dtype=pl.List(pl.String)))
        .when(own.list.len() > 0).then(own).otherwise(title).alias("own"),
    )  # fmt: skip
    every = table.select(rows, entry.alias("entry"))
    return every.join(some, on="row", how="left", maintain_order="left").select(
        "entry", pl.col("own", "registered").fill_null([])
    )


def _numbers(*columns: str) -> pl.Expr:
    text = pl.concat_str([pl.col(c) for c in columns], separator=" ")
    plain = pl.element().str.to_uppercase().str.replace_all(r"\s", "").str.replace("^EUCTR", "")
    return text.str.extract_all(_REGISTERED).list.eval(plain).list.unique(maintain_order=True)
