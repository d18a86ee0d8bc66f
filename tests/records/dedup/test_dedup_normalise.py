"""What is compared: titles, authors, places and identifiers, however they were printed."""

from __future__ import annotations

import polars as pl
import pytest

from probatum.records.dedup import identifiers
from probatum.records.dedup.authors import authors
from probatum.records.dedup.columns import COLUMNS, as_table
from probatum.records.dedup.journals import ALIKE, DIFFERENT, SAME, compare, journals
from probatum.records.dedup.places import places
from probatum.records.dedup.titles import titles
from probatum.records.dedup.wording import ADDED, EXCHANGED, SPELT, wording


def _title(text: str, column: str = "title") -> object:
    return titles(pl.Series([text], dtype=pl.String))[column][0]


@pytest.mark.parametrize(
    "other",
    [
        "THE EFFECT OF CO2 ON GLÜCK: A TRIAL.",
        "The effect of CO<sub>2</sub> on Gl&uuml;ck: a trial",
        "The effect of CO2 on GlÃ¼ck - A trial",
        "[The effect of CO2 on Glück: a trial]",
        "The effect of CO2 on Glueck: a trial. [Review] [33 refs]",
        "The effect of CO2 on Glück: a trial (Provisional abstract)",
        "The effect of CO2 on Glück: a trial.[Erratum appears in Lancet. 2001 [Feb];3(1):2",
        'The effect of CO2 on Gl{\\"u}ck: \\textit{a trial}',
        "The effect of CO2 on Glück: a trial [Article in German]",
    ],
)
def test_one_title_in_many_prints(other: str) -> None:
    assert _title(other) == _title("The effect of CO2 on Glück: a trial")


def test_a_second_title_in_brackets() -> None:
    text = "Crowdwork: a theory of relations [Arbeiten in der Crowd: eine Theorie]"
    assert _title(text) == "crowdworkatheoryofrelations"
    assert _title(text, "second") == "arbeitenindercrowdeinetheorie"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("HPV 16(INK4a), part II", "1642"),
        ("HPV16 INK4a, part 2", "1642"),
        ("A phase I trial", "1"),
        ("A phase 1 trial", "1"),
        ("I and my study", ""),
        ("Part two", "2"),
    ],
)
def test_numbers_in_titles(text: str, digits: str) -> None:
    assert _title(text, "digits") == digits


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("Erratum to: Sleep and mood", "erratum"),
        ("Sleep and mood (vol 12, pg 3, 2001)", "erratum"),
        ("Retraction: Sleep and mood", "retraction"),
        ("Re: Sleep and mood", "reply"),
        ("Sleep and mood: authors' reply", "reply"),
        ("Comment on: Sleep and mood", "comment"),
        ("Sleep and mood: study protocol", "protocol"),
        ("Antibody response to a vaccine", ""),
        ("Correction of anaemia in sleep", ""),
        ("Sleep and mood. [Erratum appears in X 2001;1:2]", ""),
    ],
)
def test_notices(text: str, notice: str) -> None:
    assert _title(text, "notice") == notice


@pytest.mark.parametrize("text", ["Editorial", "Guest editorial.", "Editor's comments", "Reply"])
def test_titles_that_many_works_bear(text: str) -> None:
    assert _title(text, "generic")
    assert not _title("Editorial policies of nine medical journals", "generic")


@pytest.mark.parametrize(
    ("field", "family", "initial"),
    [
        ("Krupitsky, Evgeny M. and Burakov, Andrei", ["krupitsky", "burakov"], "e"),
        ("Krupitsky EM; Burakov A", ["krupitsky", "burakov"], "e"),
        ("Krupitsky EM, Burakov AM", ["krupitsky", "burakov"], "e"),
        ("Evgeny Krupitsky, Andrei Burakov", ["krupitsky", "burakov"], "e"),
        ("van der Graaf, Y. and Müller, K.", ["graf", "muller"], "y"),
        ("MUELLER, K.", ["muller"], "k"),
        ("", [], ""),
    ],
)
def test_authors(field: str, family: list[str], initial: str) -> None:
    got = authors(pl.Series([field], dtype=pl.String))
    expected = [name.replace("graf", "graaf") for name in family]
    assert [p.split(" ")[0] for p in got["people"][0]] == expected
    assert got["initial"][0] == initial


def _place(**cells: str) -> dict[str, object]:
    row = {"id": "1", **cells}
    return places(as_table(pl.DataFrame([row]))).row(0, named=True)


