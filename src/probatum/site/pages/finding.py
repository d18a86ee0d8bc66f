"""How records were found and what became of them: the flow as a figure, a table, and searches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.build.shown import Shown
from probatum.plots.flow_diagram import FlowLine, FlowStep, flow_diagram
from probatum.review.decisions import place
from probatum.review.duplicates import FILE
from probatum.review.flow import Flow
from probatum.review.model import Theme
from probatum.review.searches.model import Search
from probatum.review.searches.read import SearchFolder
from probatum.site import format as fmt
from probatum.site.figures.inline import both
from probatum.site.page import Marked, Page, Parts, parts
from probatum.site.pages.common import info, study_ids, theme_crumb

PLACE = "methods.html#flow"


@dataclass(frozen=True, slots=True)
class Counted:
    """A line of the flow: what is counted, how many, and whether it is a part of the line above."""

    words: str
    number: Shown
    part: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A box of the flow, and what left beside it."""

    box: list[Counted]
    left: list[Counted]


@dataclass(frozen=True, slots=True)
class SearchLine:
    """A search as the page lists it; numbers are missing where it was not run."""

    about: Search
    title: Parts
    numbers: list[tuple[str, Shown]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the methods page shows of how studies were found."""

    steps: list[Step]
    figure: Markup | None
    searches: list[SearchLine]
    unrun: int


def finding(ctx: Context, on: Page) -> Finding | None:
    """Return the flow and the searches; nothing where the review keeps no search."""
    names = ctx.get("searches")
    if not names:
        return None
    counts = ctx.model("flow", Flow)
    steps = _Steps(ctx, counts).steps() if counts.identified else []
    folders = [ctx.model(f"search:{name}", SearchFolder) for name in names]
    themes = info(ctx).themes
    listed = [_line(on, folder, counts, themes) for folder in folders]
    figure = _figure(on, steps) if steps else None
    return Finding(steps, figure, listed, sum(not one.run for one in counts.searches))


class _Steps:
    """The boxes with the sets that each number rests on."""

    def __init__(self, ctx: Context, counts: Flow) -> None:
        self.counts = counts
        runs = [one.id for one in counts.searches if one.run]
        self.found = tuple(f"searches/{name}/run.json#parsed" for name in runs)
        self.linked = (*self.found, *([f"{FILE}#decision"] if ctx.get("links") else []))
        said = [who.split("/") for who in ctx.get("deciders")]
        self.judged = (*self.linked, *(f"{place(*who)}#decision" for who in said))
        self.held = tuple(f"studies/{name}/study.toml#title" for name in study_ids(ctx))

    def one(self, words: str, name: str, refs: tuple[str, ...], part: bool = False) -> Counted:
        return self.counted(words, name, getattr(self.counts, name), refs, part)

    def counted(
        self, words: str, name: str, value: int, refs: tuple[str, ...], part: bool = False
    ) -> Counted:
        shown = Shown(
            id=f"flow/{name}",
            value=value,
            display=fmt.count(value),
            scale="records",
            node="flow",
            refs=refs,
            href=PLACE,
        )
        return Counted(words, shown, part)

    def steps(self) -> list[Step]:
        """The boxes from above to below; a part that is nought is left out."""
        return [
            Step(
                [self.one("Records identified", "identified", self.found), *self._from()],
                self._some(
                    ("Duplicate records", "duplicates", self.linked),
                    ("Entries that could not be read", "rejected", self.found),
                ),
            ),
            Step(
                [self.one("Works behind the records", "works", self.linked)],
                self._some(("Not screened yet", "unscreened", self.judged)),
            ),
            Step(
                [self.one("Works screened", "screened", self.judged)],
                self._some(("Excluded by title and abstract", "excluded", self.judged)),
            ),
            Step(
                [self.one("Reports sought", "sought", self.judged)],
                self._some(
                    ("Not retrieved", "not_retrieved", self.judged),
                    ("Not assessed yet", "unassessed", self.judged),
                ),
            ),
            Step([self.one("Reports assessed", "assessed", self.judged)], self._excluded()),
            Step(
                [
                    self.one("Works included", "included", self.judged),
                    *self._some(
                        ("without a recorded decision", "unrecorded", self.judged),
                        ("not extracted yet", "without_study", self.judged),
                        part=True,
                    ),
                ],
                [],
            ),
            Step(
                [
                    self.one("Studies in the review", "studies", self.held),
                    *self._some(("of them not finished", "ongoing", self.held), part=True),
                    self.one("Reports of them", "reports", self.held),
                    self.one("among the records above", "reports_found", self.held, True),
                    self.one("found in other ways", "reports_elsewhere", self.held, True),
                ],
                [],
            ),
        ]

    def _from(self) -> list[Counted]:
        return self._some(
            ("from databases", "databases", self.found),
            ("from registers", "registers", self.found),
            ("from other sources", "others", self.found),
            part=True,
        )

    def _excluded(self) -> list[Counted]:
        first = self._some(("Reports excluded", "excluded_reports", self.judged))
        return first + [
            self.counted(reason, f"reasons/{reason}", count, self.judged, True)
            for reason, count in self.counts.reasons.items()
        ]

    def _some(self, *lines: tuple[str, str, tuple[str, ...]], part: bool = False) -> list[Counted]:
        return [self.one(*line, part) for line in lines if getattr(self.counts, line[1])]


def _figure(on: Page, steps: list[Step]) -> Markup:
    def drawn(lines: list[Counted]) -> tuple[FlowLine, ...]:
        return tuple(FlowLine(i.words, i.number.display, i.number.id, i.part) for i in lines)

    boxes = [FlowStep(drawn(step.box), drawn(step.left)) for step in steps]
    shown = {i.number.id: i.number for step in steps for i in (*step.box, *step.left)}
    told = "The same numbers stand in the table below this figure."
    return both(
        lambda narrow: flow_diagram(boxes, title="Flow of records", desc=told, narrow=narrow),
        on=on,
        shown=shown,
    )


def _line(on: Page, folder: SearchFolder, counts: Flow, themes: dict[str, Theme]) -> SearchLine:
    about = folder.search
    told = f"searches/{about.id}/search.toml"
    title: list[object] = [on.text(about.database, f"{told}#database")]
    title += [" (", on.text(about.platform, f"{told}#platform"), ")"] if about.platform else []
    title += [", ", Marked("date", folder.date.isoformat())] if folder.date else []
    for name in about.themes:
        if name in themes:
            title += [", ", theme_crumb(on, name, themes[name])]
    return SearchLine(about, parts(*title), list(_numbers(folder, counts)))


def _numbers(folder: SearchFolder, counts: Flow) -> Iterator[tuple[str, Shown]]:
    one = next(one for one in counts.searches if one.id == folder.search.id)
    run = f"searches/{one.id}/run.json"
    base = Shown("", None, "", "records", f"search:{one.id}", (f"{run}#parsed",), PLACE)
    told = [("reported by the database", "hits", one.hits, f"searches/{one.id}/search.toml#hits")]
    if one.run:
        told += [
            ("in the export", "entries", one.entries, f"{run}#entries"),
            ("kept as records", "records", one.records, f"{run}#parsed"),
            ("of them first found here", "unique", one.unique, f"{run}#parsed"),
        ]
    for words, name, value, ref in told:
        if value is not None:
            yield (
                words,
                replace(
                    base,
                    id=f"searches/{one.id}/{name}",
                    value=value,
                    display=fmt.count(value),
                    refs=(ref,),
                ),
            )
