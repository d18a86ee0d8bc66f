"""Write, then read: the same records, whatever a title or an abstract is made of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.records.formats import FORMATS, read
from probatum.records.record import TUPLES, TYPES, Record, make_record
from probatum.records.source import Source

WRITTEN = sorted(name for name, one in FORMATS.items() if one.write)

# pieces that formats are made of, so that their own syntax turns up inside fields
PIECES = [
    *("TY  - JOUR", "ER  - ", "PMID- 1", "ZP  - {}", "\nTI  - x", "%0 Book", "FN x", "EF"),
    *("{", "}", "\\", "\\'e", "{\\ss}", "$x^2$", "@article{a,", "%", "#", "~", "--", " and "),
    *('"', '""', "'", ",", ";", "\t", "\r\n", "\n\n", "=cmd()", "-1", "+1", "@", "''"),
    *("&amp;", "&amp;lt;", "<i>", "<<i>b>", "&#0;", "\x00", "\x02", "\ufeff", "\u2028", "\ud800"),
    *("😀", "é", "e\u0301", "߷", "10.1000/x", "PMC12", "NCT01234567", "PMID: 77", "2019", "null"),
]
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=6).map("".join)


@st.composite
def records(draw: st.DrawFn) -> Record:
    names = sorted(Record.__dataclass_fields__.keys() - {"id", "type", "year", "extra"})
    fields = {
        name: draw(st.lists(TEXT, max_size=3) if name in TUPLES else TEXT)
        for name in draw(st.lists(st.sampled_from(names), unique=True))
    }
    tags = st.sampled_from(["TY", "ER", "XX", "ZP", "PMID", "title", "probatum"]) | TEXT
    extra = draw(st.lists(st.tuples(tags, TEXT), max_size=3))
    year = draw(st.none() | st.integers(1400, 2300) | TEXT)
    kind = draw(st.sampled_from(["", *TYPES]))
    return make_record(**{"title": "t", **fields, "type": kind, "year": year, "extra": extra})


@pytest.mark.parametrize("name", WRITTEN)
@settings(max_examples=100, deadline=None)
@given(wanted=st.lists(records(), min_size=1, max_size=4))
def test_written_records_are_read_as_they_were(name: str, wanted: list[Record]) -> None:
    write = FORMATS[name].write
    assert write is not None
    text = "".join(write(wanted))
    reading = read(Source(data=text.encode()), name)
    known = [one for one in wanted if _known(one)]
    assert reading.records == known
    assert reading.entries == len(wanted)
    assert "".join(write(reading.records)) == "".join(write(known))


@pytest.mark.parametrize("name", WRITTEN)
def test_a_written_file_is_known_for_what_it_is(name: str) -> None:
    write = FORMATS[name].write
    assert write is not None
    text = "".join(write([make_record(title="A title", authors=["B, C"], year=2019)]))
    assert read(Source(data=text.encode())).format == name


@given(one=records())
def test_a_record_made_again_is_the_same(one: Record) -> None:
    assert make_record(**one.row()) == one


def _known(one: Record) -> bool:
    """Whether a work can be known by this record: else every reader rejects it, with a reason."""
    ids = one.title or one.doi or one.pmid or one.accession or one.registry
    return bool(ids or (one.journal and (one.authors or one.year)))
