"""Make tests/fixtures/reference/escalc.json from the shared reference results of metafor.

    python validation/make_fixtures_escalc.py [/work/shared/reference]

Keeps, of every effect size, the columns used, the options, and metafor's yi and vi.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "tests/fixtures/reference/escalc.json"

# metafor has no such formula and ignores the option without a word; probatum refuses it
IGNORED = [("CVR", {"vtype": "AV"})]


def number(text: str) -> float | None:
    return None if text in ("", "NA") else float(text)


def column(rows: list[dict[str, str]], name: str) -> list[float | None]:
    """One column, or one of the few expressions of columns that generate.R uses."""
    if name in rows[0]:
        return [number(row[name]) for row in rows]
    if name == "rep(0.3, length(ai))":
        return [0.3] * len(rows)
    known = {"se^2": ("se", "se", "*"), "OmE/V": ("OmE", "V", "/"), "1/V": ("", "V", "/")}
    a, b, sign = known[name]
    left = [1.0] * len(rows) if not a else column(rows, a)
    pairs = zip(left, column(rows, b), strict=True)
    return [None if x is None or y is None else (x * y if sign == "*" else x / y) for x, y in pairs]


def plain(values: list[Any]) -> list[float | None]:
    return [float(v) if isinstance(v, (int, float)) else None for v in values]


def cases(folder: Path) -> list[dict[str, Any]]:
    found = []
    for path in sorted(folder.glob("*.json")):
        whole = json.loads(path.read_text(encoding="utf-8"))
        with (folder / whole["csv"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for index, case in enumerate(whole["escalc"]):
            measure = case["measure"] or "GEN"
            if "error" in case or (measure, case.get("opts")) in IGNORED:
                continue
            found.append(
                {
                    "id": f"{path.stem}-{index}-{measure}",
                    "measure": measure,
                    "opts": case.get("opts") or {},
                    "data": {arg: column(rows, name) for arg, name in case["cols"].items()},
                    "yi": plain(case["yi"]),
                    "vi": plain(case["vi"]),
                }
            )
    return found


if __name__ == "__main__":
    source = Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/reference")
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases(source))
    TARGET.write_text(
        '{"made_by":"validation/make_fixtures_escalc.py","metafor":"3.8-1","cases":[\n'
        + lines
        + "\n]}\n",
        encoding="utf-8",
    )
