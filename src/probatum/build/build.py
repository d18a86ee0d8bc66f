"""`build`: a review folder to the files of its site."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probatum.build.codes import STEP_FAILED, TWO_WRITERS
from probatum.build.engine import STEPS, Cycle, Engine, StepFailed, StepFunction
from probatum.build.folder import SiteFolder
from probatum.build.outputs import output_nodes
from probatum.build.store import Store
from probatum.errors import ProbatumError, Problem, problem

CACHE = Path(".probatum") / "cache.sqlite"
PROBLEMS = "problems"  # the node that lists the problems of the review
PROVENANCE = "provenance"  # the node that knows which shown numbers lead nowhere


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
    """

    written: list[str]
    unchanged: list[str]
    rebuilt_nodes: list[str]
    problems: list[Problem]
    seconds: float

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


def build(
    folder: Path,
    out: Path,
    *,
    progress: Callable[[str], None] | None = None,
    steps: dict[str, StepFunction] | None = None,
    code: str | None = None,
) -> BuildReport:
    """Bring the site of a review up to date.

    Parameters
    ----------
    folder : Path
        The review folder.
    out : Path
        The site folder: new, empty, or written by an earlier build.
    progress : callable, optional
        Called with the name of each node that is about to be made.
    steps, code : optional
        Another registry and another name of the running code (for tests).

    Returns
    -------
    BuildReport

    Raises
    ------
    ProbatumError
        When the review folder does not exist or the site folder holds foreign files.
    """
    start = time.perf_counter()
    if steps is None:
        from probatum.build import manifest as _manifest  # noqa: F401  (registers its steps)
        from probatum.build import steps as _steps  # noqa: F401
    registry = STEPS if steps is None else steps
    if not Path(folder).is_dir():
        raise ProbatumError(f"{folder} is not a folder; expected a review folder")
    place = SiteFolder(Path(out))
    engine = open_engine(Path(folder), steps=registry, code=code, progress=progress)
    try:
        problems = _review_problems(engine, registry)
        files, found = _files(engine, registry)
        written, unchanged, foreign = place.write_all(files)
        engine.store.save(keep=engine.reached())
    finally:
        engine.store.close()
    return BuildReport(
        written,
        unchanged,
        list(engine.made),
        _sorted([*problems, *found, *foreign]),
        time.perf_counter() - start,
    )


def _review_problems(engine: Engine, steps: dict[str, StepFunction]) -> list[Problem]:
    found: list[Problem] = []
    for node, key in ((PROBLEMS, ""), (PROVENANCE, "problems")):
        if node in steps:
            try:
                value = engine.get(node)
                found += [Problem(**item) for item in (value[key] if key else value)]
            except (StepFailed, Cycle) as failed:
                found.append(failed.problem)
    return found


def _files(
    engine: Engine, steps: dict[str, StepFunction]
) -> tuple[dict[str, bytes], list[Problem]]:
    """Bytes of each site path, and why some are missing."""
    files: dict[str, bytes] = {}
    found: list[Problem] = []
    owner: dict[str, str] = {}
    for listing in output_nodes(steps):
        try:
            paths = engine.get(listing)
        except (StepFailed, Cycle) as failed:
            found.append(failed.problem)
            continue
        for path, node in sorted(paths.items()):
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
    text = value.get("html") if isinstance(value, dict) else value
    if not isinstance(text, str):
        message = f"{node} should yield text, a page with html, or bytes as base64"
        raise StepFailed(node, problem(STEP_FAILED, "", 0, "", message))
    return text.encode("utf-8", "replace")


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(set(problems))
