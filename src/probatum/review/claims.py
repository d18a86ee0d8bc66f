"""Claims: what a question expects of a result, and where its prose shows one."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from probatum.errors import ProbatumError
from probatum.review.model import (
    REGISTERS,
    Arm,
    Estimate,
    Number,
    OutcomeRow,
    Patient,
    Sourced,
    Study,
)

# fields of a result that conditions may compare
_POOLED = (
    *("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "k", "n", "level", "null"),
    *("tau2", "tau2_lb", "tau2_ub", "I2", "H2", "QE", "QEdf", "QEp", "pval", "zval", "se", "beta"),
)
_FREQUENCIES = ("per", "upper", "control", "treated")  # "28" of 100, "3" of 1000
NUMBERS = frozenset((*_POOLED, "events", "upper"))  # the last two of exact limits
NUMBERS |= {f"{name}{of}" for name in _FREQUENCIES for of in (100, 1000)}
# ... and that prose may show: intervals, and words
FIELDS = NUMBERS | {"ci", "pi", "ci100", "ci1000", "treated_ci100", "treated_ci1000"}
FIELDS |= {"measure", "title"}
# of one study in an analysis: {{ relapse/dakwar-2020.estimate }}
STUDY_FIELDS = frozenset({"estimate", "ci_lb", "ci_ub", "n", "weight"})
# what a row shows besides its columns: events of n in percent, and "12 of 43"
ROW_FIELDS = frozenset({"share", "of"})
# blocks that prose may hold on a line of their own: {{ figure relapse }}
DIRECTIVES: dict[str, str] = {
    "figure": "an analysis: its forest plot",
    "icons": "an analysis: people out of a hundred or a thousand, drawn",
    "facts": "ids, or filters such as topic=legal: rows of facts.csv",
    "mechanisms": "ids or filters: rows of mechanisms.csv, with what kind of evidence each is",
    "interactions": "ids or filters: rows of interactions.csv as a table",
    "published": "ids or filters: pooled results of others",
    "help": "filters such as kind=crisis: rows of help.csv by country",
    "studies": "ids or filters such as topic=alcohol: studies with their results",
    "ongoing": "filters: trials that are not finished",
    "patients": "ids of studies: people described one by one",
    "money": "ids or filters: who paid for the studies, counted",
}

_EXPECT = re.compile(
    r"\s*(?:(?P<name>[\w./+-]+)\.)?(?P<field>[A-Za-z]\w*)"
    r"\s*(?P<sign><=|>=|==|!=|<|>)\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*\Z"
)
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_REFERENCE = re.compile(r"(?:([\w./+-]+)\.)?(\w[\w-]*)\Z")
_ANALYSIS = re.compile(r"[a-z0-9]+(?:-{1,2}[a-z0-9]+)*\Z")
# what may hold digits without stating a result: addresses of links, code, numbered lists
_FREE = re.compile(r"\{\{[^{}]*\}\}|`[^`]*`|\]\([^)]*\)|<https?://[^<>\s]*>|^\s*\d+[.)]\s")
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
    """One expectation; `name` is "" where the claim's own analysis is meant."""

    name: str  # an analysis, or a row: "<study>/<result>/<arm>", "facts/<id>"
    field: str
    sign: str
    number: float
    text: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``{{ name.field }}`` in prose: `start` and `stop` are its place in the text.

    `name` is as in `Expect`, or "claim" (then `field` is the id of a claim). A directive
    ``{{ word argument ... }}`` has its words in `words` and no field.
    """

    text: str
    name: str
    field: str
    words: tuple[str, ...]
    line: int  # 1-based, in the body
    start: int
    stop: int


def parse_expect(text: str) -> Expect:
    """Read ``[name.]field operator number``.

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
    if match is None or not _is_name(match["name"] or ""):
        raise ProbatumError(
            f'"{text}" is not an expectation; expected [name.]field operator number, '
            'such as "ci_ub > 1"'
        )
    return Expect(match["name"] or "", match["field"], match["sign"], float(match["number"]), text)


