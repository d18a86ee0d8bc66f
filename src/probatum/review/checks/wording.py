"""Words of a claim: they say how sure it is, and never more than that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from probatum.errors import problem_code
from probatum.review.model import Level

UNFIT = problem_code(
    "W520",
    "Wording does not fit the certainty",
    why="Readers take from the words how sure a result is (GRADE's statements).",
    repair='Very low: "very uncertain"; low: "may"; moderate: "probably"; high: none of these.',
    example='"Ketamine reduces relapse" where certainty is low',
)
LOADED = problem_code(
    "W521",
    "Loaded word",
    why="It says more than a study can, or less of a person than is fair.",
    repair="Say what was seen: how much, in whom, how sure.",
    example='"significant", "proven", "addicts"',
)

# words each level asks for; a higher level must do without those of the lower ones
_HEDGES: dict[Level, re.Pattern[str]] = {
    "very low": re.compile(r"\bvery uncertain\b|\bwe do not know\b", re.IGNORECASE),
    "low": re.compile(r"\bmay\b(?! \d)"),
    "moderate": re.compile(r"\bprobably\b", re.IGNORECASE),
}
_LOADED = re.compile(
    r"\bsignifican(?:t|tly|ce)\b|\bprove[ns]?\b|\baddicts?\b|\babusers?\b|\bjunkies?\b"
    r"|\b(?:is|are|was|were) safe\b|\bmiracle\b|\bgame.chang\w+|\bclean\b(?= (?:from|of))",
    re.IGNORECASE,
)


def wording(text: str, level: Level | None) -> Iterator[tuple[str, str]]:
    """(code, message) of words that do not fit a claim of this certainty (None: not judged).

    Examples
    --------
    >>> [code for code, _ in wording("Ketamine reduces relapse.", "low")]
    ['W520']
    >>> list(wording("Ketamine may reduce relapse.", "low"))
    []
    """
    for match in _LOADED.finditer(text):
        yield LOADED, f'"{match[0]}" says more than was seen'
    if level is None:
        return
    if level in _HEDGES:
        if not _HEDGES[level].search(text):
            yield UNFIT, f"certainty is {level}, and the sentence does not say so"
        return
    for hedge in _HEDGES.values():
        if (less := hedge.search(text)) is not None:
            yield UNFIT, f'certainty is {level}, and "{less[0]}" says less'
