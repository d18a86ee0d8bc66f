"""Checks of how a question reads: short sentences, explained abbreviations, links that lead on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from probatum.errors import problem_code
from probatum.review.checks.names import Names
from probatum.review.checks.study import near
from probatum.review.claims import placeholders
from probatum.review.links import inner_links, linked
from probatum.review.model import Question

NO_PAGE = problem_code(
    "W517",
    "Link that leads nowhere",
    why="The page shows the words without a link.",
    repair="Link to a file of the review: bladder.md, ../studies/<id>/study.toml, ../facts.csv.",
    example="[bladder](blader.md)",
)
ABBREVIATION = problem_code(
    "W522",
    "Abbreviation that is not explained",
    why="Readers who do not know it lose the sentence.",
    repair="Write it out, or add [glossary.<id>] with short = to review.toml.",
    example='"LUTS" without a glossary entry whose short is "LUTS"',
)
LONG = problem_code(
    "W523",
    "Long sentences",
    why="Under twenty words on average, most people follow a sentence at first reading.",
    repair="Split sentences; say one thing in each.",
    example="a page whose sentences have 24 words on average",
)

MOST_WORDS = 20.0
_CAPITALS = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]+(?=s?(?![\w-]))")
_ROMAN = re.compile(r"[IVX]+")
_CODE = re.compile(r"`[^`]*`|<[^<>]*>|https?://\S+")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_NO_SENTENCE = re.compile(r"\s*(?:#|\||$)")  # headings, tables, empty lines
_LIST = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_END = re.compile(r"[.!?][\"'”’)]*(?=\s|$)")


def abbreviations(text: str, explained: Collection[str]) -> Iterator[tuple[int, str]]:
    """(line, abbreviation) of those in capitals that the glossary does not explain.

    Examples
    --------
    >>> list(abbreviations("An RCT of LUTS.", {"RCT"}))
    [(1, 'LUTS')]
    """
    for number, line in enumerate(_words_only(text).split("\n"), 1):
        for found in _CAPITALS.findall(line):
            if found not in explained and not _ROMAN.fullmatch(found):
                yield number, found


def sentence_length(texts: Collection[str]) -> float:
    """Words per sentence on average; a shown value counts as one word.

    Examples
    --------
    >>> sentence_length(["One two three. Four of {{ n }} people: yes!"])
    4.0
    """
    counts = [
        len(words)
        for text in texts
        for piece in _pieces(text)
        for sentence in _END.split(piece)
        if (words := [w for w in sentence.split() if any(c.isalnum() for c in w)])
    ]
    return sum(counts) / len(counts) if counts else 0.0


def _pieces(text: str) -> Iterator[str]:
    """Yield paragraphs and list items; headings and tables hold no sentences."""
    piece: list[str] = []
    for line in [*_words_only(text).split("\n"), ""]:
        item = _LIST.match(line)
        if item or _NO_SENTENCE.match(line):
            yield " ".join(piece)
            piece = []
        if not _NO_SENTENCE.match(line):
            piece.append(line[item.end() :] if item else line)


def _words_only(text: str) -> str:
    """Take the words a reader sees; blocks and claims hold none of their own."""
    out, last = [], 0
    for spot in placeholders(text):
        shown = "x" if spot.field and spot.name != "claim" else ""
        out += [text[last : spot.start], shown]
        last = spot.stop
    return _LINK.sub(r"\1", _CODE.sub(" ", "".join([*out, text[last:]])))


def check_reading(question: Question, known: Names) -> Iterator[tuple[str, int, str, str]]:
    """(key, line of the body, code, message) of what makes a question hard to read."""
    texts = [("title", question.title)]
    texts += [(f"claims.{i}.text", claim.text) for i, claim in enumerate(question.claims)]
    told: set[str] = set()
    for key, text in (*texts, ("body", question.body)):
        for line, found in abbreviations(text, known.short):
            if found not in told:
                told.add(found)
                yield key, line, ABBREVIATION, f'"{found}" is not in the glossary'
        for line, href in inner_links(text):
            if message := _lost(href, known):
                yield key, line, NO_PAGE, message
    average = sentence_length([text for _, text in texts[1:]] + [question.body])
    if average >= MOST_WORDS:
        message = f"sentences have {average:.1f} words on average, expected under {MOST_WORDS:g}"
        yield "body", 1, LONG, message


def _lost(href: str, known: Names) -> str:
    """Say what is wrong with a link inside the review; "" where it leads to a page."""
    to = linked(href)
    if to is None:
        return f'"{href}" is no file of the review that has a page'
    there: dict[str, Collection[str]] = {
        "question": known.questions,
        "analysis": known.analyses,
        "study": known.studies,
    }
    if to.id in there.get(to.kind, ()) or (to.kind == "register" and known.registers.get(to.id)):
        return ""
    return f'"{href}": there is no {to.kind} "{to.id}".{near(to.id, there.get(to.kind, ()))}'
