"""Identifiers out of the ways in which exports print them."""

import pytest

from probatum.records import identifiers


@pytest.mark.parametrize(
    ("printed", "doi"),
    [
        ("10.1000/ABC", "10.1000/abc"),
        ("doi:10.1000/abc.", "10.1000/abc"),
        ("http://dx.doi.org/10.1016%2Fj.x.2019.01", "10.1016/j.x.2019.01"),
        ("(10.1016/S0140-6736(05)12345-6)", "10.1016/s0140-6736(05)12345-6"),
        ("10.1000/abc [doi]", "10.1000/abc"),
        (
            "10.1002/(SICI)1099-1077(199703)12:2<165::AID-HUP850>3.0.CO;2-B",
            "10.1002/(sici)1099-1077(199703)12:2<165::aid-hup850>3.0.co;2-b",
        ),
        ("10.1000/abc<br>x", "10.1000/abc"),
        ("https://dx.doi.org/10.1016/S0740-5472%2802%2900275-1", "10.1016/s0740-5472(02)00275-1"),
        ("10.1000/a%2528b", "10.1000/a(b"),
        ("10.1000", ""),
        ("", ""),
    ],
)
def test_doi(printed: str, doi: str) -> None:
    assert identifiers.doi(printed) == doi


def test_a_pmid_is_not_guessed() -> None:
    assert identifiers.pmid("PMID: 012345") == "12345"
    assert identifiers.pmid("https://pubmed.ncbi.nlm.nih.gov/123/") == "123"
    assert identifiers.pmid("PMC123") == ""
    assert identifiers.pmid("1997 12345") == ""


def test_registry_numbers() -> None:
    text = "NCT02649231, nct02649231; EUCTR2015-001234-10-GB and UMIN000012345, NTR 1234"
    assert identifiers.registry(text) == (
        "NCT02649231",
        "EUCTR2015-001234-10-GB",
        "UMIN000012345",
        "NTR1234",
    )
