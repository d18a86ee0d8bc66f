"""Figures: stable, well-formed, readable, and harmless whatever a label holds."""

from __future__ import annotations

import math
import os
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import matplotlib.image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.errors import BadInput, ProbatumError, UnknownOption
from probatum.plots.axis import Axis, fit_axis
from probatum.plots.figure import Figure
from probatum.plots.forest import (
    Bar,
    Diamond,
    ForestTable,
    Heading,
    Note,
    StudyRow,
    forest_scene,
)
from probatum.plots.frame import panels
from probatum.plots.funnel import FunnelData, funnel_scene
from probatum.plots.marks import source_line
from probatum.plots.measuring import text_width
from probatum.plots.render_matplotlib import fonts
from probatum.plots.scene import DARK, LIGHT, Dots, Line, Polygon, Scene, Text
from probatum.plots.svg import render_svg

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"


def study(key: str, label: str, e: float, lb: float, ub: float, weight: float = 30.0) -> StudyRow:
    return StudyRow(
        key,
        label,
        ("13/27", "3/28"),
        e,
        lb,
        ub,
        f"{e:.2f} [{lb:.2f}, {ub:.2f}]",
        weight,
        f"{weight}%",
    )


def table(*rows: object, **more: object) -> ForestTable:
    settings = {
        "scale": "log",
        "null": 1.0,
        "columns": ("ketamine", "control"),
        "favours": ("favours ketamine", "favours control"),
        "effect": "Odds ratio [95% CI]",
    } | more
    return ForestTable(tuple(rows), "A title", "A description", **settings)  # type: ignore[arg-type]


FULL = table(
    Heading("Random"),
    study("a", "Grabski 2022", 0.8, 0.31, 2.1),
    study("b", "Dakwar 2020", 0.62, 0.17, 2.2),
    Diamond("s", "Subgroup", 0.73, 0.4, 1.3, "0.73 [0.40, 1.30]"),
    Heading("Other"),
    study("c", "Wild 2001", 3.0, 0.001, 5548.0, 4.0),
    Diamond("p", "All studies", 0.75, 0.5, 1.2, "0.75 [0.50, 1.20]"),
    Bar("pi", "Prediction interval", 0.3, 1.9, "[0.30, 1.90]"),
    Note("Heterogeneity: tau² = 0.1, I² = 20%", "het"),
    pooled=0.75,
)
FUNNEL = FunnelData((-0.9, -0.4, 0.1, 0.3), (0.2, 0.3, 0.5, 0.1), -0.3, "t", "d", "log")


