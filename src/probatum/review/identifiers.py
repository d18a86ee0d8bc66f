"""From identifiers of documents to the addresses that readers are sent to; never a copy's."""

from __future__ import annotations

import re
from urllib.parse import quote

from probatum.review.model import Report

_DOI = re.compile(r"^10\.\d{4,9}/\S+$")
#: How trial registers number their records, and where each record stands.
_REGISTRIES = (
    (re.compile(r"NCT\d{8}"), "https://clinicaltrials.gov/study/{}"),
    (re.compile(r"ISRCTN\d{8}"), "https://www.isrctn.com/{}"),
    (re.compile(r"ACTRN\d{14}"), "https://www.anzctr.org.au/{}.aspx"),
)


def web_url(url: str) -> str:
    """Return `url` if it is a plain web address, else nothing."""
    return url if re.match(r"https?://[^\s\"'<>]+$", url) else ""


def doi_url(doi: str) -> str:
    """Return the resolver link of a DOI, or nothing if it is none."""
    bare = doi.strip().removeprefix("https://doi.org/").removeprefix("doi:")
    return "https://doi.org/" + quote(bare, safe="/:;()._-") if _DOI.match(bare) else ""


def pmid_url(pmid: str) -> str:
    """Return the PubMed link of a PMID, or nothing if it is none."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isascii() and pmid.isdigit() else ""


def pmc_url(pmcid: str) -> str:
    """Return the PubMed Central link of a PMCID, or nothing if it is none."""
    known = re.fullmatch(r"PMC[0-9]+", pmcid)
    return f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid}/" if known else ""


def registrations(registry: str) -> list[tuple[str, str]]:
    """Return each registration (split by ``;``) with its link, "" where we know of none.

    Examples
    --------
    >>> registrations("NCT01234567; IRAS 10")
    [('NCT01234567', 'https://clinicaltrials.gov/study/NCT01234567'), ('IRAS 10', '')]
    """
    numbers = [number.strip() for number in registry.split(";") if number.strip()]
    return [(number, registry_url(number)) for number in numbers]


def registry_url(number: str) -> str:
    """Return the registry's link of a trial number we know how to address, or nothing."""
    for pattern, address in _REGISTRIES:
        if pattern.fullmatch(number):
            return address.format(number)
    return ""


def links(report: Report) -> list[tuple[str, str]]:
    """Return all ways to a document with what each is called; "" where there is no address."""
    found = [
        (f"doi:{report.doi}", doi_url(report.doi)),
        (f"PubMed {report.pmid}", pmid_url(report.pmid)),
        (report.pmcid, pmc_url(report.pmcid)),
        (_host(report.cite_url), web_url(report.cite_url)),
    ]
    return [(label, url) for label, url in found if url] + registrations(report.registry)


def cite_url(report: Report) -> str:
    """Return the address of the document itself, not of the place where it was read."""
    return next((url for _, url in links(report) if url), "")


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].removeprefix("www.")
