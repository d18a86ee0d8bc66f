"""From pairs to works: pairs are joined the surest first, and no join may contradict itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Components:
    """A partition of rows that refuses a join which would hold two rows kept apart.

    Parameters
    ----------
    size : int
        How many rows there are.
    facts : sequence of sequences
        Per kind of identifier what each row says, "" where nothing: one component never holds two
        different values of one kind.
    """

    size: int
    facts: Sequence[Sequence[str]] = ()
    _parent: list[int] = field(init=False)
    _members: dict[int, list[int]] = field(init=False, default_factory=dict)
    _apart: dict[int, set[int]] = field(init=False, default_factory=dict)
    _stands: set[int] = field(init=False, default_factory=set)  # roots decided before

    def __post_init__(self) -> None:
        self._parent = list(range(self.size))

    def root(self, row: int) -> int:
        """The row that stands for the component."""
        parent = self._parent
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    def members(self, row: int) -> list[int]:
        root = self.root(row)
        return self._members.get(root, [root])

    def keep_apart(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Pairs that are two works."""
        for a, b in pairs:
            self._apart.setdefault(a, set()).add(b)
            self._apart.setdefault(b, set()).add(a)

    def stand(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Join what was decided before, without asking; two such components stay two."""
        for a, b in pairs:
            one, two = sorted((self.root(a), self.root(b)))
            self._stands.discard(two)
            self._stands.add(one)
            if one != two:
                self._unite(one, two)

    def join(self, a: int, b: int) -> bool:
        """Join what `a` and `b` belong to; False where that would contradict."""
        one, two = sorted((self.root(a), self.root(b)))
        if one == two:
            return True
        if self._contradict(one, two):
            return False
        if two in self._stands:
            self._stands.remove(two)
            self._stands.add(one)
        self._unite(one, two)
        return True

    def _unite(self, one: int, two: int) -> None:
        self._members[one] = self.members(one) + self.members(two)
        self._members.pop(two, None)
        self._parent[two] = one

    def _contradict(self, one: int, two: int) -> bool:
        if one in self._stands and two in self._stands:
            return True
        left, right = self.members(one), self.members(two)
        if self._apart:
            small, other = sorted((left, right), key=len)
            rows = set(other)
            if any(not rows.isdisjoint(self._apart.get(row, ())) for row in small):
                return True
        for known in self.facts:
            values = {known[row] for row in (*left, *right)} - {""}
            if len(values) > 1:
                return True
        return False