@pytest.mark.parametrize(
    ("name", "scene"),
    [
        ("forest", forest_scene(FULL)),
        ("forest-narrow", forest_scene(FULL, narrow=True)),
        ("funnel", funnel_scene(FUNNEL)),
    ],
)
def test_bytes_are_the_golden_ones(name: str, scene: Scene) -> None:
    svg = render_svg(scene)
    path = GOLDEN / f"{name}.svg"
    if os.environ.get("PROBATUM_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(svg, encoding="utf-8")
    assert svg == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("narrow", [False, True])
def test_text_stays_inside_and_apart(narrow: bool) -> None:
    scene = forest_scene(FULL, narrow=narrow)
    boxes: list[tuple[float, float, float, str]] = []
    for t in (i for i in scene.items if isinstance(i, Text)):
        wide = text_width(t.text, t.size, bold=t.bold)
        left = t.x - {"start": 0.0, "middle": wide / 2, "end": wide}[t.anchor]
        assert left >= -1, t
        assert left + wide <= scene.width + 1, t
        boxes.append((t.y, left, left + wide, t.text))
    for y, left, right, text in boxes:
        for y2, left2, right2, text2 in boxes:
            if (text, left) != (text2, left2) and abs(y - y2) < 1:
                assert right <= left2 + 0.5 or right2 <= left + 0.5, (text, text2)


@pytest.mark.parametrize("narrow", [False, True])
def test_ticks_stay_inside_the_figure(narrow: bool) -> None:
    share = StudyRow("a", "A", (), 0.4, 0.3, 0.5, "40% [30, 50]")
    shares = ForestTable((share,), "t", "d", "percent", None)
    for scene in (forest_scene(shares, narrow=narrow), funnel_scene(FUNNEL, narrow=narrow)):
        for t in (i for i in scene.items if isinstance(i, Text) and i.anchor == "middle"):
            half = text_width(t.text, t.size) / 2
            assert 0 <= t.x - half <= t.x + half <= scene.width, t


@pytest.mark.parametrize("narrow", [False, True])
def test_every_digit_has_a_key_or_says_what_it_is(narrow: bool) -> None:
    for t in (i for i in forest_scene(FULL, narrow=narrow).items if isinstance(i, Text)):
        assert t.key or t.mark or not any(c.isdigit() for c in t.text), t


def marks(*rows: object, **more: object) -> list[Polygon]:
    return [i for i in forest_scene(table(*rows, **more)).items if isinstance(i, Polygon)]


def test_nothing_is_drawn_where_a_number_is_missing() -> None:
    nan = math.nan
    assert not marks(Diamond("p", "All", nan, nan, nan), Bar("b", "PI", nan, 2.0))
    # an estimate without limits is a square without a whisker
    assert len(marks(StudyRow("a", "A", (), 1.5))) == 1


def test_a_diamond_that_the_axis_cuts_ends_in_arrowheads() -> None:
    rows = [study(str(i), "A", 1.0, 0.5, 2.0) for i in range(5)]
    shapes = marks(*rows, Diamond("p", "All", 1.0, 0.0, math.inf))
    assert sum(len(s.points) == 3 for s in shapes) == 2
    whole = marks(*rows, Diamond("p", "All", 1.0, 0.6, 1.7))
    assert not any(len(s.points) == 3 for s in whole)


def test_a_keyed_note_stays_one_text_when_it_wraps() -> None:
    words = "Heterogeneity: " + "words and 12 numbers " * 12
    svg = render_svg(forest_scene(table(Note(words, "het")), narrow=True), ids={"het": "n"})
    found = [t for t in ET.fromstring(svg).iter(f"{SVG}text") if t.get("data-n")]
    assert ["".join(t.itertext()).split() for t in found] == [words.split()]


def test_links_that_run_something_are_dropped() -> None:
    scene = forest_scene(FULL)
    for bad in ("javascript:alert(1)", " JavaScript:x", "data:text/html,x"):
        assert "<a " not in render_svg(scene, hrefs={"a/text": bad})
    assert 'href="../s.html#a:b"' in render_svg(scene, hrefs={"a/text": "../s.html#a:b"})


@pytest.mark.parametrize(("lo", "hi"), [(0.05, 20), (0.8, 1.3), (1e-6, 1e6), (0.3, 3)])
def test_log_ticks_are_round_and_few(lo: float, hi: float) -> None:
    ticks = Axis(lo, hi, 0, 240, "log").ticks(8)
    assert 2 <= len(ticks) <= 9
    assert "1" in [label for _, label in ticks]
    assert all(len(label) <= 6 for _, label in ticks)


def test_inline_figures_take_the_pages_colours_and_files_bring_their_own() -> None:
    scene = forest_scene(FULL)
    inline, own = render_svg(scene, standalone=False), render_svg(scene)
    assert "var(--fig-ink" in inline
    assert "<style" not in inline
    assert "var(" not in own  # programs for papers know no variables
    assert "@media screen and (prefers-color-scheme:dark)" in own  # paper is light


def test_a_pdf_has_the_same_bytes_twice(tmp_path: Path) -> None:
    figure = Figure(forest_scene(FULL))
    one, two = (figure.save(tmp_path / f"{i}.pdf").read_bytes() for i in "ab")
    assert one == two


def test_missing_matplotlib_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "probatum.plots.render_matplotlib", raising=False)
    monkeypatch.delattr("probatum.plots.render_matplotlib", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ProbatumError, match=r"probatum\[figures\]"):
        Figure(forest_scene(FULL)).save(tmp_path / "x.png")


def test_a_phone_gets_readable_text() -> None:
    scene = forest_scene(FULL, narrow=True)
    assert scene.width <= 340
    assert min(i.size for i in scene.items if isinstance(i, Text)) >= 12


def test_a_wild_interval_is_cut_and_does_not_squeeze_the_others() -> None:
    axis = fit_axis(
        [0.8, 0.62, 3.0], [0.31, 2.1, 0.001, 5548.0], scale="log", null=1.0, left=0, right=100
    )
    assert axis.hi < 500
    assert axis.lo > 0.005
    arrows = [i for i in forest_scene(FULL).items if isinstance(i, Polygon) and len(i.points) == 3]
    assert len(arrows) == 2


