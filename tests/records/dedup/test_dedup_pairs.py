"""Pairs of records and what becomes of them: merged, asked about, or two works.

The table is the engine's promise about hard cases; each row says why it is there.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from probatum.records.dedup.engine import duplicates
from probatum.records.dedup.vetoes import VETOES

PAPER = {
    "author": "Krupitsky, Evgeny M. and Burakov, Andrei and Romanova, Tatyana",
    "title": "Ketamine psychotherapy for heroin addiction: first effects and two-year follow-up",
    "year": "2002",
    "journal": "Journal of Substance Abuse Treatment",
    "volume": "23",
    "number": "4",
    "pages": "273-283",
    "doi": "10.1016/s0740-5472(02)00275-1",
}
ABSTRACT = (
    "Seventy detoxified heroin-addicted patients were randomly assigned to one of two groups "
    "receiving ketamine psychotherapy involving two different doses of ketamine. The patients of "
    "the experimental group received existentially oriented psychotherapy in combination with a "
    "hallucinogenic dose of ketamine."
)
OTHER_ABSTRACT = (
    "We report on the safety of repeated infusions in an outpatient clinic over one year, with "
    "blood pressure, dissociation and craving measured at each visit by a nurse who did not know "
    "the dose, and on what became of those who left the programme before its end."
)
EDITORIAL = {
    "author": "Zwass, Vladimir", "title": "Editorial introduction", "year": "2004",
    "journal": "Journal of Management Information Systems", "volume": "21", "number": "3",
    "pages": "5-6", "doi": "",
}  # fmt: skip

# name, changes to the one, changes to the other, what is expected
CASES: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    # one work
    ("the same row", {}, {}, "auto"),
    ("initials", {}, {"author": "Krupitsky EM; Burakov A; Romanova T", "doi": ""}, "auto"),
    ("capitals", {}, {"title": PAPER["title"].upper(), "author": PAPER["author"].upper()}, "auto"),
    ("abbreviated journal", {}, {"journal": "J Subst Abuse Treat", "doi": ""}, "auto"),
    ("abbreviated pages", {}, {"pages": "273-83", "doi": ""}, "auto"),
    ("article number beside pages", {}, {"pages": "e275", "doi": ""}, "auto"),
    ("no pages", {}, {"pages": "", "doi": "", "number": ""}, "auto"),
    ("no year", {}, {"year": "", "doi": ""}, "auto"),
    ("no authors", {}, {"author": "", "doi": ""}, "auto"),
    ("ahead of print", {}, {"year": "2001", "volume": "", "number": "", "pages": ""}, "auto"),
    ("ahead of print, no doi",
     {}, {"year": "2001", "volume": "", "number": "", "pages": "", "doi": ""}, "auto"),
    ("subtitle cut", {}, {"title": "Ketamine psychotherapy for heroin addiction"}, "auto"),
    ("cut in the middle", {}, {"title": PAPER["title"][:60], "doi": ""}, "auto"),
    ("database's notes", {}, {"title": PAPER["title"] + ". [Review] [33 refs]", "doi": ""}, "auto"),
    ("erratum exists", {},
     {"title": PAPER["title"] + ". [Erratum appears in J Subst 2003;24:1]", "doi": ""}, "auto"),
    ("markup", {}, {"title": PAPER["title"].replace("heroin", "<i>heroin</i>"), "doi": ""}, "auto"),
    ("a typing error", {}, {"title": PAPER["title"].replace("two", "tow"), "doi": ""}, "auto"),
    ("given and family name exchanged", {},
     {"author": "Evgeny, Krupitsky and Andrei, Burakov", "doi": ""}, "auto"),
    ("a volume that is the year", {}, {"volume": "2002", "doi": ""}, "auto"),
    ("a supplement's issue", {}, {"number": "4 Suppl 1", "doi": ""}, "auto"),
    ("a translated title on the same pages", {"doi": ""},
     {"title": "Кетаминовая психотерапия героиновой наркомании", "doi": ""}, "auto"),
    ("DOI and title, year missing, journal missing", {},
     {"year": "", "journal": "", "pages": "", "volume": "", "number": ""}, "auto"),
    ("same title and abstract, little else",
     {"author": "", "journal": "", "volume": "", "pages": "", "doi": "", "abstract": ABSTRACT},
     {"author": "", "journal": "", "number": "", "pages": "", "doi": "",
      "abstract": "Abstract: " + ABSTRACT + " Copyright 2002 Elsevier."}, "auto"),
    ("volume and issue exchanged", {"doi": ""}, {"volume": "4", "number": "23", "doi": ""}, "auto"),
    ("pages that a spreadsheet made a date", {"doi": ""}, {"pages": "3-Feb", "doi": ""}, "auto"),
    ("how many pages", {"doi": ""}, {"pages": "11 p.", "doi": ""}, "auto"),
    ("ahead of print under zeros", {"doi": ""},
     {"volume": "0", "number": "0", "pages": "1-11", "doi": ""}, "auto"),
    ("a group named as well", {"doi": ""},
     {"author": "The KORE Investigators", "doi": ""}, "auto"),
    ("its title in the journal when retracted", {"doi": ""},
     {"title": "RETRACTED: " + PAPER["title"], "doi": ""}, "auto"),
    ("an abstract's number", {"doi": ""},
     {"title": "P-023. " + PAPER["title"], "doi": ""}, "auto"),
    # for a person
    ("another first page", {}, {"pages": "401-409", "doi": ""}, "queue"),
    ("retraction notice on its page", {},
     {"title": "Retraction: " + PAPER["title"], "doi": ""}, "queue"),
    ("DOI of the supplement, other abstract", {"abstract": ABSTRACT},
     {"abstract": OTHER_ABSTRACT, "pages": ""}, "queue"),
    # two works
    ("erratum", {}, {"title": "Erratum to: " + PAPER["title"], "pages": "401", "doi": "10.1016/x"},
     "distinct"),
    ("reply", {"doi": ""}, {"title": "Re: " + PAPER["title"], "author": "Roe, Jane",
     "pages": "88", "volume": "24", "year": "2003", "doi": ""}, "distinct"),
    ("second part", {"title": PAPER["title"] + ", part 1", "doi": ""},
     {"title": PAPER["title"] + ", part 2", "pages": "284-290", "doi": ""}, "distinct"),
    ("second part in Roman numbers", {"title": PAPER["title"] + " I", "doi": ""},
     {"title": PAPER["title"] + " II", "pages": "284-290", "doi": ""}, "distinct"),
    ("men and women", {"title": PAPER["title"] + " in men", "doi": ""},
     {"title": PAPER["title"] + " in women", "pages": "284-290", "doi": ""}, "distinct"),
    ("abstract at a congress", {"doi": ""},
     {"journal": "European Neuropsychopharmacology", "volume": "12", "number": "S3",
      "pages": "S412", "year": "2001", "doi": ""}, "distinct"),
    ("one statement in two journals", {"doi": ""},
     {"journal": "Addiction", "volume": "97", "number": "6", "pages": "701-711", "doi": ""},
     "distinct"),
    ("a later edition", {"doi": ""},
     {"volume": "29", "year": "2008", "number": "1", "pages": "1-15", "doi": ""}, "distinct"),
    ("abstracts of one supplement under its DOI", {"pages": "S12", "number": "S1"},
     {"title": "Cocaine craving in outpatients after naltrexone implants", "pages": "S40",
      "number": "S1"}, "distinct"),
    ("two abstracts of one group on one page of a supplement, under its DOI",
     {"title": "Efficacy of ketamine in opioid relapse: results at 24 weeks", "pages": "S12"},
     {"title": "Safety of ketamine in opioid relapse: results at 24 weeks", "pages": "S12"},
     "distinct"),
    ("two time points of a trial on one page of a supplement, under its DOI",
     {"title": "Ketamine in opioid relapse: results at 24 weeks", "pages": "S12"},
     {"title": "Ketamine in opioid relapse: results at 52 weeks", "pages": "S12"}, "distinct"),
    ("two versions of a Cochrane review",
     {"journal": "Cochrane Database of Systematic Reviews", "volume": "", "number": "2",
      "pages": "CD001234", "doi": "10.1002/14651858.CD001234"},
     {"journal": "Cochrane Database of Systematic Reviews", "volume": "", "number": "3",
      "pages": "CD001234", "doi": "10.1002/14651858.CD001234.pub2", "year": "2003"}, "distinct"),
    ("letters of other people under one title on one page", {"pages": "273", "doi": ""},
     {"pages": "273", "author": "Roe, Jane and Doe, John", "doi": ""}, "distinct"),
    ("two abstracts of one drug's kin",
     {"title": "Efficacy of prednisone in opioid relapse", "pages": "S12"},
     {"title": "Efficacy of prednisolone in opioid relapse", "pages": "S13"}, "distinct"),
    ("two PubMed entries", {"pmid": "12495789"}, {"pmid": "12495790"}, "distinct"),
    ("other title on the same pages of another issue", {"doi": ""},
     {"title": "Naltrexone implants in daily practice", "number": "3", "doi": ""}, "distinct"),
    ("serial editorial, next issue", {**EDITORIAL},
     {**EDITORIAL, "number": "4", "pages": "5-6", "year": "2005"}, "distinct"),
    ("serial editorial, next volume", {**EDITORIAL},
     {**EDITORIAL, "volume": "22", "pages": "5-6", "year": "2005"}, "distinct"),
    ("another book by them", {"type": "book", "pages": "", "volume": "", "number": "", "doi": ""},
     {"type": "book", "title": "Naltrexone implants in daily practice", "pages": "",
      "volume": "", "number": "", "doi": ""}, "distinct"),
    ("a chapter of the book", {"type": "book", "pages": "", "volume": "", "number": "", "doi": "",
     "journal": ""}, {"type": "book chapter", "title": "First effects", "volume": "",
     "number": "", "doi": "", "journal": PAPER["title"]}, "distinct"),
]  # fmt: skip


def outcome(one: dict[str, str], two: dict[str, str]) -> str:
    found = duplicates(pl.DataFrame([{"id": "a", **one}, {"id": "b", **two}]))
    if found.clusters["cluster"].n_unique() == 1:
        return "auto"
    return "queue" if (found.clusters["status"] == "queue").any() else "distinct"


@pytest.mark.parametrize(
    ("one", "two", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_hard_cases(one: dict[str, str], two: dict[str, str], expected: str) -> None:
    empty = {"type": "article", "abstract": "", "pmid": ""}
    one, two = {**empty, **PAPER, **one}, {**empty, **PAPER, **two}
    got = outcome(one, two)
    assert got == outcome(two, one), "the order of the two must not matter"
    if expected == "distinct":  # a question more is no fault; a merge is
        assert got in ("distinct", "queue")
    else:
        assert got == expected


def _entry(name: str, number: str, title: str) -> dict[str, str]:
    url = f"https://clinicaltrials.gov/study/{number}"
    return {"id": name, "type": "trial", "title": title, "registry": number, "url": url}


def test_entries_of_registers() -> None:
    table = pl.DataFrame(
        [
            _entry("a", "NCT00000001", "Ketamine for relapse"),
            _entry("b", "NCT00000001", "KORE: a trial of infusions"),
            _entry("c", "NCT00000002", "Ketamine for relapse"),
            {**_entry("d", "NCT00000001", "Ketamine for relapse"), "type": "article", "url": ""},
        ]
    )
    found = duplicates(table)
    assert found.clusters["cluster"].to_list() == ["a", "a", "c", "d"]
    assert found.studies.rows() == [("a", "d", "both name NCT00000001")]


def test_a_preprint_is_proposed_as_the_same_study() -> None:
    table = pl.DataFrame(
        [
            {"id": "a", **PAPER},
            {**PAPER, "id": "b", "journal": "medRxiv", "doi": "10.1101/1", "volume": "",
             "number": "", "pages": "", "year": "2001"},
        ]
    )  # fmt: skip
    found = duplicates(table)
    assert found.clusters["cluster"].to_list() == ["a", "b"]
    assert found.studies.select("a", "b").rows() == [("a", "b")]


def test_every_veto_says_why_under_a_name_of_its_own() -> None:
    names = [veto.name for veto in VETOES]
    assert len(names) == len(set(names))
    told = (Path(__file__).parents[3] / "docs/duplicates.md").read_text("utf-8")
    assert [veto.name for veto in VETOES if f"| `{veto.name}` |" not in told] == []
    assert [veto.name for veto in VETOES if f"| {veto.why} |" not in told] == []
