"""Write what each pool of a review takes, as raw cells, for `flagship.R` to compute anew.

python validation/export_flagship.py reviews/ketamine validation/flagship_rows.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from probatum.review.contrast import select, sensitivity_specs
from probatum.review.load import load
from probatum.review.model import Estimate

POOLED = ("random", "equal")


def rows(folder: Path) -> list[dict[str, Any]]:
    """One entry per analysis or sensitivity analysis that pools two studies or more."""
    review = load(folder)
    assert review.info is not None
    out = []
    for analysis in review.analyses.values():
        for spec in sensitivity_specs(analysis):
            if spec.model not in POOLED:
                continue
            taken = select(spec, review.studies, review.info).items
            if len(taken) < 2:
                continue
            cells = []
            for item in taken:
                first = item.rows[0]
                if isinstance(first, Estimate):
                    if not (first.estimate and first.ci_lb and first.ci_ub):
                        continue  # flagship.R would refuse it: no variance
                    cells.append(
                        {
                            "estimate": first.estimate.value,
                            "ci_lb": first.ci_lb.value,
                            "ci_ub": first.ci_ub.value,
                        }
                    )
                else:
                    cells.append(
                        {
                            name: number.value
                            for row, names in zip(
                                item.rows, (("ai", "n1i"), ("ci", "n2i")), strict=False
                            )
                            for name, number in zip(names, (row.events, row.n), strict=True)
                            if number is not None
                        }
                    )
            out.append(
                {
                    "id": spec.id,
                    "measure": spec.measure,
                    "method": "EE" if spec.model == "equal" else spec.method,
                    "test": spec.test,
                    "studies": cells,
                }
            )
    return out


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(rows(Path(sys.argv[1])), indent=1) + "\n")
