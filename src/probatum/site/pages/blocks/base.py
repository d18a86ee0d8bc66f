"""What all blocks share: the registry, where a block stands, and the empty space."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.review.blocks import Arguments, arguments, pick
from probatum.review.claims import Placeholder
from probatum.review.model import REGISTERS, Sourced, Study
from probatum.site.environment import render_part
from probatum.site.page import Page
from probatum.site.pages.common import study, study_ids

Entry = TypeVar("Entry", bound=Sourced)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: the page, and what the block was asked for."""

    ctx: Context
    on: Page
    asked: Arguments

    def rows(self, model: type[Entry]) -> list[Entry]:
        """Return the verified rows of a register that were asked for."""
        name = next(name for name, known in REGISTERS.items() if known is model)
        rows = self.ctx.get(f"register:{name}") or []
        read = (model.model_validate_json(json.dumps(row)) for row in rows)
        return pick((row for row in read if row.verified), self.asked)

    def studies(self) -> list[Study]:
        """Return the studies that were asked for."""
        found = (study(self.ctx, name) for name in study_ids(self.ctx))
        return pick((one for one in found if one), self.asked)

    def part(self, template: str, **values: object) -> Markup:
        """Render a template of a block as part of the page."""
        return render_part(self.on, f"blocks/{template}", **values)

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
