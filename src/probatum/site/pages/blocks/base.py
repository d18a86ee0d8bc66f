"""What all blocks share: the registry, where a block stands, and the empty space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.review.blocks import Arguments, arguments, pick
from probatum.review.claims import Placeholder
from probatum.review.model import Study
from probatum.site.environment import render_part
from probatum.site.page import Page
from probatum.site.pages.common import about, study, study_ids

#: A list of more than LONG entries shows the first OPEN; the rest of it unfolds.
LONG, OPEN = 5, 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: the page, and what the block was asked for."""

    ctx: Context
    on: Page
    asked: Arguments

    def studies(self) -> list[Study]:
        """Return the studies that were asked for."""
        every = (about(self.ctx, name) for name in study_ids(self.ctx))
        asked = pick((one for one in every if one), self.asked)
        return [one for one in (study(self.ctx, held.id) for held in asked) if one]

    def part(self, template: str, **values: object) -> Markup:
        """Render a template of a block as part of the page."""
        return render_part(self.on, f"blocks/{template}", **values)

    def listed(self, template: str, rows: Sequence[object], **values: object) -> Markup:
        """Render a list; of a long one the first entries, and below them the rest to unfold."""
        if len(rows) <= LONG:
            return self.part(template, rows=rows, **values)
        first = self.part(template, rows=rows[:OPEN], **values)
        rest = self.part(template, rows=rows[OPEN:], **values)
        return self.part("folded.html", first=first, rest=rest)

    def empty(self, what: str) -> Markup:
        """Return the labelled empty space: nothing found is a finding, not a gap."""
        return self.part("empty.html", what=what)


Block = Callable[[Place], Markup]
BLOCKS: dict[str, Block] = {}


def block(name: str) -> Callable[[Block], Block]:
    """Register the function that makes a block."""

    def register(function: Block) -> Block:
        BLOCKS[name] = function
        return function

    return register


def render_block(ctx: Context, on: Page, spot: Placeholder) -> Markup:
    """Return the HTML of a block; its checks have named what can't be understood."""
    if not spot.words or spot.words[0] not in BLOCKS:
        return Markup("<p><mark>{}</mark></p>").format("(no value)")
    return BLOCKS[spot.words[0]](Place(ctx, on, arguments(spot.words[1:])))
