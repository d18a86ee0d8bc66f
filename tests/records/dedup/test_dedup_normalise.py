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


@pytest.mark.parametrize(
    "other",
    [
        "Original article: Ketamine over 2 years in type 2 diabetes.",
        "P1234: Ketamine over two years in type II diabetes",
        "Abstract 12 - Ketamine over two years in type 2 diabetes",
        "(231) Ketamine over two years in type 2 diabetes",
        "Ketamine over two years in type 2 diabetes - [careers]",
        "Ketamine over two years in type 2 diabetes [corrected]",
    ],
)
def test_what_is_printed_around_a_title(other: str) -> None:
    one = "Ketamine over two years in type 2 diabetes"
    assert _title(other).replace("typeii", "type2") == _title(one)
    assert _title(other, "digits") == _title(one, "digits") == "22"


def test_the_number_of_an_abstract_is_kept_apart() -> None:
    assert _title("P-023. Ketamine in heroin addiction", "label") == "23"
    assert _title("Ketamine in heroin addiction", "label") == ""
    assert _title("P53: a protein", "label") == "", "too little would be left"


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
        ("Sleep and mood in age. B", "92"),
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
        ("Sleep and mood [Erratum]", "erratum"),
        ("Publisher correction: Sleep and mood", "erratum"),
        ("RETRACTED: Sleep and mood", "retracted"),
    ],
)
def test_notices(text: str, notice: str) -> None:
    assert _title(text, "notice") == notice


@pytest.mark.parametrize(
    "text",
    [
        "Editorial",
        "Guest editorial.",
        "Editor's comments",
        "Reply",
        "Highlights of this issue",
        "From the editor's desk",
        "Journal club",
        "Images in clinical medicine",
    ],
)
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
        ("[Anonymous]", [], ""),
        ("Krupitsky EM and Burakov A and et al.", ["krupitsky", "burakov"], "e"),
        (
            "Krupitsky, E. M., Burakov, A., & Romanova, T.",
            ["krupitsky", "burakov", "romanova"],
            "e",
        ),
        ("The START Investigators and Krupitsky EM", ["krupitsky"], "e"),
    ],
)
def test_authors(field: str, family: list[str], initial: str) -> None:
    table = as_table(pl.DataFrame({"id": ["1"], "author": [field]}))
    got = authors(table["author"])
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
        ("5-Jan", None, None, ""),
        ("12 p.", None, None, ""),
        ("15 pages", None, None, ""),
        ("10.1016/j.jad.2010.1", None, None, ""),
        ("0", None, None, ""),
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
    assert _place(volume="51", number="SUPPL. 1")["suppl"]
    assert _place(volume="Suppl 1")["volume"] is None
    assert _place(volume="0", number="0")["volume"] is None
    assert _place(volume="0", number="0")["issue"] is None


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("The Journal of Infectious Diseases", "Journal of infectious diseases", SAME),
        ("Obstetrics & Gynecology", "Obstetrics and Gynecology", SAME),
        ("BMJ (Clinical research ed.)", "BMJ", SAME),
        ("Ann Intern Med", "Annals of Internal Medicine", ALIKE),
        ("J Natl Cancer Inst", "Journal of the National Cancer Institute", ALIKE),
        ("MIS Quarterly: Management Information Systems", "MIS Quarterly", SAME),
        ("Stroke; a journal of cerebral circulation", "Stroke", SAME),
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
        ("the programme of disese in haemophilia", "the programme of disease in hemophilia", SPELT),
        ("prednisone in age", "prednisolone in age", EXCHANGED),
        ("ketamine in age", "esketamine in age", EXCHANGED),
        ("typical cells", "atypical cells", EXCHANGED),
        ("maternal age", "paternal age", EXCHANGED),
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
