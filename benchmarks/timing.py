"""Timing that two runs on a busy machine can agree on: the least CPU seconds of many rounds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from time import process_time

Task = Callable[[], object]


def best(task: Task, *, repeats: int, number: int = 1) -> float:
    """CPU seconds for one call: the least of `repeats` rounds of `number` calls."""
    return min(_once(task, number) for _ in range(repeats))


def race(tasks: dict[str, tuple[Task, int]], *, rounds: int) -> dict[str, float]:
    """CPU seconds for one call of each task, taken in turn so that a busy moment hits all.

    Each task comes with the number of calls that make up one of its rounds.
    """
    for task, _ in tasks.values():
        task()  # what is done only once (imports, compiling) is not counted
    least = dict.fromkeys(tasks, float("inf"))
    for _ in range(rounds):
        for name, (task, number) in tasks.items():
            least[name] = min(least[name], _once(task, number))
    return least


def _once(task: Task, number: int) -> float:
    start = process_time()
    for _ in range(number):
        task()
    return (process_time() - start) / number


def fresh_import(statement: str) -> float:
    """CPU seconds that `statement` takes in a new interpreter, without the interpreter's start."""
    code = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(run.stdout)
