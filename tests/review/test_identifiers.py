"""Readers are sent to identifiers, or to a document's own address; never to a copy."""

from __future__ import annotations

import pytest

from probatum.review.identifiers import cite_url, links, pmc_url, registrations
from probatum.review.model import Report


def report(**fields: str) -> Report:
    return Report.model_validate({"id": "r", "citation": "R", **fields})


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"doi": "10.1000/a(1)", "pmid": "12"}, "https://doi.org/10.1000/a(1)"),
        ({"pmid": "12", "url": "https://mirror.example/12"}, "https://pubmed.ncbi.nlm.nih.gov/12/"),
        ({"pmcid": "PMC3"}, "https://pmc.ncbi.nlm.nih.gov/articles/PMC3/"),
        ({"registry": "IRAS 1; ISRCTN12345678"}, "https://www.isrctn.com/ISRCTN12345678"),
        ({"cite_url": "https://maker.example/label"}, "https://maker.example/label"),
        ({"url": "https://mirror.example/12"}, ""),
        ({"doi": "javascript:alert(1)", "cite_url": "javascript:alert(2)"}, ""),
        ({"pmcid": "PMC3/../x"}, ""),
    ],
)
def test_where_readers_are_sent(fields: dict[str, str], address: str) -> None:
    assert cite_url(report(**fields)) == address


def test_all_ways_to_a_document_are_named() -> None:
    found = links(report(doi="10.1000/a", pmid="12", cite_url="https://www.maker.example/x"))
    assert [label for label, _ in found] == ["doi:10.1000/a", "PubMed 12", "maker.example"]


def test_registrations_keep_numbers_that_we_cannot_address() -> None:
    assert registrations("ACTRN12618001393246; NIH R01; NCT1") == [
        ("ACTRN12618001393246", "https://www.anzctr.org.au/ACTRN12618001393246.aspx"),
        ("NIH R01", ""),
        ("NCT1", ""),
    ]
    assert pmc_url("3") == ""
