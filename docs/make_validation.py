"""Writes docs/validation.md from the worked examples in tests/meta/literature.

Run it after an example was added: ``python docs/make_validation.py``. A test says when it is due.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "tests" / "meta" / "literature"

HEAD = """# Published worked examples

Numbers that books and papers print, and what probatum gives for the same data. The list is made
from [tests/meta/literature](../tests/meta/literature) by `docs/make_validation.py`; the tests run
every line.

**How close.** Ours must round to the printed digits (half a unit in the last printed place),
nothing looser. Where a publication is known to differ the line says why; then a test asks that the
difference is really there, that ours is what another route gives, and, where it could be redone,
that the cause gives the printed digits.

**How the numbers are known** stands at each example. *Page read*: the publication, or a document
with its output, was read when the example was written. *From memory*: the number was written down
from memory of the publication before the engine computed it, and could not be looked up. About one
remembered number in ten disagreed with the engine; wherever R was asked it gave the engine's, so
memory was taken to be at fault and the number left out. What is listed from memory is therefore a
weaker witness than a page read: several digits don't agree by chance, but a misprint in the
publication, or a difference of method, would have been left out too. Where a page is not given it
was not known.

"""


def _ours(text: str, value: float) -> str:
    return f"{value:.{len(text.partition('.')[2]) + 2}f}".replace("-", "−")


def _how(known: str) -> str:
    ways = [way for way in ("page read", "memory") if way in known]
    return " and ".join(ways)


def _section(one: Any) -> list[str]:
    data = f"`{one.data}`" if one.data.endswith(".csv") else one.data
    out = [
        f"### {one.title}", "",
        f"Where: {one.place}. Data: {data}. Known: {one.known}. Test: `{one.name}`.",
        "", "| what | published | ours |", "|---|---|---|",
    ]  # fmt: skip
    for line in one.lines():
        printed = ", ".join(line.printed).replace("-", "−")
        ours = ", ".join(_ours(t, v) for t, v in zip(line.printed, line.ours, strict=True))
        out.append(f"| {line.what} | {printed} | {ours}{f' ({line.cause})' * bool(line.cause)} |")
    return [*out, ""]


def page() -> str:
    """The page as text."""
    if str(EXAMPLES) not in sys.path:
        sys.path.insert(0, str(EXAMPLES))
    from published import examples

    found = sorted(examples(), key=lambda one: one.source.casefold())
    sizes = {one.name: sum(len(line.printed) for line in one.lines()) for one in found}
    out = [
        f"{len(found)} examples from {len({one.source for one in found})} publications, "
        f"{sum(sizes.values())} numbers.",
        "", "| publication | example | numbers | known |", "|---|---|---|---|",
        *(f"| {one.source} | {one.title} | {sizes[one.name]} | {_how(one.known)} |"
          for one in found),
        "",
    ]  # fmt: skip
    for source, group in groupby(found, key=lambda one: one.source):
        out += [f"## {source}", "", *(text for one in group for text in _section(one))]
    return HEAD + "\n".join(out)


if __name__ == "__main__":
    (HERE / "validation.md").write_text(page(), encoding="utf-8")
