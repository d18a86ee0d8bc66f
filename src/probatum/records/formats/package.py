"""The members of a zip file, read in memory and within limits; nothing is written to disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from probatum.records.reading import Rejected
from probatum.records.source import Source

MEMBERS = 5000
SIZE = 64 << 20  # bytes of one member; RevMan's tables have a few hundred kB
TOTAL = 256 << 20
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a package, by its own name; folders in a name are never followed."""

    name: str
    data: bytes


def is_zip(source: Source) -> bool:
    """Whether a file begins as a zip does."""
    with source.open() as file:
        return file.read(4) == b"PK\x03\x04"


def names(source: Source) -> list[str]:
    """The names of all members, those of a package inside included; none where it is damaged."""
    return [one for one in _listed(source) if not one.endswith("/")]


def _listed(source: Source) -> list[str]:
    try:
        with source.open() as file, zipfile.ZipFile(file) as archive:
            return [one.filename for one in archive.infolist()[:MEMBERS]]
    except (*_FAULTS, ValueError):
        return []


def members(source: Source, suffixes: tuple[str, ...]) -> Iterator[Member | Rejected]:
    """Each member with one of these endings, in the order of names; what is unreadable is told."""
    with source.open() as file:
        yield from _members(file, suffixes, [TOTAL], inner=False)


def _members(
    file: BinaryIO,
    suffixes: tuple[str, ...],
    left: list[int],
    *,
    inner: bool,
) -> Iterator[Member | Rejected]:
    try:
        archive = zipfile.ZipFile(file)
        listed = sorted(archive.infolist(), key=lambda one: one.filename)
    except (*_FAULTS, ValueError) as error:
        yield Rejected(0, 0, f"no readable zip: {error}")
        return
    if len(listed) > MEMBERS:
        yield Rejected(0, 0, f"{len(listed):,} members; at most {MEMBERS:,} are read")
        return
    with archive:
        for one in listed:
            packed = one.filename.endswith(".zip") and not inner
            if not packed and not one.filename.endswith(suffixes):
                continue
            found = _data(archive, one, left)
            if isinstance(found, Rejected):
                yield found
            elif packed:
                yield from _members(io.BytesIO(found), suffixes, left, inner=True)
            else:
                yield Member(one.filename, found)


def _data(archive: zipfile.ZipFile, one: zipfile.ZipInfo, left: list[int]) -> bytes | Rejected:
    """The bytes of a member; what it says of its size is not believed."""
    name = one.filename[-100:]
    most = min(SIZE, left[0])
    try:
        with archive.open(one) as file:
            data = file.read(most + 1)
    except (*_FAULTS, ValueError) as error:
        return Rejected(0, 0, f'member "{name}" can\'t be read: {error}')
    if len(data) > most:
        return Rejected(0, 0, f'member "{name}" unpacks to more than {most:,} bytes')
    left[0] -= len(data)
    return data
