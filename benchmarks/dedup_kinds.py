"""Duplicates by kind: what databases do to one work, and works that look like another's copy.

    python -m benchmarks.dedup_kinds [--each 200] [--seed 1] [--list KIND]

Two records per pair, as two databases tell them. In `SAME` the second is one work with the first
and suffered what the kind says; in `OTHER` it is another work. All pairs stand in one table, so
that each is also compared with all the others. Printed: what became of each kind.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from random import Random

import polars as pl

from benchmarks.medical_records import (
    DATABASES, DISEASES, DRUGS, FAMILIES, MARKERS, PEOPLE, Field, Row, _full, _initials, _named,
)  # fmt: skip
from benchmarks.synthetic_records import Work

Spoil = Callable[[Random, Work, Row], None]
Relative = Callable[[Field, Work], Work | tuple[Work, Work]]
SAME: dict[str, Spoil] = {}
OTHER: dict[str, Relative] = {}


def same(name: str) -> Callable[[Spoil], Spoil]:
    return lambda spoil: SAME.setdefault(name, spoil)


def other(name: str) -> Callable[[Relative], Relative]:
    return lambda relative: OTHER.setdefault(name, relative)


def _cells(**cells: Callable[[Random, Work, str], str]) -> Spoil:
    """A spoil that rewrites some cells, each from what stood there."""

    def spoil(r: Random, work: Work, row: Row) -> None:
        for name, rewrite in cells.items():
            row[name] = rewrite(r, work, row[name])

    return spoil


def _typo(r: Random, text: str) -> str:
    if len(text) < 4:
        return text
    at = r.randrange(1, len(text) - 1)
    return r.choice((
        text[:at] + text[at + 1 :], text[:at] + r.choice("aeinrst") + text[at:],
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        text[:at] + r.choice("aeinrst") + text[at + 1 :],
    ))  # fmt: skip


def _british(text: str) -> str:
    for one, two in (
        ("randomized", "randomised"), ("behavior", "behaviour"), ("Hem", "Haem"),
        ("estradiol", "oestradiol"), ("tumor", "tumour"), ("center", "centre"),
        ("ischem", "ischaem"), ("signalling", "signaling"), ("ovariectomized", "ovariectomised"),
        ("hospitalized", "hospitalised"), ("pediatric", "paediatric"),
    ):  # fmt: skip
        text = text.replace(one, two)
    return text


def _people_cut(count: int, more: str = "") -> Callable[[Random, Work, str], str]:
    def cut(r: Random, work: Work, text: str) -> str:
        names = text.replace("; ", " and ").split(" and ")
        return " and ".join(names[:count]) + (more if len(names) > count else "")

    return cut


def _empty(r: Random, work: Work, text: str) -> str:
    return ""


def _ascii(text: str) -> str:
    for one, two in (("ü", "u"), ("é", "e"), ("á", "a"), ("í", "i"), ("ó", "o"), ("ı", "i"),
                     ("á", "a"), ("ö", "o")):  # fmt: skip
        text = text.replace(one, two)
    return text


SAME |= {
    "as exported": _cells(),
    # titles
    "subtitle left out": _cells(title=lambda r, w, t: w.title),
    "title cut short": _cells(title=lambda r, w, t: t[: max(30, int(len(t) * r.uniform(0.5, 0.9)))]),
    "title cut, points": _cells(title=lambda r, w, t: t[: max(35, len(t) // 2)] + "..."),
    "title in brackets": _cells(title=lambda r, w, t: f"[{t.rstrip('.')}]."),
    "language note": _cells(
        title=lambda r, w, t: t + r.choice((" [German]", " [Article in French]", " [in Japanese]"))
    ),
    "database's note": _cells(
        title=lambda r, w, t: t
        + r.choice((" [Review] [33 refs]", " (Structured abstract)", " [Abstract]", " (Review)",
                    " [see comment]", " [Erratum appears in Blood. 2003 May;3(2):1]",
                    " [corrected]", " [electronic resource]", " [Conference Abstract]"))
    ),
    "abstract's number before": _cells(
        title=lambda r, w, t: r.choice(("P1234: ", "P-23. ", "0123 ", "Abstract 2034: ", "PO-102 ",
                                        "O15 - ", "(231) ")) + t
    ),
    "heading before": _cells(
        title=lambda r, w, t: r.choice(("Original article: ", "Review: ", "Research article. ",
                                        "Original Research: ", "Brief report: ", "Review article: "))
        + t
    ),
    "footnote mark": _cells(title=lambda r, w, t: t.rstrip(".") + r.choice(("*", " 1", " †", "1"))),
    "markup": _cells(title=lambda r, w, t: t.replace(" in ", " <i>in</i> ").replace("2", "<sub>2</sub>")),
    "entities": _cells(title=lambda r, w, t: t.replace("'", "&#39;").replace("α", "&alpha;")
                       .replace("β", "&beta;").replace("-", "&ndash;")),
    "greek lost": _cells(title=lambda r, w, t: t.replace("α", r.choice(("?", "a", "", "alpha")))
                         .replace("β", r.choice(("?", "b", "", "beta"))).replace("κ", "kappa")),
    "twice encoded": _cells(
        title=lambda r, w, t: t.encode().decode("cp1252", "replace"),
        author=lambda r, w, t: t.encode().decode("cp1252", "replace"),
    ),
    "letters lost": _cells(
        title=lambda r, w, t: t.encode("ascii", "replace").decode(),
        author=lambda r, w, t: t.encode("ascii", "replace").decode(),
    ),
    "capitals": _cells(title=lambda r, w, t: t.upper(), author=lambda r, w, t: t.upper()),
    "typing error in title": _cells(title=lambda r, w, t: _typo(r, t)),
    "two typing errors": _cells(title=lambda r, w, t: _typo(r, _typo(r, t))),
    "British spelling": _cells(title=lambda r, w, t: _british(t)),
    "spaces lost": _cells(title=lambda r, w, t: t.replace(" and ", "and ").replace(" in ", " in")),
    "small word left out": _cells(title=lambda r, w, t: t.replace(" the ", " ", 1)
                                  .replace(" of ", " ", 1)),
    "word left out": _cells(title=lambda r, w, t: _without_word(r, t)),
    "number in words": _cells(title=lambda r, w, t: t.replace("12-week", "twelve-week")
                              .replace("two-year", "2-year").replace("type 2", "type II")
                              .replace("type 1", "type I")),
    "ampersand": _cells(title=lambda r, w, t: t.replace(" and ", " & ")),
    "no title": _cells(title=_empty),
    # people
    "full names": _cells(author=lambda r, w, t: _named(w, _full)),
    "no authors": _cells(author=_empty),
    "anonymous": _cells(author=lambda r, w, t: r.choice(("Anonymous", "[Anonymous]", "anon."))),
    "first author alone": _cells(author=_people_cut(1)),
    "three and et al": _cells(author=_people_cut(3, r" and et al.")),
    "a group added": _cells(author=lambda r, w, t: t + " and The START Investigators"),
    "a group instead": _cells(author=lambda r, w, t: "The START Investigators"),
    "given and family exchanged": _cells(
        author=lambda r, w, t: _named(w, lambda f, g: f"{g.split()[0]}, {f}")
    ),
    "given name first": _cells(author=lambda r, w, t: _named(w, lambda f, g: f"{g} {f}")),
    "names with commas": _cells(
        author=lambda r, w, t: ", ".join(f"{g[0]}. {f}" for f, g in w.authors)
    ),
    "particle behind": _cells(
        author=lambda r, w, t: _named(w, lambda f, g: _initials(
            f.rsplit(" ", 1)[-1], g + " " + f.rsplit(" ", 1)[0]) if " " in f else _initials(f, g))
    ),
    "last of a double name": _cells(
        author=lambda r, w, t: _named(w, lambda f, g: _initials(f.split("-")[-1], g))
    ),
    "typing error in first author": _cells(
        author=lambda r, w, t: _typo(r, t.split(",")[0].split(" ")[0])
        + t[len(t.split(",")[0].split(" ")[0]) :]
    ),
    "other order of authors": _cells(author=lambda r, w, t: " and ".join(
        reversed(t.replace("; ", " and ").split(" and ")))),
    "first author left out": _cells(author=lambda r, w, t: " and ".join(
        t.replace("; ", " and ").split(" and ")[1:]) or t),
    "letters without marks": _cells(author=lambda r, w, t: _ascii(t)),
    "ue for ü": _cells(author=lambda r, w, t: t.replace("ü", "ue")),
    "commas and semicolons": _cells(author=lambda r, w, t: "; ".join(
        f"{f}, {g}" for f, g in w.authors)),
    # places
    "ahead of print": _cells(volume=_empty, number=_empty, pages=_empty,
                             year=lambda r, w, t: str(w.year - r.choice((0, 1)))),
    "ahead of print, placeholder": _cells(volume=lambda r, w, t: "0", number=lambda r, w, t: "0",
                                          pages=lambda r, w, t: "1-9"),
    "another year": _cells(year=lambda r, w, t: str(w.year + r.choice((-1, 1)))),
    "two years off": _cells(year=lambda r, w, t: str(w.year + r.choice((-2, 2)))),
    "no year": _cells(year=_empty),
    "journal abbreviated": _cells(journal=lambda r, w, t: _shortened(w.journal)),
    "journal with its city": _cells(journal=lambda r, w, t: t + r.choice(
        (" (London, England)", " (Amsterdam)", ". Conference", " [Online]"))),
    "journal as a citation": _cells(journal=lambda r, w, t: f"{w.journal}. Vol.{w.volume}"
                                    f"({w.number}), {w.year}, pp. {w.page}-{w.page + w.length}."),
    "journal's second name": _cells(journal=lambda r, w, t: f"{w.journal} : official journal of the "
                                    "European Society of Psychopharmacology"),
    "journal translated": _cells(journal=lambda r, w, t: r.choice(
        ("Chinese Traditional Medicine", "Brazilian Review", "Journal of the Norwegian Doctors"))),
    "no journal": _cells(journal=_empty),
    "no issue": _cells(number=_empty),
    "issue counted through": _cells(number=lambda r, w, t: str(w.number + 300)),
    "another issue": _cells(number=lambda r, w, t: str(w.number % 12 + 1)),
    "issue in the volume": _cells(volume=lambda r, w, t: f"{w.volume}({w.number})", number=_empty),
    "issue with a supplement": _cells(number=lambda r, w, t: f"{w.number} Suppl 1"),
    "supplement only": _cells(number=lambda r, w, t: r.choice(("Suppl", "SUPPL. 1", "S1"))),
    "double issue": _cells(number=lambda r, w, t: f"{w.number}-{w.number + 1}"),
    "month as issue": _cells(number=lambda r, w, t: r.choice(("May", "Sep", "Spring"))),
    "volume and issue exchanged": _cells(volume=lambda r, w, t: str(w.number),
                                         number=lambda r, w, t: str(w.volume)),
    "year as volume": _cells(volume=lambda r, w, t: str(w.year)),
    "Roman volume": _cells(volume=lambda r, w, t: _roman(w.volume)),
    "volume with a letter": _cells(volume=lambda r, w, t: f"{w.volume}{r.choice(('A', ' Suppl 2'))}"),
    "another volume": _cells(volume=lambda r, w, t: str(w.volume + r.choice((-1, 1)))),
    "no volume": _cells(volume=_empty),
    "no place at all": _cells(volume=_empty, number=_empty, pages=_empty),
    "first page": _cells(pages=lambda r, w, t: f"{w.mark}{w.page}"),
    "first page and plus": _cells(pages=lambda r, w, t: f"{w.page}+"),
    "pages and discussion": _cells(pages=lambda r, w, t: f"{t}; discussion {w.page + w.length + 1}-4"),
    "pages in words": _cells(pages=lambda r, w, t: f"pp. {t}"),
    "pages as a date": _cells(pages=lambda r, w, t: f"{w.page % 12 + 1}-Jan"),
    "number of pages": _cells(pages=lambda r, w, t: r.choice((f"{w.length + 1}p",
                                                             f"{w.length + 1} pages"))),
    "pages within the article": _cells(pages=lambda r, w, t: f"1-{w.length + 1}"),
    "article number": _cells(pages=lambda r, w, t: f"e{w.page * 7 + 1001}"),
    "S before the page": _cells(pages=lambda r, w, t: f"S{w.page}-S{w.page + w.length}"),
    "a page off": _cells(pages=lambda r, w, t: f"{w.page + 1}-{w.page + w.length}"),
    "digit of a page": _cells(pages=lambda r, w, t: f"{w.page + r.choice((10, 100))}-"
                              f"{w.page + w.length}"),
    "no pages": _cells(pages=_empty),
    "nonsense in pages": _cells(pages=lambda r, w, t: r.choice(
        ("no pagination", "UNSP", "Article", "-", "N.PAG", "10.1016/j.x.2010.1"))),
    # identifiers
    "no DOI": _cells(doi=_empty),
    "DOI as an address": _cells(doi=lambda r, w, t: f"https://dx.doi.org/{w.doi.upper()}"),
    "DOI with a tail": _cells(doi=lambda r, w, t: w.doi + r.choice((" [doi]", ".", "/full", "/abstract"))),
    "another DOI": _cells(doi=lambda r, w, t: f"10.2307/{r.randrange(10**7)}"),
    "DOI cut": _cells(doi=lambda r, w, t: w.doi[:-3]),
    "no abstract": _cells(abstract=_empty),
    "abstract with headings": _cells(abstract=lambda r, w, t: "BACKGROUND: " + t.replace(
        ". ", ". METHODS: ", 1)),
    "abstract cut": _cells(abstract=lambda r, w, t: t[:200]),
    "another abstract": _cells(abstract=lambda r, w, t: "Abstract available from the publisher. "
                               "This article reports on a study with many patients over a year and "
                               "tells what became of them after treatment had ended."),
    "title and authors only": _cells(**dict.fromkeys(
        ("year", "journal", "volume", "number", "pages", "doi", "abstract"), _empty)),
    "no authors, journal nor DOI": _cells(author=_empty, journal=_empty, doi=_empty),
    "no abstract, DOI nor issue": _cells(abstract=_empty, doi=_empty, number=_empty),
    "journal in the title": _cells(title=lambda r, w, t: f"{t} {w.journal} {w.year};{w.volume}:{w.page}"),
}  # fmt: skip


@same("title in its own language")
def _original(r: Random, work: Work, row: Row) -> None:
    row["title"] = "Wirkung der Behandlung bei " + " und ".join(r.sample(
        _german, 3)) + ": eine Studie"  # fmt: skip


@same("both languages")
def _both(r: Random, work: Work, row: Row) -> None:
    _original(r, work, german := dict(row))
    row["title"] = f"{row['title'].rstrip('.')} [{german['title']}]"


@same("title and journal exchanged")
def _exchanged(r: Random, work: Work, row: Row) -> None:
    row["title"], row["journal"] = row["journal"], row["title"]


@same("two at once")
def _two(r: Random, work: Work, row: Row) -> None:
    for spoil in r.sample([SAME[name] for name in SAME if name not in _HARD], 2):
        spoil(r, work, row)


_german = ("Schmerz Kindern Frauen Depression Schlaf Bluthochdruck Angst Herzversagen Asthma "
           "Krebs Nieren Epilepsie Schlaganfall Adipositas Sucht Pflege").split()  # fmt: skip
# kinds of which a person may be asked; the goal for automatic recall leaves them out
_HARD = ("two at once", "title and journal exchanged", "title in its own language", "no title",
         "another issue", "another volume", "two years off", "another DOI", "journal translated",
         "title and authors only", "a group instead", "both languages", "another abstract",
         "nonsense in pages", "pages as a date", "digit of a page", "journal in the title")  # fmt: skip


def _without_word(r: Random, text: str) -> str:
    words = text.split(" ")
    del words[r.randrange(1, len(words)) if len(words) > 1 else 0]
    return " ".join(words)


def _shortened(journal: str) -> str:
    words = [w for w in journal.split() if w.lower() not in ("of", "and", "the", "&", "in", "for")]
    return " ".join(w if len(w) < 5 else w[:4] + "." for w in words)


def _roman(number: int) -> str:
    out = ""
    for value, letters in (
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        out += letters * (number // value)
        number %= value
    return out


# ------------------------------------------------------------------ works that look alike
def _people(world: Field) -> tuple[tuple[str, str], ...]:
    return tuple(world.person() for _ in range(world.random.randint(1, 6)))


def _elsewhere(world: Field, work: Work, **more: object) -> Work:
    """Another place in print, with an abstract and a DOI of its own."""
    r = world.random
    place = {
        "page": r.randint(1, 1500), "number": r.randint(1, 12), "length": r.randint(1, 12),
        "volume": work.volume + r.choice((-1, 0, 1, 2)), "doi": f"{work.doi[:-3]}{r.randrange(10**4)}",
        "abstract": ". ".join(world.text(9) for _ in range(4)), "mark": "",
    }  # fmt: skip
    return replace(work, **{**place, **more})


def _swapped(world: Field, title: str) -> str:
    """The title with one drug, disease, marker or people exchanged."""
    r = world.random
    for among in r.sample((DRUGS, DISEASES, MARKERS, PEOPLE), 4):
        here = [word for word in among if f" {word.lower()}" in f" {title.lower()}"]
        if here:
            old = max(here, key=len)
            new = r.choice([w for w in among if w != old])
            at = title.lower().find(old.lower())
            return title[:at] + new + title[at + len(old) :]
    return title + " and mortality"


def _supplement(work: Work, page: int, **more: object) -> Work:
    place = {"mark": "S", "page": page, "length": 0, "number": 0, "subtitle": ""}
    return replace(work, **{**place, **more})


@other("abstracts of a supplement, one DOI")
def _shared_doi(world: Field, work: Work) -> tuple[Work, Work]:
    own = world.work()
    one = _supplement(work, work.page)
    return one, replace(own, journal=work.journal, volume=work.volume, year=work.year, mark="S",
                        doi=work.doi, page=work.page + world.random.choice((0, 1, 4)), length=0,
                        number=0, subtitle="")  # fmt: skip


@other("one group's abstracts, one supplement")
def _group(world: Field, work: Work) -> tuple[Work, Work]:
    r = world.random
    one = _supplement(work, work.page)
    return one, replace(
        one, title=_swapped(world, one.title), page=one.page + r.choice((0, 0, 1)),
        abstract=". ".join(world.text(9) for _ in range(4)),
        doi=one.doi if r.random() < 0.5 else "",
    )  # fmt: skip


@other("the next part")
def _part(world: Field, work: Work) -> tuple[Work, Work]:
    r = world.random
    one, two = r.choice(((": Part I", ": Part II"), (" (Part 1)", " (Part 2)"), (". 1", ". 2"),
                         (" I", " II"), (": part one", ": part two"), ("", ", part 2"),
                         (": first report", ": second report"), (" A", " B")))  # fmt: skip
    first = replace(work, title=work.title + one, subtitle=world.phrase("{marker} and {marker2}")
                    if r.random() < 0.4 else "")  # fmt: skip
    second = _elsewhere(
        world,
        first,
        title=work.title + two,
        volume=work.volume,
        subtitle=world.phrase("{drug} and {marker}") if first.subtitle else "",
    )
    if r.random() < 0.5:
        second = replace(second, number=work.number, page=work.page + work.length + 1)
    return first, second


@other("a report of the next year")
def _yearly(world: Field, work: Work) -> tuple[Work, Work]:
    title = world.random.choice(
        (
            "Annual report of the {} registry",
            "Year in review: {}",
            "Standards of medical care in {}",
            "Recent advances in {}",
            "Heart disease and {} statistics",
        )
    ).format(world.random.choice(DISEASES))
    with_year = world.random.random() < 0.5
    one = replace(work, title=title + f", {work.year}" * with_year, subtitle="")
    return one, _elsewhere(world, one, year=work.year + 1, volume=work.volume + 1,
                           title=title + f", {work.year + 1}" * with_year)  # fmt: skip


@other("letters of one title in an issue")
def _letters_of_issue(world: Field, work: Work) -> tuple[Work, Work]:
    one = replace(work, subtitle="", length=0, abstract="")
    return one, replace(one, authors=_people(world), page=work.page + world.random.choice((0, 0, 1)),
                        doi=work.doi + "1")  # fmt: skip


@other("letter and reply of one title")
def _reply(world: Field, work: Work) -> Work:
    head = world.random.choice(
        (
            "Re: {}",
            "{}: reply",
            "Authors' reply: {}",
            "Response to '{}'",
            "{} - Reply",
            "Comment on '{}'",
            "{}",
        )
    )
    return _elsewhere(world, work, title=head.format(work.title), abstract="", length=1,
                      volume=work.volume + (head != "{}"), authors=_people(world))  # fmt: skip


@other("erratum")
def _erratum(world: Field, work: Work) -> Work:
    head = world.random.choice(
        (
            "Erratum: {}",
            "Erratum to: {}",
            "Corrigendum to '{}'",
            "Correction: {}",
            "{} (vol 12, pg 1, 2004)",
            "Correction to: {}",
            "{} [Erratum]",
            "Errata: {}",
            "Publisher correction: {}",
            "Retraction notice to '{}'",
            "Retraction: {}",
            "{}: Erratum",
            "Erratum for: {}",
            "Corrections to '{}'",
        )
    )
    return _elsewhere(world, work, title=head.format(work.title), abstract="", length=0)


@other("erratum, little told")
def _erratum_bare(world: Field, work: Work) -> Work:
    return replace(_erratum(world, work), page=0, doi="", volume=work.volume)


@other("errata of one heading")
def _errata(world: Field, work: Work) -> tuple[Work, Work]:
    head = world.random.choice(
        (
            "Erratum",
            "Corrections",
            "Editorial",
            "Reply",
            "In reply",
            "Letter to the editor",
            "Editorial comment",
            "Preface",
            "News",
            "Commentary",
            "The authors reply",
            "Book review",
        )
    )
    one = replace(work, title=head, subtitle="", abstract="", length=1)
    return one, _elsewhere(world, one, abstract="", authors=work.authors
                           if world.random.random() < 0.5 else _people(world))  # fmt: skip


@other("a serial heading with a subject")
def _serial(world: Field, work: Work) -> tuple[Work, Work]:
    head = world.random.choice(
        (
            "Clinical pearls",
            "Images in clinical medicine",
            "From the editor's desk",
            "Highlights of this issue",
            "Journal club",
            "Ask the expert",
            "Research news in brief",
            "Notes from the field",
            "In this issue",
        )
    )
    one = replace(work, title=head, subtitle="", abstract="", length=1)
    return one, _elsewhere(world, one, abstract="", volume=work.volume,
                           number=work.number % 12 + 1)  # fmt: skip


@other("protocol and results")
def _protocol(world: Field, work: Work) -> tuple[Work, Work]:
    end = world.random.choice(
        (
            "study protocol for a randomised controlled trial",
            "rationale and design",
            "protocol of a systematic review",
            "a study protocol",
            "design and methods",
            "study design and baseline characteristics",
        )
    )
    two = replace(work, subtitle="a randomized controlled trial")
    return _elsewhere(world, work, subtitle=end, year=work.year - 2, volume=work.volume - 2), two


@other("congress abstract and paper")
def _congress(world: Field, work: Work) -> Work:
    r = world.random
    return _elsewhere(world, work, journal=r.choice(world.journals), mark="S", length=0, number=0,
                      year=work.year - r.choice((0, 1, 2)),
                      doi="" if r.random() < 0.5 else work.doi[:-2] + "77")  # fmt: skip


@other("one abstract at two congresses")
def _congresses(world: Field, work: Work) -> tuple[Work, Work]:
    one = _supplement(work, work.page, subtitle=work.subtitle)
    return one, replace(_congress(world, work), abstract=work.abstract)


@other("abstract in two years of one congress")
def _congress_again(world: Field, work: Work) -> tuple[Work, Work]:
    one = _supplement(work, work.page)
    return one, _elsewhere(world, one, year=work.year + 1, volume=work.volume + 1, mark="S",
                           length=0, number=0, abstract=work.abstract)  # fmt: skip


@other("one statement in two journals")
def _statement(world: Field, work: Work) -> Work:
    return _elsewhere(world, work, journal=world.random.choice(world.journals), abstract=work.abstract,
                      volume=world.random.randint(1, 150))  # fmt: skip


@other("like titles in one issue")
def _neighbour(world: Field, work: Work) -> Work:
    return _elsewhere(world, work, title=_swapped(world, work.title), number=work.number,
                      volume=work.volume, page=work.page + work.length + 1)  # fmt: skip


@other("like titles, little told")
def _bare(world: Field, work: Work) -> tuple[Work, Work]:
    bare = {"page": 0, "volume": 0, "number": 0, "doi": ""}
    return replace(work, **bare), replace(work, title=_swapped(world, work.title), **{
        **bare, "abstract": world.text(60)})  # type: ignore[arg-type]  # fmt: skip


@other("like titles of one group")
def _sibling(world: Field, work: Work) -> Work:
    return _elsewhere(world, work, title=_swapped(world, work.title))


@other("one title by other people")
def _same_title(world: Field, work: Work) -> tuple[Work, Work]:
    one = replace(work, subtitle="")
    return one, _elsewhere(world, one, authors=_people(world), year=work.year + world.random.randint(0, 9),
                           journal=world.random.choice(world.journals), subtitle=work.subtitle)  # fmt: skip


@other("an update years later")
def _update(world: Field, work: Work) -> Work:
    years = world.random.randint(2, 6)
    return _elsewhere(world, work, year=work.year + years, volume=work.volume + years)


@other("a Cochrane review's next version")
def _cochrane(world: Field, work: Work) -> tuple[Work, Work]:
    number = f"{world.random.randrange(10**5):06}"
    one = replace(work, journal="Cochrane Database of Systematic Reviews", mark="CD", volume=0,
                  page=int(number), length=0, doi=f"10.1002/14651858.CD{number}")  # fmt: skip
    later = world.random.randint(2, 5)
    return one, replace(
        one, year=work.year + later, number=work.number % 4 + 1, doi=f"{one.doi}.pub2"
    )


@other("preprint and paper")
def _preprint(world: Field, work: Work) -> Work:
    return replace(work, journal=world.random.choice(("medRxiv", "bioRxiv", "PsyArXiv", "Research Square")),
                   volume=0, number=0, page=0, mark="", doi=f"10.1101/{world.random.randrange(10**8)}")  # fmt: skip


@other("one book by two reviewers")
def _reviewed(world: Field, work: Work) -> tuple[Work, Work]:
    title = f"Review of {world.phrase('the handbook of {disease}')}"
    one = replace(work, title=title, subtitle="", abstract="")
    return one, _elsewhere(world, one, authors=_people(world), abstract="",
                           journal=world.random.choice(world.journals))  # fmt: skip


@other("a paper and its translation elsewhere")
def _translated(world: Field, work: Work) -> Work:
    row = {"title": ""}
    _original(world.random, work, row)
    return _elsewhere(world, work, title=row["title"], subtitle="", year=work.year + 1,
                      journal="Der Nervenarzt")  # fmt: skip


@other("short and long form in one journal")
def _short_form(world: Field, work: Work) -> tuple[Work, Work]:
    """BMJ and the like print a summary of the paper that stands online."""
    one = replace(work, subtitle=work.subtitle or "a cohort study")
    return one, _elsewhere(world, one, subtitle="", title=work.title, volume=work.volume,
                           abstract="", authors=work.authors[:1])  # fmt: skip


@other("nothing in common but the field")
def _stranger(world: Field, work: Work) -> Work:
    return world.work()


# ------------------------------------------------------------------ tables
def rows(each: int, seed: int) -> tuple[pl.DataFrame, dict[str, list[tuple[str, str]]]]:
    """The table with ``id cluster``, and the pairs of ids of each kind."""
    world = Field(Random(seed))
    r = world.random
    out: list[Row] = []
    pairs: dict[str, list[tuple[str, str]]] = {}

    def add(kind: str, both: tuple[Row, Row], clusters: tuple[str, str]) -> None:
        names = (f"r{len(out):06}", f"r{len(out) + 1:06}")
        for row, name, cluster in zip(both, names, clusters, strict=True):
            out.append({**row, "id": name, "cluster": cluster})
        pairs.setdefault(kind, []).append(names)

    for kind, spoil in SAME.items():
        for at in range(each):
            work = world.work()
            one, two = (database(r, work) for database in r.sample(DATABASES, 2))
            spoil(r, work, two)
            add(kind, (one, two), (f"{kind} {at}",) * 2)
    for kind, relative in OTHER.items():
        for at in range(each):
            work = world.work()
            made = relative(world, work)
            works = made if isinstance(made, tuple) else (work, made)
            told = tuple(database(r, w) for database, w in zip(r.sample(DATABASES, 2), works))
            add(kind, (told[0], told[1]), (f"{kind} {at}", f"{kind} {at} b"))
    r.shuffle(out)
    return pl.DataFrame(out), pairs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", nargs="*", default=[], help="columns that the table lacks")
    args = parser.parse_args()
    from benchmarks.dedup_score import of
    from probatum.records.dedup.engine import duplicates

    data, pairs = rows(args.each, args.seed)
    data = data.drop(args.without)
    found = duplicates(data)
    cluster = dict(found.clusters.select("id", "cluster").iter_rows())
    asked = {frozenset((cluster[a], cluster[b])) for a, b in found.queue.select("a", "b").rows()}
    print(f"{'kind':42} {'pairs':>6} {'merged':>7} {'asked':>6} {'apart':>6}")
    for kind, names in pairs.items():
        merged = [cluster[a] == cluster[b] for a, b in names]
        queued = [
            not m and frozenset((cluster[a], cluster[b])) in asked
            for m, (a, b) in zip(merged, names, strict=True)
        ]
        told = (sum(merged), sum(queued), len(names) - sum(merged) - sum(queued))
        mark = "" if kind in SAME else "two works"
        print(f"{kind:42} {len(names):6} {told[0]:7} {told[1]:6} {told[2]:6} {mark}")
    print(of(data, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
