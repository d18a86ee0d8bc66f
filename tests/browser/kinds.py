"""One page of each kind of a built site: what the browser tests open."""

from __future__ import annotations

import json
from pathlib import Path

_FOLDERS = ("questions", "themes", "studies")


def of_each_kind(site: Path) -> list[str]:
    """All pages of the root; of each folder its list, its largest page and its smallest; and one
    analysis for each way of presenting results."""
    found = [path.name for path in sorted(site.glob("*.html"))]
    for folder in _FOLDERS:
        pages = sorted(site.glob(f"{folder}/*.html"), key=lambda p: (p.stat().st_size, p.name))
        listed = [p for p in pages if p.name == "index.html"]
        pages = [p for p in pages if p.name != "index.html"]
        kept = dict.fromkeys([*listed, *pages[:1], *pages[-1:]])
        found += [path.relative_to(site).as_posix() for path in kept]
    return [*found, "analyses/index.html", *_analyses(site)]


def _analyses(site: Path) -> list[str]:
    entries = json.loads((site / "data/analyses.json").read_text("utf-8"))
    ways: dict[str, str] = {}
    for entry in entries:
        path = f"analyses/{entry['id'].partition('--')[0]}.html"
        if (site / path).is_file():
            ways.setdefault(entry["presentation"], path)
    return sorted(set(ways.values()))
