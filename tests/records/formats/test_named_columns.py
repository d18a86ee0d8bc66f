"""Tables whose headers are a person's own are read by a map of columns."""

import pytest

from probatum.errors import BadInput, UnknownOption
from probatum.records.formats import read
from probatum.records.formats.table_columns import load_columns
from probatum.records.reading import Reading
from probatum.records.source import Source

MAP = 'title = "Titel"\nauthors = "Verfasser"\nyear = "Jahr"\nkeywords = ["Thema", "Stichwort"]'
TABLE = "Nr;Titel;Verfasser;Jahr;Thema;Stichwort\n1;Ein Versuch;Müller, A.;2019;Sucht;Ketamin\n"


def named(table: str, columns: str = MAP) -> Reading:
    return read(Source(data=table.encode(), columns=load_columns(columns)))


def test_named_columns_are_read() -> None:
    reading = named(TABLE)
    (one,) = reading.records
    assert (one.title, one.authors, one.year) == ("Ein Versuch", ("Müller, A.",), 2019)
    assert one.keywords == ("Sucht", "Ketamin")
    assert one.extra == (("Nr", "1"),)


def test_a_header_that_is_not_there_is_told() -> None:
    reading = named(TABLE, MAP + '\ndoi = "DOI-Nummer"')
    assert reading.parsed == 0
    (lost,) = reading.rejected
    assert "doi-nummer" in lost.reason
    assert "Titel" in lost.reason


def test_no_header_at_all_is_told() -> None:
    reading = named("a;b\n1;2\n")
    assert [one.line_from for one in reading.rejected] == [1]
    assert reading.entries == 1


def test_a_map_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownOption, match="title"):
        load_columns('titel = "Titel"')
    with pytest.raises(BadInput, match="TOML"):
        load_columns("title = ")
    with pytest.raises(BadInput, match="header"):
        load_columns("title = 3")
