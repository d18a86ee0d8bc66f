"""The ledger: every value in metafor's results is claimed by a comparison, or stands out.

A leaf is one named value of the files (a number, or an array of them). It is `given` (what was
asked for), `equal`, `better`, `different` or `excluded` for a cause. Whatever no comparer has
touched is `unclaimed`, so that nothing can be skipped without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.parity.reference import floats
from probatum.errors import ProbatumError

#: how far our log-likelihood may be below metafor's
LOGLIK = 1e-8
NEARER = "nearer to metafor's own solution with a tight stopping rule"
Path = tuple[str | int, ...]
#: from the worst on; a result is as bad as its worst leaf, and `given` says nothing of it
STATUSES = ("unclaimed", "different", "better", "equal", "excluded", "given")
#: parts of one result, not results of their own
PARTS = ("fit_stats", "dfbs")


@dataclass
class Entry:
    """What became of a leaf of so many numbers, of which `left` are excluded.

    `off` is the largest difference of the others, as a share of the size, where `tol` was
    allowed; `why` the key of a cause, or what differs.
    """

    status: str
    numbers: int = 0
    off: float = 0.0
    why: str = ""
    left: int = 0
    tol: float = 0.0


@dataclass
class Ledger:
    """All leaves of one file."""

    name: str
    whole: Any
    entries: dict[Path, Entry] = field(default_factory=dict)

    def root(self) -> Node:
        return Node(self, (), self.whole)

    def write(self, path: Path, entry: Entry) -> None:
        """A leaf compared in two ways is as bad as the worse of them."""
        old = self.entries.get(path)
        if old is None or STATUSES.index(entry.status) < STATUSES.index(old.status):
            self.entries[path] = entry
        elif old.status == entry.status:
            old.off = max(old.off, entry.off)

    def leaves(self) -> Iterator[tuple[Path, Entry]]:
        """Every leaf of the file, claimed or not."""
        for path in _paths(self.whole, ()):
            yield path, self.entries.get(path, Entry("unclaimed"))


def _paths(value: Any, path: Path) -> Iterator[Path]:
    inner = _inner(value)
    if inner is None:
        yield path
        return
    for key, v in inner:
        yield from _paths(v, (*path, key))


def _inner(value: Any) -> list[tuple[str | int, Any]] | None:
    """What a value is made of; None for a leaf."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list) and any(isinstance(x, dict) for x in value):
        return list(enumerate(value))
    return None


def _difference(ours: Any, theirs: Any, size: Any) -> Any:
    """As a share of the larger of metafor's value and `size`; 0 where both are NaN."""
    with np.errstate(all="ignore"):
        # below the least normal double there are no digits to compare
        whole = np.fmax(np.fmax(np.abs(theirs), np.nan_to_num(size)), 1e-300)
        off = np.abs(ours - theirs) / whole
    off = np.where((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)), 0.0, off)
    return np.where(np.isnan(off), np.inf, off)


def result_of(path: Path) -> Path:
    """The result that a leaf belongs to."""
    cut = next((i for i, key in enumerate(path) if key in PARTS), len(path) - 1)
    return path[:cut]


