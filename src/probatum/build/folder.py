"""The site folder: all or nothing is written, and nothing touched that the build did not write."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from probatum.build.codes import NOT_OURS, UNWRITTEN
from probatum.errors import ProbatumError, Problem, problem
from probatum.review.lock import hold

LIST = ".probatum-files"
LOCK = ".probatum-lock"
_PARTS = ".probatum-parts"
_OURS = {LIST, LOCK, _PARTS}
_WHOLE = "manifest.json"  # the last word of a site that was made as a whole


class Written(NamedTuple):
    """What became of the files of a site."""

    written: list[str]
    unchanged: list[str]
    problems: list[Problem]


class SiteFolder:
    """A folder whose files the build owns.

    ``.probatum-files`` lists what was written; it is brought up to date before the first
    write and after the last, so that a build that was killed leaves nothing it can't name.
    All new files are on disk before the first one takes its place, so that a full disk leaves
    the earlier site as it was.

    Parameters
    ----------
    out : Path
    waiting : callable, optional
        Told when another build is writing to the folder.

    Raises
    ------
    ProbatumError
        When the folder holds files and none of them came from a build.
    """

    def __init__(self, out: Path, *, waiting: Callable[[str], None] | None = None) -> None:
        self.out = Path(out)
        self._waiting = waiting
        try:
            if self.out.exists() and not self.out.is_dir():
                raise ProbatumError(f"{self.out} is a file; a site needs a folder (--out)")
            self.out.mkdir(parents=True, exist_ok=True)
            names = {item.name for item in self.out.iterdir()}
            self.root = self.out.resolve()
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ProbatumError(f"{self.out} can't be used: {reason} (--out)") from None
        if names - _OURS and LIST not in names:
            raise ProbatumError(
                f"{self.out} holds files that no build has written (such as"
                f' "{min(names - _OURS)}"). Build into an empty folder or a new one (--out).'
            )

    def _owned(self) -> set[str]:
        try:
            lines = (self.root / LIST).read_text("utf-8").splitlines()
        except (OSError, UnicodeError):
            return set()
        return {line for line in lines if line and _inside(line)}

    def write_all(self, files: dict[str, bytes]) -> Written:
        """Write files that differ, and remove those of an earlier build that are no longer made.

        Raises
        ------
        ProbatumError
            When the new files find no room: then nothing has changed.
        """
        with self._held():
            return self._write(files, remove=True)

    def write_beside(self, files: dict[str, bytes]) -> tuple[Written, bool]:
        """Write files and leave all others of an earlier whole site; whether there is one.

        Where there is one, its first page stays too.
        """
        with self._held():
            earlier = _WHOLE in self._owned() and (self.root / _WHOLE).is_file()
            if earlier:
                files = {path: data for path, data in files.items() if path != "index.html"}
            return self._write(files, remove=False), earlier

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        with hold(self.root / LOCK, str(self.out), waiting=self._waiting):
            try:
                yield
            finally:
                self._clear_parts()

    def _write(self, files: dict[str, bytes], *, remove: bool) -> Written:
        owned = self._owned()
        found: list[Problem] = []
        wanted: dict[str, Path] = {}
        for path in sorted(files):
            place = self._place(path)
            if place is None or not _free(place, path in owned):
                message = "the build would write here, but something else is in the way"
                found.append(problem(NOT_OURS, path, 0, "", message))
            else:
                wanted[path] = place
        unchanged = [path for path, place in wanted.items() if _holds(place, files[path])]
        kept = set(wanted) if remove else owned | set(wanted)
        written = sorted(set(wanted) - set(unchanged))
        staged = self._stage(files, written, (owned | set(wanted), kept))
        self._take(staged.pop(f"{LIST}.before", None), self.root / LIST, LIST, found)
        written = [p for p in written if self._take(staged[p], wanted[p], p, found)]
        for path in sorted(owned - kept):
            self._remove(path)
        self._take(staged.pop(LIST, None), self.root / LIST, LIST, found)
        return Written(written, unchanged, found)

    def _place(self, path: str) -> Path | None:
        """Where a site path lies; None when it leads out of the folder."""
        place = self.root / path
        try:
            inside = _inside(path) and place.parent.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):
            return None
        return place if inside else None

    def _stage(
        self, files: dict[str, bytes], paths: list[str], lists: tuple[set[str], set[str]]
    ) -> dict[str, str]:
        """Write what differs beside the site; temporary names by path."""
        new = {path: files[path] for path in paths}
        before, after = (
            "".join(f"{path}\n" for path in sorted(listed)).encode() for listed in lists
        )
        if not _holds(self.root / LIST, before):
            new[f"{LIST}.before"] = before
        if before != after:
            new[LIST] = after
        staged: dict[str, str] = {}
        try:
            self._clear_parts()
            for path, data in new.items():
                (self.root / _PARTS).mkdir(exist_ok=True)
                staged[path] = self._part(data)
        except OSError as error:
            raise ProbatumError(
                f"the site can't be written to {self.out}: {error.strerror}."
                " What stood there before is unchanged."
            ) from None
        return staged

    def _part(self, data: bytes) -> str:
        handle, name = tempfile.mkstemp(dir=self.root / _PARTS)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), 0o644)
        return name

    def _take(self, part: str | None, place: Path, path: str, found: list[Problem]) -> bool:
        """Let a staged file take its place; False where it can't."""
        if part is None:
            return False
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(part, place)
        except OSError as error:
            message = f"can't be written: {error.strerror}"
            found.append(problem(UNWRITTEN, path, 0, "", message))
            return False
        return True

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


def _free(place: Path, ours: bool) -> bool:
    """Whether the build may write here: nothing is there, or a file of its own."""
    try:
        return not place.is_dir() and (ours or not (place.exists() or place.is_symlink()))
    except OSError:
        return True  # writing it will say why not


def _holds(place: Path, data: bytes) -> bool:
    """Whether a plain file holds just this."""
    try:
        return place.is_file() and not place.is_symlink() and place.read_bytes() == data
    except OSError:
        return False


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
