"""Every sample of `samples/` is read as the file beside it says; see docs/records.md."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from probatum.records.formats import FORMATS, read, sniff_format
from probatum.records.source import Source

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(path for path in SAMPLES.iterdir() if not path.name.endswith(".expected.json"))


def own(path: Path) -> str:
    """The format that a sample's name begins with."""
    return max((name for name in FORMATS if path.name.startswith(f"{name}-")), key=len)


def expected(path: Path) -> dict[str, Any]:
    text = path.with_name(f"{path.name.rsplit('.', 1)[0]}.expected.json").read_text("utf-8")
    return dict(json.loads(text))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_sample(path: Path) -> None:
    want = expected(path)
    reading = read(Source(path))
    assert reading.format == own(path)
    assert reading.entries == want["entries"]
    assert reading.parsed == want["parsed"] == len(want["records"])
    assert reading.entries == reading.parsed + len(reading.rejected)
    places = [(one.line_from, one.line_to) for one in reading.rejected]
    assert places == [(first, last) for first, last, _ in want.get("rejected", [])]
    for one, (_, _, reason) in zip(reading.rejected, want.get("rejected", []), strict=True):
        assert reason in one.reason
    if "encoding" in want:
        assert reading.encoding == want["encoding"]
    if "stray" in want:
        assert [[one.line_from, one.line_to] for one in reading.stray] == want["stray"]
    for record, fields in zip(reading.records, want["records"], strict=True):
        row = json.loads(json.dumps(record.row()))
        extra = [tuple(pair) for pair in row.pop("extra", [])]
        for name, value in fields.items():
            if name == "extra":
                assert set(value.items()) <= set(extra)
            else:
                assert row.get(name, "" if value == "" else None) == value, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_its_own_format_claims_a_sample(path: Path) -> None:
    source = Source(path)
    sure = {name: one.sniff(source) for name, one in FORMATS.items()}
    claimed = sure.pop(own(path))
    assert claimed > max(sure.values()), sure
    assert sniff_format(source).name == own(path)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_each_format_is_described_and_has_samples(name: str) -> None:
    one = FORMATS[name]
    assert one.read.__doc__
    assert one.title
    assert one.source
    assert one.suffixes
    assert sum(own(path) == name for path in FILES) >= 3


def test_each_ris_dialect_has_three_samples() -> None:
    dialects = Counter(path.name.split("-")[1] for path in FILES if path.name.startswith("ris-"))
    dialects["proquest"] += dialects.pop("ebsco")
    assert set(dialects) == {
        *("pubmed", "ovid", "embase", "scopus", "wos", "central", "proquest", "zotero", "endnote"),
        "publisher",
    }
    assert min(dialects.values()) >= 3
