"""Files made to harm a reader: memory and time stay bounded, and damage costs what is damaged."""

import pytest

from probatum.errors import BadInput
from probatum.records.formats import read
from probatum.records.source import Source


def test_strings_made_of_strings_do_not_fill_the_memory() -> None:
    strings = "".join(f"@string{{s{i} = s{i - 1} # s{i - 1}}}\n" for i in range(1, 60))
    text = f'@string{{s0 = "aaaaaaaaaa"}}\n{strings}@article{{a, title = s3, year = 2001}}\n'
    reading = read(Source(data=text.encode()), "bibtex")
    assert [one.title for one in reading.records] == ["a" * 80]
    assert "abbreviations stand for more than" in reading.rejected[0].reason


def test_an_unclosed_entry_on_one_line_costs_itself_alone() -> None:
    text = "@article{a, title={A {trial, year=2001}\n@article{b, title={Second}, year={2002}}\n"
    reading = read(Source(data=text.encode()))
    assert [one.title for one in reading.records] == ["Second"]
    assert [(one.line_from, one.line_to) for one in reading.rejected] == [(1, 1)]


def test_a_field_of_very_many_lines_is_joined_once() -> None:
    lines = 200_000  # joined one by one, each copies all of those before: 100 GB
    text = "TY  - JOUR\nTI  - a\nAB  -\n" + "more\n" * lines + "ER  - \n"
    (one,) = read(Source(data=text.encode())).records
    assert one.abstract.count("more") == lines


def test_a_note_that_names_pubmed_and_a_year_is_no_pmid() -> None:
    text = "TY  - JOUR\nTI  - a\nN1  - Found in PubMed 2019\nER  - \n"
    assert read(Source(data=text.encode())).records[0].pmid == ""


def test_a_bare_month_is_kept() -> None:
    text = "TY  - JOUR\nTI  - a\nDA  - FEB\nPY  - 2020\nER  - \n"
    (one,) = read(Source(data=text.encode())).records
    assert (one.year, one.date) == (2020, "FEB")


def test_names_whose_parts_are_named() -> None:
    text = (
        '@article{a, title={T}, author={family=Berg, given=Jan, prefix="van den" and Doe, J}, '
        "note={PMID: 31786030}}"
    )
    (one,) = read(Source(data=text.encode()), "bibtex").records
    assert one.authors == ("van den Berg, Jan", "Doe, J")
    assert one.pmid == "31786030"


def test_one_odd_byte_does_not_garble_the_other_letters() -> None:
    entry = "TY  - JOUR\nTI  - Étude – “café”\nAU  - Müller, J\nER  - \n"
    reading = read(Source(data=(entry * 3).encode() + entry.encode("cp1252")))
    assert reading.encoding == "utf-8"
    assert {one.title for one in reading.records} == {"Étude – “café”"}
    assert read(Source(data=(entry * 3).encode("cp1252"))).encoding == "cp1252"


@pytest.mark.parametrize("begin", [b"\x1f\x8b\x08", b"PK\x03\x04", b"BZh9"])
def test_an_archive_is_called_one(begin: bytes) -> None:
    with pytest.raises(BadInput, match="Unpack it"):
        read(Source(data=begin + bytes(range(256))))
