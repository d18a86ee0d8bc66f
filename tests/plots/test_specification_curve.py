"""What a specification curve draws is what the multiverse says."""

from __future__ import annotations

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


def test_scales_are_not_mixed() -> None:
    both = pb.multiverse(ES, measures=["RR", "RD"], tests=["z"])
    with pytest.raises(pb.BadInput, match=r'where\(measure="RR"\)'):
        pb.specification_curve(both)
    assert pb.specification_curve(both.where(measure="RD"))
    with pytest.raises(pb.BadInput, match="2 to 400"):
        pb.specification_curve(both.where(measure="RR", method="REML"))
    with pytest.raises(pb.UnknownOption, match="SMD"):
        both.where(measure="SMD")
