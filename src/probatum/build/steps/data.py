"""Data for machines: ``data/analyses.json`` and one CSV per analysis."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from probatum.build.engine import Context, step
from probatum.build.outputs import outputs
from probatum.build.results import AnalysisResult

FIELDS = ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "I2", "QE", "QEp")


def entry(result: AnalysisResult) -> dict[str, Any]:
    """One entry of ``analyses.json``: null wherever there is no such number to tell."""
    known = [line for line in result.studies if line.estimate is not None]
    out: dict[str, Any] = {
        "id": result.id,
        "title": result.title,
        "measure": result.measure,
        "method": result.method,
        "test": result.test,
        "predtype": result.predtype,
        "k": result.k,
        "n": result.n,
        **dict.fromkeys(FIELDS),
        "status": result.status,
        "presentation": result.presentation,
        "model": result.model,
        "measure_name": result.measure_name,
    }
    if result.pooled is not None:
        out.update({name: getattr(result.pooled, name) for name in FIELDS})
    if result.presentation == "two-studies":
        # no interval is the answer here: both stand in "intervals", named by their test
        out.update(ci_lb=None, ci_ub=None)
        out["intervals"] = [item.model_dump() for item in result.intervals]
    elif len(known) == 1 and result.presentation in ("single-study", "exact"):
        out.update({name: getattr(known[0], name) for name in ("estimate", "ci_lb", "ci_ub")})
    elif result.presentation == "exact" and result.zero:
        out.update(estimate=0.0, ci_lb=0.0, ci_ub=result.zero["upper"])
    out["studies"] = [
        {
            "study": line.study,
            "yi": line.yi,
            "vi": line.vi,
            "weight": line.weight,
            "refs": line.refs,
        }
        for line in result.studies
    ]
    return out


@step("entry")
def entry_node(ctx: Context, name: str) -> dict[str, Any]:
    """The entry of one result."""
    return entry(ctx.model(f"result:{name}", AnalysisResult))


@step("data")
def data(ctx: Context, name: str) -> str:
    """``data:analyses.json`` or ``data:analyses/<id>.csv``."""
    if name == "analyses.json":
        entries = [ctx.get(f"entry:{item}") for item in ctx.get("results")]
        return json.dumps(entries, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    analysis = name.removeprefix("analyses/").removesuffix(".csv")
    return table([ctx.model(f"result:{r}", AnalysisResult) for r in ctx.get(f"parts:{analysis}")])


def _safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t"):
        return "'" + value
    return "" if value is None else value


def table(results: list[AnalysisResult]) -> str:
    """All studies of an analysis and its sensitivity analyses as CSV."""
    names = sorted({c for r in results for line in r.studies for c in line.cells})
    one_by_one = any(line.changes for r in results for line in r.studies)
    plain = (
        "study",
        "label",
        "result",
        "arm",
        "comparator",
        "n",
        "yi",
        "vi",
        "estimate",
        "ci_lb",
        "ci_ub",
        "weight",
        "subgroup",
        "frame",
        "derived",
        "source_type",
        "reason",
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["analysis", "measure", *plain, *names, *["changes"] * one_by_one, "refs"])
    for found in results:
        for line in found.studies:
            cells = [_safe(getattr(line, name)) for name in plain]
            cells[plain.index("derived")] = "true" if line.derived else "false"
            raw = [_safe(line.cells.get(name)) for name in names]
            if one_by_one:  # in the order of the refs
                raw.append(json.dumps(line.changes) if line.changes else "")
            writer.writerow([found.id, found.measure, *cells, *raw, " ".join(line.refs)])
    return text.getvalue()


@outputs("data")
def files(ctx: Context) -> dict[str, str]:
    """``data/analyses.json``, a CSV per analysis, and the manifest."""
    out = {"data/analyses.json": "data:analyses.json", "manifest.json": "manifest"}
    for name in ctx.get("analyses"):
        out[f"data/analyses/{name}.csv"] = f"data:analyses/{name}.csv"
    return out
