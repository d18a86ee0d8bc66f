"""Write what each result of a review takes, as raw cells, for `flagship.R` to compute anew.

python validation/export_flagship.py reviews/ketamine validation/flagship_rows.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from probatum.review.contrast import ONE_GROUP, Picked, select, sensitivity_specs
from probatum.review.load import load
from probatum.review.model import AnalysisSpec, Estimate, OutcomeRow

TWO_GROUPS = (("ai", "n1i"), ("ci", "n2i"))


def reported(row: Estimate) -> dict[str, Any] | None:
    """An estimate with its interval, which gives the variance; None where one is missing."""
    if not (row.estimate and row.ci_lb and row.ci_ub):
        return None
    return {
        "estimate": row.estimate.value,
        "ci_lb": row.ci_lb.value,
        "ci_ub": row.ci_ub.value,
        "level": row.level.value if row.level else 95,
    }


def counted(rows: tuple[OutcomeRow, ...]) -> dict[str, float]:
    """Events and people of one or two groups by metafor's names."""
    names = TWO_GROUPS if len(rows) == 2 else (("xi", "ni"),)
    cells = {}
    for row, (events, n) in zip(rows, names, strict=True):
        assert row.events is not None, row.id
        assert row.n is not None, row.id
        cells |= {events: row.events.value, n: row.n.value}
    return cells


def lines(item: Picked, spec: AnalysisSpec) -> list[dict[str, Any]]:
    """One entry per line of the figure that a result makes."""
    out: dict[str, dict[str, Any] | None] = {}
    rows = tuple(row for row in item.rows if isinstance(row, OutcomeRow))
    if spec.measure in ONE_GROUP:
        out |= {f"{row.id}/{row.arm}": counted((row,)) for row in rows}
    elif rows:
        assert item.experimental is not None, item.result
        assert item.comparator is not None, item.result
        out[item.result] = counted((item.experimental, item.comparator))
    out |= {row.id: reported(row) for row in item.rows if isinstance(row, Estimate)}
    return [
        {"study": item.study.id, "key": key, **line}
        for key, line in out.items()
        if line is not None
    ]


def kind(spec: AnalysisSpec, count: int) -> str:
    """How the lines are shown."""
    by_model = {"none": "listed", "exact": "exact"}
    return by_model.get(spec.model, "single" if count == 1 else "pool")


def cases(folder: Path) -> list[dict[str, Any]]:
    """One entry per analysis and sensitivity analysis."""
    review = load(folder)
    assert review.info is not None
    out = []
    for analysis in review.analyses.values():
        for spec in sensitivity_specs(analysis):
            taken = select(spec, review.studies, review.info).items
            found = [line for item in taken for line in lines(item, spec)]
            out.append(
                {
                    "id": spec.id,
                    "kind": kind(spec, len(found)),
                    "measure": spec.measure,
                    "method": "EE" if spec.model == "equal" else spec.method,
                    "test": spec.test,
                    "lines": found,
                }
            )
    return out


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(cases(Path(sys.argv[1])), indent=1) + "\n")
