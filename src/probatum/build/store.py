"""Traces on disk: one disposable SQLite file that may be lost, damaged or locked at any time."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from probatum.build.canonical import digest

SCHEMA = 0x50420001  # "PB", 1: another number in the file means that it is rebuilt
BUSY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Trace:
    """What a node was made with: code, the dependencies it read in order, its output's hash."""

    code: str
    deps: tuple[tuple[str, str], ...]
    output: str


class Store:
    """Traces and values of nodes.

    No fault of the file is ever a fault of the build: what can't be read is made again,
    and what can't be written is kept in memory until the process ends.

    Parameters
    ----------
    path : Path or None
        The SQLite file; None keeps everything in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._traces: dict[str, Trace] = {}
        self._values: dict[str, str] = {}
        self._changed: set[str] = set()
        self._file: sqlite3.Connection | None = None
        if path is not None and not self._open(path):
            self._discard(path)
            self._open(path)

    def _open(self, path: Path) -> bool:
        """Whether the file is usable or another attempt is pointless."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            ignore = path.parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
        except OSError:
            return True
        try:
            file = sqlite3.connect(path, timeout=BUSY_SECONDS)
        except sqlite3.Error:
            return True
        try:
            # the file is disposable: a loss of power may take it, a killed process does not
            file.execute("PRAGMA synchronous = OFF")
            version = file.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA):
                file.close()
                return False
            if version == 0:
                if file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    file.close()
                    return False
                with file:
                    file.execute(
                        "CREATE TABLE trace (node TEXT PRIMARY KEY, code TEXT NOT NULL,"
                        " deps TEXT NOT NULL, output TEXT NOT NULL, value TEXT NOT NULL)"
                    )
                    file.execute(f"PRAGMA user_version = {SCHEMA}")
            for node, code, deps, output in file.execute(
                "SELECT node, code, deps, output FROM trace"
            ):
                with contextlib.suppress(ValueError, TypeError):
                    pairs = tuple([(dep, name) for dep, name in json.loads(deps)])
                    self._traces[node] = Trace(code, pairs, output)
        except sqlite3.OperationalError:  # locked, read-only, no space: work without it
            file.close()
            return True
        except (sqlite3.Error, UnicodeError):
            self._traces.clear()
            file.close()
            return False
        self._file = file
        return True

    @staticmethod
    def _discard(path: Path) -> None:
        for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
            with contextlib.suppress(OSError):
                path.with_name(name).unlink(missing_ok=True)

    def trace(self, node: str) -> Trace | None:
        """The trace of a node, if it was made before."""
        return self._traces.get(node)

    def value(self, node: str) -> str | None:
        """The canonical text of a node's value; None where it is lost or damaged."""
        if node in self._values:
            return self._values[node]
        trace = self._traces.get(node)
        if trace is None or self._file is None:
            return None
        try:
            row = self._file.execute("SELECT value FROM trace WHERE node = ?", (node,)).fetchone()
        except (sqlite3.Error, UnicodeError):
            return None
        if row is None or not isinstance(row[0], str):
            return None
        text = row[0]
        if digest(text.encode("utf-8", "surrogatepass")) != trace.output:
            return None
        self._values[node] = text
        return text

    def put(self, node: str, trace: Trace, value: str) -> None:
        """Keep what a step yielded; `save` brings it to disk."""
        self._traces[node] = trace
        self._values[node] = value
        self._changed.add(node)

    def nodes(self) -> list[str]:
        """All nodes with a trace."""
        return sorted(self._traces)

    def save(self, *, keep: set[str] | None = None) -> None:
        """Write all that changed in one transaction; drop nodes that are not in `keep`."""
        gone = [] if keep is None else [node for node in self._traces if node not in keep]
        for node in gone:
            del self._traces[node]
            self._values.pop(node, None)
            self._changed.discard(node)
        if self._file is not None and (gone or self._changed):
            rows = []
            for node in sorted(self._changed):
                trace = self._traces[node]
                rows.append(
                    (node, trace.code, json.dumps(trace.deps), trace.output, self._values[node])
                )
            with contextlib.suppress(sqlite3.Error, UnicodeError), self._file:
                self._file.executemany("DELETE FROM trace WHERE node = ?", [(n,) for n in gone])
                self._file.executemany("INSERT OR REPLACE INTO trace VALUES (?,?,?,?,?)", rows)
        self._changed.clear()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
