"""Bibliographic records made up as databases export them, with the true work of each.

Works come with copies in the styles of several databases (`copy`), and with relatives that look
like copies and are none (`RELATIVES`): abstracts of a paper, serial editorials, second parts,
errata, joint statements, yearly updates, papers of one group that differ in a word, preprints.
The rates are set by hand. What is reached on such records says how the engine scales and whether
it keeps its rules; it is no evidence of accuracy on real ones.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

import polars as pl

COLUMNS = ("id", "cluster", "type", "author", "title", "year", "journal", "volume", "number",
           "pages", "doi", "issn", "abstract", "pmid", "registry", "url")  # fmt: skip

_words = str.split
_STARTS = _words("b c ch d dr f g gr h j k kl l m n p pr qu r s sch st t tr v w z")
_VOWELS = _words("a e i o u ai ei ou " * 8 + "ü ö á é")
_ENDS = _words("n r s t l m k x nd rt ng ck")
_COMMON = _words(
    "effect of a an the in and for with on to trial randomized controlled patients treatment "
    "study clinical risk women men children factors outcomes analysis therapy disease acute "
    "chronic cohort prospective retrospective systematic review prevalence association early "
    "management care health quality long-term efficacy safety comparison evaluation use"
)
_FIELDS = _words(
    "Medicine Surgery Psychiatry Oncology Pediatrics Cardiology Neurology Epidemiology Addiction "
    "Nursing Radiology Immunology Genetics Nutrition Rehabilitation Pharmacology Toxicology "
    "Gynecology Urology Dermatology Information Systems Management Education Psychology"
)
_SHAPES = ("Journal of {} and {}", "{} Research", "Annals of {}", "The American Journal of {}",
           "European {} Review", "Archives of {} & {}", "International Journal of {} {}",
           "Scandinavian Journal of {}", "{} Letters", "Clinical {} and {} Practice")  # fmt: skip
_SWAPS = (("women", "men"), ("children", "adults"), ("acute", "chronic"), ("early", "late"),
          ("short", "long-term"), ("rats", "mice"), ("efficacy", "safety"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """A work as it truly is; what databases make of it is `copy`."""

    title: str
    authors: tuple[tuple[str, str], ...]  # family, given
    year: int
    journal: str
    volume: int
    number: int
    page: int
    length: int
    doi: str
    type: str = "article"
    mark: str = ""
    subtitle: str = ""
    abstract: str = ""
    original: str = ""  # title in its own language
    pmid: str = ""
    trial: str = ""  # the number under which it is registered, of a register's entry


@dataclass(slots=True)
class World:
    """Words, people and journals that works are drawn from."""

    random: Random
    abstracts: bool = False
    words: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    journals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        r = self.random
        self.words = [self._word(r.choice((2, 2, 3, 3, 4))) for _ in range(12_000)]
        self.people = [self._word(r.choice((1, 2, 2, 3))).capitalize() for _ in range(15_000)]
        for _ in range(1_500):
            shape = r.choice(_SHAPES)
            names = (r.choice((*_FIELDS, self.words[int(r.random() ** 2 * 900)].capitalize()))
                     for _ in range(shape.count("{}")))  # fmt: skip
            self.journals.append(shape.format(*names))

    def _word(self, syllables: int) -> str:
        r = self.random
        parts = (r.choice(_STARTS) + r.choice(_VOWELS) for _ in range(syllables))
        return "".join(parts) + (r.choice(_ENDS) if r.random() < 0.7 else "")

    def text(self, words: int) -> str:
        """Words as a title has them: some common, most from a long tail."""
        r = self.random
        drawn = [
            r.choice(_COMMON) if r.random() < 0.4 else self.words[int(r.random() ** 3 * 12_000)]
            for _ in range(words)
        ]
        return " ".join(drawn)

    def person(self) -> tuple[str, str]:
        r = self.random
        given = self.people[int(r.random() ** 3 * 800)]
        return self.people[int(r.random() ** 2 * 15_000)], given + (
            f" {r.choice('ABCDEFGHJKLMRSTW')}." if r.random() < 0.4 else ""
        )

    def work(self) -> Work:
        r = self.random
        journal = self.journals[int(r.random() ** 2 * len(self.journals))]
        year = int(2024 - abs(r.gauss(0, 11)))
        volume = year - 1960 - len(journal)
        number, page = r.randint(1, 12), r.randint(1, 1800)
        title = self.text(r.randint(5, 15)).capitalize()
        return Work(
            title=title + (r.choice("?:") if r.random() < 0.02 else ""),
            subtitle=self.text(r.randint(3, 7)).capitalize() if r.random() < 0.35 else "",
            authors=tuple(self.person() for _ in range(min(12, 1 + int(r.expovariate(0.28))))),
            year=year, journal=journal, volume=max(volume, 1), number=number, page=page,
            length=r.randint(1, 14),
            doi=f"10.{r.randint(1000, 1180)}/{journal[:3].lower()}.{year}.{r.randrange(10**7)}",
            abstract=self.text(90) if self.abstracts else "",
            original=self.text(9).capitalize() if r.random() < 0.01 else "",
            pmid=str(r.randrange(10**7, 4 * 10**7)) if r.random() < 0.5 else "",
        )  # fmt: skip


def entry(world: World) -> Work:
    """A trial in a register, under a public and an official title."""
    r = world.random
    title = world.text(r.randint(6, 14)).capitalize()
    return Work(
        title=title, authors=(world.person(),), year=r.randint(2003, 2024), journal="",
        volume=0, number=0, page=0, length=0, doi="", type="trial",
        original=world.text(7).capitalize(), trial=f"NCT{r.randrange(10**8):08}",
    )  # fmt: skip


# relatives: works of their own that look like a copy of `work`
def conference(world: World, work: Work) -> Work:
    r = world.random
    people = list(work.authors)
    if r.random() < 0.4:
        people.insert(r.randint(0, len(people)), world.person())
    if r.random() < 0.2:
        r.shuffle(people)
    return replace(
        work, authors=tuple(people), year=work.year - r.choice((0, 0, 1, 1, 2)),
        journal=r.choice(world.journals), volume=r.randint(1, 120), page=r.randint(1, 900),
        number=r.randint(1, 4), length=r.choice((0, 0, 1)), mark=r.choice("SSA"), original="",
        abstract=world.text(40) if world.abstracts else "",
        doi=work.doi + "a" if r.random() < 0.3 else "",
        title=work.title if r.random() < 0.7 else _edited(r, work.title, 2),
    )  # fmt: skip


def editorial(world: World, work: Work) -> Work:
    r = world.random
    title = r.choice(("Editorial", "Editor's comments", "Introduction", "Letter to the editor",
                      "From the editors", "Editorial: " + world.text(2)))  # fmt: skip
    return replace(work, title=title, subtitle="", original="", length=r.randint(0, 2),
                   page=r.randint(1, 40), authors=work.authors[:2])  # fmt: skip


def next_issue(world: World, work: Work) -> Work:
    """The same heading in the next issue or the next volume."""
    r = world.random
    later = r.random() < 0.4
    title = f"Editorial: {world.text(2)}" if work.title.startswith("Editorial:") else work.title
    return replace(
        work, title=title, number=work.number % 12 + 1, year=work.year + later,
        volume=work.volume + later, page=work.page + r.randint(60, 300), doi=work.doi + "2",
        abstract=world.text(90) if world.abstracts else "",
    )  # fmt: skip


def part(world: World, work: Work) -> Work:
    r = world.random
    one, two = r.choice((("I", "II"), ("1", "2"), ("Part 1", "Part 2"), ("part one", "part two"),
                         ("Phase 2", "Phase 3"), ("2012", "2013"), ("", "II")))  # fmt: skip
    del one
    near = r.random() < 0.5
    return replace(
        work, title=f"{work.title}: {two}", number=work.number + (not near),
        page=work.page + work.length + 1 if near else r.randint(1, 1800), doi=work.doi + "p",
        abstract=world.text(90) if world.abstracts else "",
    )  # fmt: skip


def notice(world: World, work: Work) -> Work:
    r = world.random
    head = r.choice(("Erratum: {}", "Erratum to: {}", "Corrigendum to '{}'", "Re: {}", "{}: reply",
                     "Comment on: {}", "Retraction: {}", "{} (vol 12, pg 1, 2004)",
                     "Authors' reply: {}", "Correction: {}"))  # fmt: skip
    return replace(
        work, title=head.format(work.title), number=work.number + 1, length=0,
        page=work.page + r.randint(30, 400), doi=work.doi + "e" if r.random() < 0.7 else work.doi,
        authors=work.authors if r.random() < 0.6 else (world.person(),), original="",
        abstract="", year=work.year + (r.random() < 0.3),
    )  # fmt: skip


def statement(world: World, work: Work) -> Work:
    """One text printed in two journals: two reports."""
    r = world.random
    return replace(work, journal=r.choice(world.journals), volume=r.randint(1, 150),
                   number=r.randint(1, 12), page=r.randint(1, 1500),
                   doi=f"10.1{r.randint(100, 999)}/{r.random()}")  # fmt: skip


def update(world: World, work: Work) -> Work:
    r = world.random
    years = r.randint(1, 6)
    return replace(work, year=work.year + years, volume=work.volume + years,
                   number=r.randint(1, 12), page=r.randint(1, 1800), doi=work.doi + str(years),
                   abstract=world.text(90) if world.abstracts else "",
                   authors=work.authors[: r.randint(1, 6)])  # fmt: skip


def sibling(world: World, work: Work) -> Work:
    r = world.random
    title = _edited(r, work.title, r.choice((1, 1, 2, 3)))
    for one, other in _SWAPS:
        if one in title:
            title = title.replace(one, other)
            break
    return replace(
        work, title=title, page=r.randint(1, 1800), number=r.randint(1, 12),
        volume=work.volume + r.choice((0, 0, 1)), doi=work.doi + "s",
        abstract=world.text(90) if world.abstracts else "",
        journal=work.journal if r.random() < 0.6 else r.choice(world.journals),
    )  # fmt: skip


def supplement(world: World, work: Work) -> Work:
    """Another abstract of one supplement, which holds one DOI for all of them."""
    r = world.random
    people = work.authors if r.random() < 0.4 else tuple(world.person() for _ in range(4))
    return replace(work, title=world.text(r.randint(6, 14)).capitalize(), subtitle="", mark="S",
                   page=work.page + r.choice((0, 1, 5, 9)), length=0, authors=people, original="",
                   abstract=world.text(50) if world.abstracts else "")  # fmt: skip


def preprint(world: World, work: Work) -> Work:
    return replace(work, journal=world.random.choice(("medRxiv", "bioRxiv", "SSRN")), volume=0,
                   number=0, page=0, doi=f"10.1101/{world.random.randint(10**7, 10**8)}",
                   year=work.year - world.random.randint(0, 1))  # fmt: skip


RELATIVES = (conference, conference, part, notice, statement, update, sibling, sibling,
             supplement, preprint)  # fmt: skip


def _edited(r: Random, title: str, words: int) -> str:
    parts = title.split(" ")
    for _ in range(words):
        parts[r.randrange(len(parts))] = r.choice(_COMMON)
    return " ".join(parts)


def _registered(r: Random, work: Work) -> dict[str, str]:
    """A register's entry as one database tells it."""
    return {
        "type": "trial",
        "author": "" if r.random() < 0.5 else _authors(r, work),
        "title": work.original if r.random() < 0.4 else _title(r, replace(work, original="")),
        "year": str(work.year + r.choice((0, 0, 1, 3))),
        "journal": r.choice(("", "https://clinicaltrials.gov/show/" + work.trial)),
        "registry": work.trial,
        "url": "https://clinicaltrials.gov/study/" + work.trial,
    }


