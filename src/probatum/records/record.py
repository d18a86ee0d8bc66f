"""One entry of a bibliographic database, in words that are the same whatever it was read from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from probatum.records import identifiers
from probatum.records.text import tidy, tidy_block

# what a record can be; every format maps its own words to these (CSL's words, and "trial")
TYPES = (
    "article",
    "preprint",
    "review",
    "book",
    "chapter",
    "conference",
    "thesis",
    "report",
    "trial",
    "dataset",
    "webpage",
    "news",
    "patent",
    "other",
)


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a database, as its export told it.

    Attributes
    ----------
    id : str
        Given at import and never changed; "" before.
    type : str
        One of `TYPES`, "" where the export doesn't say.
    title : str
    authors : tuple of str
        ``"Family, Given"`` where the export tells them apart, else as printed.
    year : int or None
    date : str
        The date as printed, where it says more than the year.
    journal : str
        What it appeared in: a journal, a book, proceedings.
    journal_abbr : str
    volume, number, pages : str
        As printed, pages with a plain hyphen; an article number stands in `pages`.
    doi, pmid, pmcid, isbn, issn : str
        Normalised: a DOI in small letters without an address, a PMID in digits.
    registry : tuple of str
        Trial registration numbers, as ``"NCT01234567"``.
    accession : str
        The database's own id of this entry.
    abstract : str
        Paragraphs apart by a line feed.
    keywords, urls, notes : tuple of str
    language, publisher, place, database : str
    extra : tuple of (str, str)
        Fields that have no place above, by the export's own tag, in its order: nothing is lost.
    """

    id: str = ""
    type: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    date: str = ""
    journal: str = ""
    journal_abbr: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    isbn: str = ""
    issn: str = ""
    registry: tuple[str, ...] = ()
    accession: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    language: str = ""
    publisher: str = ""
    place: str = ""
    database: str = ""
    notes: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()

    def row(self) -> dict[str, Any]:
        """The record as plain data; what is empty is left out.

        Examples
        --------
        >>> Record(title="A trial", authors=("Krupitsky, E",), year=1997).row()
        {'title': 'A trial', 'authors': ['Krupitsky, E'], 'year': 1997}
        """
        out: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value in ("", (), None):
                continue
            if field.name == "extra":
                out[field.name] = [list(pair) for pair in value]
            else:
                out[field.name] = list(value) if isinstance(value, tuple) else value
        return out

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Record:
        """The record that `row` told, as it stood there."""
        values = dict(row)
        for name in TUPLES:
            if name in values:
                values[name] = tuple(values[name])
        if "extra" in values:
            values["extra"] = tuple((tag, text) for tag, text in values["extra"])
        return cls(**values)


_DASH = re.compile(r"(?:\s*[-\u2010-\u2015\u2212])+\s*")
TUPLES = ("authors", "registry", "keywords", "urls", "notes")
BLOCKS = ("abstract",)


def make_record(**read: Any) -> Record:
    """A record from the fields as an export had them: tidied, ids normalised, nothing invented.

    Takes the fields of `Record`; a field may be None, and the tuples may be any sequence. A DOI,
    PMID or ISSN that is none by its form is kept in `extra` under its own name.

    Examples
    --------
    >>> make_record(title=" A <i>trial</i>  of x ", year="1997 Mar", doi="https://doi.org/10.1/X")
    Record(id='', type='', title='A trial of x', authors=(), year=1997, date='1997 Mar', ...
    """
    values: dict[str, Any] = {}
    extra = [(tidy(str(tag)), tidy_block(str(text))) for tag, text in read.pop("extra", None) or ()]
    said = read.pop("year", None)
    year = tidy(str(said)) if said is not None else ""
    date = tidy(str(read.pop("date", None) or "")).rstrip("/ ")
    values["year"], printed = identifiers.year(year)
    values["year"] = values["year"] or identifiers.year(date)[0]
    values["date"] = date or printed
    for name, value in read.items():
        if name in TUPLES:
            texts = (tidy_block(str(item)) for item in value or () if item)
            values[name] = tuple(dict.fromkeys(text for text in texts if text))
        elif name in BLOCKS:
            values[name] = tidy_block(str(value or ""))
        else:
            values[name] = tidy(str(value or ""))
    values["pages"] = _DASH.sub("-", values.get("pages", ""))
    for name, normal in identifiers.NORMAL.items():
        if printed := values.get(name, ""):
            values[name] = normal(printed)
            if not values[name]:
                extra.append((name, printed))
    values["extra"] = tuple((tag, text) for tag, text in extra if text)
    return Record(**values)