@pytest.mark.parametrize(
    ("pages", "page", "end", "mark"),
    [
        ("1123-9", 1123, 1129, ""),
        ("1123--1129", 1123, 1129, ""),
        ("pp. 1123–1129", 1123, 1129, ""),
        ("S12-S15", 12, 15, "s"),
        ("e1021", 1021, None, "e"),
        ("Art. No. 77", 77, None, ""),
        ("102A-103A", 102, 103, ""),
        ("Suppl-29", None, None, ""),
        ("276-85; quiz 286", 276, 285, ""),
        ("UNKNOWN", None, None, ""),
        ("", None, None, ""),
    ],
)
def test_pages(pages: str, page: int | None, end: int | None, mark: str) -> None:
    got = _place(pages=pages)
    assert (got["page"], got["page_end"], got["mark"]) == (page, end, mark)


def test_volumes_and_issues() -> None:
    assert _place(volume="12(3)")["issue"] == 3
    assert _place(volume="Vol. 12", number="3-4")["issue_end"] == 4
    assert _place(volume="2016", year="2016")["volume"] is None
    assert _place(number="May")["issue"] is None
    assert _place(number="3 Suppl 1")["suppl"]
    assert _place(year="2016/05//")["year"] == 2016


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("The Journal of Infectious Diseases", "Journal of infectious diseases", SAME),
        ("Obstetrics & Gynecology", "Obstetrics and Gynecology", SAME),
        ("BMJ (Clinical research ed.)", "BMJ", SAME),
        ("Ann Intern Med", "Annals of Internal Medicine", ALIKE),
        ("J Natl Cancer Inst", "Journal of the National Cancer Institute", ALIKE),
        ("MIS Quarterly: Management Information Systems", "MIS Quarterly", SAME),
        ("Lancet", "Lancet Oncology", DIFFERENT),
        ("Acta Cytologica", "Virchows Archiv", DIFFERENT),
        ("American Journal of Oncology", "American Journal of Neurology", DIFFERENT),
        ("Journal of Gynecology", "Journal of Gynaecology", ALIKE),
        ("ICIS : Transforming Society", "International Conference on Information Systems", ALIKE),
    ],
)
def test_journals(one: str, two: str, level: int) -> None:
    got = journals(pl.Series([one, two]))["journal"].to_list()
    if level == DIFFERENT:
        assert compare(*got) < 0
    else:
        assert compare(*got) == level


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("platformed work and labour", "platformed work and labor", SPELT),
        ("follow up of women", "followup of women", SPELT),
        ("sleep in men", "sleep in women", EXCHANGED),
        ("hypertension in age", "hypotension in age", EXCHANGED),
        ("sleep in age", "sleep and mood in age", ADDED),
        ("sleep of the age", "sleep in age", SPELT),
    ],
)
def test_wording(one: str, two: str, level: int) -> None:
    assert wording(one, two) == level
    assert wording(two, one) == level


@pytest.mark.parametrize(
    "text",
    ["10.1000/ABC.5", "https://doi.org/10.1000/abc.5", "doi:10.1000/abc.5.", "10.1000%2Fabc.5"],
)
def test_dois(text: str) -> None:
    got = pl.DataFrame({"doi": [text, "none"]}).select(identifiers.dois(pl.col("doi")))
    assert got.to_series().to_list() == ["10.1000/abc.5", None]


def test_registered_trials() -> None:
    table = as_table(
        pl.DataFrame(
            {
                "id": ["a", "b"],
                "title": ["NCT 01234567: a trial", "A trial"],
                "url": ["https://clinicaltrials.gov/study/NCT01234567", ""],
                "abstract": ["", "Registered as ISRCTN12345678 and nct01234567."],
            }
        )
    )
    got = identifiers.registrations(table)
    assert got["registered"].to_list() == [["NCT01234567"], ["ISRCTN12345678", "NCT01234567"]]
    assert got["entry"].to_list() == [True, False]


def test_columns_by_other_names_and_types() -> None:
    got = as_table(
        pl.DataFrame(
            {
                "\ufeffID": ["a"], "Authors": [["A, B", "C, D"]], "issue": [3], "Year": [2001],
                "nct": ["NCT01234567"], "other": [1.5],
            }
        )
    )  # fmt: skip
    assert got.columns == list(COLUMNS)
    row = got.row(0, named=True)
    assert (row["author"], row["number"], row["year"]) == ("A, B and C, D", "3", "2001")
    assert row["registry"] == "NCT01234567"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"title": ["x"]}, 'no column "id"'),
        ({"id": ["a", "a"]}, '"a" stands more than once'),
        ({"id": ["a", None]}, "record 2 has no id"),
    ],
)
def test_ids_are_needed(data: dict[str, list[str]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        as_table(pl.DataFrame(data))
