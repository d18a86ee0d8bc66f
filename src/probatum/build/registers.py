"""The rows of a register as typed models, parsed once per build."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import RootModel

from probatum.build.engine import Context
from probatum.review.model import REGISTERS, Sourced

_LISTS: dict[str, type[RootModel[Any]]] = {
    name: RootModel[list[row] | None]  # type: ignore[valid-type]
    for name, row in REGISTERS.items()
}


def register_rows(ctx: Context, name: str) -> Sequence[Sourced]:
    """Return all rows of a register, verified or not; none where there is no such file."""
    return ctx.model(f"register:{name}", _LISTS[name]).root or ()
