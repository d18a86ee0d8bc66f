"""The counts of a ledger: by family, and for what cause something is excluded or better."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.parity.causes import listed
from benchmarks.parity.ledger import STATUSES, Entry, Ledger, Path, result_of
from benchmarks.parity.registry import family_of


@dataclass
class Family:
    """What became of the results of one family."""

    results: Counter[str] = field(default_factory=Counter)
    numbers: int = 0
    left: int = 0
    closed: float = 0.0
    searched: float = 0.0

    @property
    def compared(self) -> int:
        """Results of which at least something was compared."""
        return sum(self.results.values()) - self.results["excluded"]


@dataclass
class Report:
    """All of it; `faults` is what must not be."""

    families: dict[str, Family] = field(default_factory=lambda: defaultdict(Family))
    excluded: Counter[str] = field(default_factory=Counter)
    better: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def total(self) -> Family:
        """The sum of the families."""
        out = Family()
        for one in self.families.values():
            out.results += one.results
            out.numbers += one.numbers
            out.left += one.left
            out.closed = max(out.closed, one.closed)
            out.searched = max(out.searched, one.searched)
        return out


#: tolerances up to this one are those of closed forms
_CLOSED = 1e-10


def report(ledgers: Iterable[Ledger], *, whole: bool) -> Report:
    """Count; of the whole reference every listed cause must occur too."""
    out = Report()
    for ledger in ledgers:
        worst: dict[Path, int] = {}
        for path, entry in ledger.leaves():
            if entry.status != "given":
                _count(out, ledger, path, entry)
                key = result_of(path)
                worst[key] = min(worst.get(key, len(STATUSES)), STATUSES.index(entry.status))
        for path, place in worst.items():
            out.families[family_of(path)].results[STATUSES[place]] += 1
    known = listed()
    out.faults += [
        f"{key}: not in validation/divergences.md" for key in out.excluded.keys() - known
    ]
    if whole:
        out.faults += [f"{key}: listed, but occurs nowhere" for key in known - out.excluded.keys()]
    return out


def _count(out: Report, ledger: Ledger, path: Path, entry: Entry) -> None:
    family = out.families[family_of(path)]
    if entry.status in ("unclaimed", "different"):
        where = ".".join(map(str, path))
        out.faults.append(f"{ledger.name} {where}: {entry.status} {entry.why}".rstrip())
        return
    family.numbers += entry.numbers - entry.left
    family.left += entry.left
    if entry.left:
        out.excluded[entry.why] += entry.left
    if entry.status == "better":
        out.better[entry.why] += entry.numbers
    elif entry.tol <= _CLOSED:
        family.closed = max(family.closed, entry.off)
    else:
        family.searched = max(family.searched, entry.off)


def show(out: Report) -> str:
    """The table."""
    names = ("compared", "equal", "better", "excluded", "different", "unclaimed")
    head = f"{'':18}" + "".join(f"{n:>10}" for n in names)
    lines = [f"{head}{'numbers':>10}{'excluded':>10}{'closed':>9}{'searched':>10}"]
    for name, family in [*sorted(out.families.items()), ("total", out.total)]:
        counts = [family.compared, *(family.results[n] for n in names[1:])]
        row = f"{name:18}" + "".join(f"{n:10,}" for n in counts)
        row += f"{family.numbers:10,}{family.left:10,}{family.closed:9.0e}{family.searched:10.0e}"
        lines.append(row)
    for title, counter in (("excluded, for a cause in validation/divergences.md", out.excluded),
                           ("better, as is shown by", out.better)):  # fmt: skip
        lines += ["", f"numbers {title}:"]
        lines += [f"{n:10,}  {why}" for why, n in counter.most_common()]
    return "\n".join(lines)