def copy(world: World, work: Work) -> dict[str, str]:
    """The work as one database tells it."""
    r = world.random
    if work.trial:
        return _registered(r, work)
    early = work.volume > 0 and r.random() < 0.02  # exported ahead of print
    year = work.year - (r.random() < 0.4) if early else work.year + _rarely(r, 0.005)
    return {
        "type": work.type,
        "author": _authors(r, work),
        "title": _title(r, work),
        "year": "" if r.random() < 0.003 else str(year),
        "journal": _journal(r, work.journal),
        "volume": "" if early or not work.volume or r.random() < 0.02 else str(work.volume),
        "number": "" if early or not work.number or r.random() < 0.3 else _issue(r, work.number),
        "pages": "" if early or not work.page else _pages(r, work),
        "doi": _doi(r, work.doi),
        "issn": "",
        "abstract": _abstract(r, work.abstract),
        "pmid": work.pmid if r.random() < 0.5 else "",
    }


def _issue(r: Random, number: int) -> str:
    """Some count issues through all volumes, some name the part or the supplement."""
    style = r.random()
    if style < 0.015:
        return str(number + 300)
    return str(number) if style < 0.96 else f"{number} {r.choice(('Pt 1', 'SUPPL.', '(Suppl 1)'))}"


def _abstract(r: Random, text: str) -> str:
    style = r.random()
    if not text or style < 0.15:
        return ""
    if style < 0.3:
        words = text.split()
        at = len(words) // 3
        return " ".join(("BACKGROUND:", *words[:at], "METHODS:", *words[at:]))
    if style < 0.4:
        return text[: r.randint(200, 400)]
    return text + " Copyright 2010 A Publisher. All rights reserved." if style < 0.5 else text


