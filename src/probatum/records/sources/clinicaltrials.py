"""ClinicalTrials.gov API v2: page tokens, and pages of up to a thousand studies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from probatum.records.formats import find_format
from probatum.records.reading import Piece
from probatum.records.source import Source
from probatum.records.sources.client import Client, ServiceError
from probatum.records.sources.service import Page, Service, Window, register

SIZE = 1000
_PARAMETER = re.compile(r"((?:query|filter)\.[A-Za-z]+)\s*=\s*(.+)")


def parameters(query: str) -> dict[str, str]:
    """A query as parameters: lines such as ``query.cond = ...``, else all of it is one term.

    Examples
    --------
    >>> parameters("query.cond = alcohol\\nquery.intr = ketamine")
    {'query.cond': 'alcohol', 'query.intr': 'ketamine'}
    >>> parameters("ketamine AND alcohol")
    {'query.term': 'ketamine AND alcohol'}
    """
    lines = [line.strip() for line in query.splitlines() if line.strip()]
    found = [_PARAMETER.fullmatch(line) for line in lines]
    if lines and all(found):
        return {one[1]: one[2].strip() for one in found if one}
    return {"query.term": " ".join(lines)}


def ask(client: Client, query: str, window: Window, state: dict[str, Any]) -> Iterator[Page]:
    """Pages from a token on, until there is none."""
    params = {**parameters(query), "format": "json", "pageSize": str(SIZE), "countTotal": "true"}
    if window.since:
        fresh = f"AREA[LastUpdatePostDate]RANGE[{window.since},{window.until or 'MAX'}]"
        given = params.get("filter.advanced")
        params["filter.advanced"] = f"({given}) AND {fresh}" if given else fresh
    token, total = str(state.get("token", "")), int(state.get("total", -1))
    while True:
        body, page = client.json("/studies", params | ({"pageToken": token} if token else {}))
        if not isinstance(page, dict) or not isinstance(page.get("studies"), list):
            raise ServiceError(f"ClinicalTrials.gov gave an answer without studies: {body[:200]!r}")
        total = int(page.get("totalCount", total))  # only the first page is sure to have it
        if total < 0:
            raise ServiceError("ClinicalTrials.gov gave no count of the studies.")
        following = str(page.get("nextPageToken") or "")
        last = not following or following == token
        yield Page(body, total, {} if last else {"token": following, "total": total})
        if last:
            return
        token = following


def parse(body: bytes) -> Iterator[Piece]:
    """The studies of a page."""
    yield from find_format("clinicaltrials-json").read(Source(data=body))


register(
    Service(
        name="clinicaltrials",
        title="ClinicalTrials.gov API v2, studies",
        database="ClinicalTrials.gov",
        base="https://clinicaltrials.gov/api/v2",
        rate=1.0,
        ask=ask,
        parse=parse,
        suffix=".json",
        source="ClinicalTrials.gov, Data API v2 documentation, studies",
        kind="register",
    )
)
