"""`build`: a review folder to the files of its site."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probatum.build.codes import STEP_FAILED, TWO_WRITERS
from probatum.build.engine import STEPS, Cycle, Engine, StepFailed, StepFunction
from probatum.build.folder import SiteFolder
from probatum.build.outputs import output_nodes
from probatum.build.store import Store
from probatum.errors import ProbatumError, Problem, problem
from probatum.review.lock import hold

CACHE = Path(".probatum") / "cache.sqlite"
LOCK = CACHE.with_name("lock")
REVIEW = "info"  # the node without which no page can be made
SALVAGE = "salvage"  # the node that lists what can be written even then: {site path: node}
PROBLEMS = "problems"  # the node that lists the problems of the review
MANIFEST = "manifest"  # the node that knows which shown numbers lead nowhere


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes
    ----------
    written, unchanged : list of str
        Site paths.
    rebuilt_nodes : list of str
        Nodes that were made anew, in order.
    problems : list of Problem
        Of the review and of the build, sorted by file and line.
    seconds : float
    whole : bool
        False where the review can't be read as a whole, so that no new site was made.
    earlier : bool
        Whether an earlier site was left as it was for that reason.
    """

    written: list[str]
    unchanged: list[str]
    rebuilt_nodes: list[str]
    problems: list[Problem]
    seconds: float
    whole: bool = True
    earlier: bool = False

    @property
    def failed(self) -> bool:
        """Whether there is any error."""
        return any(found.severity == "error" for found in self.problems)


def open_engine(
    folder: Path,
    *,
    steps: dict[str, StepFunction] | None = None,
    code: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Engine:
    """An engine over a review folder with its cache."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ProbatumError(f"{folder} is not a folder; expected a review folder")
    store = Store(folder / CACHE)
    return Engine(folder, store, steps=steps, code=code, progress=progress)


def cache_lock(
    folder: Path, *, waiting: Callable[[str], None] | None = None
) -> AbstractContextManager[None]:
    """Hold the cache of a review, which one process at a time works with."""
    return hold(Path(folder) / LOCK, str(folder), waiting=waiting)


def build(
    folder: Path,
    out: Path,
    *,
    progress: Callable[[str], None] | None = None,
    waiting: Callable[[str], None] | None = None,
    steps: dict[str, StepFunction] | None = None,
    code: str | None = None,
) -> BuildReport:
    """Bring the site of a review up to date.

    Where the review can't be read as a whole, the earlier site stays as it is, and only the page
    that tells the problems is written.

    Parameters
    ----------
    folder : Path
        The review folder.
    out : Path
        The site folder: new, empty, or written by an earlier build.
    progress : callable, optional
        Called with the name of each node that is about to be made.
    waiting : callable, optional
        Told when another build is using the review or the site folder.
    steps, code : optional
        Another registry and another name of the running code (for tests).

    Returns
    -------
    BuildReport

    Raises
    ------
    ProbatumError
        When the review folder does not exist, the site folder holds foreign files, or the new
        files find no room.
    """
    start = time.perf_counter()
    if steps is None:
        from probatum.build import manifest as _manifest  # noqa: F401  (registers its steps)
        from probatum.build import steps as _steps  # noqa: F401
    registry = STEPS if steps is None else steps
    if not Path(folder).is_dir():
        raise ProbatumError(f"{folder} is not a folder; expected a review folder")
    place = SiteFolder(Path(out), waiting=waiting)
    with cache_lock(folder, waiting=waiting):
        engine = open_engine(Path(folder), steps=registry, code=code, progress=progress)
        try:
            problems = _review_problems(engine, registry)
            files, found, whole = _site(engine, registry)
            # what a mended review needs again is kept
            engine.store.save(keep=engine.reached() if whole else None)
            earlier = False
            if whole:
                done = place.write_all(files)
            else:
                done, earlier = place.write_beside(files)
        finally:
            engine.store.close()
    return BuildReport(
        done.written,
        done.unchanged,
        list(engine.made),
        _sorted([*problems, *found, *done.problems]),
        time.perf_counter() - start,
        whole,
        earlier,
    )


def _review_problems(engine: Engine, steps: dict[str, StepFunction]) -> list[Problem]:
    found: list[Problem] = []
    for node, key in ((PROBLEMS, ""), (MANIFEST, "problems")):
        if node in steps:
            try:
                value = engine.get(node)
                found += [Problem(**item) for item in (value[key] if key else value)]
            except (StepFailed, Cycle) as failed:
                found.append(failed.problem)
    return found


def _site(
    engine: Engine, steps: dict[str, StepFunction]
) -> tuple[dict[str, bytes], list[Problem], bool]:
    """The files of the site, what is wrong, and whether this is the whole site."""
    found: list[Problem] = []
    listings: dict[str, dict[str, str]] = {}
    for listing in ([REVIEW] if REVIEW in steps else []) + output_nodes(steps):
        try:
            listings[listing] = engine.get(listing)
        except (StepFailed, Cycle) as failed:
            found.append(failed.problem)
    listings.pop(REVIEW, None)
    if not found:
        files, found = _files(engine, listings)
        return files, found, True
    salvage = {SALVAGE: engine.get(SALVAGE)} if SALVAGE in steps else {}
    files, more = _files(engine, salvage)
    return files, found + more, False


def _files(
    engine: Engine, listings: dict[str, dict[str, str]]
) -> tuple[dict[str, bytes], list[Problem]]:
    """Bytes of each site path, and why some are missing."""
    files: dict[str, bytes] = {}
    found: list[Problem] = []
    owner: dict[str, str] = {}
    for listing in listings.values():
        for path, node in sorted(listing.items()):
            if path in owner:
                message = f"both {owner[path]} and {node} write this file"
                found.append(problem(TWO_WRITERS, path, 0, "", message))
                continue
            owner[path] = node
            try:
                files[path] = _bytes(node, engine.get(node))
            except (StepFailed, Cycle) as failed:
                found.append(failed.problem)
    return files, found


def _bytes(node: str, value: Any) -> bytes:
    if isinstance(value, dict) and isinstance(value.get("base64"), str):
        return base64.b64decode(value["base64"])
    text = value.get("html", value.get("text")) if isinstance(value, dict) else value
    if not isinstance(text, str):
        message = f"{node} should yield text, a page with html, or bytes as base64"
        raise StepFailed(node, problem(STEP_FAILED, "", 0, "", message))
    return text.encode("utf-8", "replace")


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(set(problems))
