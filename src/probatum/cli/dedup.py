"""``probatum dedup``: which records are the same work, and which a person should look at."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import probatum
from probatum.errors import BadInput, ProbatumError

if TYPE_CHECKING:
    from probatum.records.dedup.deciding import Decided
    from probatum.records.dedup.links import Duplicates

NAME = "dedup"
HELP = "find the records that are the same work; nothing is deleted"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    parser.add_argument(
        "of", nargs="?", default=".", metavar="REVIEW|TABLE",
        help="a review (default: here), or a CSV with an id column, or an export",
    )  # fmt: skip
    review = parser.add_argument_group("in a review")
    review.add_argument("--same", nargs=2, metavar=("A", "B"), help="two records are one work")
    review.add_argument(
        "--distinct", nargs=2, metavar=("A", "B"), help="they are not; undoes --same"
    )
    review.add_argument("--by", default="", help="who decides that (default: your login)")
    review.add_argument("--note", default="", help="why")
    review.add_argument(
        "--pairs", action="store_true", help="show the pairs that wait for a person"
    )
    table = parser.add_argument_group("of a table")
    table.add_argument("--out", metavar="CSV", help="write id, cluster and status of each record")
    table.add_argument("--queue", metavar="CSV", help="write the pairs that a person should judge")
    table.add_argument("--links", metavar="CSV", help="write all links with score, rule and veto")
    table.add_argument("--studies", metavar="CSV", help="write pairs that may report one study")
    table.add_argument(
        "--decided", metavar="CSV",
        help="an earlier --out: its clusters stay, and only new records are looked at",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """0 fine, 1 where rows of the table could not be read, 2 wrong use."""
    if (Path(args.of) / "review.toml").is_file():
        return of_review(args, Path(args.of))
    return of_table(args)


def of_review(args: argparse.Namespace, folder: Path) -> int:
    """Records of a review: what is new is looked through, or a person's decision written down."""
    import getpass

    from probatum.review.deduplicating import deduplicate, judge

    today = datetime.date.today()
    for decision, pair in (("duplicate", args.same), ("distinct", args.distinct)):
        if pair:
            who = args.by or getpass.getuser()
            judge(folder, pair[0], pair[1], decision, by=who, today=today, note=args.note)
            print(f"{pair[0]} and {pair[1]}: {decision}, decided by {who}.")
    if args.same or args.distinct:
        return 0
    if args.pairs:
        return _pairs(folder, args.json)
    version = probatum.__version__
    done = deduplicate(folder, by=f"probatum {version}".strip(), today=today)
    if args.json:
        print(json.dumps(asdict(done) if done else None))
    elif done is None:
        print("Nothing is new: every record has been looked at.")
    else:
        print(
            f"{done.records} new records: {done.merged} are duplicates, {done.queued} pairs wait "
            f"for a person (--pairs), {done.studies} pairs may report one study."
        )
    return 0


def _pairs(folder: Path, as_json: bool) -> int:
    """The pairs in the queue, each record in a line."""
    from probatum.review.duplicates import last_words, works
    from probatum.review.flow import in_order
    from probatum.review.load import load

    review = load(folder)
    records = {one.id: one for s in in_order(review.searches.values()) for one in s.records}
    last = last_words(review.links)
    waiting = works(list(records), review.links).waiting
    rows = [
        {
            "rule": last[pair].rule,
            "a": records[pair[0]].model_dump(),
            "b": records[pair[1]].model_dump(),
        }
        for pair in waiting
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for pair in waiting:
        print(last[pair].rule)
        for one in (records[pair[0]], records[pair[1]]):
            who = f"{one.authors[0]} " if one.authors else ""
            print(
                f"  {one.id}  {who}{one.year or ''} {one.title}. {one.journal} {one.doi}".rstrip()
            )
    print(f"{len(rows)} pairs wait. Decide with --same A B or --distinct A B.")
    return 0


def of_table(args: argparse.Namespace) -> int:
    """Records of one file, outside any review."""
    path = Path(args.of)
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no file"
        raise ProbatumError(
            f'"{path}" is {kind}, and no review. Name a review, or a table or export with records.'
        )
    try:
        from probatum.records.dedup.columns import can_be_compared
        from probatum.records.dedup.engine import duplicates
        from probatum.records.dedup.tables import read_table
    except ModuleNotFoundError as missing:
        raise ProbatumError(
            f'{missing.name} is not installed. Try: pip install "probatum[records]"'
        ) from None

    outs = _outs(args, path)
    table = read_table(path)
    if not can_be_compared(table.data):
        print(
            f'probatum dedup: "{path}" has no column that records are known by, such as title, '
            f"author, doi or pmid; it has: {', '.join(table.data.columns[:20])}",
            file=sys.stderr,
        )
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
