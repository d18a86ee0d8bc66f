"""Build again whenever a text of a review changes; a fault is told and the watch goes on."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from probatum.errors import ProbatumError


def told(work: Callable[[], int]) -> int:
    """Do it; misuse and a full disk are told and are exit code 2."""
    try:
        return work()
    except ProbatumError as error:
        print(f"probatum: {error}", file=sys.stderr, flush=True)
        return 2


def watch(folder: Path, out: Path, again: Callable[[], int]) -> None:
    """Call `again` at every change of the review, until interrupted."""
    with contextlib.suppress(KeyboardInterrupt):
        for _ in _changes(folder, out):
            told(again)


def _changes(folder: Path, out: Path) -> Iterator[None]:
    from watchfiles import watch as changes

    hidden = (out.resolve(), (folder / ".probatum").resolve())

    def ours(_: object, path: str) -> bool:
        return not any(Path(path).is_relative_to(place) for place in hidden)

    started = False
    for found in changes(
        folder,
        watch_filter=ours,
        raise_interrupt=False,
        rust_timeout=500,
        yield_on_timeout=True,
    ):
        # once more as soon as the watch stands: the text may have changed since the first build
        if found or not started:
            yield
        started = True
