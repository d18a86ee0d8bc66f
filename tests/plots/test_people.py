"""Icon arrays, sparks and people one by one: counted right, and readable without colour."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest

from probatum.plots.icons import IconPanel, icon_array
from probatum.plots.measuring import text_width
from probatum.plots.patients import PatientPanel, PatientRow, patients_scene
from probatum.plots.scene import Circle, Dots, Line, Polygon, Scene, Text
from probatum.plots.spark import spark_scene
from probatum.plots.svg import render_svg
from probatum.plots.table import Diamond, StudyRow


def dots(scene: Scene, role: str, square: bool) -> list[tuple[float, float]]:
    """Where marks of one kind stand, without those in the legend."""
    legend = min(i.y for i in scene.items if isinstance(i, Text) and i.size == 12) - 12
    return [
        (x, y)
        for i in scene.items
        if isinstance(i, Dots) and (i.role, i.square) == (role, square)
        for x, y in i.points
        if y < legend
    ]


def texts(scene: Scene) -> list[str]:
    return [i.text for i in scene.items if isinstance(i, Text)]


@pytest.mark.parametrize(("per", "count"), [(100, 28), (100, 100), (1000, 9), (100, 2)])
def test_as_many_squares_as_people_and_the_rest_are_discs(per: int, count: int) -> None:
    scene = icon_array((IconPanel("People", count),), per=per, title="t", desc="d")
    squares, discs = dots(scene, "accent", True), dots(scene, "muted", False)
    assert (len(squares), len(discs)) == (count, per - count)
    assert len({*squares, *discs}) == per


@pytest.mark.parametrize(("treated", "square"), [(33, True), (4, False)])
def test_the_difference_is_outlined_where_it_lies(treated: int, square: bool) -> None:
    pair = (IconPanel("A: placebo", 11), IconPanel("B: drug", treated, 2, 40))
    scene = icon_array(pair, title="t", desc="d")
    outline = dots(scene, "ink", square)
    assert len(outline) == abs(treated - 11)
    assert min(x for x, _ in outline) > 150  # in the second group
    assert len(dots(scene, "band1", True)) == 40 - 2
    assert "the difference" in texts(scene)


def test_groups_of_the_same_size_have_no_difference() -> None:
    pair = (IconPanel("A", 5), IconPanel("B", 5))
    scene = icon_array(pair, title="t", desc="d")
    assert not [i for i in scene.items if isinstance(i, Dots) and i.role == "ink"]
    assert "the difference" not in texts(scene)


@pytest.mark.parametrize("per", [100, 1000])
def test_an_array_fits_a_phone_and_its_bytes_a_page(per: int) -> None:
    pair = (IconPanel("A: a rather long name", 9), IconPanel("B: another long name", 4, 1, 8))
    scene = icon_array(pair, per=per, title="t", desc="d", narrow=True)
    assert scene.width <= 340
    assert per != 100 or len(render_svg(scene)) < 10_000
    for i in (i for i in scene.items if isinstance(i, Text)):
        wide = max(text_width(line, i.size, bold=i.bold) for line in i.text.split("\n"))
        assert i.x + wide <= 344, i
        assert i.y <= scene.height
    for mark in (i for i in scene.items if isinstance(i, Dots)):
        assert all(0 <= x <= scene.width and 0 <= y <= scene.height for x, y in mark.points)
    assert len(render_svg(scene, standalone=False)) < 30_000


def test_a_spark_shows_the_null_and_cuts_what_is_too_far() -> None:
    wide = StudyRow("", "", (), 0.5, 0.001, 2000.0, weight=33)
    scene = spark_scene((wide,), scale="log", null=1.0, lo=0.1, hi=10.0)
    null = [i for i in scene.items if isinstance(i, Line) and i.x1 == i.x2]
    assert [i.x1 for i in null] == pytest.approx([scene.width / 2])
    assert sum(isinstance(i, Polygon) and len(i.points) == 3 for i in scene.items) == 2
    assert not texts(scene)


def test_sparks_stand_on_one_axis() -> None:
    def tip(upper: float) -> float:
        row = Diamond("", "", 1.0, 0.9, upper)
        scene = spark_scene((row,), scale="log", null=1.0, lo=0.1, hi=10.0)
        (shape,) = (i for i in scene.items if isinstance(i, Polygon))
        return max(x for x, _ in shape.points)

    assert tip(2.0) - 66 == pytest.approx((tip(4.0) - 66) / 2)


NAN = math.nan
PANELS = (
    PatientPanel("Episodes", (PatientRow("a", "Aber 1990, person 1", 40, 0, "40", "0"),)),
    PatientPanel(
        "Body mass index",
        (
            PatientRow("b", "Bent 1993, person 1", 13, NAN, "13"),
            PatientRow("c", "Bent 1993, person 2", NAN, 19, "", "19"),
        ),
    ),
    PatientPanel("PHQ-9", (PatientRow("d", "Cole 1997, person 1"),)),
)


@pytest.mark.parametrize("narrow", [False, True])
def test_what_is_missing_is_an_empty_labelled_space(narrow: bool) -> None:
    scene = patients_scene(PANELS, title="t", desc="d", narrow=narrow)
    said = texts(scene)
    assert said.count("no values reported") == 1
    assert said.count("after: not reported") == said.count("before: not reported") == 1
    assert said.count("–") == 2
    assert scene.width == (340 if narrow else 720)


def test_an_arrow_goes_from_before_to_after() -> None:
    scene = patients_scene(PANELS[:1], title="t", desc="d")
    circles = [i for i in scene.items if isinstance(i, Circle)]
    ring, disc = circles[0], circles[-1]
    assert (ring.fill, disc.fill) == ("ink", "accent")
    assert disc.x < ring.x  # 40 before, 0 after
    (arrow,) = (i for i in scene.items if isinstance(i, Polygon))
    assert disc.x < arrow.points[0][0] < arrow.points[1][0] < ring.x


def test_no_number_is_drawn_that_was_not_read() -> None:
    scene = patients_scene(PANELS[1:], title="t", desc="d")
    assert sum(isinstance(i, Circle) and i.fill != "paper" for i in scene.items) == 2
    numbers = [
        i for i in scene.items if isinstance(i, Text) and i.key.endswith(("before", "after"))
    ]
    assert [n.text for n in numbers] == ["13", "–", "–", "19"]


def test_values_below_zero_have_their_axis() -> None:
    rows = (PatientRow("a", "A", -3, -8, "-3", "-8"),)
    scene = patients_scene((PatientPanel("Score", rows),), title="t", desc="d")
    circles = [i.x for i in scene.items if isinstance(i, Circle)]
    assert all(12 <= x <= 328 for x in circles)


def test_a_figure_that_words_repeat_is_hidden_from_screen_readers() -> None:
    scene = icon_array((IconPanel("People", 3),), title="t", desc="d")
    root = ET.fromstring(render_svg(scene, standalone=False, hidden=True))
    assert root.get("aria-hidden") == "true"
    assert root.get("role") is None