def _rarely(r: Random, rate: float) -> int:
    return r.choice((-1, 1)) if r.random() < rate else 0


def _authors(r: Random, work: Work) -> str:
    style = r.randrange(5)
    people = work.authors
    if r.random() < 0.05:
        people = people[: r.choice((1, 3, 6))]
    if r.random() < 0.02:
        people = (*people, ("Group", "Study"))
    plain = r.random() < 0.4
    names = []
    for family, given in people:
        letters = [part[0] for part in given.split()]
        if r.random() < 0.01:
            family, given = given.split()[0], family
        if r.random() < 0.01:
            family = _typo(r, family)
        if plain:
            family = _plain(r, family)
        names.append((
            f"{family}, {given}", f"{family}, {' '.join(letters)}", f"{family} {''.join(letters)}",
            f"{family}, {'.'.join(letters)}.", f"{family.upper()}, {letters[0]}.",
        )[style])  # fmt: skip
    if r.random() < 0.003:
        return ""
    return ("; " if style == 2 else " and ").join(names)


def _plain(r: Random, text: str) -> str:
    umlauts = ("ue", "oe") if r.random() < 0.3 else ("u", "o")
    for letter, other in (("ü", umlauts[0]), ("ö", umlauts[1]), ("á", "a"), ("é", "e")):
        text = text.replace(letter, other)
    return text


