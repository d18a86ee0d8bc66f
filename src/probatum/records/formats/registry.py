"""The formats by name: a reader, often a writer, and how a file of that format is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from probatum.errors import BadInput, UnknownOption
from probatum.records.reading import Piece, Reading
from probatum.records.record import Record
from probatum.records.source import Source

Sniff = Callable[[Source], float]
Read = Callable[[Source], Iterator[Piece]]
Write = Callable[[Iterable[Record]], Iterator[str]]


@dataclass(frozen=True)
class Format:
    """A format of exports.

    Attributes
    ----------
    name : str
        What ``--format`` takes.
    title : str
        What it is, and who exports it.
    suffixes : tuple of str
        Used to name files, never to know them.
    source : str
        Where the format is described.
    sniff : callable
        From 0 (no) to 1 (surely) for a source, by its content.
    read : callable
        Yields a `Parsed`, `Rejected` or `Stray` for all of the text; never raises on content.
    write : callable or None
    database : str
        The database that alone exports it, "" where several do.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    source: str
    sniff: Sniff
    read: Read
    write: Write | None = None
    database: str = ""


FORMATS: dict[str, Format] = {}


def reads(
    name: str,
    title: str,
    *,
    suffixes: tuple[str, ...],
    source: str,
    sniff: Sniff,
    database: str = "",
) -> Callable[[Read], Read]:
    """Register a reader under a format's name."""

    def register(read: Read) -> Read:
        if name in FORMATS:
            raise ValueError(f"format {name} is registered twice")
        FORMATS[name] = Format(name, title, suffixes, source, sniff, read, database=database)
        return read

    return register


def writes(name: str) -> Callable[[Write], Write]:
    """Register the writer of a format that has a reader."""

    def register(write: Write) -> Write:
        FORMATS[name] = replace(FORMATS[name], write=write)
        return write

    return register


def find_format(name: str) -> Format:
    """The format of that name."""
    if name not in FORMATS:
        raise UnknownOption("format", name, sorted(FORMATS))
    return FORMATS[name]


def sniff_format(source: Source) -> Format:
    """The format that a file's content looks most like.

    Raises
    ------
    BadInput
        Where it is empty or looks like none; the message says what was looked for.
    """
    if not source.head.strip():
        raise BadInput(f'"{source.name}" is empty. Export the search again.')
    sure = {one.name: one.sniff(source) for one in FORMATS.values()}
    best = max(sure, key=lambda name: sure[name])
    if sure[best] <= 0 and source.is_packed:
        raise BadInput(
            f'"{source.name}" is a compressed archive. Unpack it, and name what is in it.'
        )
    if sure[best] <= 0:
        raise BadInput(
            f'"{source.name}" looks like none of {", ".join(sorted(FORMATS))}. '
            "Export it as one of these, or name its format with --format."
        )
    return FORMATS[best]


def read(source: Source, format: str = "") -> Reading:
    """Read a whole file; see `Format.read` for reading it piece by piece."""
    chosen = find_format(format) if format else sniff_format(source)
    reading = Reading(chosen.name, source.encoding)
    reading.records.extend(parsed.record for parsed in reading.take(chosen.read(source)))
    return reading
