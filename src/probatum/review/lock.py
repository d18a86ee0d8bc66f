"""A lock between processes, which the system takes back when its holder ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from probatum.errors import ProbatumError

WAIT_SECONDS = 600.0
_EVERY = 0.05


@contextlib.contextmanager
def hold(path: Path, what: str, *, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the lock file at `path` while the block runs; wait while another process has it.

    The file stays behind, empty: to delete it would let two processes hold two files of one
    name. Where no lock can be had (a read-only folder, a file system without locks) the block
    runs without one.

    Parameters
    ----------
    path : Path
    what : str
        What is being locked, for messages.
    waiting : callable, optional
        Told once, when there is something to wait for.

    Raises
    ------
    ProbatumError
        When another process still holds the lock after ten minutes.
    """
    handle = _open(path)
    if handle is None:
        yield
        return
    try:
        _wait(handle, path, what, waiting)
        with contextlib.suppress(OSError):  # who holds it, for the others' message
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, 0)
    finally:
        os.close(handle)  # and with it the lock goes


def _open(path: Path) -> int | None:
    try:
        path.parent.mkdir(exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        return None


def _wait(handle: int, path: Path, what: str, waiting: Callable[[str], None] | None) -> None:
    end = time.monotonic() + WAIT_SECONDS
    told = False
    while not _try(handle):
        if time.monotonic() > end:
            raise ProbatumError(
                f"{what} has been in use by another build{_holder(path)} for "
                f"{WAIT_SECONDS / 60:.0f} minutes. Wait for it or end it, then build again."
            )
        if waiting and not told:
            told = True
            waiting(f"{what} is in use by another build{_holder(path)}; waiting for it to end")
        time.sleep(_EVERY)


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError, UnicodeError):
        text = path.read_text("ascii").strip()
        if text.isdigit():
            return f" (process {text})"
    return ""


if sys.platform == "win32":
    import msvcrt

    def _try(handle: int) -> bool:
        """Whether the lock is ours now: one byte far behind the text."""
        os.lseek(handle, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try(handle: int) -> bool:
        """Whether the lock is ours now, or this file system has none."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # no locks here: work without
            return True
        return True
