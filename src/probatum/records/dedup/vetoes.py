"""Reasons for which a pair is never merged by itself, however alike it looks; each has a name.

A veto sends the pair to a person ("queue") where its probability is worth their time, or says
that these are two works ("distinct"). No component holds both sides of either kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from probatum.records.dedup import journals


@dataclass(frozen=True, slots=True)
class Veto:
    """`test` is over the columns of `features.compare`."""

    name: str
    then: Literal["queue", "distinct"]
    why: str
    test: pl.Expr


_title, _part, _words = pl.col("title"), pl.col("part"), pl.col("words")
_pages, _volumes, _issues = pl.col("pages"), pl.col("volumes"), pl.col("issues")
_dois, _pmids, _entries = pl.col("dois"), pl.col("pmids"), pl.col("entries")
_years, _venue, _author = pl.col("years"), pl.col("venue"), pl.col("author")

_generic = pl.col("generic_a") | pl.col("generic_b")
_languages = (
    (pl.col("language_a") != "")
    & (pl.col("language_b") != "")
    & (pl.col("language_a") != pl.col("language_b"))
)
# what makes a disagreement elsewhere a slip of one database
_same_place = (_pages >= 3) & (_volumes >= 0) & (_issues >= 0)
# several abstracts share one page; no two works share several
_same_range = (_pages == 4) & (_volumes >= 0) & (_issues >= 0)
# where issues begin on page 1, columns of one author share their low pages
_late_range = _same_range & (_volumes == 1) & (pl.col("page_a") >= 100)
_same_page = (_pages >= 2) & (_volumes >= 0)
_same_issue = (_volumes == 1) & (_issues == 1)
_same_id = (_dois == 1) | (_pmids == 1) | (_entries == 1)
# a journal writes "Retracted:" before the title of the work itself
_retracted = (pl.col("notice_a").is_in(["", "retracted"])) & (
    pl.col("notice_b").is_in(["", "retracted"])
)
_nothing_same = (_pages <= 0) & (_volumes <= 0) & (_issues <= 0) & ~_same_id

#: The first that holds names the pair.
VETOES: tuple[Veto, ...] = (
    Veto("pmid", "distinct", "PubMed has them as two entries", _pmids == -1),
    Veto("registry", "distinct", "two entries of trial registers, for two trials", _entries == -1),
    Veto(
        "serial", "distinct", "a heading that returns, in another volume or issue",
        _generic & ((_volumes < 0) | (_issues < 0)) & ~_same_id,
    ),
    Veto(
        "register-entry", "distinct",
        "a register's entry and a publication: reports of one study at most",
        pl.col("entry_a") != pl.col("entry_b"),
    ),
    Veto(
        "notice", "queue",
        "only one of them is an erratum, a retraction, a reply, a comment or a protocol",
        (pl.col("notice_a") != pl.col("notice_b")) & ~((_title == 4) & _same_place)
        & ~(_retracted & _same_place & ((_title >= 1) | (_part > 0))),
    ),
    Veto(
        "numbers", "queue", "their titles hold other numbers: parts, phases, years",
        (pl.col("numbers") == -1) & ~_same_range & (_pmids < 1) & (_entries < 1),
    ),
    Veto(
        "words", "queue", "words of their titles are exchanged, as in abstracts of one supplement",
        (_words == -2) & ~_same_range & (_pmids < 1) & (_entries < 1),
    ),
    Veto(
        "kind", "queue", "a preprint, thesis or book beside another kind of work",
        (pl.col("kinds") == -1) & ~_same_id,
    ),
    Veto(
        "shared-doi", "queue",
        "a DOI in common but other titles: a supplement or an issue may have one DOI for all",
        (_dois == 1) & (_pages < 4)
        & (((_title <= 0) & (_part == 0)) | ((_words < 0) & (_pages < 0))),
    ),
    Veto(
        "abstract", "queue", "abstracts of two texts",
        (pl.col("abstracts") == -2) & ~(_same_place & (_title >= 3)),
    ),
    Veto(
        "doi-and-place", "queue", "other DOIs, and another page, volume, issue or journal",
        (_dois == -1)
        & (
            (_pages < 0) | (_volumes < 0) | (_issues < 0) | (_venue == journals.DIFFERENT)
            | _generic
        ),
    ),
    Veto(
        "volume-and-page", "queue", "another volume and another page",
        (_volumes < 0) & (_pages < 0),
    ),
    Veto(
        "issue", "queue", "another issue, and no page or id is the same",
        (_issues < 0) & (_pages < 3) & ~_same_id,
    ),
    Veto("page", "queue", "another page, and no id is the same", (_pages == -2) & ~_same_id),
    Veto(
        "journal", "queue", "another journal, and no page, issue or id is the same",
        (_venue < 0) & ~_same_page & ~_same_issue & ~_same_id,
    ),
    Veto(
        "year", "queue", "years apart, and no page or id is the same",
        (_years <= -2) & ~((_pages >= 2) & (_volumes == 1)) & ~_same_id,
    ),
    Veto(
        "volume", "queue", "another volume, and no page or id is the same",
        (_volumes < 0) & (_pages < 3) & ~_same_id,
    ),
    Veto(
        "author", "queue", "no author in common, and neither all pages nor an id is the same",
        ((_author == -1) | (pl.col("initial") == -1)) & (pl.col("names") <= 0)
        & ~_same_range & ~_same_id,
    ),
    Veto(
        "generic-title", "queue", "a title that many works bear, and no place is the same",
        _generic
        & ~(_same_id & (_pages >= 0))
        & ~(
            (_pages >= 2) & (_volumes == 1) & (_issues >= 0) & (_venue >= 0) & (_author >= 0)
        ),
    ),
    Veto(
        "other-title", "queue", "other titles, and pages that several works can share",
        (_title <= 0) & (_part == 0) & (_entries < 1)
        & ~((_pages == 4) & _same_issue & (_venue >= 0) & (_author >= 1))
        & ~(_late_range & (_venue >= 1) & (_author == 2) & (_years == 1)),
    ),
    Veto(
        "part-only", "queue", "the one title is part of the other, and nothing else is the same",
        (_part > 0) & (_title < 2) & _nothing_same
        & ~((_years == 1) & (_venue >= 1) & (_author == 2) & (pl.col("abstracts") == 2)),
    ),
    Veto("translation", "queue", "texts in two languages", _languages & (_title < 2)),
)  # fmt: skip


def vetoed(compared: pl.DataFrame) -> pl.DataFrame:
    """``veto`` the name of the first that holds ("" where none), and ``distinct``."""
    name: pl.Expr = pl.lit("")
    hard: pl.Expr = pl.lit(False)
    for veto in reversed(VETOES):
        holds = veto.test.fill_null(False)
        name = pl.when(holds).then(pl.lit(veto.name)).otherwise(name)
        hard = hard | holds if veto.then == "distinct" else hard
    return compared.with_columns(name.alias("veto"), hard.alias("distinct"))