def _is_name(name: str) -> bool:
    return not name or "/" in name or _ANALYSIS.match(name) is not None


def evaluate(expect: Expect, values: Mapping[str, float | int | None]) -> bool:
    """Whether the values of what is named hold what is expected; no value holds nothing.

    Examples
    --------
    >>> evaluate(parse_expect("k >= 3"), {"k": 2})
    False
    """
    value = values.get(expect.field)
    return value is not None and _SIGNS[expect.sign](float(value), expect.number)


def placeholders(body: str) -> list[Placeholder]:
    """All placeholders of a body, in order; a malformed one has neither field nor words.

    Examples
    --------
    >>> [(p.name, p.field) for p in placeholders("OR {{ estimate }}, {{ relapse.ci }}")]
    [('', 'estimate'), ('relapse', 'ci')]
    >>> placeholders("{{ figure relapse }}")[0].words
    ('figure', 'relapse')
    """
    out = []
    for match in _PLACEHOLDER.finditer(body):
        found = _REFERENCE.match(match[1])
        name, field = (found[1] or "", found[2]) if found else ("", "")
        if not _is_name(name):
            name, field = "", ""
        words = tuple(match[1].split()) if not field else ()
        if len(words) < 2:
            words = ()
        if field in DIRECTIVES and not name:  # one without arguments
            field, words = "", (field,)
        line = body.count("\n", 0, match.start()) + 1
        out.append(Placeholder(match[1], name, field, words, line, match.start(), match.end()))
    return out


@dataclass(frozen=True, slots=True)
class RowAt:
    """A row that prose or a condition names: the file and the key it stands at."""

    row: OutcomeRow | Estimate | Patient | Arm | Sourced
    file: str
    key: str

    def names(self) -> tuple[str, ...]:
        """Return what prose may call it, after its study."""
        if isinstance(self.row, Arm):
            return (f"arms/{self.row.id}",)
        return (self.key, f"{_table(self.file)}/{self.key}")


def find_row(
    name: str,
    study: Callable[[str], Study | None],
    register: Callable[[str], Sequence[Sourced]],
) -> RowAt | None:
    """The row named ``<register>/<id>`` or ``<study>/<result>[/<arm>]``; None if there is none.

    Patients are named ``<study>/patients/<id>``, arms ``<study>/arms/<id>``. A row that is not
    verified is not found: what was not checked can't be shown.
    """
    head, _, rest = name.partition("/")
    found: list[RowAt] = []
    if head in REGISTERS:
        found = [RowAt(row, f"{head}.csv", row.id) for row in register(head) if row.id == rest]
    elif (holder := study(head)) is not None:
        base = f"studies/{head}"
        found = [
            *(RowAt(r, f"{base}/outcomes.csv", f"{r.id}/{r.arm}") for r in holder.outcomes),
            *(RowAt(r, f"{base}/estimates.csv", r.id) for r in holder.estimates),
            *(RowAt(r, f"{base}/patients.csv", r.id) for r in holder.patients),
            *(RowAt(r, f"{base}/study.toml", f"arms.{r.id}") for r in holder.arms),
        ]
        found = [at for at in found if rest in at.names()]
    return found[0] if len(found) == 1 and found[0].row.verified else None


def _table(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".csv")


def row_value(row: OutcomeRow | Estimate | Patient | Arm | Sourced, field: str) -> float | None:
    """A number of a row: a column, or "share" (events of n, in percent).

    Examples
    --------
    >>> fact = REGISTERS["facts"](id="f", source="s", statement="s", value="14")
    >>> row_value(fact, "value")
    14.0
    """
    if field == "share":
        events, n = getattr(row, "events", None), getattr(row, "n", None)
        if not isinstance(events, Number) or not isinstance(n, Number) or n.value <= 0:
            return None
        return 100 * events.value / n.value
    value = getattr(row, field, None) if field in type(row).model_fields else None
    if isinstance(value, Number):
        return value.value
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


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
