"""Saved searches against services that break: all that was reported arrives, or an error tells."""

import datetime
import json
from pathlib import Path

import pytest
from fake_services import Fake, serving

from probatum.errors import ProbatumError
from probatum.records.sources import SERVICES
from probatum.records.sources.client import Client, ServiceError
from probatum.review.searches.model import Run, Search
from probatum.review.searches.read import read_search
from probatum.review.searches.running import run_search, saved_search
from probatum.review.searches.updating import update_search

DAY, LATER = datetime.date(2026, 11, 25), datetime.date(2026, 12, 25)
PATHS = {
    "europe-pmc": "europe",
    "openalex": "openalex",
    "crossref": "crossref",
    "clinicaltrials": "trials",
    "pubmed": "pubmed",
}
FAULTS = {3: "429", 5: "503", 7: "cut", 9: "drop", 11: "garbage", 13: "429", 14: "503"}


def client(base: str, service: str) -> Client:
    slept: list[float] = []
    return Client(f"{base}/{PATHS[service]}", 1e9, sleep=slept.append)


@pytest.fixture
def review(tmp_path: Path) -> Path:
    (tmp_path / "review.toml").write_text("format = 1\n")
    return tmp_path


def save(review: Path, service: str) -> Search:
    folder = review / "searches" / "s"
    folder.mkdir(parents=True, exist_ok=True)
    text = f'database = "x"\nservice = "{service}"\nquery = "ketamine"\n'
    (folder / "search.toml").write_text(text)
    return saved_search(review, "s")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ask(review: Path, base: str, service: str) -> Run:
    search = save(review, service)
    return run_search(review, "s", search, today=DAY, client=client(base, service))


def test_every_service_has_a_fake() -> None:
    assert set(PATHS) == set(SERVICES)


@pytest.mark.parametrize("service", sorted(PATHS))
def test_twenty_five_thousand_hits_arrive_despite_faults_twice_the_same(
    tmp_path: Path, service: str
) -> None:
    made = []
    for turn in (1, 2):
        review = tmp_path / str(turn)
        review.mkdir()
        fake = Fake(25_000, fault=lambda number: FAULTS.get(number, ""))
        with serving(fake) as base:
            run = ask(review, base, service)
        assert (run.reported, run.entries, run.parsed) == (25_000, 25_000, 25_000)
        assert fake.asked > max(FAULTS)
        made.append(files(review / "searches" / "s"))
    assert made[0] == made[1]
    assert not any(".partial" in name for name in made[0])
    rows = [json.loads(line) for line in made[0]["records.jsonl"].splitlines()]
    assert len({row["id"] for row in rows}) == len({row["title"] for row in rows}) == 25_000


@pytest.mark.parametrize("service", sorted(PATHS))
def test_a_kept_run_is_sound_for_the_check(review: Path, service: str) -> None:
    with serving(Fake(30)) as base:
        ask(review, base, service)
    found, problems, _ = read_search("s", files(review / "searches" / "s"))
    assert problems == []
    assert found is not None
    assert len(found.records) == 30


@pytest.mark.parametrize("service", sorted(PATHS))
def test_a_shortfall_is_an_error_and_nothing_counts(review: Path, service: str) -> None:
    with serving(Fake(1200, withheld=1)) as base, pytest.raises(ServiceError, match="sent"):
        ask(review, base, service)
    assert not (review / "searches" / "s" / "run.json").exists()


@pytest.mark.parametrize("service", sorted(PATHS))
def test_a_token_that_expires_is_asked_for_anew(review: Path, service: str) -> None:
    once = iter(["expired"])
    fake = Fake(2500, fault=lambda number: next(once, "") if number == 2 else "")
    with serving(fake) as base:
        run = ask(review, base, service)
    assert run.entries == 2500


