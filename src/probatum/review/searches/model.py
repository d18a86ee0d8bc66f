"""A search as text: `search.toml` says what was asked, `run.json` what came of it."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field

from probatum.review.model import Frozen

RUN_FORMAT = 1

Kind = Literal["database", "register", "website", "organisation", "citations", "expert", "other"]


class Limit(Frozen):
    """A restriction of the search, and why (PRISMA-S item 9)."""

    what: str
    reason: str = ""


class Search(Frozen):
    """`searches/<id>/search.toml`: the items of PRISMA-S that tell how to do it again."""

    id: str
    database: str  # item 1
    platform: str = ""
    kind: Kind = "database"
    service: str = ""  # which of the live services runs it; "" where a person does
    date: datetime.date | None = None  # item 13; of an unrun search there is none
    query: str = ""  # item 8, as run
    limits: list[Limit] = Field(default_factory=list)
    filters: list[str] = Field(default_factory=list)  # item 10: published search filters
    themes: list[str] = Field(default_factory=list)  # the review's questions it is for
    hits: int | None = None  # what the database said
    continues: str = ""  # item 12: the search that this one updates
    peer_review: str = ""  # item 14
    note: str = ""


class RunFile(Frozen):
    """A file of a run as it was written, so that a change shows."""

    name: str
    sha256: str
    bytes: int


class RejectedEntry(Frozen):
    """An entry of the export that became no record."""

    line_from: int
    line_to: int
    reason: str
    text: str = ""


class Run(Frozen):
    """`searches/<id>/run.json`: written last, once; a folder without it was never filled."""

    format: int
    made: Literal["import", "search"]
    date: datetime.date | None = None  # of a search that the program ran
    since: datetime.date | None = None  # an update asks for what is new since then
    understood: str = ""  # how the service read the query
    given: list[str] = Field(default_factory=list)  # names of the files as they were given
    files: list[RunFile]
    read_as: str
    encoding: str = ""
    reported: int | None = None  # hits that the service reported
    entries: int
    parsed: int
    rejected: list[RejectedEntry] = Field(default_factory=list)
    stray: int = 0
