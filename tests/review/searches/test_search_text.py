"""What a search says of itself survives being written again, as an update does."""

import datetime

from probatum.review.searches.importing import search_text
from probatum.review.searches.model import Limit, Search
from probatum.review.searches.read import read_search

WHOLE = Search(
    id="2026-11-25-embase",
    database="Embase",
    platform="Ovid",
    kind="register",
    service="",
    date=datetime.date(2026, 11, 25),
    query='1 ketamine/\n2 "addict*".ti.\n3 1 and 2',
    limits=[Limit(what="2000-", reason='before, "ketamine" meant PCP'), Limit(what="human")],
    filters=["Cochrane HSSS, 2008", 'a "quoted" one'],
    themes=["helps"],
    continues="2026-01-01-embase",
    peer_review="PRESS, by A. Librarian",
)


def test_every_item_comes_back() -> None:
    found, problems, _ = read_search(WHOLE.id, {"search.toml": search_text(WHOLE).encode()})
    assert problems == []
    assert found is not None
    assert found.search == WHOLE


def test_a_bare_search_comes_back() -> None:
    bare = Search(id="s", database="PubMed", hits=0)
    found, problems, _ = read_search("s", {"search.toml": search_text(bare).encode()})
    assert problems == []
    assert found is not None
    assert found.search == bare
