"""Identifiers as exports print them, and in their one normal form."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

_DOI = re.compile(r"10\.\d{3,9}(?:\.\d+)*/\S+")
_QUOTED = re.compile(r"%(?:2[0-9A-Fa-f]|3[ABCEabce]|5[BDbd])")  # of signs that a DOI can hold
_MARKUP = re.compile(r"<(?![\w()]{1,12}::)")  # Wiley's older DOIs hold "<165::AID-HUP850>"
_DOI_END = ".,;:\"'`»”]}>"
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d|21\d\d)(?!\d)")
_PMID = re.compile(r"\d{1,9}")
_ISSN = re.compile(r"\b(\d{4})[-–]?(\d{3}[\dXx])\b")
_PMCID = re.compile(r"(?:PMC)?(\d{1,9})", re.IGNORECASE)

# the registers of WHO's ICTRP by the form of their numbers
_REGISTRY = re.compile(
    r"\bNCT\s?0?\d{7,8}\b|\bISRCTN\s?\d{8}\b|\bACTRN\s?\d{14}p?\b|\bDRKS\s?\d{8}\b"
    r"|\bEUCTR\s?\d{4}-\d{6}-\d{2}(?:-[A-Z]{2,3})?|\b20\d\d-\d{6}-\d{2}(?:-\d{2})?\b"
    r"|\bChiCTR[-A-Z0-9]{6,20}\b|\bCTRI/\d{4}/\d{2,3}/\d{6}\b|\bIRCT\d{8,16}N?\d{0,3}\b"
    r"|\bUMIN\d{9}\b|\bjRCTs?\d{9,10}\b|\bJPRN-[A-Za-z]+\d+\b|\bKCT\d{7}\b|\bNTR\s?\d{1,5}\b"
    r"|\bPACTR\d{15,16}\b|\bTCTR\d{11}\b|\bRBR-[0-9a-z]{6,8}\b|\bSLCTR/\d{4}/\d{3}\b",
    re.IGNORECASE,
)


def doi(text: str) -> str:
    """A DOI without address, in small letters; "" where there is none.

    Examples
    --------
    >>> doi("https://doi.org/10.1001/JAMA.2020.1."), doi("see page 10")
    ('10.1001/jama.2020.1', '')
    """
    while _QUOTED.search(text) and (plain := unquote(text)) != text:
        text = plain
    found = _DOI.search(text)
    if not found:
        return ""
    out = _MARKUP.split(found.group())[0].rstrip(_DOI_END)
    while out.endswith(")") and out.count(")") > out.count("("):
        out = out[:-1].rstrip(_DOI_END)
    return out.lower() if len(out.split("/", 1)[1]) > 0 else ""


def pmid(text: str) -> str:
    """A PubMed id in digits, out of ``"PMID: 123"`` or an address; "" where there is none."""
    found = _PMID.findall(text)
    return found[0].lstrip("0") if len(found) == 1 and "PMC" not in text.upper() else ""


def told_pmid(text: str) -> str:
    """A PubMed id where a text says that it is one, "" elsewhere.

    Examples
    --------
    >>> told_pmid("Cited by 3. PMID: 24905755."), told_pmid("NLM UID: 1. PMID: NLM24905755")
    ('24905755', '24905755')
    """
    found = re.search(r"\bPMID\s*:?\s*(?:NLM)?(\d{1,8})\b", text, re.IGNORECASE)
    return found.group(1) if found else ""


def pmcid(text: str) -> str:
    """A PubMed Central id as ``"PMC123"``; "" where there is none."""
    found = _PMCID.search(text)
    return f"PMC{found.group(1)}" if found else ""


def told_pmcid(text: str) -> str:
    """A PubMed Central id where a text has one in its full form."""
    found = re.search(r"\bPMC\d{1,9}\b", text)
    return found.group() if found else ""


def is_isbn(text: str, book: bool = False) -> bool:
    """Whether the number of something is an ISBN; in doubt by whether that is a book.

    Examples
    --------
    >>> is_isbn("978-3-16-148410-0"), is_isbn("0279-1072", book=True), is_isbn("3161484100")
    (True, False, False)
    """
    digits = re.sub(r"[^0-9Xx]", "", text)
    return (digits[:3] in ("978", "979") and len(digits) >= 13) or (book and len(digits) != 8)


def issn(text: str) -> str:
    """The first ISSN as ``"1234-567X"``; "" where there is none."""
    found = _ISSN.search(text)
    return f"{found.group(1)}-{found.group(2).upper()}" if found else ""


def registry(text: str) -> tuple[str, ...]:
    """Every trial registration number in a text, in order, each once.

    Examples
    --------
    >>> registry("ClinicalTrials.gov NCT 02649231; ISRCTN14689382")
    ('NCT02649231', 'ISRCTN14689382')
    """
    found = (re.sub(r"\s", "", one.group()) for one in _REGISTRY.finditer(text))
    return tuple(dict.fromkeys(_cased(number) for number in found))


def _cased(number: str) -> str:
    if number[:5].lower() == "chict":
        return "ChiCTR" + number[6:].upper()
    if number[:4].lower() in ("jrct", "rbr-"):
        return number
    return number.upper()


def year(value: Any) -> tuple[int | None, str]:
    """The year in a date as printed, and the date where it says more than the year.

    Examples
    --------
    >>> year("2019/05//"), year("1997"), year("n.d.")
    ((2019, '2019/05'), (1997, ''), (None, 'n.d.'))
    """
    text = str(value if value is not None else "").strip().rstrip("/ ")
    found = _YEAR.search(text)
    whole = int(found.group()) if found else None
    return whole, "" if text == str(whole) else text


NORMAL: dict[str, Callable[[str], str]] = {
    "doi": doi,
    "pmid": pmid,
    "pmcid": pmcid,
    "issn": issn,
}