@dataclass
class Node:
    """A place in the file, and what can be said of the leaves under it."""

    ledger: Ledger
    path: Path
    value: Any

    def __getitem__(self, key: str | int) -> Node:
        return Node(self.ledger, (*self.path, key), self.value[key])

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def nodes(self) -> Iterator[Node]:
        """Those directly under this one."""
        for key, _ in _inner(self.value) or []:
            yield self[key]

    @property
    def key(self) -> str:
        return str(self.path[-1])

    @property
    def failed(self) -> bool:
        """Whether metafor gave an error here, or nothing."""
        return self.value is None or (isinstance(self.value, dict) and "error" in self.value)

    def given(self, *names: str) -> None:
        """These say what was asked for, or name things; nothing to compare."""
        for name in names:
            if name in self.value:
                self._every(self[name], Entry("given"))

    def ask(self, name: str) -> Any:
        """A value that says what was asked for."""
        self.given(name)
        return self.value.get(name)

    def same(
        self, name: str, ours: Any, tol: float, size: Any = 0.0, cause: str = "", skip: Any = None
    ) -> None:
        """Ours is within `tol` of metafor's value, or of `size` where that is larger.

        With a `cause` the two are known to differ, and `ours` is our number as metafor would
        have it: within the tolerance the value is excluded, for the cause. Or only the numbers
        marked by `skip` are: the others are compared.
        """
        theirs = floats(self.value[name])
        a = np.asarray(ours, dtype=float).reshape(np.shape(ours) or (1,))
        if a.shape != theirs.shape:
            why = f"shape {a.shape}, metafor's {theirs.shape}"
            self._write(name, Entry("different", theirs.size, np.inf, why))
            return
        off = _difference(a, theirs, size)
        left = 0
        if skip is not None:
            off, left = np.where(skip, 0.0, off), int(np.count_nonzero(skip))
        worst = float(np.max(off, initial=0.0))
        if worst > tol:
            i = np.unravel_index(np.argmax(off), off.shape)
            why = f"{float(a[i])!r}, metafor {float(theirs[i])!r}: off {worst:.1e} of {tol:.0e}"
            self._write(name, Entry("different", theirs.size, worst, why, 0, tol))
        elif cause and (skip is None or left == theirs.size):
            self._write(name, Entry("excluded", theirs.size, 0.0, cause, theirs.size))
        else:
            self._write(name, Entry("equal", theirs.size, worst, cause if left else "", left, tol))

    def likelihood(self, name: str, ours: float, converged: bool = True) -> None:
        """Ours has settled, and is not below metafor's by more than 1e-8."""
        theirs = float(floats(self.value[name])[0])
        off = ours - theirs
        if converged and off >= -LOGLIK:
            status, why = ("better", "a higher likelihood") if off > LOGLIK else ("equal", "")
        else:
            status, why = "different", f"log-likelihood {ours!r}, metafor {theirs!r}"
        self._write(name, Entry(status, 1, abs(off), why, 0, LOGLIK))

    def refused_too(self, call: Callable[[], Any]) -> None:
        """metafor gave an error here, and ours has to."""
        try:
            call()
        except ProbatumError:
            self._write("error", Entry("equal", 1, why="both refuse"))
        else:
            self._write("error", Entry("different", 1, why="ours gives a result"))

    def equal_text(self, name: str, ours: Any) -> None:
        """A value that is no number."""
        same = self.value[name] == ours
        why = "" if same else f"{ours!r}, metafor {self.value[name]!r}"
        status = "equal" if same else "different"
        self._write(name, Entry(status, 1, 0.0, why))

    def excluded(self, cause: str, *names: str) -> None:
        """Not compared, for the cause of this key in validation/divergences.md."""
        for node in self._named(names):
            for path in _paths(node.value, node.path):
                size = int(np.size(_at(self.ledger.whole, path)))
                self.ledger.entries[path] = Entry("excluded", size, 0.0, cause, size)

    def excluded_if(self, holds: bool, cause: str) -> None:
        """As `excluded`, if what the cause says of this case is so."""
        for path in _paths(self.value, self.path):
            if path not in self.ledger.entries:
                size = int(np.size(_at(self.ledger.whole, path)))
                entry = Entry("excluded", size, 0.0, cause, size)
                not_so = Entry("different", size, np.inf, f"{cause} does not hold")
                self.ledger.write(path, entry if holds else not_so)

    def better(self, why: str, *names: str, if_true: bool = True) -> None:
        """Ours is better, or the only one, as the check `if_true` shows; otherwise different."""
        entry = Entry("better", why=why) if if_true else Entry("different", why=f"not so: {why}")
        for node in self._named(names):
            self._every(node, entry)

    def wrong(self) -> list[str]:
        """The names of what was found different here."""
        return [n for n in self.value if self.off(n).status == "different"]

    def overrule(self, why: str, times: float, *names: str) -> None:
        """What differs by so many tolerances is metafor's error, as another computation shows."""
        for name in names:
            entry = self.off(name)
            self.overruled_if(np.isfinite(entry.off) and entry.off <= times * entry.tol, why, name)

    def overruled_if(self, shown: bool, why: str, *names: str) -> None:
        """What differs, or what metafor lacks, is ours to say, if another computation shows it."""
        for name in names:
            if shown:
                entry = self.off(name)
                entry.status, entry.why = "better", why

    def known(self, cause: str) -> None:
        """What was found equal under this node was, but for this cause, not our own number."""
        for path in _paths(self.value, self.path):
            entry = self.ledger.entries.get(path)
            if entry is not None and entry.status == "equal":
                entry.status, entry.why, entry.left = "excluded", cause, entry.numbers

    def elsewhere(self) -> Node:
        """The same place in a ledger of its own, for trials."""
        return Node(Ledger(self.ledger.name, self.ledger.whole), self.path, self.value)

    def off(self, name: str) -> Entry:
        """What was said of a leaf so far."""
        return self.ledger.entries.get((*self.path, name), Entry("unclaimed"))

    def _write(self, name: str, entry: Entry) -> None:
        self.ledger.write((*self.path, name), entry)

    def _named(self, names: tuple[str, ...]) -> list[Node]:
        return [self[n] for n in names if n in self.value] if names else [self]

    def _every(self, node: Node, entry: Entry) -> None:
        for path in _paths(node.value, node.path):
            numbers = np.size(_at(self.ledger.whole, path)) if entry.status != "given" else 0
            left = int(numbers) if entry.status == "excluded" else 0
            self.ledger.write(path, Entry(entry.status, int(numbers), 0.0, entry.why, left))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value
