"""The table that duplicates are looked for in: plain columns of text, one row per record."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from probatum.errors import BadInput

COLUMNS = (
    "id", "type", "author", "title", "year", "journal", "volume", "number", "pages", "doi",
    "issn", "abstract", "pmid", "registry", "url", "language",
)  # fmt: skip

# other names under which exports hold these columns
ALIASES = {
    "authors": "author", "issue": "number", "page": "pages", "nct": "registry",
    "nct_id": "registry", "registry_id": "registry", "booktitle": "journal",
    "journal_title": "journal", "source_title": "journal", "record_id": "id", "lang": "language",
    "publication_year": "year", "pubmed_id": "pmid", "record_type": "type", "isbn": "issn",
}  # fmt: skip

# what exports write where they know nothing
_NOTHING = (
    r"(?i)^(unknown|n\.?/?a\.?|nan|none|null|nil|-+|\?+|not available|no pagination|"
    r"\[?no (title|author|abstract)[a-z ]*\]?\.?|\[?not available\]?\.?|"
    r"[\[(]?anonymous[\])]?\.?|anon\.?)$"
)


def as_table(data: pl.DataFrame) -> pl.DataFrame:
    """The columns of `COLUMNS` as text, "" where nothing is known; others are left out.

    Raises `BadInput` where there are no ids, an empty one, or one twice.
    """
    named = _named(data)
    if "id" not in named.columns:
        raise BadInput(
            'the table has no column "id". Each record needs an id of its own; columns found: '
            + ", ".join(data.columns[:20])
        )
    table = named.select(_text(named, name).alias(name) for name in COLUMNS)
    _check_ids(table["id"])
    return table.with_columns(pl.col(c).str.replace(_NOTHING, "") for c in COLUMNS if c != "id")


def _text(data: pl.DataFrame, name: str) -> pl.Expr:
    """A column as text; lists joined, as authors are by " and "."""
    if name not in data.columns:
        return pl.lit("", dtype=pl.String)
    column = pl.col(name)
    if isinstance(data.schema[name], pl.List):
        column = column.list.join(" and " if name == "author" else "; ")
    return column.cast(pl.String).fill_null("").str.strip_chars()


def has_ids(names: Iterable[str]) -> bool:
    """Whether one of these column names is that of the ids."""
    return "id" in (_ours(name) for name in names)


def can_be_compared(data: pl.DataFrame) -> bool:
    """Whether a table has a column by which a work could be known, beside the ids."""
    known = {_ours(name) for name in data.columns}
    return bool(known & {"title", "author", "doi", "pmid", "registry", "abstract"})


def _ours(name: str) -> str:
    """Our name for a column, "" where we have none."""
    key = name.strip("\ufeff ").casefold().replace(" ", "_")
    return key if key in COLUMNS else ALIASES.get(key, "")


def _named(data: pl.DataFrame) -> pl.DataFrame:
    """Columns under our names; where two mean the same, our own name wins, then the first."""
    ours = {name: _ours(name) for name in data.columns}
    exact = sorted(data.columns, key=lambda name: name.strip("\ufeff ").casefold() != ours[name])
    taken: dict[str, str] = {}
    for name in exact:
        if ours[name]:
            taken.setdefault(ours[name], name)
    return data.select(pl.col(name).alias(ours) for ours, name in taken.items())


def _check_ids(ids: pl.Series) -> None:
    empty = (ids == "").arg_true()
    if len(empty):
        raise BadInput(f"record {empty[0] + 1} has no id. Each record needs an id of its own.")
    twice = ids.filter(ids.is_duplicated())
    if len(twice):
        raise BadInput(
            f'id "{twice[0]}" stands more than once. Ids tell records apart: give each its own.'
        )