@pytest.mark.parametrize(
    "label",
    ["<script>alert(1)</script>", "]]>&\"'", "a\x00b\x1f", "\u202egnp.exe", "\ud800", "x" * 500],
)
def test_hostile_labels_do_no_harm(label: str) -> None:
    svg = render_svg(forest_scene(table(study("a", label, 1.0, 0.5, 2.0))), ids={"a/text": label})
    root = ET.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert "<script" not in svg
    assert "\u202e" not in svg


def test_numbers_carry_their_ids_and_ticks_their_mark() -> None:
    svg = render_svg(
        forest_scene(FULL), ids={"a/text": "x/a/estimate"}, hrefs={"a/text": "s.html#r"}
    )
    root = ET.fromstring(svg)
    shown = [t for t in root.iter(f"{SVG}text") if t.get("data-n") == "x/a/estimate"]
    assert [t.text for t in shown] == ["0.80 [0.31, 2.10]"]
    assert 'href="s.html#r"' in svg
    ticks = [t.text for t in root.iter(f"{SVG}text") if t.get("data-x") == "axis"]
    assert "1" in ticks


@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=12, unique=True))
def test_squares_stand_in_the_order_of_their_estimates(values: list[float]) -> None:
    rows = [study(str(i), "s", v, v / 2, v * 2) for i, v in enumerate(values)]
    squares = [
        i for i in forest_scene(table(*rows)).items if isinstance(i, Polygon) and i.fill == "accent"
    ]
    centres = [(i.points[0][0] + i.points[1][0]) / 2 for i in squares]
    assert len(centres) == len(values)
    order = sorted(range(len(values)), key=values.__getitem__)
    assert all(centres[a] <= centres[b] + 1e-6 for a, b in pairwise(order))


def test_rows_without_an_estimate_and_empty_tables_are_drawn() -> None:
    nothing = StudyRow("a", "No events", text="not estimable")
    scene = forest_scene(table(nothing))
    assert any(isinstance(i, Text) and i.text == "not estimable" for i in scene.items)
    assert forest_scene(table()).height > 0
    assert funnel_scene(FunnelData((math.nan,), (math.nan,), 0.0, "t", "d")).height > 0


