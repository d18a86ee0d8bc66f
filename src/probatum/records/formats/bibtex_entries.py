"""BibTeX's syntax: entries, their fields, strings and comments, with the lines they stand on.

bibtexparser reads the syntax as fast, but its LaTeX decoding takes 5 ms an entry, an entry whose
key or comma is missing passes with a field lost, and a fault has no line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from probatum.records.reading import Rejected, Stray
from probatum.records.source import ENTRY, Source

_BEGIN = re.compile(r"@\s*([A-Za-z]+)\s*([{(])")
# at the start of a line; the key's comma ends it, or the first field stands beside the key
_NEW = re.compile(r"@[A-Za-z]+\s*[{(]\s*[^\s,{}()\"=]*\s*,\s*(?:\Z|[A-Za-z][\w-]*\s*=)")
_BRACE = re.compile(r"\\.|[{}()]")
_STANDS_FOR = 2_000  # characters; strings made of strings double with each line
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"


@dataclass
class Entry:
    """An entry's fields in order, names in small letters, values still in LaTeX."""

    kind: str
    key: str
    line_from: int
    line_to: int
    fields: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The first value of a field."""
        return next((text for one, text in self.fields if one == name), "")


@dataclass
class _Raw:
    kind: str
    closer: str
    line_from: int
    line_to: int
    body: list[str] = field(default_factory=list)
    depth: int = 1
    size: int = 0


def entries(source: Source) -> Iterator[Entry | Rejected | Stray]:
    """Every entry of a file; strings are put in where they are used."""
    strings = {month: month.title() for month in _MONTHS.split()}
    for raw in _raws(source):
        if not isinstance(raw, _Raw):
            yield raw
            continue
        body = "\n".join(raw.body)
        if raw.kind in ("comment", "preamble"):
            yield Stray(raw.line_from, raw.line_to, f"@{raw.kind}: {body.strip()[:200]}")
            continue
        reading = _Fields(body, strings)
        try:
            key = "" if raw.kind == "string" else reading.key()
            found = reading.all()
        except _Broken as error:
            line = raw.line_from + body.count("\n", 0, reading.at)
            reason = f"{error}, line {line}"
            yield Rejected(raw.line_from, raw.line_to, reason, body.strip()[:200])
            continue
        if raw.kind == "string":
            strings.update(found)
        else:
            yield Entry(raw.kind, key, raw.line_from, raw.line_to, found)


def _raws(source: Source) -> Iterator[_Raw | Rejected | Stray]:
    """Cut the text where entries begin and end."""
    raw: _Raw | None = None
    loose: Stray | None = None
    number = 0
    for number, line in source.lines():
        at = 0
        if raw and _NEW.match(line):
            yield _unclosed(raw, "it is not closed before the next begins")
            raw = None
        while at < len(line) or (raw and at == 0 == len(line)):
            if raw is None:
                found = _BEGIN.search(line, at)
                loose = _outside(line[at : found.start() if found else None], number, loose)
                if not found:
                    break
                if loose:
                    yield loose
                    loose = None
                closer = "}" if found[2] == "{" else ")"
                raw = _Raw(found[1].lower(), closer, number, number)
                at = found.end()
            end = _end(raw, line, at)
            raw.body.append(line[at:end])
            raw.line_to = number
            raw.size += len(line) - at
            if end is not None:
                yield raw
                raw, at = None, end + 1
            elif raw.size > ENTRY:
                yield _unclosed(raw, f"it does not end within {ENTRY:,} characters")
                raw = None
                break
            else:
                break
    if loose:
        yield loose
    if raw:
        yield _unclosed(raw, "the file ends inside it")


def _end(raw: _Raw, line: str, at: int) -> int | None:
    """Where the entry ends in this line; counts its braces."""
    for found in _BRACE.finditer(line, at):
        char = found.group()
        if char == "{":
            raw.depth += 1
        elif char == raw.closer and raw.depth == 1:
            return found.start()
        elif char == "}":
            raw.depth = max(1, raw.depth - 1)
    return None


def _unclosed(raw: _Raw, why: str) -> Rejected:
    text = "\n".join(raw.body[:5]).strip()[:200]
    return Rejected(raw.line_from, raw.line_to, f"@{raw.kind} is damaged: {why}", text)


def _outside(text: str, number: int, before: Stray | None) -> Stray | None:
    """Text between entries is BibTeX's comment."""
    text = text.strip().strip(",\ufeff\x1a")
    if not text or text.startswith("%"):
        return before
    if before:
        return Stray(before.line_from, number, before.text)
    return Stray(number, number, text[:200])


class _Broken(ValueError):
    """A field that can't be read."""


_KEY = re.compile(r"\s*([^,={}\"]*?)\s*(?:,|\Z)")
_NAME = re.compile(r"[\s,]*([^\s=,{}\"#()]+)\s*=\s*")
_WORD = re.compile(r"[^\s,#{}\"]+")
_NEXT = re.compile(r"\s*(#|,|\Z)\s*")
_INSIDE = re.compile(r"\\.|[{}\"]", re.DOTALL)


class _Fields:
    """Reads ``name = value`` after ``name = value``."""

    def __init__(self, text: str, strings: dict[str, str]) -> None:
        self.text = text
        self.strings = strings
        self.put_in = 0
        self.at = 0

    def key(self) -> str:
        """The citation key; "" where the fields begin at once."""
        found = _KEY.match(self.text)
        if not found:
            return ""
        self.at = found.end()
        return found[1]

    def all(self) -> list[tuple[str, str]]:
        """Every field, a repeated one as often as it stands."""
        out = []
        while re.compile(r"[\s,]*\Z").match(self.text, self.at) is None:
            found = _NAME.match(self.text, self.at)
            if not found:
                raise _Broken("a field with its name, = and a value was expected")
            self.at = found.end()
            out.append((found[1].lower(), self.value()))
        return out

    def value(self) -> str:
        """A value, or several joined by #; a comma after it may be missing."""
        parts = []
        while True:
            parts.append(self.part())
            found = _NEXT.match(self.text, self.at)
            if not found:
                return "".join(parts)
            self.at = found.end()
            if found[1] != "#":
                return "".join(parts)

    def part(self) -> str:
        opener = self.text[self.at : self.at + 1]
        if opener in ("{", '"') and opener:
            return self.quoted(opener)
        found = _WORD.match(self.text, self.at)
        if not found:
            raise _Broken("a field has no value")
        self.at = found.end()
        text = self.strings.get(found.group().lower(), found.group())
        self.put_in += len(text)
        if self.put_in > _STANDS_FOR:
            raise _Broken(f"its abbreviations stand for more than {_STANDS_FOR:,} characters")
        return text

    def quoted(self, opener: str) -> str:
        depth, begin = 0, self.at + 1
        for found in _INSIDE.finditer(self.text, begin):
            char = found.group()
            if char == "{":
                depth += 1
            elif char == "}" and (depth or opener == "{"):
                depth -= 1
            if (depth < 0) if opener == "{" else (char == '"' and depth == 0):
                self.at = found.end()
                return self.text[begin : found.start()]
        raise _Broken("a value is not closed")
