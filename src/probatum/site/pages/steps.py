"""The site's files: which path is made by which node."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from typing import Any

from probatum.build.engine import Context, step
from probatum.build.outputs import outputs
from probatum.site.pages.common import question_ids, result, spec, spec_ids, study, study_ids

_STATIC = ("site.css", "favicon.svg")
_ALWAYS = (
    "index.html",
    "analyses/index.html",
    "studies/index.html",
    "methods.html",
    "problems.html",
    "404.html",
)


@outputs("pages")
def site_files(ctx: Context) -> dict[str, str]:
    """List every file of the site and the node that makes it."""
    paths = list(_ALWAYS)
    if ctx.file("facts.csv"):
        paths.append("facts.html")
    paths += [f"analyses/{a}.html" for a in spec_ids(ctx) if spec(ctx, a)]
    paths += [f"studies/{s}.html" for s in study_ids(ctx) if study(ctx, s)]
    paths += [f"questions/{q}.html" for q in question_ids(ctx)]
    found = {path: f"page:{path}" for path in paths}
    found |= {f"static/{name}": f"static:{name}" for name in _STATIC}
    found |= {f"data/{a}.csv": f"table:{a}" for a in spec_ids(ctx) if spec(ctx, a)}
    return found


@step("static")
def static(ctx: Context, name: str) -> Any:
    """Return a file that ships with the program."""
    return files("probatum.site").joinpath("static", name).read_text(encoding="utf-8")


@step("table")
def table(ctx: Context, name: str) -> Any:
    """Return the studies of an analysis as CSV (effects on the display scale)."""
    found = result(ctx, name)
    studies = found.studies if found else []
    cells = list(dict.fromkeys(c for s in studies for c in s.cells))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "study",
            "label",
            "result",
            *cells,
            "yi",
            "vi",
            "estimate",
            "ci_lb",
            "ci_ub",
            "weight",
            "refs",
        ]
    )
    for s in studies:
        writer.writerow(
            [
                s.study,
                s.label,
                s.result,
                *(s.cells.get(c, "") for c in cells),
                s.yi,
                s.vi,
                s.estimate,
                s.ci_lb,
                s.ci_ub,
                s.weight,
                " ".join(s.refs),
            ]
        )
    return out.getvalue()
