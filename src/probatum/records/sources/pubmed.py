"""PubMed by NCBI's E-utilities: slices under ten thousand, and entries in MEDLINE's format."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

from probatum.records.formats import find_format
from probatum.records.reading import Piece
from probatum.records.source import Source
from probatum.records.sources.client import TRIES, Client, Expired, ServiceError
from probatum.records.sources.service import Page, Service, Window, register

MOST = 9_999  # of a search PubMed serves no more
SIZE = 500
FIRST, LAST = datetime.date(1700, 1, 1), datetime.date(2999, 12, 31)
_LAST_UID = 999_999_999
_ENTRY = re.compile(rb"^PMID- ", re.MULTILINE)

Slice = dict[str, str]


def ask(client: Client, query: str, window: Window, state: dict[str, Any]) -> Iterator[Page]:
    """Pages of every slice; the state says which slices there are and where we are."""
    slices, at, start = state.get("slices"), int(state.get("at", 0)), int(state.get("start", 0))
    if slices is None:
        whole: Slice = {}
        if window.since:
            # by date of change: what is new, and what was corrected or retracted since
            whole = {"datetype": "mdat", **_dated(window.since, window.until or LAST)}
        slices = list(_slices(client, query, whole))
    for index in range(at, len(slices)):
        session = _Session(client, query, slices[index])
        here = start if index == at else 0
        while True:
            body = session.page(here)
            here = min(here + SIZE, session.count)
            done = here >= session.count
            following = {"slices": slices, "at": index + done, "start": 0 if done else here}
            last = done and index + 1 == len(slices)
            yield Page(body, session.count, {} if last else following, str(index), session.told)
            if done:
                break


class _Session:
    """One slice on PubMed's history server, which may forget it: then it is searched again."""

    def __init__(self, client: Client, query: str, part: Slice) -> None:
        self.client, self.query, self.part = client, query, part
        self.count, self.told, self._history = 0, "", {"": ""}
        self._search()

    def _search(self) -> None:
        found = _search(self.client, self.query, self.part, usehistory="y")
        self.count = int(found["count"])
        self.told = str(found.get("querytranslation", ""))
        self._history = {
            "WebEnv": str(found.get("webenv", "")),
            "query_key": str(found.get("querykey", "")),
        }

    def page(self, start: int) -> bytes:
        """The entries from `start` on: all of them, or an error."""
        got = b""
        for attempt in range(TRIES):
            expected = max(0, min(SIZE, self.count - start))
            if expected == 0:
                return b""
            params = {"db": "pubmed", "rettype": "medline", "retmode": "text"}
            numbers = {"retstart": str(start), "retmax": str(SIZE)}
            try:
                got = self.client.get("/efetch.fcgi", params | numbers | self._history)
            except Expired:
                self._search()
                continue
            if len(_ENTRY.findall(got)) == expected:
                return got
            self.client.sleep(min(2.0**attempt, 30.0))
            self._search()
        raise ServiceError(
            f"PubMed sent {len(_ENTRY.findall(got))} of the {expected} entries from "
            f"{start + 1} on, {TRIES} times. Run the same command again later."
        )


def _search(client: Client, query: str, part: Slice, **more: str) -> dict[str, Any]:
    params = {"db": "pubmed", "retmode": "json", "retmax": "0", **more}
    if "mindate" in part:
        params |= {"datetype": part.get("datetype", "edat")}
        params |= {"mindate": part["mindate"], "maxdate": part["maxdate"]}
    uids = f" AND {part['uids']}[UID]" if "uids" in part else ""
    body, answer = client.json("/esearch.fcgi", params | {"term": f"({query}){uids}"})
    found = answer.get("esearchresult") if isinstance(answer, dict) else None
    if not isinstance(found, dict) or "count" not in found:
        raise ServiceError(f"PubMed gave an answer without a count: {body[:200]!r}")
    if errors := found.get("errorlist", {}).get("phrasesnotfound"):
        raise ServiceError(f"PubMed does not know these parts of the query: {', '.join(errors)}")
    return found


def _slices(client: Client, query: str, part: Slice) -> Iterator[Slice]:
    """Cut a search by date of entry, and one day by number, until every slice can be served."""
    count = int(_search(client, query, part)["count"])
    if count <= MOST:
        yield part
        return
    total = 0
    for half in _halves(part):
        yield from _slices(client, query, half)
        total += int(_search(client, query, half)["count"])
    if total != count:
        raise ServiceError(
            f"PubMed has {count} results, and {total} by their dates: they can't be cut into "
            "slices that it serves. Cut the query yourself, for instance by year."
        )


def _halves(part: Slice) -> list[Slice]:
    lower, upper = _days(part)
    if lower < upper:
        middle = lower + (upper - lower) // 2
        after = middle + datetime.timedelta(days=1)
        return [{**part, **_dated(lower, middle)}, {**part, **_dated(after, upper)}]
    low, _, high = part.get("uids", f"1:{_LAST_UID}").partition(":")
    half = (int(low) + int(high)) // 2
    return [{**part, "uids": f"{low}:{half}"}, {**part, "uids": f"{half + 1}:{high}"}]


def _days(part: Slice) -> tuple[datetime.date, datetime.date]:
    if "mindate" not in part:
        return FIRST, LAST
    lower, upper = (
        datetime.date(*(int(number) for number in part[name].split("/")))
        for name in ("mindate", "maxdate")
    )
    return lower, upper


def _dated(lower: datetime.date, upper: datetime.date) -> Slice:
    return {"mindate": f"{lower:%Y/%m/%d}", "maxdate": f"{upper:%Y/%m/%d}"}


def parse(body: bytes) -> Iterator[Piece]:
    """The entries of a page."""
    yield from find_format("medline").read(Source(data=body))


register(
    Service(
        name="pubmed",
        title="NCBI E-utilities, db=pubmed",
        database="PubMed",
        base="https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
        rate=3.0,
        ask=ask,
        parse=parse,
        suffix=".txt",
        source="NCBI, Entrez Programming Utilities Help: ESearch, EFetch",
        secret="NCBI_API_KEY",
        key="api_key",
        keyed_rate=10.0,
        fixed={"tool": "probatum"},
    )
)
