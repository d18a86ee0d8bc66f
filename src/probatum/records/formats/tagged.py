"""Text in which each line starts with a tag: RIS, MEDLINE, Web of Science, EndNote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from probatum.records.formats.carried import TAG, carried, restored
from probatum.records.reading import Parsed, Piece, Rejected, Stray
from probatum.records.record import Record
from probatum.records.source import ENTRY

BEGIN = 200


@dataclass(frozen=True)
class Grammar:
    """How a tagged format marks its fields and entries.

    Attributes
    ----------
    line : pattern
        A line with a tag, in groups ``tag`` and ``text``.
    starts : frozenset of str
        Tags that begin an entry, ending the one before where its end is missing.
    ends : frozenset of str
        Tags that end an entry.
    enough : frozenset of str
        Of entries without a start: at least one of these tags makes them an entry.
    once : frozenset of str
        Tags that an entry has once: after a blank line, a second one begins the next entry
        where its start is missing.
    furniture : pattern
        Lines between entries that say nothing of their own.
    repeats : frozenset of str
        Tags below which an untagged line is one more value, not a wrapped one.
    """

    line: re.Pattern[str]
    starts: frozenset[str]
    ends: frozenset[str] = frozenset()
    enough: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    furniture: re.Pattern[str] = re.compile(r"\s*\Z")
    repeats: frozenset[str] = frozenset()


@dataclass
class Block:
    """Tagged lines that belong together: fields in order, and where they stand."""

    line_from: int
    line_to: int = 0
    fields: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0
    started: bool = False
    used: set[int] = field(default_factory=set)
    wrapped: list[str] = field(default_factory=list)  # further lines of the last field

    def add(self, number: int, tag: str, text: str) -> None:
        """Take one more field, or with no tag one more line of the last."""
        self.line_to = number
        self.size += len(text)
        if self.size > ENTRY:
            return
        if tag:
            self.settle()
            self.fields.append((tag, text.strip()))
        elif self.fields and text.strip():
            self.wrapped.append(text.strip())

    def settle(self) -> None:
        """Join the last field's lines, once: one by one takes time with the square of them."""
        if self.wrapped:
            tag, before = self.fields[-1]
            self.fields[-1] = (tag, "\n".join([before, *self.wrapped] if before else self.wrapped))
            self.wrapped = []

    def look(self, *tags: str) -> list[str]:
        """Every value of these tags, tag by tag, the empty ones left out."""
        return [text for tag in tags for name, text in self.fields if name == tag and text]

    def values(self, *tags: str) -> list[str]:
        """As `look`, and they count as used."""
        self.used.update(i for i, (name, _) in enumerate(self.fields) if name in tags)
        return self.look(*tags)

    def first(self, *tags: str) -> str:
        """The first value of the first of these tags that has one; only this one is used."""
        return self.use(next(iter(self.look(*tags)), ""), *tags)

    def use(self, text: str, *tags: str) -> str:
        """Count a value as used, in each of these tags that has it."""
        self.used.update(
            i for i, pair in enumerate(self.fields) if pair[1] == text and pair[0] in tags
        )
        return text

    def rest(self) -> list[tuple[str, str]]:
        """What no one has used, so that nothing is lost."""
        return [
            (tag, text)
            for i, (tag, text) in enumerate(self.fields)
            if text and i not in self.used and tag != TAG
        ]

    def text(self) -> str:
        """Its beginning, to tell a person which entry is meant."""
        return "; ".join(f"{tag} {text}" for tag, text in self.fields)[:BEGIN]


def blocks(lines: Iterable[tuple[int, str]], grammar: Grammar) -> Iterator[Block | Stray]:
    """Cut lines into entries and what stands between them."""
    current: Block | None = None
    blank = False
    loose = _Loose(grammar.furniture)
    for number, line in lines:
        found = grammar.line.match(line)
        tag = found["tag"].upper().strip() if found else ""
        starts = tag in grammar.starts
        if current and found and (starts or (blank and _next(current, tag, grammar))):
            yield from _closed(current, grammar)  # its end is missing, or the format has none
            current = None
        blank = not line.strip()
        if found and tag in grammar.ends:
            if current:
                current.line_to = number
                yield from _closed(current, grammar)
            current = None
        elif current is None and (not found or grammar.furniture.match(line)):
            yield from loose.add(number, line)
        elif found:
            if current is None:
                yield from loose.flush()
                current = Block(number, started=starts)
            current.add(number, tag, found["text"] or "")
        elif current and not blank:
            again = current.fields[-1][0] if current.fields else ""
            current.add(number, again if again in grammar.repeats else "", line)
    yield from loose.flush()
    if current:
        yield from _closed(current, grammar)


def _next(block: Block, tag: str, grammar: Grammar) -> bool:
    """Whether a tag after a blank line belongs to the next entry."""
    block.settle()
    return tag in grammar.once and bool(block.look(tag))


def _closed(block: Block, grammar: Grammar) -> Iterator[Block | Stray]:
    """A block is an entry where it began as one or holds enough, else stray text."""
    block.settle()
    if block.started or block.look(*grammar.enough):
        yield block
    else:
        yield Stray(block.line_from, block.line_to, block.text())


class _Loose:
    """Untagged lines between entries, gathered into one piece."""

    def __init__(self, furniture: re.Pattern[str]) -> None:
        self.furniture = furniture
        self.lines: list[str] = []
        self.first = self.last = 0

    def add(self, number: int, line: str) -> Iterator[Stray]:
        if self.furniture.match(line):
            return
        if not self.lines:
            self.first = number
        self.last = number
        if len(self.lines) < 20:
            self.lines.append(line.strip()[:BEGIN])
        yield from ()

    def flush(self) -> Iterator[Stray]:
        if self.lines:
            yield Stray(self.first, self.last, "\n".join(self.lines))
        self.lines = []


def pieces(
    lines: Iterable[tuple[int, str]], grammar: Grammar, make: Callable[[Block], Record]
) -> Iterator[Piece]:
    """Entries as records; one that holds nothing to know a work by is rejected, with its reason."""
    for block in blocks(lines, grammar):
        if isinstance(block, Stray):
            yield block
        elif block.size > ENTRY:
            reason = f"the entry has {block.size:,} characters; at most {ENTRY:,} are read"
            yield Rejected(block.line_from, block.line_to, reason, block.text())
        else:
            record = restored(make(block), block.first(TAG))
            yield judged(record, block.line_from, block.line_to, block.text())


def complete(
    fields: Iterable[tuple[str, str]], one: Record, make: Callable[[Block], Record]
) -> list[tuple[str, str]]:
    """The fields to write for `one`, with the one that carries what they can't say."""
    block = Block(1, fields=[(tag, text) for tag, text in fields if text])
    rest = carried(one, make(block))
    return [*block.fields, *([(TAG, rest)] if rest else [])]


def judged(record: Record, line_from: int, line_to: int, text: str = "") -> Parsed | Rejected:
    """A record, or its rejection where it has nothing that a work could be known by."""
    if record.title or record.doi or record.pmid or record.accession or record.registry:
        return Parsed(record, line_from, line_to)
    if record.journal and (record.authors or record.year):
        return Parsed(record, line_from, line_to)
    reason = "the entry has no title and no identifier (DOI, PMID, accession or registry number)"
    return Rejected(line_from, line_to, reason, text)
