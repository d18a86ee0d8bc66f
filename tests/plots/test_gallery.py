"""Every figure of the library has its docs, source and sample, and keeps the promises of all."""

from __future__ import annotations

import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import probatum as pb
from probatum.plots.measuring import text_width
from probatum.plots.registry import FIGURES, Kind
from probatum.plots.scene import Scene, Text

DOCS = Path(__file__).parents[2] / "docs"
SVG = "{http://www.w3.org/2000/svg}"
HEAVIEST = 60_000


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_gallery", DOCS / "make_gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_gallery"] = module
    spec.loader.exec_module(module)
    return module


MAKER = _maker()
KINDS: dict[str, Kind] = MAKER.kinds()
SAMPLES = [(name, sample) for name, kind in KINDS.items() for sample in kind.samples]
PUBLIC = {n for n in pb.__all__ if getattr(pb, n).__module__.startswith("probatum.plots.")}


def overlapping(scene: Scene) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other, by their estimated widths."""
    boxes = []
    for t in scene.items:
        if isinstance(t, Text) and t.text:
            wide = 0.85 * max(text_width(x, t.size, bold=t.bold) for x in t.text.split("\n"))
            left = t.x - {"start": 0.0, "middle": wide / 2, "end": wide}[t.anchor]
            low = t.y + t.size * 1.3 * t.text.count("\n")
            boxes.append((left, t.y - 0.7 * t.size, left + wide, low, t.text))
    return [
        (a[4], b[4])
        for a, b in combinations(boxes, 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


def test_all_public_figures_are_registered_and_all_registered_are_public() -> None:
    assert set(FIGURES) == PUBLIC
    assert set(FIGURES) <= set(pb.__all__)


@pytest.mark.parametrize("name", KINDS)
def test_a_figure_has_its_docs_source_and_sample(name: str) -> None:
    kind = KINDS[name]
    doc = kind.draw.__doc__ or ""
    assert "Examples\n" in doc
    assert "Parameters\n" in doc
    assert f"pb.{name}(" in doc
    assert any(c.isdigit() for c in kind.source)
    assert kind.samples
    assert all(f"pb.{name}(" in sample for sample in kind.samples)


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_a_sample_is_light_wellformed_told_and_the_same_twice(name: str, sample: str) -> None:
    figure = MAKER.drawn(sample)
    svg = figure._repr_svg_()
    assert svg == MAKER.drawn(sample)._repr_svg_()
    assert len(svg.encode()) < HEAVIEST
    assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"|>[^<]*\b(nan|inf)\b', svg)
    root = ET.fromstring(svg)
    assert (root.findtext(f"{SVG}title") or "").strip()
    assert any(c.isdigit() for c in root.findtext(f"{SVG}desc") or "")
    assert "prefers-color-scheme" in svg
    assert len(sample.splitlines()) <= 3


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_no_text_covers_another_or_leaves_the_figure(name: str, sample: str) -> None:
    scene = MAKER.drawn(sample).scene
    assert overlapping(scene) == []
    for item in scene.items:
        if isinstance(item, Text):
            wide = 0.85 * text_width(item.text, item.size, bold=item.bold)
            left = item.x - {"start": 0.0, "middle": wide / 2, "end": wide}[item.anchor]
            assert left >= -10
            assert left + wide <= scene.width + 10
            assert 0 < item.y <= scene.height + 8


@pytest.mark.parametrize("name", KINDS)
def test_png_and_pdf_are_written(name: str, tmp_path: Path) -> None:
    figure = MAKER.drawn(KINDS[name].samples[-1])
    png = figure.save(tmp_path / "x.png", dpi=50).read_bytes()
    assert png.startswith(b"\x89PNG")
    assert figure.save(tmp_path / "y.png", dpi=50).read_bytes() == png
    pdf = figure.save(tmp_path / "x.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert figure.save(tmp_path / "y.pdf").read_bytes() == pdf


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("wrong", [None, 3, [0.1, 0.2], "fit", {"yi": [1]}])
def test_wrong_input_is_said_by_name(name: str, wrong: Any) -> None:
    with pytest.raises(pb.BadInput, match=name):
        KINDS[name].draw(wrong)


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"forest", "funnel", "labbe", "gosh_plot"}))
def test_one_study_is_too_few(name: str) -> None:
    with pytest.raises(pb.BadInput, match=name):
        KINDS[name].draw(pb.pool([0.5], [0.1]))


@pytest.mark.parametrize("name", sorted({"funnel", "radial", "drapery"} & set(KINDS)))
def test_moderators_are_refused_where_one_effect_is_needed(name: str) -> None:
    fit = pb.pool([0.1, 0.3, 0.5, 0.2], [0.1] * 4, mods=np.arange(4.0)[:, None])
    with pytest.raises(pb.BadInput, match="moderators"):
        KINDS[name].draw(fit)


def test_the_gallery_is_up_to_date() -> None:
    for path, text in MAKER.gallery().items():
        assert (DOCS / path).read_text(encoding="utf-8") == text, "run docs/make_gallery.py"
