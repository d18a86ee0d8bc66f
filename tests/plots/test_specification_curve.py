"""What a specification curve draws is what the multiverse says."""

from __future__ import annotations

import re

import numpy as np
import pytest
from tests.plots.test_gallery import MAKER, overlapping

import probatum as pb
from probatum.plots.scene import Circle, Dots, Line, Text

ES = pb.effect_sizes(
    MAKER.BCG, measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg", slab="trial"
)
MANY = pb.multiverse(ES, tests=["z", "knha"], exclude={"old": ["Aronson 1948"]})


@pytest.mark.parametrize("narrow", [False, True])
def test_every_row_has_one_mark_per_choice(narrow: bool) -> None:
    figure = pb.specification_curve(MANY, narrow=narrow)
    answers, *choices = [i for i in figure.scene.items if isinstance(i, Dots)]
    assert len(answers.points) == len(MANY) - 1  # the first has a disc of its own
    assert sum(len(d.points) for d in choices) == len(MANY) * len(MANY.varied())
    assert [len(d.points) for d in choices[:4]] == [4, 4, 4, 2]  # REML, DL, PM, EE
    assert overlapping(figure.scene) == []


def test_answers_rise_and_lie_in_their_intervals() -> None:
    items = pb.specification_curve(MANY).scene.items
    answers = next(i for i in items if isinstance(i, Dots))
    heights = [y for _, y in answers.points]
    assert heights == sorted(heights, reverse=True)
    lines = {i.x1: sorted((i.y1, i.y2)) for i in items if isinstance(i, Line) and i.x1 == i.x2}
    for x, y in answers.points:
        assert lines[x][0] < y < lines[x][1]
    main = next(i for i in items if isinstance(i, Circle) and i.fill == "accent")
    rank = int(np.flatnonzero(np.argsort(MANY.estimate, kind="stable") == 0)[0])
    assert sum(x < main.x for x, _ in answers.points) == rank


def test_words() -> None:
    figure = pb.specification_curve(MANY)
    texts = {i.text for i in figure.scene.items if isinstance(i, Text)}
    assert {"Risk ratio", "τ² by", "REML", "nothing", "old"} <= texts
    assert "14 of 14 intervals exclude 1" in figure.scene.desc


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    ("yi", "vi"),
    [
        ([0.3] * 3, [0.1] * 3),  # all agree: no variance by Knapp-Hartung
        ([1e6, 2e6, 3e6, 2.5e6], [1e10] * 4),
        ([1e-9, 1, 2, 3], [1e-10, 1e10, 1, 1]),
        (list(np.linspace(-2, 2, 90)), list(np.linspace(0.01, 1, 90))),
    ],
)
def test_extreme_studies_and_hostile_names(yi: list[float], vi: list[float], narrow: bool) -> None:
    names = ("<script>alert(1)</script>", "a\nb", "x" * 300, "\u202egnp")
    es = pb.EffectSizes(np.array(yi), np.array(vi))
    found = pb.multiverse(es, exclude={name: ["1"] for name in names[: min(4, len(yi) - 1)]})
    figure = pb.specification_curve(found, narrow=narrow)
    svg = figure._repr_svg_()
    assert "<script" not in svg
    assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"', svg)
    assert overlapping(figure.scene) == []


def test_scales_are_not_mixed() -> None:
    both = pb.multiverse(ES, measures=["RR", "RD"], tests=["z"])
    with pytest.raises(pb.BadInput, match=r'where\(measure="RR"\)'):
        pb.specification_curve(both)
    assert pb.specification_curve(both.where(measure="RD"))
    with pytest.raises(pb.BadInput, match="2 to 400"):
        pb.specification_curve(both.where(measure="RR", method="REML"))
    with pytest.raises(pb.UnknownOption, match="SMD"):
        both.where(measure="SMD")
