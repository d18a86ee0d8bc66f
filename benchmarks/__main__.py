"""Run all cases, print the table; exit 1 if a goal is missed."""

from __future__ import annotations

import platform
import sys
import warnings

from benchmarks.cases import import_cost, many_fits, single_fit


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def main() -> int:
    """Print one line per case."""
    warnings.simplefilter("ignore")  # the peers' own
    print(f"Python {platform.python_version()}; times are the best of several rounds")
    missed = 0
    for case in (import_cost, single_fit, many_fits):
        for r in case():
            missed += not r.met
            sign = "<=" if r.at_most else ">="
            times = f"ours {_time(r.ours):>9}   other {_time(r.peer):>9}"
            verdict = f"goal {sign} {r.goal:g}   {'met' if r.met else 'MISSED'}"
            print(f"{r.name:32} {times}   ratio {r.ratio:7.2f}   {verdict}")
            if r.note:
                print(f"    {r.note}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
