"""Readers never raise on content, and every entry is parsed or rejected: samples, damaged."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.errors import BadInput
from probatum.records.formats import FORMATS, elements, json_items, read
from probatum.records.record import make_record
from probatum.records.source import Source

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(path for path in SAMPLES.iterdir() if not path.name.endswith(".expected.json"))
BYTES = {name: [p.read_bytes() for p in FILES if p.name.startswith(f"{name}-")] for name in FORMATS}


def lawful(data: bytes, name: str) -> None:
    """What holds whatever the bytes are."""
    reading = read(Source(data=data), name)
    assert reading.entries == reading.parsed + len(reading.rejected)
    for one in (*reading.rejected, *reading.stray):
        assert 0 <= one.line_from <= one.line_to
    for one in reading.rejected:
        assert one.reason
    for record in reading.records:
        assert make_record(**record.row()) == record


@pytest.mark.parametrize("name", sorted(FORMATS))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_sample_is_read_by_the_law(name: str, data: st.DataObject) -> None:
    text = bytearray(data.draw(st.sampled_from(BYTES[name])))
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, max(0, len(text) - 1)))
        match data.draw(st.sampled_from(["flip", "cut", "drop", "splice", "insert"])):
            case "flip" if text:
                text[place] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del text[place:]
            case "drop":
                del text[place : place + data.draw(st.integers(1, 40))]
            case "splice":
                other = data.draw(st.sampled_from(BYTES[data.draw(st.sampled_from(sorted(BYTES)))]))
                text[place:place] = other[: data.draw(st.integers(0, len(other)))]
            case "insert":
                text[place:place] = data.draw(st.binary(max_size=8))
    lawful(bytes(text), name)


@pytest.mark.parametrize("name", sorted(FORMATS))
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_by_the_law(name: str, data: bytes) -> None:
    lawful(data, name)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_each_cut_of_a_sample_is_read_by_the_law(name: str) -> None:
    draw = random.Random(1)
    for whole in BYTES[name][:3]:
        for place in sorted(draw.sample(range(len(whole)), min(30, len(whole)))):
            lawful(whole[:place], name)


@given(data=st.binary(max_size=400))
def test_telling_formats_apart_never_fails_but_with_words(data: bytes) -> None:
    claimed = max(one.sniff(Source(data=data)) for one in FORMATS.values())
    if claimed > 0:
        assert read(Source(data=data)).format in FORMATS
    else:
        with pytest.raises(BadInput, match=r"Export|Unpack"):
            read(Source(data=data))


@pytest.mark.parametrize("size", [1, 7, 50])
def test_where_a_text_is_cut_for_reading_changes_nothing(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("pubmed-xml", "endnote-xml", "revman-rm5", "csl-json", "clinicaltrials-json")
    for name in names:
        for whole in BYTES[name]:
            monkeypatch.undo()
            want = read(Source(data=whole), name).row()
            monkeypatch.setattr(elements, "CHUNK", size)
            monkeypatch.setattr(json_items, "CHUNK", size)
            assert read(Source(data=whole), name).row() == want


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_long_and_deep_text_is_read_in_time(name: str) -> None:
    """Each of these is quadratic or too deep for a careless reader."""
    size = 60_000
    for piece in (
        b"<",
        b"{",
        b"[",
        b'"',
        b"@a{b,",
        b"\n",
        b" ",
        b"&amp;",
        b"<a>",
        b"TI  - x\n",
        b"(",
    ):
        lawful(piece * (size // len(piece)), name)