@pytest.mark.parametrize("service", sorted(PATHS))
def test_a_search_that_was_ended_goes_on(review: Path, service: str) -> None:
    class Ended(Exception):
        pass

    def progress(pages: int, reported: int) -> None:
        if pages == 2:
            raise Ended

    search = save(review, service)
    fake = Fake(2500)
    with serving(fake) as base:
        with pytest.raises(Ended):
            run_search(
                review,
                "s",
                search,
                today=DAY,
                client=client(base, service),
                progress=progress,
            )
        before = fake.asked
        run = run_search(review, "s", search, today=DAY, client=client(base, service))
        again = fake.asked - before
    assert run.entries == 2500
    whole = Fake(2500)
    with serving(whole) as base:
        other = review / "other"
        other.mkdir()
        ask(other, base, service)
    assert again < whole.asked
    kept, fresh = files(review / "searches" / "s"), files(other / "searches" / "s")
    assert kept["records.jsonl"] == fresh["records.jsonl"]


def test_pubmed_is_cut_by_date_and_within_a_day_by_number(review: Path) -> None:
    class Numbered(Fake):
        def _dated(self, number: int, query: dict[str, str]) -> bool:
            term = query["term"]
            if "[UID]" in term:
                low, high = term.rsplit("AND ", 1)[1].removesuffix("[UID]").split(":")
                if not int(low) <= number + 1 <= int(high):
                    return False
            return super()._dated(number, query)

    fake = Numbered(21_000, days=lambda number: "2020/05/05")
    with serving(fake) as base:
        run = ask(review, base, "pubmed")
    assert run.entries == 21_000
    assert any("UID" in path for path in fake.asked_for)
    assert run.understood == "as understood"


def test_a_service_that_never_answers_is_told(review: Path) -> None:
    down = Fake(10, fault=lambda number: "503")
    with serving(down) as base, pytest.raises(ServiceError, match="8 tries"):
        ask(review, base, "crossref")
    with serving(Fake(10)) as base:  # and the same command goes on
        assert ask(review, base, "crossref").entries == 10


RETRACTED = {
    "europe-pmc": {"pubTypeList": {"pubType": ["Retracted Publication"]}},
    "openalex": {"is_retracted": True},
    "crossref": {"updated-by": [{"type": "retraction", "DOI": "10.5555/notice"}]},
    "pubmed": {"RIN": "J Med. 2021;1:2"},
}


@pytest.mark.parametrize("service", sorted(RETRACTED))
def test_an_update_tells_what_is_new_changed_and_retracted(review: Path, service: str) -> None:
    fake = Fake(5)
    with serving(fake) as base:
        ask(review, base, service)
        fake.count, fake.days = 7, lambda number: "2026/12/01"
        fake.extra = {1: RETRACTED[service]}
        fake.extra[2] = {"TI": "x"} if service == "pubmed" else {"title": "x"}
        if service == "crossref":
            fake.extra[2] = {"title": ["x"]}
        seen = len(fake.asked_for)
        delta = update_search(review, "s", today=LATER, client=client(base, service))
    assert any("2026-11-25" in path or "2026%2F11%2F25" in path for path in fake.asked_for[seen:])
    assert delta.search == "2026-12-25-s"
    assert delta.continues == "s"
    assert sorted(row["title"] for row in delta.new) == ["Work 5", "Work 6"]
    assert [row["title"] for row in delta.retracted] == ["Work 1"]
    if service != "pubmed":  # there a second title is one more field, and the first one stays
        assert [row["title"] for row in delta.changed] == ["x"]
    text = (review / "searches" / delta.search / "search.toml").read_text()
    assert 'continues = "s"' in text
    found, problems, _ = read_search(delta.search, files(review / "searches" / delta.search))
    assert problems == []
    assert found is not None


def test_an_unrun_or_unknown_search_is_told(review: Path) -> None:
    save(review, "crossref")
    with pytest.raises(ProbatumError, match="was not run yet"):
        update_search(review, "s", today=DAY)
    with pytest.raises(ProbatumError, match="There are: s"):
        saved_search(review, "t")
    (review / "searches/s/search.toml").write_text('database = "Embase"\n')
    with pytest.raises(ProbatumError, match="probatum import FILE"):
        saved_search(review, "s")


@pytest.mark.parametrize("base", ["nowhere", "file:///etc/passwd", "http://x:port"])
def test_an_address_that_is_none_is_told_at_once(base: str) -> None:
    with pytest.raises(ServiceError, match="no address that can be asked"):
        Client(base, rate=1000.0, sleep=lambda _: pytest.fail("it waits")).get("/x", {})
