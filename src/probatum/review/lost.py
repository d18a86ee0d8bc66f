"""Which results lost a row to an error: what is left of them must not pass for the whole.

A row with an error is reported and dropped (`table`, `checks.rows`). Of three arms that lose one,
two are left that look like a contrast which nobody extracted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from probatum.review.model import Estimate, LostResult, OutcomeRow
from probatum.review.table import is_row_id, records


def lost_results(
    text: str,
    rows: Sequence[OutcomeRow | Estimate],
    key: tuple[str, ...],
    *,
    headed: bool = True,
) -> list[LostResult]:
    """Results of which a row in `text` is not among the usable `rows`.

    Where the header is at fault (`headed` is False) all results are lost: a column that nobody
    read may be the one that said what a row is for, or that it was not verified.

    A row without a readable id may belong to any result of its outcome, so all of them count
    as lost; where the outcome can't be read either, the entry has neither.
    """
    every = list(records(text))
    header = every[0][1] if every else []
    if "id" not in header:
        return [LostResult(id="")] if every else []
    kept = {tuple(getattr(row, name) for name in key) for row in rows}
    found: list[LostResult] = []
    lines = text.split("\n")
    ends = [start for start, _, _ in every[2:]] + [len(lines) + 1]
    for (start, cells, faulty), end in zip(every[1:], ends):
        whole = not faulty and len(cells) == len(header) and "\n" not in "".join(cells)
        values = dict(zip(header, cells))
        name = tuple(values.get(part, "") for part in key)
        if headed and name in kept and len(cells) == len(header):
            kept.discard(name)  # a second row of the same key is one that was dropped
            continue
        if whole:
            # as `model` has it, unless the column's name may be the one at fault
            known = headed or "use" in header
            values["use"] = values.get("use") or ("none" if known else "")
        # an open quotation mark may have swallowed the lines of other rows
        inside = (
            [values] if whole else [_cells(line, header) for line in lines[start - 1 : end - 1]]
        )
        found += [lost for row in inside for lost in _named(row, rows)]
    unique = {(item.id, item.outcome, item.use): item for item in found}
    return [unique[name] for name in sorted(unique)]


def _cells(line: str, header: Sequence[str]) -> dict[str, str]:
    """The cells of a damaged line, as far as they can be told apart."""
    return dict(zip(header, (cell.strip(' "') for cell in line.split(","))))


def _named(values: dict[str, str], rows: Sequence[OutcomeRow | Estimate]) -> Iterator[LostResult]:
    if not any(values.values()):
        return
    outcome, use = values.get("outcome", ""), values.get("use", "")
    if is_row_id(values.get("id", "")):
        yield LostResult(id=values["id"], outcome=outcome, use=use)
        return
    near = {row.id for row in rows if row.outcome == outcome}
    yield from (LostResult(id=name, outcome=outcome, use=use) for name in sorted(near))
    if not near:
        yield LostResult(id="")
