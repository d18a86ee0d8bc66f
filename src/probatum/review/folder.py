"""The files of a review on disk: nothing outside its folder, and no fault of a disk a traceback."""

from __future__ import annotations

from pathlib import Path

from probatum.errors import Problem, problem, problem_code
from probatum.review.text import LIMIT

OUTSIDE = problem_code(
    "E106",
    "Path leaves the folder",
    why="A link to somewhere else would make the review depend on one machine.",
    repair="Copy the file into the folder.",
    example="studies/a/outcomes.csv is a link to /home/me/data.csv",
)
UNREADABLE = problem_code(
    "E109",
    "A file or folder can't be read",
    why="What it says is missing from the review, without anybody having left it out.",
    repair="Check its permissions, and that it is a plain file or folder.",
    example="an outcomes.csv that belongs to another account",
)
EXPORT_LIMIT = 2_000_000_000  # bytes of an export, which no person wrote


class CannotRead(Exception):
    """A file or folder is there and can't be read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class ReviewFolder:
    """Reads files and folders by their path inside the review.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root).resolve()
        self._inside: dict[Path, bool] = {}

    def _place(self, path: str) -> Path:
        place = self.root / path
        try:
            inside = self._leads_inside(place)
        except (OSError, RuntimeError):  # a link that leads to itself
            message = "the link leads nowhere"
            raise CannotRead(problem(UNREADABLE, path, 0, "", message)) from None
        if not inside:
            message = "the path leads out of the review folder"
            raise CannotRead(problem(OUTSIDE, path, 0, "", message))
        return place

    def _leads_inside(self, place: Path) -> bool:
        """Whether a place is inside, links followed; each folder is looked at once."""
        if place == self.root or ".." in place.parts or place.is_symlink():
            return place.resolve().is_relative_to(self.root)
        folder = place.parent
        if folder not in self._inside:
            self._inside[folder] = folder.resolve().is_relative_to(self.root)
        return self._inside[folder]

    def file(self, path: str) -> bytes | None:
        """Bytes of a file; None where there is none (a folder is none).

        Of a file beyond the limit only so much is read that the reader of text can tell.
        """
        place = self._place(path)
        try:
            if not place.is_file():
                if place.exists() and not place.is_dir():  # a pipe would never end
                    message = "this is neither a file nor a folder"
                    raise CannotRead(problem(UNREADABLE, path, 0, "", message))
                return None
            limit = EXPORT_LIMIT if path.startswith("searches/") else LIMIT
            with place.open("rb") as file:
                return file.read(limit + 1)
        except OSError as error:
            raise self._fault(path, "file", error) from None

    def names(self, path: str) -> list[str]:
        """Sorted names in a folder ("" is the root), without hidden ones; none if it isn't one."""
        place = self._place(path)
        try:
            found = [item.name for item in place.iterdir()] if place.is_dir() else []
        except OSError as error:
            raise self._fault(path, "folder", error) from None
        return sorted(name for name in found if not name.startswith("."))

    @staticmethod
    def _fault(path: str, kind: str, error: OSError) -> CannotRead:
        message = f"the {kind} can't be read: {error.strerror or error}"
        return CannotRead(problem(UNREADABLE, path, 0, "", message))
