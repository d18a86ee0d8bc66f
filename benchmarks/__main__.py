"""Run all cases, print the table; exit 1 if a ratio to a peer misses its goal.

Absolute times are told and judged too, but a busy machine misses them: they decide nothing.
"""

from __future__ import annotations

import platform
import sys
import warnings
from itertools import chain

from benchmarks import bias, counts, dedup, diagnostics, multilevel, patients
from benchmarks.cases import CASES, Result


def main() -> int:
    """Print one line per case."""
    warnings.simplefilter("ignore")  # the peers' own
    print(f"Python {platform.python_version()}; CPU time of one thread, the least of many rounds")
    missed = 0
    others = (module.CASES for module in (diagnostics, counts, multilevel, bias, patients))
    for case in (*CASES, *chain.from_iterable(others)):
        for line in case():
            if isinstance(line, Result):
                missed += not line.ratio_met
                _show(line)
            else:
                print(f"{line.name:34} skipped: {line.reason}")
    dedup.report(list(dedup.SCALES))
    return 1 if missed else 0


def _show(r: Result) -> None:
    peer = f"peer {_time(r.peer):>9}" if r.peer is not None else ""
    ratio = f"ratio {r.ratio:8.2f}" if r.ratio is not None else ""
    print(f"{r.name:34} ours {_time(r.ours):>9}   {peer:14}   {ratio:14}   {_goals(r)}".rstrip())
    if r.note:
        print(f"    {r.note}")


def _goals(r: Result) -> str:
    goals = []
    if r.at_least is not None:
        goals.append(f">= {r.at_least:g}")
    if r.at_most is not None:
        goals.append(f"<= {r.at_most:g}")
    if r.within is not None:
        goals.append(f"<= {_time(r.within)}")
    return f"goal {', '.join(goals)}   {'met' if r.met else 'MISSED'}" if goals else ""


def _time(seconds: float) -> str:
    for unit, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds * 1e9:.3g} ns"


if __name__ == "__main__":
    sys.exit(main())