def _typo(r: Random, text: str) -> str:
    at = r.randrange(max(len(text), 1))
    kind = r.random()
    if kind < 0.4:
        return text[:at] + text[at + 1 :]
    if kind < 0.7:
        return text[:at] + r.choice("aeinrst") + text[at + 1 :]
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _title(r: Random, work: Work) -> str:
    title = work.title
    if work.subtitle and r.random() > 0.03:
        title += r.choice((": ", ": ", " - ", ". ")) + work.subtitle
    chance = r.random()
    if work.original and chance < 0.3:
        return work.original
    if work.original and chance < 0.6:
        return f"{title} [{work.original}]"
    if chance < 0.03:
        title = _typo(r, title)
    elif chance < 0.04:
        title = title[: r.randint(50, 120)]
    elif chance < 0.07:
        title += r.choice((" [Review]", ". [Review] [33 refs]", " (Provisional abstract)",
                           " [Article in German]",
                           ".[Erratum appears in X. 2003 May;3(2):1]"))  # fmt: skip
    elif chance < 0.08 and " " in title:
        first, rest = title.split(" ", 1)
        title = f"{first} <i>{rest}</i>"
    elif chance < 0.09:
        title = title.encode().decode("cp1252", "replace")
    shape = r.random()
    if shape < 0.06:
        title = title.upper()
    elif shape < 0.25:
        title = title.title()
    elif shape < 0.5:
        title += "."
    return _plain(r, title) if r.random() < 0.3 else title


