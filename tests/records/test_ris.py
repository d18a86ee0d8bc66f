"""RIS in its dialects: nothing lost, nothing invented, and what can't be read is told."""

from probatum.records.formats import read
from probatum.records.formats.ris import write
from probatum.records.reading import Reading
from probatum.records.source import Source

CENTRAL = """\
Provider: John Wiley & Sons, Ltd.
Content: text/plain; charset="UTF-8"

Record #1 of 1
TY  - JOUR
AN  - CN-01234567
AU  - Dakwar, E
AU  - Levin, F
TI  - A trial, wrapped
 over lines
PY  - 2019
AB  - Background: one.
TY - is no tag here
DA  - 2019/05//
JO  - Am J Psychiatry
SP  - 1
EP  - 9
C5  - 12345678
ER  -
"""


def ris(text: str, encoding: str = "utf-8") -> Reading:
    return read(Source(data=text.encode(encoding)))


def test_central_with_headings_and_wrapped_lines() -> None:
    reading = ris(CENTRAL)
    assert (reading.format, reading.entries, reading.parsed) == ("ris", 1, 1)
    assert reading.stray == []
    (one,) = reading.records
    assert one.title == "A trial, wrapped over lines"
    assert one.authors == ("Dakwar, E", "Levin, F")
    assert (one.year, one.date, one.pages) == (2019, "2019/05", "1-9")
    assert one.abstract == "Background: one.\nTY - is no tag here"
    assert (one.accession, one.pmid) == ("CN-01234567", "12345678")


def test_entries_without_an_end_are_not_lost() -> None:
    reading = ris(
        "TY  - JOUR\nTI  - first\nTY  - JOUR\nTI  - second\nER  -\nTY  - JOUR\nTI  - last"
    )
    assert [one.title for one in reading.records] == ["first", "second", "last"]


def test_an_entry_with_nothing_to_know_it_by_is_rejected_with_its_lines() -> None:
    reading = ris("TY  - JOUR\nTI  - a\nER  - \n\nTY  - JOUR\nKW  - b\nER  - \n")
    assert reading.entries == reading.parsed + len(reading.rejected) == 2
    (lost,) = reading.rejected
    assert (lost.line_from, lost.line_to) == (5, 7)
    assert "no title" in lost.reason


def test_ovid_search_strategy_after_the_end_is_stray() -> None:
    reading = ris("1. \nTY  - JOUR\nT1  - a\nER  - \nC1  - Database: Embase\n1 ketamine/\n")
    assert reading.parsed == 1
    assert [(one.line_from, one.line_to) for one in reading.stray] == [(5, 6)]


def test_encodings_and_line_ends_change_nothing() -> None:
    text = "TY  - JOUR\nTI  - Kétamine – “étude”\nAU  - Müller, A\nER  - \n"
    plain = ris(text).records
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
        assert ris(text, encoding).records == plain, encoding
    for end in ("\r", "\r\n"):
        assert ris(text.replace("\n", end)).records == plain


def test_writing_and_reading_is_a_fixed_point() -> None:
    first = ris(CENTRAL).records
    text = "".join(write(first))
    again = ris(text).records
    assert again == first
    assert "".join(write(again)) == text
