"""The objects of a JSON file one by one: a list, an object that holds a list, or JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from probatum.records.reading import Rejected, Stray
from probatum.records.source import ENTRY, Source

CHUNK = 1 << 18
BEGIN = 200
_DECODER = json.JSONDecoder()
_BEGIN = re.compile(r"^[\[{]", re.MULTILINE)
_BLANK = re.compile(r"[\s\ufeff\x1e]*")  # 1e parts the texts of RFC 7464


@dataclass(frozen=True, slots=True)
class Item:
    """A value of the list, with its lines."""

    value: Any
    line_from: int
    line_to: int


class _Broken(ValueError):
    """A value that can't be read."""


def items(source: Source, lists: tuple[str, ...]) -> Iterator[Item | Rejected | Stray]:
    """Every object of a file; `lists` are the keys under which an outer object holds them.

    What follows damage inside a list can't be told apart any more and is rejected as one entry;
    in JSON lines only the damaged one is.
    """
    window = _Window(source)
    while char := window.peek():
        first, text = window.line(), window.ahead()
        try:
            if char == "[":
                yield from _list(window)
            elif char == "{":
                yield from _object(window, lists)
            elif char == ",":
                window.at += 1
            else:
                window.skip()
                yield Stray(first, window.last(first), text)
        except _Broken as error:
            window.skip()
            yield Rejected(first, window.last(first), str(error), text)


def _list(window: _Window) -> Iterator[Item | Rejected]:
    window.at += 1
    while char := window.peek():
        first = window.line()
        if char == "]":
            window.at += 1
            return
        if char == ",":
            window.at += 1
            continue
        text = window.ahead()
        try:
            value = window.value()
        except _Broken as error:
            window.rest()
            reason = f"{error}; the rest of the list can't be read"
            yield Rejected(first, window.line(), reason, text)
            return
        yield Item(value, first, window.line())
    line = window.line()
    yield Rejected(line, line, "the file ends inside its list: what should follow is missing")


def _object(window: _Window, lists: tuple[str, ...]) -> Iterator[Item | Rejected]:
    """An object as an item of its own, or the items of the lists in it."""
    first = window.line()
    window.at += 1
    held: dict[str, Any] = {}
    holds = False
    while (char := window.peek()) != "}":
        if char == ",":
            window.at += 1
            continue
        key = window.value() if char == '"' else None
        if not isinstance(key, str) or window.peek() != ":":
            raise _Broken("a name in quotes and a colon were expected here")
        window.at += 1
        if key in lists and window.peek() == "[":
            holds = True
            yield from _list(window)
            if not window.peek():
                return  # the list has told that it does not end
        else:
            held[key] = window.value()
    window.at += 1
    if not holds:
        yield Item(held, first, window.line())


class _Window:
    """A part of the text: what has been read is dropped, so that memory does not grow."""

    def __init__(self, source: Source) -> None:
        self.file = source.text()
        self.text = ""
        self.at = 0
        self.ended = False
        self._counted = 0
        self._line = 1

    def line(self) -> int:
        """The line that has been reached."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def last(self, first: int) -> int:
        """The line before, where the end of one has been passed."""
        return max(first, self.line() - (self.text[self.at - 1 : self.at] == "\n"))

    def fill(self) -> bool:
        """Get more text; False at its end."""
        self.line()
        piece = self.file.read(max(CHUNK, len(self.text) - self.at))
        self.text = self.text[self.at :] + piece
        self.at = self._counted = 0
        self.ended = not piece
        return bool(piece)

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            found = _BLANK.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.fill():
                return ""

    def value(self) -> Any:
        """The value that begins here."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except RecursionError:
                raise _Broken("values are nested too deeply") from None
            except ValueError as error:
                if len(self.text) - self.at > ENTRY:
                    raise _Broken(f"not readable within {ENTRY:,} characters") from None
                if self.ended or not self.fill():
                    raise _Broken(f"no valid JSON: {str(error).split(':')[0]}") from None
                continue
            if end == len(self.text) and not self.ended and self.fill():
                continue  # a number may go on
            self.at = end
            return value

    def ahead(self) -> str:
        """The beginning of what follows, to tell a person which value is meant."""
        while len(self.text) - self.at < BEGIN and self.fill():
            pass
        return self.text[self.at : self.at + BEGIN]

    def skip(self) -> None:
        """To the next line on which a value begins."""
        seek = self.at
        while not (found := _BEGIN.search(self.text, seek)):
            self.at = max(self.at, len(self.text) - 1)
            if not self.fill():
                self.at = len(self.text)
                return
            seek = 1
        self.at = found.start()

    def rest(self) -> None:
        """To the end."""
        self.at = len(self.text)
        while self.fill():
            self.at = len(self.text)
