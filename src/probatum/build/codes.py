"""Problem codes of the build (E6xx)."""

from __future__ import annotations

from probatum.errors import problem_code

STEP_FAILED = problem_code(
    "E601",
    "A step of the build failed",
    why="What it makes, and what rests on that, is missing from the site.",
    repair="Repair the problems reported for the files it reads; if there are none, report a bug.",
    example="an analysis whose model can't be fitted",
)
CYCLE = problem_code(
    "E602",
    "Steps depend on each other in a circle",
    why="None of them can ever be made.",
    repair="This is a fault of the program: report it with the nodes named here.",
    example="page a needs page b, which needs page a",
)
TWO_WRITERS = problem_code(
    "E604",
    "Two steps write the same file of the site",
    why="Only one of them can be there.",
    repair="Give one of the things that are named here another id.",
    example="two pages at analyses/relapse.html",
)
NOT_OURS = problem_code(
    "E605",
    "A file in the site folder was not written by the build",
    why="The build never overwrites what it did not write.",
    repair="Move that file away, or build into another folder (--out).",
    example="an index.html made by hand",
)
UNWRITTEN = problem_code(
    "E608",
    "A file of the site can't be written",
    why="It is missing from the site, or is still that of an earlier build.",
    repair="Check the permissions of the site folder, or give the thing a shorter id.",
    example="a study whose id is longer than file names may be",
)
LOST_REF = problem_code(
    "E610",
    "A shown number leads nowhere",
    why="Every number on the site leads back to a row and a place in a source.",
    repair="Check that the row exists and names a report and a locator.",
    example="a ref to a row that is not in the file",
)
TWO_VALUES = problem_code(
    "E611",
    "One number is shown in two ways",
    why="The same key must show the same text on every page.",
    repair="This is a fault of the program: report it with the key named here.",
    example="relapse/estimate is 1.2 on one page and 1.25 on another",
)
ANALYSIS_FAILED = problem_code(
    "E606",
    "An analysis can't be computed",
    why="Its result is missing from the site; its page says so.",
    repair="Check the measure, model and test of the analysis, and the rows that it takes.",
    example="a Mantel-Haenszel analysis of hazard ratios",
)
NOTHING = problem_code(
    "E607",
    "An analysis has nothing to pool",
    why="A page without any study says nothing.",
    repair="Check [select] of the analysis: outcome, use, frame and rows.",
    example='use = ["main"] where every row says "sensitivity"',
)