def _journal(r: Random, name: str) -> str:
    style = r.random()
    if style < 0.01:
        return ""
    if style < 0.25 and " " in name:  # nobody abbreviates a single word
        words = [w for w in name.split() if w.lower() not in ("of", "and", "the", "&")]
        return " ".join(w if len(w) < 6 else w[: r.choice((3, 4, 5))] for w in words)
    if style < 0.45:
        return name.replace(" and ", " & ")
    if style < 0.5:
        return name + r.choice((" (London, England)", " : official journal of the society", ""))
    return name.removeprefix("The ") if style < 0.7 else name


def _pages(r: Random, work: Work) -> str:
    first, last = work.page, work.page + work.length
    style = r.random()
    if style < 0.03:
        return ""
    if style < 0.035:
        first += r.choice((-1, 1, 10))
    a, b = f"{work.mark}{first}", f"{work.mark}{last}"
    if style < 0.04:
        return f"t-{last % 100}"
    if first == last or style < 0.1:
        return a
    if style < 0.35 and len(a) == len(b):
        same = 0
        while same < len(a) - 1 and a[same] == b[same]:
            same += 1
        return f"{a}-{b[same:]}"
    return f"{a}--{b}" if style < 0.5 else f"{a}-{b}"


def _doi(r: Random, doi: str) -> str:
    style = r.random()
    if not doi or style < 0.4:
        return ""
    if style < 0.405:  # an archive's own DOI of the same article
        return f"10.2307/{zlib.crc32(doi.encode()) % 10**7}"
    return doi.upper() if style < 0.6 else f"https://doi.org/{doi}" if style < 0.7 else doi


def records(
    count: int, *, seed: int = 1, abstracts: bool = False, relatives: float = 0.15
) -> pl.DataFrame:
    """`count` records in random order, with ``cluster``, the true work of each."""
    world = World(Random(seed), abstracts=abstracts)
    rows: list[dict[str, str]] = []
    for cluster, work in enumerate(_works(world, relatives)):
        for _ in range(world.random.choices((1, 2, 3, 4), (62, 24, 10, 4))[0]):
            rows.append({"cluster": str(cluster), **copy(world, work)})
        if len(rows) >= count:
            break
    rows = rows[:count]
    world.random.shuffle(rows)
    named = [{"id": f"r{at:07}", **row} for at, row in enumerate(rows)]
    return pl.DataFrame(named, schema=dict.fromkeys(COLUMNS, pl.String))


def _works(world: World, relatives: float) -> Iterator[Work]:
    r = world.random
    while True:
        work = world.work()
        if r.random() < 0.03:
            work = editorial(world, work)
            yield work
            for _ in range(r.randint(0, 3)):
                work = replace(next_issue(world, work), pmid="")
                yield work
            continue
        yield work
        if r.random() < 0.01:
            yield entry(world)
        if r.random() < relatives:
            relative = r.choice(RELATIVES)(world, work)
            pmid = str(r.randrange(10**7, 4 * 10**7)) if work.pmid and r.random() < 0.7 else ""
            yield replace(relative, pmid=pmid)
