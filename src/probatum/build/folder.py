"""The site folder: atomic writes, and nothing touched that the build did not write."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path, PurePosixPath

from probatum.build.codes import NOT_OURS
from probatum.errors import ProbatumError, Problem, problem

LIST = ".probatum-files"
_PARTS = ".probatum-parts"


class SiteFolder:
    """A folder whose files the build owns.

    ``.probatum-files`` lists what was written; it is brought up to date before the first
    write and after the last, so that a build that was killed leaves nothing it can't name.

    Raises
    ------
    ProbatumError
        When the folder holds files and none of them came from a build.
    """

    def __init__(self, out: Path) -> None:
        self.out = Path(out)
        if self.out.exists() and not self.out.is_dir():
            raise ProbatumError(f"{self.out} is a file; a site needs a folder (--out)")
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            names = {item.name for item in self.out.iterdir()}
        except OSError as error:
            raise ProbatumError(f"{self.out} can't be used: {error.strerror} (--out)") from None
        if names - {_PARTS} and LIST not in names:
            raise ProbatumError(
                f"{self.out} holds files that no build has written (such as"
                f' "{min(names)}"). Build into an empty folder or a new one (--out).'
            )
        self.root = self.out.resolve()
        self.owned = self._read_list()

    def _read_list(self) -> set[str]:
        try:
            lines = (self.out / LIST).read_text("utf-8").splitlines()
        except (OSError, UnicodeError):
            return set()
        return {line for line in lines if line and _inside(line)}

    def _place(self, path: str) -> Path | None:
        """Where a site path lies; None when it leads out of the folder."""
        place = self.root / path
        if not _inside(path) or not place.parent.resolve().is_relative_to(self.root):
            return None
        return place

    def write_all(self, files: dict[str, bytes]) -> tuple[list[str], list[str], list[Problem]]:
        """Write files that differ, remove stale ones; (written, unchanged, problems)."""
        written: list[str] = []
        unchanged: list[str] = []
        found: list[Problem] = []
        wanted: dict[str, Path] = {}
        for path in sorted(files):
            place = self._place(path)
            if place is None or place.is_dir() or (place.exists() and path not in self.owned):
                message = "the build would write here, but something else is in the way"
                found.append(problem(NOT_OURS, path, 0, "", message))
            else:
                wanted[path] = place
        self._write_list(self.owned | set(wanted))
        for path, place in wanted.items():
            if place.is_file() and not place.is_symlink() and place.read_bytes() == files[path]:
                unchanged.append(path)
            else:
                self._replace(place, files[path])
                written.append(path)
        for path in sorted(self.owned - set(wanted)):
            self._remove(path)
        self._write_list(set(wanted))
        self.owned = set(wanted)
        self._clear_parts()
        return written, unchanged, found

    def _write_list(self, paths: set[str]) -> None:
        data = "".join(f"{path}\n" for path in sorted(paths)).encode()
        place = self.root / LIST
        if not place.is_file() or place.read_bytes() != data:
            self._replace(place, data)

    def _replace(self, place: Path, data: bytes) -> None:
        parts = self.root / _PARTS
        parts.mkdir(exist_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=parts)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
            os.replace(name, place)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise

    def _remove(self, path: str) -> None:
        place = self._place(path)
        if place is None:
            return
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)
            for folder in PurePosixPath(path).parents:
                if str(folder) != ".":
                    (self.root / folder).rmdir()  # fails, and is left, where it isn't empty

    def _clear_parts(self) -> None:
        with contextlib.suppress(OSError):
            for item in (self.root / _PARTS).iterdir():
                item.unlink()
            (self.root / _PARTS).rmdir()


def _inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return (
        bool(path)
        and not pure.is_absolute()
        and ".." not in pure.parts
        and not any(part.startswith(".") for part in pure.parts)
        and "\\" not in path
        and "\n" not in path
        and "\0" not in path
    )
