"""Extract what the models are compared with from metafor's outputs.

Usage: python validation/make_fixtures_models.py [folder of the reference outputs]

Writes tests/fixtures/reference/models.json.gz from that folder and from validation/small_k.json
(few and degenerate estimates, made by small_k.R). Values keep all their digits.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "tests" / "fixtures" / "reference" / "models.json.gz"
METHODS = ("FE", "DL", "HE", "HS", "HSk", "SJ", "SJIT", "ML", "REML", "EB", "PM", "PMM", "GENQ")
COEFFICIENTS = ("beta", "se", "stat", "pval", "ci_lb", "ci_ub", "ddf")
HETEROGENEITY = ("tau2", "se_tau2", "I2", "H2", "R2", "s2w", "QE", "QEp", "QM", "QMdf", "QMp")
KEPT = ("error", "k", "p", *COEFFICIENTS, *HETEROGENEITY)
FULL = (*KEPT, "vb", "fit_stats", "weights", "fitted", "resid")
TABLE = (*KEPT, "MH", "MHp", "BD", "BDp", "TA", "TAp", "CO", "COp", "fit_stats", "yi", "vi")


def only(result: dict[str, Any], names: tuple[str, ...] = KEPT) -> dict[str, Any]:
    """The kept fields, without R's one-element arrays for what is one number."""
    out = {name: result[name] for name in names if name in result}
    for name in ("k", "p", *HETEROGENEITY):
        value = out.get(name)
        if name != "QMdf" and isinstance(value, list):
            out[name] = value[0] if value else None
    return out


def fits(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Method, test and result of the fits whose method we have."""
    return [
        {"method": r["method"], "test": r.get("test", "z"), "result": only(r["result"])}
        for r in rows
        if r["method"] in METHODS
    ]


def rows_used(formula: str, table: list[dict[str, str]], yi: list[Any], n: int) -> list[int]:
    """Rows that metafor kept in a meta-regression (those without a missing moderator)."""
    columns = [c for c in table[0] if re.search(rf"\b{re.escape(c)}\b", formula)] if table else []
    rows = [
        i
        for i, row in enumerate(table)
        if isinstance(yi[i], (int, float)) and all(row[c] not in ("", "NA") for c in columns)
    ]
    if len(rows) != n:
        raise SystemExit(f"{formula}: {len(rows)} complete rows, metafor used {n}")
    return rows


def regressions(
    unit: dict[str, Any], table: list[dict[str, str]], yi: list[Any]
) -> list[dict[str, Any]]:
    """Meta-regressions with their design matrices."""
    out = []
    for r in unit.get("meta_regression") or []:
        out.append(
            {
                "mods": r["mods"],
                "rows": rows_used(r["mods"], table, yi, len(r["X"])),
                "X": r["X"],
                "fits": fits(r["fits"]),
                "reml_knha_full": only(r["reml_knha_full"], FULL),
                "predict": r["predict"],
                "confint_qp": r["confint_qp"],
            }
        )
    return out


def estimates(d: dict[str, Any], table: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Everything univariate of one data set."""
    out = []
    for i, unit in enumerate(d["uni"]):
        e = d["escalc"][unit["escalc_index"]]
        kept: dict[str, Any] = {
            "id": f"{d['id']}/{i}/{unit.get('measure') or 'GEN'}",
            "yi": e["yi"],
            "vi": e["vi"],
            "grid": fits(unit["grid"]),
            "unweighted": fits(unit["unweighted"]),
            "predict": unit.get("predict"),
            "confint": [
                c for c in unit.get("confint") or [] if c["type"] == "QP" and c["method"] in METHODS
            ],
            "meta_regression": regressions(unit, table, e["yi"]),
        }
        for name in ("reml", "ml", "fe"):
            kept[name] = only(unit[name], FULL) if name in unit else None
        out.append(kept)
    return out


def tables(d: dict[str, Any], table: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Mantel-Haenszel and Peto, with the cells they were computed from."""
    out = []
    for model in ("rma_mh", "rma_peto"):
        for i, r in enumerate(d.get(model) or []):
            cells = {a: [number(row[c]) for row in table] for a, c in r["cols"].items()}
            out.append(
                {
                    "id": f"{d['id']}/{model}/{i}/{r.get('measure') or 'PETO'}",
                    "model": model,
                    "measure": r.get("measure") or "PETO",
                    "opts": r["opts"] or {},
                    "cells": cells,
                    "result": only(r["result"], TABLE),
                }
            )
    return out


def number(text: str) -> float | None:
    """A cell of the CSV; null when it is missing."""
    return None if text in ("", "NA") else float(text)


def small() -> list[dict[str, Any]]:
    """The sets of small_k.json, in the same form (there NA is text, beside "Inf")."""
    pinned = json.loads((HERE / "small_k.json").read_text().replace('"NA"', "null"))
    out = []
    for s in pinned["sets"]:
        regs = [
            {"mods": r["mods"], "rows": list(range(len(r["X"]))), "X": r["X"],
             "fits": fits(r["fits"])}
            for r in s["meta_regression"]
        ]  # fmt: skip
        out.append(
            {"id": s["id"], "yi": s["yi"], "vi": s["vi"], "grid": fits(s["grid"]),
             "meta_regression": regs}
        )  # fmt: skip
    return out


def main() -> None:
    """Write the fixture."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/reference")
    out: dict[str, Any] = {"metafor": "", "sets": small(), "tables": []}
    for path in sorted(folder.glob("*.json")):
        d = json.loads(path.read_text())
        out["metafor"] = d["metafor"]
        with (folder / d["csv"]).open(newline="", encoding="utf-8") as f:
            table = list(csv.DictReader(f))
        out["sets"] += estimates(d, table)
        out["tables"] += tables(d, table)
    text = json.dumps(out, separators=(",", ":"), sort_keys=True)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    # a fixed time stamp and no name: the same input gives the same bytes
    with TARGET.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as z:
        z.write(text.encode())
    print(f"{len(out['sets'])} sets, {len(out['tables'])} tables, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
