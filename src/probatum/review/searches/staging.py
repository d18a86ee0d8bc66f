"""A folder that appears whole or not at all, whenever the process ends."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_STAGED = ".incoming-"


@contextlib.contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A hidden folder beside `target` that takes its name when the block ends without an error.

    What an earlier process left half made is removed; so the caller holds the lock of the parent.

    Parameters
    ----------
    target : Path
        Does not exist yet.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f"{_STAGED}*"):
        shutil.rmtree(left, ignore_errors=True)
    making = target.parent / f"{_STAGED}{target.name}"
    making.mkdir()
    try:
        yield making
        for path in sorted(making.rglob("*")):
            if path.is_file():
                sync(path)
        sync(making)
        making.rename(target)
        sync(target.parent)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def sync(path: Path) -> None:
    """Have the disk hold what was written (folders too, where the system can)."""
    with contextlib.suppress(OSError):  # some systems can't sync folders
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_whole(place: Path, data: bytes) -> None:
    """A file that is there whole or as it was before."""
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.new")
    fresh.write_bytes(data)
    sync(fresh)
    fresh.replace(place)
    sync(place.parent)
