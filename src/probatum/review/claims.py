"""Claims: what a question expects of a result, and where its prose shows one."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from probatum.errors import ProbatumError

# fields of a result that claims and placeholders may name
NUMBERS = frozenset(
    {
        "estimate",
        "ci_lb",
        "ci_ub",
        "pi_lb",
        "pi_ub",
        "k",
        "n",
        "tau2",
        "tau2_lb",
        "tau2_ub",
        "I2",
        "H2",
        "QE",
        "QEdf",
        "QEp",
        "pval",
        "zval",
        "se",
        "beta",
        "level",
        "null",
    }
)
FIELDS = NUMBERS | {"ci", "pi", "measure", "title"}

_EXPECT = re.compile(
    r"\s*(?:(?P<analysis>[a-z0-9]+(?:-{1,2}[a-z0-9]+)*)\.)?(?P<field>[A-Za-z]\w*)"
    r"\s*(?P<sign><=|>=|==|!=|<|>)\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*\Z"
)
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME = re.compile(r"(?:([\w-]+)\.)?([\w-]+)\Z")
# what may hold digits without stating a result: addresses, code, numbered lists
_FREE = re.compile(r"\{\{[^{}]*\}\}|`[^`]*`|\]\([^)]*\)|<[^<>]*>|https?://\S+|^\s*\d+[.)]\s")
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Expect:
    """One expectation; `analysis` is "" where the question's own is meant."""

    analysis: str
    field: str
    sign: str
    number: float
    text: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``{{ analysis.field }}`` in a body: `start` and `stop` are its place in the text."""

    text: str
    analysis: str
    field: str
    line: int  # 1-based, in the body
    start: int
    stop: int


def parse_expect(text: str) -> Expect:
    """Read ``[analysis.]field operator number``.

    Raises
    ------
    ProbatumError
        The text has another form.

    Examples
    --------
    >>> parse_expect("relapse.ci_ub > 1").number
    1.0
    """
    match = _EXPECT.match(text)
    if match is None:
        raise ProbatumError(
            f'"{text}" is not an expectation; expected [analysis.]field operator number, '
            'such as "ci_ub > 1"'
        )
    return Expect(
        match["analysis"] or "", match["field"], match["sign"], float(match["number"]), text
    )


def evaluate(expect: Expect, values: Mapping[str, float | int | None]) -> bool:
    """Whether the values of the named analysis hold what is expected; no value holds nothing.

    Examples
    --------
    >>> evaluate(parse_expect("k >= 3"), {"k": 2})
    False
    """
    value = values.get(expect.field)
    return value is not None and _SIGNS[expect.sign](float(value), expect.number)


def placeholders(body: str) -> list[Placeholder]:
    """All placeholders of a body, in order; a malformed one has the field "".

    Examples
    --------
    >>> [(p.analysis, p.field) for p in placeholders("OR {{ estimate }}, {{ relapse.ci }}")]
    [('', 'estimate'), ('relapse', 'ci')]
    """
    out = []
    for match in _PLACEHOLDER.finditer(body):
        name = _NAME.match(match[1])
        analysis, field = (name[1] or "", name[2]) if name else ("", "")
        line = body.count("\n", 0, match.start()) + 1
        out.append(Placeholder(match[1], analysis, field, line, match.start(), match.end()))
    return out


def typed_digits(body: str) -> list[tuple[int, str]]:
    """(line, number) of each number typed in the prose instead of being shown by a placeholder.

    Examples
    --------
    >>> typed_digits("Half, or 50%, of {{ n }} people")
    [(1, '50')]
    """
    out = []
    for number, line in enumerate(body.split("\n"), 1):
        out += [(number, found) for found in re.findall(r"\d[\d.,]*\d|\d", _FREE.sub(" ", line))]
    return out
