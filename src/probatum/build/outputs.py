"""Which files a site consists of, and which node each one holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from probatum.build.engine import STEPS, Context, StepFunction

OutputFunction = Callable[[Context], Mapping[str, str]]
OUTPUTS = "outputs"


def outputs(
    name: str, *, steps: dict[str, StepFunction] | None = None
) -> Callable[[OutputFunction], OutputFunction]:
    """Register a function that says which site paths there are: ``{site path: node}``.

    It is itself a step (``outputs:<name>``), so it reads through `ctx` and has a trace. The
    value of each node is the file: text, ``{"html": ..., "shown": [...]}`` for a page, or
    ``{"base64": ...}`` for a picture.
    """
    registry = STEPS if steps is None else steps

    def register(function: OutputFunction) -> OutputFunction:
        kind = f"{OUTPUTS}.{name}"
        if kind in registry:
            raise ValueError(f'outputs "{name}" are registered twice')
        registry[kind] = lambda ctx, _: dict(function(ctx))
        return function

    return register


def output_nodes(steps: Mapping[str, StepFunction]) -> list[str]:
    """The nodes that list outputs."""
    return sorted(kind for kind in steps if kind.startswith(f"{OUTPUTS}."))
