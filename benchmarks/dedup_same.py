"""What databases do to one work, by name: each rewrites cells of a second record of it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from benchmarks.medical_records import Row, full, initials, named
from benchmarks.synthetic_records import Work

Spoil = Callable[[Random, Work, Row], None]
SAME: dict[str, Spoil] = {}


def same(name: str) -> Callable[[Spoil], Spoil]:
    return lambda spoil: SAME.setdefault(name, spoil)


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
    "title cut short": _cells(
        title=lambda r, w, t: t[: max(30, int(len(t) * r.uniform(0.5, 0.9)))]
    ),
    "title cut, points": _cells(title=lambda r, w, t: t[: max(35, len(t) // 2)] + "..."),
    "title in brackets": _cells(title=lambda r, w, t: f"[{t.rstrip('.')}]."),
    "language note": _cells(
        title=lambda r, w, t: t + r.choice((" [German]", " [Article in French]", " [in Japanese]"))
    ),
    "database's note": _cells(
        title=lambda r, w, t: (
            t
            + r.choice(
                (
                    " [Review] [33 refs]",
                    " (Structured abstract)",
                    " [Abstract]",
                    " (Review)",
                    " [see comment]",
                    " [Erratum appears in Blood. 2003 May;3(2):1]",
                    " [corrected]",
                    " [electronic resource]",
                    " [Conference Abstract]",
                )
            )
        )
    ),
    "abstract's number before": _cells(
        title=lambda r, w, t: (
            r.choice(
                ("P1234: ", "P-23. ", "0123 ", "Abstract 2034: ", "PO-102 ", "O15 - ", "(231) ")
            )
            + t
        )
    ),
    "heading before": _cells(
        title=lambda r, w, t: (
            r.choice(
                (
                    "Original article: ",
                    "Review: ",
                    "Research article. ",
                    "Original Research: ",
                    "Brief report: ",
                    "Review article: ",
                )
            )
            + t
        )
    ),
    "footnote mark": _cells(title=lambda r, w, t: t.rstrip(".") + r.choice(("*", " 1", " †", "1"))),
    "markup": _cells(
        title=lambda r, w, t: t.replace(" in ", " <i>in</i> ").replace("2", "<sub>2</sub>")
    ),
    "entities": _cells(
        title=lambda r, w, t: (
            t.replace("'", "&#39;")
            .replace("α", "&alpha;")
            .replace("β", "&beta;")
            .replace("-", "&ndash;")
        )
    ),
    "greek lost": _cells(
        title=lambda r, w, t: (
            t.replace("α", r.choice(("?", "a", "", "alpha")))
            .replace("β", r.choice(("?", "b", "", "beta")))
            .replace("κ", "kappa")
        )
    ),
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
    "small word left out": _cells(
        title=lambda r, w, t: t.replace(" the ", " ", 1).replace(" of ", " ", 1)
    ),
    "word left out": _cells(title=lambda r, w, t: _without_word(r, t)),
    "number in words": _cells(
        title=lambda r, w, t: (
            t.replace("12-week", "twelve-week")
            .replace("two-year", "2-year")
            .replace("type 2", "type II")
            .replace("type 1", "type I")
        )
    ),
    "ampersand": _cells(title=lambda r, w, t: t.replace(" and ", " & ")),
    "no title": _cells(title=_empty),
    # people
    "full names": _cells(author=lambda r, w, t: named(w, full)),
    "no authors": _cells(author=_empty),
    "anonymous": _cells(author=lambda r, w, t: r.choice(("Anonymous", "[Anonymous]", "anon."))),
    "first author alone": _cells(author=_people_cut(1)),
    "three and et al": _cells(author=_people_cut(3, r" and et al.")),
    "a group added": _cells(author=lambda r, w, t: t + " and The START Investigators"),
    "a group instead": _cells(author=lambda r, w, t: "The START Investigators"),
    "given and family exchanged": _cells(
        author=lambda r, w, t: named(w, lambda f, g: f"{g.split()[0]}, {f}")
    ),
    "given name first": _cells(author=lambda r, w, t: named(w, lambda f, g: f"{g} {f}")),
    "names with commas": _cells(
        author=lambda r, w, t: ", ".join(f"{g[0]}. {f}" for f, g in w.authors)
    ),
    "particle behind": _cells(
        author=lambda r, w, t: named(
            w,
            lambda f, g: (
                initials(f.rsplit(" ", 1)[-1], g + " " + f.rsplit(" ", 1)[0])
                if " " in f
                else initials(f, g)
            ),
        )
    ),
    "last of a double name": _cells(
        author=lambda r, w, t: named(w, lambda f, g: initials(f.split("-")[-1], g))
    ),
    "typing error in first author": _cells(
        author=lambda r, w, t: (
            _typo(r, t.split(",")[0].split(" ")[0]) + t[len(t.split(",")[0].split(" ")[0]) :]
        )
    ),
    "other order of authors": _cells(
        author=lambda r, w, t: " and ".join(reversed(t.replace("; ", " and ").split(" and ")))
    ),
    "first author left out": _cells(
        author=lambda r, w, t: " and ".join(t.replace("; ", " and ").split(" and ")[1:]) or t
    ),
    "letters without marks": _cells(author=lambda r, w, t: _ascii(t)),
    "ue for ü": _cells(author=lambda r, w, t: t.replace("ü", "ue")),
    "commas and semicolons": _cells(
        author=lambda r, w, t: "; ".join(f"{f}, {g}" for f, g in w.authors)
    ),
    # places
    "ahead of print": _cells(
        volume=_empty,
        number=_empty,
        pages=_empty,
        year=lambda r, w, t: str(w.year - r.choice((0, 1))),
    ),
    "ahead of print, placeholder": _cells(
        volume=lambda r, w, t: "0", number=lambda r, w, t: "0", pages=lambda r, w, t: "1-9"
    ),
    "another year": _cells(year=lambda r, w, t: str(w.year + r.choice((-1, 1)))),
    "two years off": _cells(year=lambda r, w, t: str(w.year + r.choice((-2, 2)))),
    "no year": _cells(year=_empty),
    "journal abbreviated": _cells(journal=lambda r, w, t: _shortened(w.journal)),
    "journal with its city": _cells(
        journal=lambda r, w, t: (
            t + r.choice((" (London, England)", " (Amsterdam)", ". Conference", " [Online]"))
        )
    ),
    "journal as a citation": _cells(
        journal=lambda r, w, t: (
            f"{w.journal}. Vol.{w.volume}({w.number}), {w.year}, pp. {w.page}-{w.page + w.length}."
        )
    ),
    "journal's second name": _cells(
        journal=lambda r, w, t: (
            f"{w.journal} : official journal of the European Society of Psychopharmacology"
        )
    ),
    "journal translated": _cells(
        journal=lambda r, w, t: r.choice(
            ("Chinese Traditional Medicine", "Brazilian Review", "Journal of the Norwegian Doctors")
        )
    ),
    "no journal": _cells(journal=_empty),
    "no issue": _cells(number=_empty),
    "issue counted through": _cells(number=lambda r, w, t: str(w.number + 300)),
    "another issue": _cells(number=lambda r, w, t: str(w.number % 12 + 1)),
    "issue in the volume": _cells(volume=lambda r, w, t: f"{w.volume}({w.number})", number=_empty),
    "issue with a supplement": _cells(number=lambda r, w, t: f"{w.number} Suppl 1"),
    "supplement only": _cells(number=lambda r, w, t: r.choice(("Suppl", "SUPPL. 1", "S1"))),
    "double issue": _cells(number=lambda r, w, t: f"{w.number}-{w.number + 1}"),
    "month as issue": _cells(number=lambda r, w, t: r.choice(("May", "Sep", "Spring"))),
    "volume and issue exchanged": _cells(
        volume=lambda r, w, t: str(w.number), number=lambda r, w, t: str(w.volume)
    ),
    "year as volume": _cells(volume=lambda r, w, t: str(w.year)),
    "Roman volume": _cells(volume=lambda r, w, t: _roman(w.volume)),
    "volume with a letter": _cells(
        volume=lambda r, w, t: f"{w.volume}{r.choice(('A', ' Suppl 2'))}"
    ),
    "another volume": _cells(volume=lambda r, w, t: str(w.volume + r.choice((-1, 1)))),
    "no volume": _cells(volume=_empty),
    "no place at all": _cells(volume=_empty, number=_empty, pages=_empty),
    "first page": _cells(pages=lambda r, w, t: f"{w.mark}{w.page}"),
    "first page and plus": _cells(pages=lambda r, w, t: f"{w.page}+"),
    "pages and discussion": _cells(
        pages=lambda r, w, t: f"{t}; discussion {w.page + w.length + 1}-4"
    ),
    "pages in words": _cells(pages=lambda r, w, t: f"pp. {t}"),
    "pages as a date": _cells(pages=lambda r, w, t: f"{w.page % 12 + 1}-Jan"),
    "number of pages": _cells(
        pages=lambda r, w, t: r.choice((f"{w.length + 1}p", f"{w.length + 1} pages"))
    ),
    "pages within the article": _cells(pages=lambda r, w, t: f"1-{w.length + 1}"),
    "article number": _cells(pages=lambda r, w, t: f"e{w.page * 7 + 1001}"),
    "S before the page": _cells(pages=lambda r, w, t: f"S{w.page}-S{w.page + w.length}"),
    "a page off": _cells(pages=lambda r, w, t: f"{w.page + 1}-{w.page + w.length}"),
    "digit of a page": _cells(
        pages=lambda r, w, t: f"{w.page + r.choice((10, 100))}-{w.page + w.length}"
    ),
    "no pages": _cells(pages=_empty),
    "nonsense in pages": _cells(
        pages=lambda r, w, t: r.choice(
            ("no pagination", "UNSP", "Article", "-", "N.PAG", "10.1016/j.x.2010.1")
        )
    ),
    # identifiers
    "no DOI": _cells(doi=_empty),
    "DOI as an address": _cells(doi=lambda r, w, t: f"https://dx.doi.org/{w.doi.upper()}"),
    "DOI with a tail": _cells(
        doi=lambda r, w, t: w.doi + r.choice((" [doi]", ".", "/full", "/abstract"))
    ),
    "another DOI": _cells(doi=lambda r, w, t: f"10.2307/{r.randrange(10**7)}"),
    "DOI cut": _cells(doi=lambda r, w, t: w.doi[:-3]),
    "no abstract": _cells(abstract=_empty),
    "abstract with headings": _cells(
        abstract=lambda r, w, t: "BACKGROUND: " + t.replace(". ", ". METHODS: ", 1)
    ),
    "abstract cut": _cells(abstract=lambda r, w, t: t[:200]),
    "another abstract": _cells(
        abstract=lambda r, w, t: (
            "Abstract available from the publisher. "
            "This article reports on a study with many patients over a year and "
            "tells what became of them after treatment had ended."
        )
    ),
    "title and authors only": _cells(
        **dict.fromkeys(("year", "journal", "volume", "number", "pages", "doi", "abstract"), _empty)
    ),
    "no authors, journal nor DOI": _cells(author=_empty, journal=_empty, doi=_empty),
    "no abstract, DOI nor issue": _cells(abstract=_empty, doi=_empty, number=_empty),
    "journal in the title": _cells(
        title=lambda r, w, t: f"{t} {w.journal} {w.year};{w.volume}:{w.page}"
    ),
}


@same("title in its own language")
def original(r: Random, work: Work, row: Row) -> None:
    row["title"] = "Wirkung der Behandlung bei " + " und ".join(r.sample(
        _german, 3)) + ": eine Studie"  # fmt: skip


@same("both languages")
def _both(r: Random, work: Work, row: Row) -> None:
    original(r, work, german := dict(row))
    row["title"] = f"{row['title'].rstrip('.')} [{german['title']}]"


@same("title and journal exchanged")
def _exchanged(r: Random, work: Work, row: Row) -> None:
    row["title"], row["journal"] = row["journal"], row["title"]


@same("two at once")
def _two(r: Random, work: Work, row: Row) -> None:
    for spoil in r.sample([SAME[name] for name in SAME if name not in HARD], 2):
        spoil(r, work, row)


_german = str.split(
    "Schmerz Kindern Frauen Depression Schlaf Bluthochdruck Angst Herzversagen Asthma Krebs Nieren "
    "Epilepsie Schlaganfall Adipositas Sucht Pflege"
)
# kinds of which a person may be asked
HARD = (
    "two at once", "title and journal exchanged", "title in its own language", "no title",
    "another issue", "another volume", "two years off", "another DOI", "journal translated",
    "title and authors only", "a group instead", "both languages", "another abstract",
)  # fmt: skip


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
