"""The random part in words: `~ 1 | a/b`, crossed terms, `~ inner | outer` with a structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from probatum.errors import BadInput
from probatum.meta.columns import listed

_SHAPE = (
    'a random term looks like "~ 1 | study", "~ 1 | study/id" (nested) or "~ outcome | study" '
    "(with struct=)"
)


@dataclass(frozen=True, slots=True)
class Intercept:
    """A random intercept for each combination of the levels of `factors`."""

    factors: tuple[str, ...]

    @property
    def label(self) -> str:
        """As in the formula: ``study/id``."""
        return "/".join(self.factors)


@dataclass(frozen=True, slots=True)
class Structured:
    """Effects of the levels (or values) of `inner`, correlated within the levels of `outer`."""

    inner: tuple[str, ...]
    outer: tuple[str, ...]
    struct: str
    constant: bool = True

    @property
    def label(self) -> str:
        """As in the formula: ``outcome | study``."""
        return f"{' + '.join(self.inner) or '1'} | {'/'.join(self.outer)}"


Term = Intercept | Structured


def parse(random: Any, struct: Any, known: Sequence[str]) -> tuple[Term, ...]:
    """The terms of `random`; nested intercepts come apart, coarsest first.

    Parameters
    ----------
    random : str, sequence of str, or None
    struct : str or sequence of str
        One for all structured terms, or one for each.
    known : sequence of str
        The structures that exist.

    Raises
    ------
    BadInput
        If a term can't be read, or appears twice, or there are not as many structures as
        structured terms.
    """
    if not isinstance(random, (str, list, tuple, type(None))):
        raise BadInput(f"random has {random!r}; {_SHAPE}.")
    texts = [random] if isinstance(random, str) else list(random or [])
    split = [_split(text) for text in texts]
    many = sum(left != ["1"] for left, _ in split)
    structs = iter(_structures(struct, many, known))
    out: list[Term] = []
    for left, right in split:
        if left == ["1"]:
            out += [Intercept(tuple(right[: i + 1])) for i in range(len(right))]
            continue
        bare = [n for n in left if n not in ("0", "1", "-1")]
        out.append(Structured(tuple(bare), tuple(right), next(structs), len(bare) == len(left)))
    for i, term in enumerate(out):
        if term in out[:i]:
            raise BadInput(f'random has the term "{term.label}" twice; leave one out.')
    return tuple(out)


def _split(text: Any) -> tuple[list[str], list[str]]:
    if not isinstance(text, str) or text.count("|") != 1:
        raise BadInput(f"random has {text!r}; {_SHAPE}.")
    left, right = (part.strip() for part in text.strip().removeprefix("~").split("|"))
    names = [n.strip() for n in right.replace(":", "/").split("/")]
    inner = [n.strip() for n in left.replace("- 1", "+ -1").split("+")]
    if not all(names) or not all(inner):
        raise BadInput(f"random has {text!r}; {_SHAPE}.")
    return inner, names


def _structures(struct: Any, many: int, known: Sequence[str]) -> list[str]:
    given = [struct] * many if isinstance(struct, str) else listed(struct, "struct")
    if len(given) == 1:
        given *= many
    if len(given) < many:
        raise BadInput(
            f"random has {many} terms of the form ~ inner | outer and struct has {len(given)}; "
            "give one structure for all or one for each."
        )
    from probatum.errors import UnknownOption

    for name in given:
        if name not in known:
            raise UnknownOption("struct", name, known)
    return given[:many]
