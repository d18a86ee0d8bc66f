"""The engine: nodes made by steps, each with a trace of what it read.

A node is named ``kind`` or ``kind:argument``. Leaves are ``file:<path>`` and
``list:<folder>``, relative to the review folder. A node is reused when its code and the
hashes of everything it read are what they were; a node that yields the same value as
before stops a change from spreading further (early cutoff). After Mokhov, Mitchell and
Peyton Jones (2018), "Build systems à la carte": a suspending scheduler with verifying
traces.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from probatum.build.canonical import canonical, digest
from probatum.build.codes import CYCLE, STEP_FAILED
from probatum.build.store import Store, Trace
from probatum.errors import Problem, problem
from probatum.review.folder import CannotRead, ReviewFolder

StepFunction = Callable[["Context", str], Any]
Function = TypeVar("Function", bound=Callable[..., Any])
Model = TypeVar("Model", bound=BaseModel)

STEPS: dict[str, StepFunction] = {}
LEAVES = ("file", "list")
Names = list[str]  # inside Context, "list" is a method
_ABSENT = "absent"


def step(kind: str) -> Callable[[Function], Function]:
    """Register the step that makes the nodes ``kind`` and ``kind:<argument>``.

    The function takes ``(ctx, argument)``, reads only through `ctx` and returns plain data
    (or a pydantic model or dataclass of plain data).
    """

    def register(function: Function) -> Function:
        if kind in STEPS or kind in LEAVES or ":" in kind:
            raise ValueError(f'step "{kind}" is registered twice, or its name is not free')
        STEPS[kind] = function
        return function

    return register


class StepFailed(Exception):
    """A node could not be made; `problem` says why. Steps may catch it and show it."""

    def __init__(self, node: str, problem: Problem) -> None:
        super().__init__(f"{node}: {problem.message}")
        self.node = node
        self.problem = problem


class Cycle(RuntimeError):
    """Nodes that need each other: never caught by a step, since none of them has a value."""

    def __init__(self, nodes: list[str]) -> None:
        super().__init__(" -> ".join(nodes))
        self.nodes = nodes

    @property
    def problem(self) -> Problem:
        """The circle as a problem."""
        return problem(CYCLE, "", 0, "", f"the steps need each other: {self}")


@functools.cache
def code_id() -> str:
    """Name of the code that runs: the package's files and the versions of what it stands on."""
    import probatum

    names = ("numpy", "scipy", "pydantic", "jinja2", "markdown-it-py")
    seal = hashlib.sha256(sys.version.encode())
    for name in names:
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            version = ""
        seal.update(f"{name} {version}\0".encode())
    root = Path(probatum.__file__).parent
    for path in sorted(root.rglob("*")):
        made = "__pycache__" in path.parts or path.name.startswith(".")
        if path.is_file() and not made:
            seal.update(path.relative_to(root).as_posix().encode() + b"\0")
            seal.update(hashlib.sha256(path.read_bytes()).digest())
    return seal.hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a node: the hash of its value, or its failure."""

    output: str
    failure: StepFailed | None = None


class Context:
    """What a step sees: every read is written into its trace."""

    def __init__(self, engine: Engine, node: str) -> None:
        self._engine = engine
        self.node = node
        self.deps: dict[str, str] = {}

    def get(self, node: str) -> Any:
        """Value of a node, as fresh plain data.

        Raises
        ------
        StepFailed
            When the node could not be made.
        """
        self._note(node)
        return json.loads(self._engine.text(node))

    def model(self, node: str, model: type[Model]) -> Model:
        """Value of a node as a frozen model (parsed once per build)."""
        self._note(node)
        return self._engine.model(node, model)

    def file(self, path: str) -> bytes | None:
        """Bytes of a file of the review; None where there is none."""
        self._note(f"file:{path}")
        return self._engine.file(path)

    def list(self, folder: str) -> Names:
        """Sorted names in a folder of the review ("" is its root), without hidden ones."""
        self._note(f"list:{folder}")
        return list(self._engine.names(folder))

    def _note(self, node: str) -> None:
        outcome = self._engine.bring(node)
        self.deps[node] = outcome.output
        if outcome.failure is not None:
            raise outcome.failure


class Engine:
    """One pass over a review folder: files are read once, nodes made at most once.

    Parameters
    ----------
    folder : Path
    store : Store, optional
        Traces of earlier passes.
    steps : mapping, optional
        The registry; by default that of `step`.
    code : str, optional
        Name of the running code; by default `code_id()`.
    progress : callable, optional
        Called with the name of each node that is about to be made.
    """

    def __init__(
        self,
        folder: Path,
        store: Store | None = None,
        *,
        steps: dict[str, StepFunction] | None = None,
        code: str | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self._files = ReviewFolder(folder)
        self.store = store or Store()
        self.made: list[str] = []
        self._steps = STEPS if steps is None else steps
        self._code = code or code_id()
        self._progress = progress
        self._outcomes: dict[str, Outcome] = {}
        self._bytes: dict[str, bytes | None] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._models: dict[tuple[str, type[BaseModel]], BaseModel] = {}
        self._stack: dict[str, None] = {}

    def get(self, node: str) -> Any:
        """Bring a node up to date and return its value."""
        outcome = self.bring(node)
        if outcome.failure is not None:
            raise outcome.failure
        return json.loads(self.text(node))

    def reached(self) -> set[str]:
        """All nodes of this pass, leaves too."""
        return set(self._outcomes)

    def deps(self, node: str) -> list[str]:
        """What a node read, in order (empty for leaves)."""
        trace = self.store.trace(node)
        return [dep for dep, _ in trace.deps] if trace else []

    def bring(self, node: str) -> Outcome:
        """Bring a node up to date."""
        done = self._outcomes.get(node)
        if done is not None:
            return done
        if node in self._stack:
            stack = list(self._stack)
            raise Cycle([*stack[stack.index(node) :], node])
        self._stack[node] = None
        try:
            outcome = self._leaf(node) or self._reuse(node) or self._make(node)
        finally:
            del self._stack[node]
        self._outcomes[node] = outcome
        return outcome

    def _reuse(self, node: str) -> Outcome | None:
        trace = self.store.trace(node)
        if trace is None or trace.code != self._code:
            return None
        # in the order they were read: a later read may only make sense after an earlier one
        for dep, output in trace.deps:
            if self.bring(dep).output != output:
                return None
        return Outcome(trace.output)

    def _make(self, node: str) -> Outcome:
        kind, _, argument = node.partition(":")
        context = Context(self, node)
        function = self._steps.get(kind)
        self.made.append(node)
        if self._progress:
            self._progress(node)
        try:
            if function is None:
                raise LookupError(f'there is no step "{kind}"')
            text = canonical(function(context, argument))
        except Cycle:
            raise
        except StepFailed as failed:
            return _failure(failed)
        except Exception as error:
            message = f"{node}: {type(error).__name__}: {error}"
            return _failure(StepFailed(node, problem(STEP_FAILED, "", 0, "", message)))
        output = digest(text.encode("utf-8", "surrogatepass"))
        self.store.put(node, Trace(self._code, tuple(context.deps.items()), output), text)
        return Outcome(output)

    def text(self, node: str) -> str:
        """Canonical text of a node that is up to date."""
        if node.partition(":")[0] in LEAVES:
            raise LookupError(f"{node} is a leaf: use ctx.file or ctx.list")
        text = self.store.value(node)
        if text is None:  # the cache lost it after the trace was read
            outcome = self._make(node)
            if outcome.failure is not None:
                raise outcome.failure
            text = self.store.value(node)
            assert text is not None
        return text

    def model(self, node: str, model: type[Model]) -> Model:
        """Value of an up-to-date node as a model."""
        key = (node, model)
        if key not in self._models:
            self._models[key] = model.model_validate_json(self.text(node))
        found = self._models[key]
        assert isinstance(found, model)
        return found

    # ------------------------------------------------------------------ leaves
    def _leaf(self, node: str) -> Outcome | None:
        kind, _, path = node.partition(":")
        if kind not in LEAVES:
            return None
        try:
            if kind == "list":
                return Outcome(digest("\0".join(self.names(path)).encode("utf-8", "replace")))
            data = self.file(path)
        except StepFailed as failed:
            return _failure(failed)
        return Outcome(_ABSENT if data is None else digest(data))

    def file(self, path: str) -> bytes | None:
        """Bytes of a file, read once per pass."""
        if path not in self._bytes:
            try:
                self._bytes[path] = self._files.file(path)
            except CannotRead as found:
                raise StepFailed(f"file:{path}", found.problem) from None
        return self._bytes[path]

    def names(self, folder: str) -> tuple[str, ...]:
        """Sorted names in a folder, read once per pass."""
        if folder not in self._names:
            try:
                self._names[folder] = tuple(self._files.names(folder))
            except CannotRead as found:
                raise StepFailed(f"list:{folder}", found.problem) from None
        return self._names[folder]


def _failure(failed: StepFailed) -> Outcome:
    return Outcome("failed " + digest(canonical(failed.problem).encode()), failed)
