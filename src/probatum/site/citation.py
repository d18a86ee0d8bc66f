"""How to cite a page of the site: as a sentence, and as BibTeX."""

from __future__ import annotations

from probatum.review.model import ReviewInfo

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{c: f"\\{c}" for c in "$&%#_"},
}


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
    where = f"In: {_ended(info.title, ',')} version {_edition(info)}. {path}"
    return f"{authors}{_ended(title, '.')} {where}"


def bibtex(info: ReviewInfo, path: str, key: str, title: str) -> str:
    """Return the same as an entry for BibTeX; names stay as they are typed."""
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in info.authors),
        "title": _tex(title),
        "howpublished": f"In: {_tex(info.title)}, version {_tex(_edition(info))}",
        "note": _tex(path),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{info.id}-{key},\n" + ",\n".join(lines) + "\n}\n"


def _ended(text: str, mark: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + mark


def _edition(info: ReviewInfo) -> str:
    searched = info.living.searched
    return info.version + (f" (searched until {searched.isoformat()})" if searched else "")


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)
