"""``probatum dedup``: which records are the same work, and which a person should look at."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import BadInput, ProbatumError

if TYPE_CHECKING:
    from probatum.records.dedup.deciding import Decided
    from probatum.records.dedup.links import Duplicates

NAME = "dedup"
HELP = "find the records that are the same work; nothing is deleted"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("table", metavar="TABLE", help="a CSV with an id column, or an export")
    parser.add_argument("--out", metavar="CSV", help="write id, cluster and status of each record")
    parser.add_argument("--queue", metavar="CSV", help="write the pairs that a person should judge")
    parser.add_argument("--links", metavar="CSV", help="write all links with score, rule and veto")
    parser.add_argument("--studies", metavar="CSV", help="write pairs that may report one study")
    parser.add_argument(
        "--decided", metavar="CSV",
        help="an earlier --out: its clusters stay, and only new records are looked at",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")


def run(args: argparse.Namespace) -> int:
    """0 fine, 1 where rows of the table could not be read, 2 wrong use."""
    return of_table(args)


def of_table(args: argparse.Namespace) -> int:
    """Records of one file, outside any review."""
    path = Path(args.table)
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no file"
        raise ProbatumError(f'"{path}" is {kind}. Name a table or an export with records.')
    try:
        from probatum.records.dedup.engine import duplicates
        from probatum.records.dedup.tables import read_table
    except ModuleNotFoundError as missing:
        raise ProbatumError(
            f'{missing.name} is not installed. Try: pip install "probatum[records]"'
        ) from None

    outs = _outs(args, path)
    table = read_table(path)
    found = duplicates(table.data, decided=_decided(args.decided))
    _write(found, outs)
    if args.json:
        print(json.dumps(_as_json(found, table.rejected), ensure_ascii=False))
    else:
        _tell(found)
    for line, reason in table.rejected:
        print(f"{path}:{line}   this row was left out: {reason}", file=sys.stderr)
    return int(bool(table.rejected))


def _outs(args: argparse.Namespace, table: Path) -> dict[str, Path]:
    """Where to write what, checked before the work begins."""
    outs = {
        name: Path(getattr(args, name))
        for name in ("out", "queue", "links", "studies")
        if getattr(args, name)
    }
    taken: dict[Path, str] = {table.resolve(): "the table itself"}
    for name, path in outs.items():
        if not path.resolve().parent.is_dir() or path.is_dir():
            raise ProbatumError(f'--{name} "{path}": expected a file in a folder that exists.')
        if other := taken.get(path.resolve()):
            raise ProbatumError(f'--{name} "{path}" is {other}. Name another file.')
        taken[path.resolve()] = f"also --{name}"
    return outs


def _decided(name: str | None) -> Decided | None:
    """What an earlier run decided; records in its queue are open still."""
    if not name:
        return None
    from probatum.records.dedup.deciding import Decided
    from probatum.records.dedup.tables import read_table

    if not Path(name).is_file():
        raise ProbatumError(f'--decided "{name}" is no file. Name the --out of an earlier run.')
    data = read_table(Path(name)).data
    if not {"id", "cluster", "status"} <= set(data.columns):
        raise BadInput(f'--decided "{name}" needs the columns id, cluster and status.')
    rows = data.select("id", "cluster", "status").iter_rows()
    return Decided({record: cluster for record, cluster, status in rows if status != "queue"})


def _write(found: Duplicates, outs: dict[str, Path]) -> None:
    from probatum.records.dedup.tables import write_table

    tables = {
        "out": found.clusters,
        "queue": found.queue,
        "links": found.links,
        "studies": found.studies,
    }
    for name, path in outs.items():
        write_table(tables[name], path)


def _as_json(found: Duplicates, rejected: list[tuple[int, str]]) -> dict[str, Any]:
    return {
        **found.summary(),
        "left_out": [
            {"key": one.key, "blocks": one.blocks, "records": one.records} for one in found.left_out
        ],
        "rejected": [{"line": line, "reason": reason} for line, reason in rejected],
    }


def _tell(found: Duplicates) -> None:
    told = found.summary()
    print(
        f"{told['records']} records are {told['works']} works: {told['merged']} merged, "
        f"{told['queue_pairs']} pairs for a person to judge."
    )
    if told["studies"]:
        print(f"{told['studies']} pairs of works may report one study.")
    for one in found.left_out:
        print(
            f"{one.records} records share a {one.key} and nothing that tells them apart: "
            "not all of them were compared."
        )
