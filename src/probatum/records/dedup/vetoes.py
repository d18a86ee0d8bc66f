"""Reasons for which a pair is never merged by itself, however alike it looks; each has a name.

A veto sends the pair to a person ("queue") where its probability is worth their time, or says
that these are two works ("distinct"): then no component may hold both either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

Then = Literal["queue", "distinct"]


@dataclass(frozen=True, slots=True)
class Veto:
    """`test` is over the columns of `features.compare`."""

    name: str
    then: Then
    test: pl.Expr
    why: str


VETOES: list[Veto] = []


def _veto(name: str, then: Then, test: pl.Expr, why: str) -> None:
    VETOES.append(Veto(name, then, test, why))


_title, _pages, _volumes = pl.col("title"), pl.col("pages"), pl.col("volumes")
_issues, _dois, _years = pl.col("issues"), pl.col("dois"), pl.col("years")
_venue, _author, _names = pl.col("venue"), pl.col("author"), pl.col("names")
_part, _abstracts, _pmids = pl.col("part"), pl.col("abstracts"), pl.col("pmids")

_same_place = (_pages >= 3) & (_volumes >= 0) & (_issues >= 0)
_same_id = (_dois == 1) | (_pmids == 1) | (pl.col("entries") == 1)
_no_place = (_pages <= 0) & (_volumes <= 0) & (_issues <= 0) & (_dois <= 0) & (_pmids <= 0)
_generic = pl.col("generic_a") | pl.col("generic_b")
_notices = pl.col("notice_a") != pl.col("notice_b")
_languages = (
    (pl.col("language_a") != "") & (pl.col("language_b") != "")
    & (pl.col("language_a") != pl.col("language_b"))
)  # fmt: skip

_veto("pmid", "distinct", _pmids == -1, "PubMed has them as two entries")
_veto(
    "registry", "distinct", pl.col("entries") == -1,
    "two entries of trial registers, for different trials",
)  # fmt: skip
_veto(
    "register-entry", "distinct", pl.col("entry_a") != pl.col("entry_b"),
    "a register's entry and a publication: reports of one study at most",
)  # fmt: skip
_veto(
    "notice", "queue", _notices & ~((_title == 4) & _same_place),
    "only one of them is an erratum, a retraction, a reply, a comment or a protocol",
)  # fmt: skip
_veto(
    "numbers", "queue", (pl.col("numbers") == -1) & ~_same_place & ~(_same_id & (_title >= 3) & (_pages >= 0)),
    "their titles hold other numbers: parts, phases, years",
)  # fmt: skip
_veto(
    "words", "queue", (pl.col("words") == -2) & ~_same_place & ~_same_id,
    "words of their titles are exchanged, and no page or identifier in common",
)  # fmt: skip
_veto("kind", "queue", (pl.col("kinds") == -1) & ~_same_id, "a preprint, thesis or book beside another kind of work")
_veto(
    "shared-doi", "queue", (_dois == 1) & (_title <= 0) & (_part == 0) & (_pages < 4),
    "a DOI in common but other titles: a supplement or an issue may have one DOI for all",
)  # fmt: skip
_veto(
    "abstract", "queue", (_abstracts == -2) & ~(_same_place & (_title >= 3)),
    "their abstracts are of different texts",
)  # fmt: skip
_veto(
    "doi-and-place", "queue",
    (_dois == -1) & ((_pages < 0) | (_volumes < 0) | (_issues < 0) | (_venue == -2) | _generic),
    "other DOIs, and another page, volume, issue or journal",
)  # fmt: skip
_veto(
    "volume-and-page", "queue", (_volumes < 0) & (_pages < 0), "another volume and another page"
)
_veto(
    "issue", "queue", (_issues < 0) & (_pages < 3) & ~_same_id,
    "another issue, and no page or identifier in common",
)  # fmt: skip
_veto(
    "page", "queue", (_pages == -2) & ~_same_id, "another page, and no identifier in common"
)
_veto(
    "journal", "queue", (_venue < 0) & ~((_volumes >= 0) & (_pages >= 2)) & ~((_volumes == 1) & (_issues == 1)) & ~_same_id,
    "another journal, and no place or identifier in common",
)  # fmt: skip
_veto(
    "year", "queue", (_years <= -2) & ~((_pages >= 2) & (_volumes == 1)) & ~_same_id,
    "years apart, and no place or identifier in common",
)  # fmt: skip
_veto(
    "volume", "queue", (_volumes < 0) & (_pages < 3) & ~_same_id,
    "another volume, and no page or identifier in common",
)  # fmt: skip
_veto(
    "author", "queue", (_author == -1) & (_names <= -1) & ~_same_place & ~_same_id,
    "no author in common, and no place or identifier",
)  # fmt: skip
_veto(
    "generic-title", "queue",
    _generic & ~(_same_id & (_pages >= 0)) & ~((_pages >= 2) & (_volumes == 1) & (_issues >= 0)),
    "a title that many works bear, and no place in common",
)  # fmt: skip
_veto(
    "other-title", "queue", (_title <= 0) & (_part == 0) & (pl.col("entries") < 1)
    & ~((_pages == 4) & (_volumes == 1) & (_author >= 1)),
    "titles that differ, and pages that several works can share",
)  # fmt: skip
_veto(
    "part-only", "queue", (_part > 0) & (_title < 2) & _no_place,
    "one title is part of the other, and no place or identifier in common",
)  # fmt: skip
_veto(
    "translation", "queue", _languages & (_title < 2),
    "texts in two languages",
)  # fmt: skip


def vetoed(compared: pl.DataFrame) -> pl.DataFrame:
    """``veto`` the name of the first that holds ("" where none), and ``distinct``."""
    name: pl.Expr = pl.lit("")
    hard: pl.Expr = pl.lit(False)
    for veto in reversed(VETOES):
        holds = veto.test.fill_null(False)
        name = pl.when(holds).then(pl.lit(veto.name)).otherwise(name)
        if veto.then == "distinct":
            hard = hard | holds
    return compared.with_columns(name.alias("veto"), hard.alias("distinct"))
