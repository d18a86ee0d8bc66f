"""The pages that can be reached from everywhere: one list for header, footer and search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from probatum.build.engine import Context
from probatum.site.registers import REGISTER_PAGES


def _always(ctx: Context) -> bool:
    return True


def _has(file: str) -> Callable[[Context], bool]:
    return lambda ctx: file in ctx.list("")


def _asks(ctx: Context) -> bool:
    return any(name.endswith(".md") for name in ctx.list("questions"))


def _waits(ctx: Context) -> bool:
    return bool(ctx.get("unfinished"))


def _explains(ctx: Context) -> bool:
    return bool(ctx.get("glossary"))


@dataclass(frozen=True, slots=True)
class Section:
    """A page (or a place on one) of the site, and whether this review has it."""

    label: str
    target: str
    header: bool = False  # the footer lists all
    exists: Callable[[Context], bool] = _always

    @property
    def path(self) -> str:
        """The page's path, without a place on it."""
        return self.target.partition("#")[0]


HELP = "help.html"
ONGOING = "ongoing.html"
_IN_HEADER = ("help", "facts")  # registers that stand in the header
SECTIONS = (
    Section("Home", "index.html"),
    Section("Questions", "index.html#questions", header=True, exists=_asks),
    Section("Studies", "studies/index.html", header=True),
    Section("Analyses", "analyses/index.html", header=True),
    Section("Trials not finished", ONGOING, exists=_waits),
    *(
        Section(one.label, one.path, header=one.register in _IN_HEADER, exists=_has(one.file))
        for one in REGISTER_PAGES
    ),
    Section("Methods", "methods.html", header=True),
    Section("Glossary", "glossary.html", exists=_explains),
    Section("Everything from A to Z", "search.html"),
    Section("What the checks found", "problems.html"),
)


def sections(ctx: Context) -> list[Section]:
    """Return the sections that this review has."""
    return [section for section in SECTIONS if section.exists(ctx)]
