"""Writes docs/gallery.md and its pictures from the samples of the figures themselves.

Run it after a figure has changed: ``python docs/make_gallery.py``. A test says when it is due.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import probatum as pb
from probatum import plots
from probatum.plots.figure import Figure
from probatum.plots.registry import FIGURES, Kind

HERE = Path(__file__).parent
FOLDER = "figures"

# Trials of BCG vaccine against tuberculosis (Colditz GA et al. 1994, JAMA 271, 698-702).
BCG: dict[str, list[Any]] = {
    "trial": [
        "Aronson 1948", "Ferguson & Simes 1949", "Rosenthal 1960", "Hart & Sutherland 1977",
        "Frimodt-Moller 1973", "Stein & Aronson 1953", "Vandiviere 1973", "TPT Madras 1980",
        "Coetzee & Berjak 1968", "Rosenthal 1961", "Comstock 1974", "Comstock & Webster 1969",
        "Comstock 1976",
    ],
    "year": [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976],
    "tpos": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "tneg": [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    "cpos": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "cneg": [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
    "alloc": ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4,
    "team": [
        "Aronson", "Ferguson", "Rosenthal", "Hart", "Frimodt-Moller", "Aronson", "Vandiviere",
        "Madras", "Coetzee", "Rosenthal", "Comstock", "Comstock", "Comstock",
    ],
    "ablat": [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33],
}  # fmt: skip

_CELLS = 'ai="tpos", bi="tneg", ci="cpos", di="cneg"'
START = f"""es = pb.effect_sizes(bcg, measure="RR", {_CELLS}, slab="trial")
fit = pb.pool(es, test="knha")"""


def kinds() -> dict[str, Kind]:
    """All figures of the library: every module of the plots room may register some."""
    for module in iter_modules(plots.__path__):
        if module.name != "render_matplotlib":
            import_module(f"{plots.__name__}.{module.name}")
    return dict(sorted(FIGURES.items()))


def drawn(sample: str) -> Figure:
    """What the last line of the sample gives."""
    names: dict[str, Any] = {"pb": pb, "bcg": BCG}
    exec(START, names)
    *before, last = ast.parse(sample).body
    assert isinstance(last, ast.Expr)
    exec(compile(ast.Module(before, []), "<sample>", "exec"), names)
    figure = eval(compile(ast.Expression(last.value), "<sample>", "eval"), names)
    assert isinstance(figure, Figure)
    return figure


def gallery() -> dict[str, str]:
    """Text of the page and of every picture, by path under docs/."""
    files = {}
    page = [
        "# Figures",
        "Written by `docs/make_gallery.py`; every picture is made by the lines above it. A figure "
        'shows itself in a notebook, and `.save("x.svg")` (or `.png`, `.pdf`, with matplotlib) '
        "writes it, the same bytes every time. SVG figures follow the reader's light or dark "
        'theme and keep their text as text; `theme="light"` or `theme="dark"` fixes one for any '
        "file. PDF is vector with real text. Every file carries a title and a description for who "
        "cannot see it. PNG and PDF take fonts that are installed for scripts which DejaVu Sans "
        "does not have, and say so where there are none. `narrow=True` makes a figure for a phone.",
        " · ".join(f"[{name}](#pb{name})" for name in kinds()),
        "All start from the trials of BCG vaccine (Colditz et al. 1994) in a table `bcg` with "
        "columns `trial year tpos tneg cpos cneg alloc team ablat`, and these lines:",
        f"```python\nimport probatum as pb\n\n{START}\n```",
    ]
    for name, kind in kinds().items():
        for i, sample in enumerate(kind.samples):
            figure = drawn(sample)
            path = f"{FOLDER}/gallery-{name}{f'-{i + 1}' if i else ''}.svg"
            files[path] = figure._repr_svg_()
            if not i:
                told = (kind.draw.__doc__ or "").strip().partition("\n")[0]
                page += [f"## `pb.{name}`", told, f"Source: {kind.source}"]
            page += [
                f"```python\n{sample}\n```",
                f"![{figure.scene.title}. {figure.scene.desc}]({path})",
            ]
    files["gallery.md"] = "\n\n".join(page) + "\n"
    return files


def main() -> int:
    """Write the files, and remove pictures of figures that are no more."""
    files = gallery()
    for old in (HERE / FOLDER).glob("gallery-*.svg"):
        if f"{FOLDER}/{old.name}" not in files:
            old.unlink()
    for path, text in files.items():
        (HERE / path).write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(files) - 1} pictures, the largest {max(map(len, files.values())) // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
