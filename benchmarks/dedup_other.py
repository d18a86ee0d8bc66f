"""Works of their own that look like copies, by name: a relative of a work, or a pair of works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.dedup_same import original
from benchmarks.medical_records import DISEASES, DRUGS, MARKERS, PEOPLE, Field
from benchmarks.synthetic_records import Work

Relative = Callable[[Field, Work], Work | tuple[Work, Work]]
OTHER: dict[str, Relative] = {}


def other(name: str) -> Callable[[Relative], Relative]:
    return lambda relative: OTHER.setdefault(name, relative)


def _people(world: Field) -> tuple[tuple[str, str], ...]:
    return tuple(world.person() for _ in range(world.random.randint(1, 6)))


def _elsewhere(world: Field, work: Work, **more: object) -> Work:
    """Another place in print, with an abstract and a DOI of its own."""
    r = world.random
    place: dict[str, object] = {
        "page": r.randint(1, 1500),
        "number": r.randint(1, 12),
        "length": r.randint(1, 12),
        "volume": work.volume + r.choice((-1, 0, 1, 2)),
        "doi": f"{work.doi[:-3]}{r.randrange(10**4)}",
        "abstract": ". ".join(world.text(9) for _ in range(4)),
        "mark": "",
    }
    return replace(work, **{**place, **more})


def _another_journal(world: Field, work: Work) -> str:
    return world.random.choice([name for name in world.journals if name != work.journal])


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
    return one, replace(
        own,
        journal=work.journal,
        volume=work.volume,
        year=work.year,
        mark="S",
        doi=work.doi,
        page=work.page + world.random.choice((0, 1, 4)),
        length=0,
        number=0,
        subtitle="",
    )


@other("one group's abstracts, one supplement")
def _group(world: Field, work: Work) -> tuple[Work, Work]:
    r = world.random
    one = _supplement(work, work.page)
    return one, replace(
        one,
        title=_swapped(world, one.title),
        page=one.page + r.choice((0, 0, 1)),
        abstract=". ".join(world.text(9) for _ in range(4)),
        doi=one.doi if r.random() < 0.5 else "",
    )


@other("the next part")
def _part(world: Field, work: Work) -> tuple[Work, Work]:
    r = world.random
    one, two = r.choice(
        (
            (": Part I", ": Part II"),
            (" (Part 1)", " (Part 2)"),
            (". 1", ". 2"),
            (" I", " II"),
            (": part one", ": part two"),
            ("", ", part 2"),
            (": first report", ": second report"),
            (" A", " B"),
        )
    )
    first = replace(
        work,
        title=work.title + one,
        subtitle=world.phrase("{marker} and {marker2}") if r.random() < 0.4 else "",
    )
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
    return one, _elsewhere(
        world,
        one,
        year=work.year + 1,
        volume=work.volume + 1,
        title=title + f", {work.year + 1}" * with_year,
    )


@other("letters of one title in an issue")
def _letters_of_issue(world: Field, work: Work) -> tuple[Work, Work]:
    one = replace(work, subtitle="", length=0, abstract="")
    return one, replace(
        one,
        authors=_people(world),
        page=work.page + world.random.choice((0, 0, 1)),
        doi=work.doi + "1",
    )


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
    return _elsewhere(
        world,
        work,
        title=head.format(work.title),
        abstract="",
        length=1,
        volume=work.volume + (head != "{}"),
        authors=_people(world),
    )


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
    return one, _elsewhere(
        world,
        one,
        abstract="",
        authors=work.authors if world.random.random() < 0.5 else _people(world),
    )


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
    return one, _elsewhere(world, one, abstract="", volume=work.volume, number=work.number % 12 + 1)


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
    return _elsewhere(
        world,
        work,
        journal=_another_journal(world, work),
        mark="S",
        length=0,
        number=0,
        year=work.year - r.choice((0, 1, 2)),
        doi="" if r.random() < 0.5 else work.doi[:-2] + "77",
    )


@other("one abstract at two congresses")
def _congresses(world: Field, work: Work) -> tuple[Work, Work]:
    one = _supplement(work, work.page, subtitle=work.subtitle)
    return one, replace(_congress(world, work), abstract=work.abstract)


@other("abstract in two years of one congress")
def _congress_again(world: Field, work: Work) -> tuple[Work, Work]:
    one = _supplement(work, work.page)
    return one, _elsewhere(
        world,
        one,
        year=work.year + 1,
        volume=work.volume + 1,
        mark="S",
        length=0,
        number=0,
        abstract=work.abstract,
    )


@other("one statement in two journals")
def _statement(world: Field, work: Work) -> Work:
    return _elsewhere(
        world,
        work,
        journal=_another_journal(world, work),
        abstract=work.abstract,
        volume=world.random.randint(1, 150),
    )


@other("like titles in one issue")
def _neighbour(world: Field, work: Work) -> Work:
    return _elsewhere(
        world,
        work,
        title=_swapped(world, work.title),
        number=work.number,
        volume=work.volume,
        page=work.page + work.length + 1,
    )


@other("like titles, little told")
def _bare(world: Field, work: Work) -> tuple[Work, Work]:
    bare = {"page": 0, "volume": 0, "number": 0, "doi": ""}
    return replace(work, **bare), replace(
        work, title=_swapped(world, work.title), **{**bare, "abstract": world.text(60)}
    )


@other("like titles of one group")
def _sibling(world: Field, work: Work) -> Work:
    return _elsewhere(world, work, title=_swapped(world, work.title))


@other("one title by other people")
def _same_title(world: Field, work: Work) -> tuple[Work, Work]:
    one = replace(work, subtitle="")
    return one, _elsewhere(
        world,
        one,
        authors=_people(world),
        year=work.year + world.random.randint(0, 9),
        journal=_another_journal(world, work),
        subtitle=work.subtitle,
    )


@other("an update years later")
def _update(world: Field, work: Work) -> Work:
    years = world.random.randint(2, 6)
    return _elsewhere(world, work, year=work.year + years, volume=work.volume + years)


@other("a Cochrane review's next version")
def _cochrane(world: Field, work: Work) -> tuple[Work, Work]:
    number = f"{world.random.randrange(10**5):06}"
    one = replace(
        work,
        journal="Cochrane Database of Systematic Reviews",
        mark="CD",
        volume=0,
        page=int(number),
        length=0,
        doi=f"10.1002/14651858.CD{number}",
    )
    later = world.random.randint(2, 5)
    return one, replace(
        one, year=work.year + later, number=work.number % 4 + 1, doi=f"{one.doi}.pub2"
    )


@other("preprint and paper")
def _preprint(world: Field, work: Work) -> Work:
    return replace(
        work,
        journal=world.random.choice(("medRxiv", "bioRxiv", "PsyArXiv", "Research Square")),
        volume=0,
        number=0,
        page=0,
        mark="",
        doi=f"10.1101/{world.random.randrange(10**8)}",
    )


@other("one book by two reviewers")
def _reviewed(world: Field, work: Work) -> tuple[Work, Work]:
    title = f"Review of {world.phrase('the handbook of {disease}')}"
    one = replace(work, title=title, subtitle="", abstract="")
    return one, _elsewhere(
        world, one, authors=_people(world), abstract="", journal=_another_journal(world, work)
    )


@other("a paper and its translation elsewhere")
def _translated(world: Field, work: Work) -> Work:
    row = {"title": ""}
    original(world.random, work, row)
    return _elsewhere(
        world, work, title=row["title"], subtitle="", year=work.year + 1, journal="Der Nervenarzt"
    )


@other("short and long form in one journal")
def _short_form(world: Field, work: Work) -> tuple[Work, Work]:
    """BMJ and the like print a summary of the paper that stands online."""
    one = replace(work, subtitle=work.subtitle or "a cohort study")
    return one, _elsewhere(
        world,
        one,
        subtitle="",
        title=work.title,
        volume=work.volume,
        abstract="",
        authors=work.authors[:1],
    )


@other("nothing in common but the field")
def _stranger(world: Field, work: Work) -> Work:
    return world.work()
