"""How to cite a page of the site: as a sentence, and as BibTeX."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.review.model import ReviewInfo
from probatum.site.addresses import web_url

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{c: f"\\{c}" for c in "$&%#_"},
}


@dataclass(frozen=True, slots=True)
class Cited:
    """How a page is cited, for the part of a template that shows it."""

    sentence: str
    bibtex: str


def cited(info: ReviewInfo, path: str, key: str, title: str) -> Cited:
    """Return both forms; `key` names the entry of BibTeX."""
    return Cited(citation(info, path, title), bibtex(info, path, key, title))


def citation(info: ReviewInfo, path: str, title: str) -> str:
    """Return authors, title, review, version, date of the search, and address on the site.

    Examples
    --------
    >>> from probatum.review.model import PICO
    >>> pico = PICO(population="", intervention="", comparator="", outcomes="")
    >>> info = ReviewInfo(format=1, id="r", title="A review", version="1", question=pico)
    >>> citation(info, "analyses/relapse.html", "Relapse")
    'Relapse. In: A review, version 1. analyses/relapse.html'
    """
    authors = f"{', '.join(info.authors)}. " if info.authors else ""
    where = f"In: {_ended(info.title, ',')} version {_edition(info)}. {_whole(info, path)}"
    return f"{authors}{_ended(title, '.')} {where}"


def bibtex(info: ReviewInfo, path: str, key: str, title: str) -> str:
    """Return the same as an entry for BibTeX; names stay as they are typed."""
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in info.authors),
        "title": _tex(title),
        "howpublished": f"In: {_tex(info.title)}, version {_tex(_edition(info))}",
        "note": _tex(_whole(info, path)),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{info.id}-{key},\n" + ",\n".join(lines) + "\n}\n"


def _whole(info: ReviewInfo, path: str) -> str:
    """Return the address of a page, or its path where the review does not say where it lives."""
    root = web_url(info.address).rstrip("/")
    return f"{root}/{path}" if root else path


def _ended(text: str, mark: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + mark


def _edition(info: ReviewInfo) -> str:
    searched = info.living.searched
    return info.version + (f" (searched until {searched.isoformat()})" if searched else "")


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)
