"""Timing that two runs on a busy machine can agree on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from time import perf_counter


def best(task: Callable[[], object], *, repeats: int, number: int = 1) -> float:
    """Seconds for one call: the fastest of `repeats` rounds of `number` calls."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        for _ in range(number):
            task()
        times.append((perf_counter() - start) / number)
    return min(times)


def race(
    ours: Callable[[], object], peer: Callable[[], object], *, rounds: int
) -> tuple[float, float]:
    """Seconds for one call of each, taken in turn so that a busy moment hits both."""
    times = [(best(ours, repeats=1, number=10), best(peer, repeats=1)) for _ in range(rounds)]
    return min(t[0] for t in times), min(t[1] for t in times)


def fresh_import(statement: str) -> float:
    """Seconds that `statement` takes in a new interpreter, without the interpreter's own start."""
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(run.stdout)
