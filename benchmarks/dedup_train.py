"""Fit the weights of the duplicates model and write them to model.json.

    python -m benchmarks.dedup_train [--write]

Pairs come from the two labelled sets and from made-up records (`synthetic_records`), through the
engine's own blocking and features. Each weight has the sign of its term, so that agreement never
counts against; a small ridge keeps the others finite. Printed beside: what the engine reaches on
each labelled set with weights that have not seen it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from benchmarks.dedup_kinds import rows
from benchmarks.dedup_score import SETS, labelled, of
from benchmarks.synthetic_records import records
from probatum.records.dedup import engine, model
from probatum.records.dedup.blocking import blocks
from probatum.records.dedup.columns import as_table
from probatum.records.dedup.features import compare
from probatum.records.dedup.normalise import normalise
from probatum.records.dedup.vetoes import vetoed

# tables often lack whole columns: each set is also learnt from without these
LACKING = (
    (), ("author",), ("journal",), ("doi",), ("volume", "number", "pages"), ("number",),
    ("author", "journal", "volume", "number", "pages"), ("year", "journal"), ("abstract",),
    ("pmid",),
)  # fmt: skip
RIDGE = 0.1
AUTO, QUEUE = 0.4, 0.003
MODEL = Path(model.__file__).with_name("model.json")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Compared pairs: terms of the model, the veto, whether each is one work, what it counts."""

    terms: model.Floats
    veto: NDArray[Any]
    same: model.Floats
    weight: model.Floats


def pairs(data: pl.DataFrame, weight: float = 1.0) -> Pairs:
    normal = normalise(as_table(data))
    compared = compare(normal, blocks(normal).pairs)
    cluster = data["cluster"]
    same = (cluster.gather(compared["a"]) == cluster.gather(compared["b"])).to_numpy()
    return Pairs(
        model.design(compared), vetoed(compared)["veto"].to_numpy(), same.astype(float),
        np.full(len(same), weight),
    )  # fmt: skip


def lacking(data: pl.DataFrame, weight: float) -> list[Pairs]:
    """The set whole, and without each group of columns of `LACKING` at a quarter of the weight."""
    return [
        pairs(data.drop([c for c in columns if c in data.columns]), weight / (4 if columns else 1))
        for columns in LACKING
    ]


def fit(sets: list[Pairs]) -> dict[str, Any]:
    """Penalised maximum likelihood under the signs of `model.terms`."""
    x = np.vstack([s.terms for s in sets])
    y, w = (np.concatenate([getattr(s, name) for s in sets]) for name in ("same", "weight"))
    x = np.column_stack([x, np.ones(len(x))])
    ridge = np.full(x.shape[1], RIDGE)
    ridge[-1] = 0

    def loss(beta: model.Floats) -> tuple[float, model.Floats]:
        z = x @ beta
        value = np.sum(w * (np.logaddexp(0, z) - y * z)) + 0.5 * np.sum(ridge * beta**2)
        return float(value), x.T @ (w * (1 / (1 + np.exp(-z)) - y)) + ridge * beta

    bounds = [(0, None) if sign > 0 else (None, 0) for _, sign in model.terms()] + [(None, None)]
    found = minimize(loss, np.zeros(x.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B",
                     options={"maxiter": 3000, "maxfun": 5000})  # fmt: skip
    names = [name for name, _ in model.terms()]
    weights = {
        n: round(float(b), 3) for n, b in zip(names, found.x[:-1], strict=True) if abs(b) >= 5e-4
    }
    return {
        "auto": AUTO,
        "queue": QUEUE,
        "intercept": round(float(found.x[-1]), 3),
        "weights": weights,
        "vetoes": _of_vetoes(x @ found.x, np.concatenate([s.veto for s in sets]), y, w),
    }


def _of_vetoes(
    odds: model.Floats, veto: NDArray[Any], y: model.Floats, w: model.Floats
) -> dict[str, float]:
    """What each veto adds to the log odds of one work, at the same terms."""
    out = {}
    for name in sorted(set(veto) - {""}):
        here = veto == name

        def loss(shift: float, here: Any = here) -> float:
            z = odds[here] + shift
            return float(np.sum(w[here] * (np.logaddexp(0, z) - y[here] * z))) + shift**2 / 2

        out[str(name)] = round(float(minimize_scalar(loss, bounds=(-9, 9), method="bounded").x), 2)
    return out


def main() -> int:
    """Print what is reached on each set by weights that have not seen it, then fit on all."""
    sets = {name: labelled(name) for name in SETS}
    real = {name: lacking(data, 1.0) for name, data in sets.items()}
    made = [
        p
        for seed in (11, 12)
        for p in lacking(records(5000, seed=seed, abstracts=seed % 2 == 0, relatives=0.5), 0.5)
    ]
    made += lacking(rows(20, seed=13)[0], 0.5)
    unseen = {}
    for left_out, data in sets.items():
        told = fit([p for name in SETS if name != left_out for p in real[name]] + made)
        with patch.object(model, "parameters", lambda told=told: told):
            score = of(data, engine.duplicates(data))
        print(f"{left_out}, not seen in training: {score}")
        unseen[left_out] = asdict(score)
    told = fit([p for name in SETS for p in real[name]] + made)
    if "--write" in sys.argv:
        note = (
            "python -m benchmarks.dedup_train --write: cytology, digital_work and made-up records"
        )
        text = json.dumps({"trained": note, "unseen": unseen, **told}, indent=1)
        MODEL.write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