@pytest.mark.parametrize(
    ("suffix", "magic"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_save_by_suffix(tmp_path: Path, suffix: str, magic: bytes) -> None:
    path = Figure(forest_scene(FULL)).save(tmp_path / f"x.{suffix}")
    assert path.read_bytes().startswith(magic)


def test_save_says_what_is_wrong(tmp_path: Path) -> None:
    figure = Figure(forest_scene(FULL))
    with pytest.raises(UnknownOption, match=r"\.svg, \.png, \.pdf"):
        figure.save(tmp_path / "x.jpeg")
    with pytest.raises(BadInput, match="does not exist"):
        figure.save(tmp_path / "nowhere" / "x.svg")


def words(scene: Scene) -> list[str]:
    return [i.text for i in scene.items if isinstance(i, Text)]


def test_two_methods_are_visibly_different_bars_and_no_diamond() -> None:
    scene = forest_scene(
        table(
            study("a", "Dakwar 2020", 0.08, 0.004, 1.47),
            study("b", "MUSC 2023", 0.83, 0.15, 4.64),
            Heading("The two together, in two ways"),
            Bar("z", "Normal", 0.04, 3.3, "[0.04, 3.30]", "solid"),
            Bar("hk", "Hartung-Knapp", 1e-7, 758797.0, "[<0.01, 758797]", "dashed"),
        )
    )
    thick = [i for i in scene.items if isinstance(i, Line) and i.width == 2 and i.y1 == i.y2]
    assert {line.dash != "" for line in thick} == {True, False}
    arrows = [i for i in scene.items if isinstance(i, Polygon) and len(i.points) == 3]
    assert len(arrows) == 2
    assert not [i for i in scene.items if isinstance(i, Polygon) and len(i.points) > 4]


@pytest.mark.parametrize("narrow", [False, True])
def test_no_study_is_a_labelled_space(narrow: bool) -> None:
    scene = forest_scene(table(empty="We found no trial"), narrow=narrow)
    assert "We found no trial" in words(scene)
    dashed = [i for i in scene.items if isinstance(i, Line) and i.dash]
    assert len(dashed) == 4
    assert scene.height > 60


def test_arms_stand_in_columns_where_there_is_room_and_not_on_a_phone() -> None:
    assert words(forest_scene(FULL)).count("13/27") == 3
    assert "13/27" not in words(forest_scene(FULL, narrow=True))


def test_no_word_of_a_header_is_cut() -> None:
    row = study("a", "A", 1.0, 0.5, 2.0)
    scene = forest_scene(table(row, columns=("Esketamine\nevents/people", "Not vaccinated\nx")))
    assert {"Esketamine", "events/people", "Not", "vaccinated"} <= set(words(scene))
    long = "No vaccination or an injection of placebo"
    shown = words(forest_scene(table(row, columns=(f"{long}\nevents/n", ""))))
    assert set(long.split()) <= {word for text in shown for word in text.split()}


def test_a_share_that_fills_little_of_the_axis_gets_a_shorter_one() -> None:
    for most, top in ((0.004, 0.01), (0.25, 0.3), (0.33, 0.4), (0.61, 0.8), (0.9, 1.0)):
        axis = fit_axis([most / 2], [0.0, most], scale="percent", null=None, left=0, right=100)
        assert (axis.lo, axis.hi) == (0.0, top)


def test_a_figure_with_links_is_read_text_by_text_and_one_without_is_a_picture() -> None:
    scene = forest_scene(FULL)
    linked = render_svg(scene, hrefs={"a/label": "s.html"}, standalone=False)
    assert 'role="group"' in linked
    assert "<title>" not in linked
    assert 'role="img"' in render_svg(scene, standalone=False)
    silent = render_svg(scene, standalone=False, hidden=True)
    assert 'aria-hidden="true"' in silent
    assert "role=" not in silent


def test_a_figure_for_papers_stays_light() -> None:
    assert "prefers-color-scheme" not in render_svg(forest_scene(FULL), theme="light")


def test_a_dark_file_is_dark_for_every_reader(tmp_path: Path) -> None:
    figure = Figure(forest_scene(FULL))
    svg = figure.save(tmp_path / "x.svg", theme="dark").read_text(encoding="utf-8")
    assert DARK["paper"] in svg
    assert LIGHT["paper"] not in svg
    assert "prefers-color-scheme" not in svg
    dark, light = (
        matplotlib.image.imread(figure.save(tmp_path / f"{t}.png", theme=t, dpi=40))
        for t in ("dark", "light")
    )
    assert dark[0, 0, :3].mean() < 0.2 < 0.9 < light[0, 0, :3].mean()
    with pytest.raises(UnknownOption, match="theme"):
        figure.save(tmp_path / "x.svg", theme="sepia")  # type: ignore[arg-type]


def test_a_png_and_a_pdf_hold_the_words_for_who_cannot_see_them(tmp_path: Path) -> None:
    figure = Figure(Scene(90, 20, (Text(0, 12, "x"),), "Forest plot", "Risk ratio of 3 studies."))
    png = figure.save(tmp_path / "x.png", dpi=40).read_bytes()
    assert b"Forest plot" in png
    assert b"Risk ratio of 3 studies." in png
    assert b"Risk ratio of 3 studies." in figure.save(tmp_path / "x.pdf").read_bytes()


def test_characters_without_a_font_are_said_once(tmp_path: Path) -> None:
    nobody_has = "\U0003134a"  # the last of CJK extension G
    figure = Figure(Scene(90, 40, (Text(0, 12, nobody_has), Text(0, 30, nobody_has)), "t", "d"))
    with pytest.warns(UserWarning, match="No installed font") as said:
        figure.save(tmp_path / "x.png", dpi=40)
    assert len(said) == 1
    assert nobody_has in str(said[0].message)
    assert ".svg" in str(said[0].message)


@pytest.mark.filterwarnings("error")
def test_another_installed_font_draws_what_the_first_cannot(tmp_path: Path) -> None:
    only_stix = "\N{SCRIPT SMALL G}"  # STIX comes with matplotlib
    scene = Scene(90, 20, (Text(0, 12, only_stix),), "t", "d")
    boxes = Figure(Scene(90, 20, (), "t", "d")).save(tmp_path / "empty.png", dpi=40).read_bytes()
    assert Figure(scene).save(tmp_path / "x.png", dpi=40).read_bytes() != boxes
    assert len(fonts(scene)) == 2
    assert fonts(Scene(90, 20, (Text(0, 12, "Ångström τ²"),), "t", "d")) == ["DejaVu Sans"]


@pytest.mark.parametrize(
    ("lo", "hi"), [(0.0, 1.6e-7), (0.0, 2.6e6), (-3e-13, 2e-13), (120000.0, 180000.0)]
)
def test_a_tick_says_its_value(lo: float, hi: float) -> None:
    ticks = Axis(lo, hi, 0, 240, "linear").ticks(7)
    assert len(ticks) > 2
    for value, label in ticks:
        assert float(label.replace("−", "-")) == pytest.approx(value, rel=1e-5, abs=1e-25)


@pytest.mark.parametrize("most", range(2, 10))
def test_shares_by_their_roots_keep_their_ends_and_few_ticks(most: int) -> None:
    axis = Axis(0.0, 1.0, 0, 100, "root")
    ticks = axis.ticks(most)
    assert len(ticks) <= max(most, 2)
    assert [ticks[0][0], ticks[-1][0]] == [0.0, 1.0]
    assert axis.x(0.25) == pytest.approx(50)


def test_intervals_are_shown_where_all_estimates_are_the_same() -> None:
    ends = [0.2] * 20 + [-0.19, 0.59] * 5
    axis = fit_axis([0.2] * 5, ends, scale="linear", null=0.0, left=0, right=100)
    assert axis.lo < -0.19 < 0.59 < axis.hi


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_panels_stand_side_by_side_inside_the_figure(count: int, narrow: bool) -> None:
    width, rooms = panels(count, narrow)
    assert len(rooms) == count
    for left, right, top, bottom in rooms:
        assert 0 < left < right < width
        assert 0 < top < bottom
    for a, b in pairwise(rooms):
        assert a[1] < b[0] or a[3] < b[2]


@pytest.mark.parametrize(("lo", "hi"), [(0.24, 1.07), (0.21, 1.9), (2.1, 9.9), (0.3, 3.0)])
def test_less_than_a_decade_has_three_ticks(lo: float, hi: float) -> None:
    assert len(Axis(lo, hi, 0, 240, "log").ticks(8)) >= 3


def test_a_long_measure_keeps_its_level_and_a_long_word_its_end() -> None:
    head = table(study("a", "Li 2001", 1.0, 0.5, 2.0), effect="A measure " * 5 + "[95% CI]")
    assert "[95% CI]" in words(forest_scene(head))
    long = "Supercalifragilisticexpialidociousness-2004"
    shown = words(forest_scene(table(study("a", long, 1.0, 0.5, 2.0))))
    assert long in {t.replace("\n", "") for t in shown}


def test_a_name_that_ends_its_line_at_a_hyphen_is_read_as_one_word() -> None:
    scene = Scene(50, 40, (Text(0, 12, "Frimodt-\nMoller et\nal"),), "t", "d")
    text = next(ET.fromstring(render_svg(scene)).iter(f"{SVG}text"))
    assert "".join(text.itertext()) == "Frimodt-Moller et al"


def test_dots_are_one_path_and_drawn_by_both_renderers(tmp_path: Path) -> None:
    points = tuple((float(i), 5.0) for i in range(100))
    scene = Scene(110, 20, (Dots(points, 4.0), Dots(points, 4.0, "accent", True)), "t", "d")
    paths = list(ET.fromstring(render_svg(scene)).iter(f"{SVG}path"))
    assert [p.get("stroke-linecap") for p in paths] == ["round", None]
    assert [p.get("d", "").count("M") for p in paths] == [100, 100]
    blank = Figure(Scene(110, 20, (), "t", "d")).save(tmp_path / "blank.png").read_bytes()
    assert Figure(scene).save(tmp_path / "dots.png").read_bytes() != blank


def test_a_source_line_stands_under_the_figure_and_inside_it() -> None:
    before = forest_scene(FULL)
    after = source_line(before, "A review of everything, version 2026.1. " * 6)
    assert after.items[: len(before.items)] == before.items
    last = after.items[-1]
    assert isinstance(last, Text)
    assert last.y > before.height
    assert last.y + last.size * 1.3 * last.text.count("\n") <= after.height
    assert all(text_width(line, last.size) <= after.width for line in last.text.split("\n"))
