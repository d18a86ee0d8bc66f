"""An export file: its bytes, what encoding they are in, and its lines, in bounded memory."""

from __future__ import annotations

import codecs
import io
import os
import re
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


_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")
_HIGH = re.compile(rb"[\x80-\xff]")


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """A byte that is none of UTF-8, as Windows means it."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("cp1252-bytes", _as_cp1252)


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
        """The file's own name, "" for bytes; what is no text in it is shown as a replacement."""
        return os.fsencode(self.path.name).decode("utf-8", "replace") if self.path else ""

    def open(self) -> BinaryIO:
        """The bytes from their beginning."""
        return self.path.open("rb") if self.path else io.BytesIO(self.data)

    @property
    def is_packed(self) -> bool:
        """Whether it begins as a gzip, zip, bzip2, xz, 7z or rar archive does."""
        with self.open() as file:
            return file.read(6).startswith(_PACKED)

    @cached_property
    def encoding(self) -> str:
        """By byte-order mark, else by the pattern of zeros, else UTF-8 where all of it is or most
        of its letters are, else cp1252 (or Latin-1 where a byte has no meaning in that).
        """
        with self.open() as file:
            head = file.read(HEAD)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
        if wide := _utf16(head):
            return wide
        if self._decodes("utf-8") or self._is_mostly_utf8():
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

    def _is_mostly_utf8(self) -> bool:
        """One damaged byte, or one line of another program, must not garble all other letters."""
        whole = odd = 0
        with self.open() as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                found = _LETTER.findall(piece)
                whole += len(found)
                odd += len(_HIGH.findall(_LETTER.sub(b"", piece)))
        return whole > odd

    @cached_property
    def head(self) -> str:
        """The first 64 kB as text, for telling formats apart."""
        with self.text() as file:
            return file.read(HEAD)

    def text(self) -> io.TextIOWrapper:
        """The text from its beginning; CR, LF and CRLF all end a line."""
        odd = "cp1252-bytes" if self.encoding == "utf-8" else "replace"
        return io.TextIOWrapper(self.open(), self.encoding, errors=odd, newline=None)

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
