"""Which function compares which kind of result."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity import families
from benchmarks.parity.ledger import Ledger, Node, Path
from benchmarks.parity.reference import data_set, floats


@dataclass
class Estimates:
    """One set of effect sizes of a file, and its fits."""

    name: str
    measure: str
    index: int
    y: Any
    v: Any
    fits: dict[tuple[str, str], pb.MetaFit] = field(default_factory=dict)

    def fit(self, method: str = "REML", test: str = "z") -> pb.MetaFit:
        """The fit of all estimates without moderators, as generate.R asks for it."""
        if (method, test) not in self.fits:
            more = {}
            if method == "GENQ":
                more["weights"] = 1.0 / (self.v + np.nanmean(self.v))
            self.fits[method, test] = pb.pool(self.y, self.v, method=method, test=test, **more)
        return self.fits[method, test]


#: kinds of results of a set of estimates, and of a whole file
OF_ESTIMATES: dict[str, Callable[[Node, Estimates], None]] = {}
OF_FILES: dict[str, Callable[[Node], None]] = {}


def of_estimates(*kinds: str) -> Callable[[Callable[[Node, Estimates], None]], Any]:
    """Register the comparer of these kinds of univariate results."""

    def add(function: Callable[[Node, Estimates], None]) -> Any:
        OF_ESTIMATES.update(dict.fromkeys(kinds, function))
        return function

    return add


def of_file(kind: str) -> Callable[[Callable[[Node], None]], Any]:
    """Register the comparer of a kind of results of a data set."""

    def add(function: Callable[[Node], None]) -> Any:
        OF_FILES[kind] = function
        return function

    return add


def family_of(path: Path) -> str:
    """The family that compares what stands at this path: the file of its comparer."""
    _load()
    registered: dict[Any, Any] = OF_FILES
    kind = path[0]
    if kind == "uni" and len(path) > 2:
        registered, kind = OF_ESTIMATES, path[2]
    comparer = registered.get(kind)
    return comparer.__module__.rpartition(".")[2] if comparer else "(none)"


@cache
def _load() -> None:
    """Import all families, which registers their comparers."""
    for module in pkgutil.iter_modules(families.__path__):
        importlib.import_module(f"{families.__name__}.{module.name}")


def walk(name: str) -> Ledger:
    """Compare everything in one file; what no comparer claims stays unclaimed."""
    _load()
    ledger = Ledger(name, data_set(name))
    root = ledger.root()
    root.given("id", "csv", "note", "metafor", "R")
    for kind, compare in OF_FILES.items():
        if kind in root:
            compare(root[kind])
    for unit in root["uni"].nodes():
        unit.given("measure")
        e = root.value["escalc"][unit.ask("escalc_index")]
        measure, index = unit.value.get("measure") or "GEN", int(unit.key)
        estimates = Estimates(name, measure, index, floats(e["yi"]), floats(e["vi"]))
        for kind, compare_one in OF_ESTIMATES.items():
            if kind in unit:
                compare_one(unit[kind], estimates)
    return ledger
