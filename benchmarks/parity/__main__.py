"""Print the table by family; exit 1 if anything differs, or is left unclaimed.

    python -m benchmarks.parity [data set ...]

A result is one call of generate.R; of the whole table it is as good as its worst number. "closed"
and "searched" are the largest relative differences of what counts as equal, for closed forms and
for all that is searched for or read off a tail.
"""

from __future__ import annotations

import sys
import warnings

from benchmarks.parity.reference import FOLDER, NAMES
from benchmarks.parity.registry import walk
from benchmarks.parity.report import report, show

_SHOWN = 40


def main(names: list[str]) -> int:
    """Compare these data sets, or all."""
    if not NAMES:
        print(f"There are no reference results in {FOLDER}.")
        return 2
    if unknown := set(names) - set(NAMES):
        print(f"There is no {', '.join(sorted(unknown))} in {FOLDER}.")
        return 2
    warnings.simplefilter("ignore")
    found = report(map(walk, names or NAMES), whole=not names)
    print(show(found))
    for fault in found.faults[:_SHOWN]:
        print(fault)
    if len(found.faults) > _SHOWN:
        print(f"and {len(found.faults) - _SHOWN} more")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
