"""An export file: its bytes, what encoding they are in, and its lines, in bounded memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

HEAD = 1 << 16
LINE = 1 << 20  # a longer line is handed on in pieces
ENTRY = 16 << 20  # characters; more is no entry of a database but a damaged file

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Source:
    """What is read: a file, or bytes that came from elsewhere.

    Parameters
    ----------
    path : Path or None
    data : bytes
        Used where there is no path.
    columns : tuple of (str, str)
        For tables with headers of their own: pairs of a field and its header.
    """

    path: Path | None = None
    data: bytes = b""
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The file's own name, "" for bytes."""
        return self.path.name if self.path else ""

    def open(self) -> BinaryIO:
        """The bytes from their beginning."""
        return self.path.open("rb") if self.path else io.BytesIO(self.data)

    @cached_property
    def encoding(self) -> str:
        """By byte-order mark, else by the pattern of zeros, else UTF-8 where all of it is, else
        cp1252 (or Latin-1 where a byte has no meaning in that).
        """
        with self.open() as file:
            head = file.read(HEAD)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
        if wide := _utf16(head):
            return wide
        if self._decodes("utf-8"):
            return "utf-8"
        return "cp1252" if self._decodes("cp1252") else "latin-1"

    def _decodes(self, encoding: str) -> bool:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with self.open() as file:
                while piece := file.read(1 << 20):
                    decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return True

    @cached_property
    def head(self) -> str:
        """The first 64 kB as text, for telling formats apart."""
        with self.text() as file:
            return file.read(HEAD)

    def text(self) -> io.TextIOWrapper:
        """The text from its beginning; CR, LF and CRLF all end a line."""
        return io.TextIOWrapper(self.open(), self.encoding, errors="replace", newline=None)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each line with its number, without its end; an overlong one in several pieces."""
        number = 1
        with self.text() as file:
            while line := file.readline(LINE):
                yield number, line.rstrip("\n")
                number += line.endswith("\n")


def _utf16(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    sample = head[: 4096 & ~1]
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.1 * half else ""
