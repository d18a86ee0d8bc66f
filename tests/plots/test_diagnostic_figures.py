"""What the diagnostic figures draw is what the statistics say."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, norm
from tests.plots.test_gallery import MAKER, overlapping

import probatum as pb
from probatum.plots.figure import Figure
from probatum.plots.labels import Mark, named
from probatum.plots.measuring import text_width
from probatum.plots.qqnorm import normal_quantiles, order_limits
from probatum.plots.scene import Circle, Curve, Line, Polygon, Text, Tiles

BCG = MAKER.BCG
ES = pb.effect_sizes(BCG, measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg", slab="trial")
FIT = pb.pool(ES, test="knha")


def texts(figure: Figure) -> list[str]:
    return [i.text for i in figure.scene.items if isinstance(i, Text)]


def ticks(figure: Figure) -> dict[str, tuple[float, float]]:
    """Where the labels of both axes stand."""
    marked = (i for i in figure.scene.items if isinstance(i, Text) and i.mark == "axis")
    return {f"{i.anchor} {i.text}": (i.x, i.y) for i in marked}


def test_the_profile_interval_is_that_of_metafor() -> None:
    # metafor: confint(rma(yi, vi, data=dat.bcg RR, method="REML"), type="PL"), tol 1e-12
    _, lo, hi = FIT.confint(type="PL").tau2
    assert (lo, hi) == pytest.approx((0.1152661057, 0.9646953265), rel=1e-8)
    assert "0.12 to 0.96" in pb.profile_plot(FIT).scene.desc


def test_expected_quantiles_are_those_of_r() -> None:
    # R: qnorm(ppoints(13))[1:3]
    expected = [-1.7688250385, -1.1983797023, -0.8694237733]
    assert normal_quantiles(13)[:3] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("k", [3, 13, 60])
def test_the_band_of_sorted_values_is_that_of_the_beta_distribution(k: int) -> None:
    i = np.arange(1, k + 1)
    low, high = order_limits(k)
    assert low == pytest.approx(norm.ppf(beta.ppf(0.025, i, k + 1 - i)))
    assert high == pytest.approx(norm.ppf(beta.ppf(0.975, i, k + 1 - i)))


def test_a_line_from_the_origin_through_a_study_points_at_its_estimate() -> None:
    figure = pb.radial(FIT)
    at = ticks(figure)
    origin = at["middle 0"][0], at["end 0"][1] - 4
    unit = at["middle 1"][0] - origin[0], at["end 1"][1] - 4 - origin[1]
    discs = [i for i in figure.scene.items if isinstance(i, Circle)][: FIT.k]
    slopes = sorted((d.y - origin[1]) / unit[1] / ((d.x - origin[0]) / unit[0]) for d in discs)
    assert slopes == pytest.approx(sorted(ES.yi), rel=1e-6)


def test_the_arc_of_a_radial_plot_is_beyond_every_study() -> None:
    figure = pb.radial(FIT)
    at = ticks(figure)
    origin = at["middle 0"][0], at["end 0"][1] - 4
    arc = next(i for i in figure.scene.items if isinstance(i, Curve))
    radius = {round(math.dist(origin, p), 6) for p in arc.points}
    assert len(radius) == 1
    discs = [i for i in figure.scene.items if isinstance(i, Circle)][: FIT.k]
    assert max(math.dist(origin, (d.x, d.y)) for d in discs) < min(radius)


def test_the_pooled_drapery_cuts_five_percent_at_the_confidence_limits() -> None:
    figure = pb.drapery(FIT)
    at = ticks(figure)
    pooled = [i for i in figure.scene.items if isinstance(i, Curve)][-1]
    foot, head = at["end 0"][1] - 4, at["end 1"][1] - 4
    p = np.array([(foot - y) / (foot - head) for _, y in pooled.points])
    x1, x2 = at["middle 0.1"][0], at["middle 1"][0]
    x = np.array([math.log(0.1) * (x2 - v) / (x2 - x1) for v, _ in pooled.points])
    peak = int(p.argmax())
    rising = np.interp(0.05, p[: peak + 1], x[: peak + 1])
    falling = np.interp(0.05, p[peak:][::-1], x[peak:][::-1])
    assert (rising, falling) == pytest.approx((FIT.ci_lb[0], FIT.ci_ub[0]), abs=0.01)


def test_the_line_of_a_bubble_plot_is_the_prediction() -> None:
    fit = pb.pool(ES, mods="~ ablat", data=BCG)
    figure = pb.bubble(fit)
    at = ticks(figure)
    line = next(i for i in figure.scene.items if isinstance(i, Curve))
    unit = at["end 1"][1] - at["end 0.5"][1]  # upwards, of a factor of 2
    y = [(p[1] - (at["end 1"][1] - 4)) / unit * math.log(2) for p in line.points]
    ends = fit.predict(np.array([13.0, 55.0])).pred
    assert (y[0], y[-1]) == pytest.approx(tuple(ends), abs=1e-6)


def test_moderators_that_move_together_are_not_drawn_alone() -> None:
    fit = pb.pool(ES, mods="~ ablat * year", data=BCG)
    with pytest.raises(pb.BadInput, match="ablat:year"):
        pb.bubble(fit, "ablat")
    two = pb.pool(ES, mods="~ ablat + year", data=BCG)
    with pytest.raises(pb.BadInput, match="ablat, year"):
        pb.bubble(two)
    with pytest.raises(pb.UnknownOption, match="ablat"):
        pb.bubble(two, "latitude")
    assert pb.bubble(two, 1)._repr_svg_() == pb.bubble(two, "year")._repr_svg_()
    with pytest.raises(pb.BadInput, match="mods"):
        pb.bubble(FIT)


def test_the_largest_study_of_labbe_is_named() -> None:
    assert "TPT Madras 1980" in {i.text for i in pb.labbe(ES).scene.items if isinstance(i, Text)}


def test_influence_that_cannot_be_told_is_said() -> None:
    shown = [i.text for i in pb.baujat(pb.pool([0.2] * 5, [0.04] * 5)).scene.items
             if isinstance(i, Text)]  # fmt: skip
    assert any("influence can be told" in text for text in shown)


@pytest.mark.parametrize("study", ["c", 2])
def test_subsets_with_a_study_and_without_it_stand_side_by_side(study: str | int) -> None:
    fit = pb.pool([0.1, 0.3, -0.2, 0.9], [0.04, 0.05, 0.03, 0.02], slab=list("abcd"))
    found = pb.gosh(fit)
    figure = pb.gosh_plot(found, study=study)
    shown = {i.text: i for i in figure.scene.items if isinstance(i, Text)}
    assert shown["with c"].x < shown["without c"].x
    tiles = [i for i in figure.scene.items if isinstance(i, Tiles) and i.r != 7]  # 7: legend
    middle = figure.scene.width / 2
    sides = {side: [p for i in tiles for p in i.points if (p[0] < middle) == side]
             for side in (True, False)}  # fmt: skip
    several = found.k > 1
    for side, own in ((True, found.incl[:, 2]), (False, ~found.incl[:, 2])):
        assert 1 <= len(sides[side]) <= int((several & own).sum())
    assert "with c from" in figure.scene.desc
    with pytest.raises(pb.UnknownOption, match="study"):
        pb.gosh_plot(found, study="x")


def test_a_gosh_legend_has_no_count_twice() -> None:
    fit = pb.pool([0.1, 0.3, -0.2], [0.04, 0.05, 0.03])
    shown = [i.text for i in pb.gosh_plot(pb.gosh(fit)).scene.items if isinstance(i, Text)]
    assert [t for t in shown if t.endswith("+")] == ["1+"]


def test_circles_of_labbe_stand_at_the_risks_and_the_line_at_the_pooled_ratio() -> None:
    figure = pb.labbe(ES, log=False)
    at = ticks(figure)
    x0, x1 = at["middle 0%"][0], at["middle 10%"][0]
    y0, y1 = at["end 0%"][1] - 4, at["end 10%"][1] - 4
    risks = {
        (round((c.x - x0) / (x1 - x0) / 10, 5), round((c.y - y0) / (y1 - y0) / 10, 5))
        for c in figure.scene.items
        if isinstance(c, Circle) and c.stroke == "accent" and c.y <= y0  # not the legend's
    }
    assert (round(11 / 139, 5), round(4 / 123, 5)) in risks
    assert len(risks) == 13
    curve = next(i for i in figure.scene.items if isinstance(i, Curve))
    ratios = {round((y - y0) / (y1 - y0) / ((x - x0) / (x1 - x0)), 6) for x, y in curve.points}
    assert ratios == {round(math.exp(pb.pool(ES, method="REML").beta[0]), 6)}


def test_labbe_without_events_is_linear_and_without_counts_refused() -> None:
    none = pb.effect_sizes(measure="OR", ai=[0, 3], n1i=[50, 60], ci=[2, 40], n2i=[50, 60])
    assert "0%" in texts(pb.labbe(none))
    rates = pb.effect_sizes(measure="IRR", x1i=[4, 6], t1i=[10, 20], x2i=[9, 8], t2i=[11, 21])
    assert "Rate in group 1" in texts(pb.labbe(rates))
    with pytest.raises(pb.BadInput, match="GEN"):
        pb.labbe(pb.effect_sizes(measure="GEN", yi=[0.1], vi=[0.1]))


def test_filled_studies_are_open_marks() -> None:
    found = pb.trimfill(FIT)
    marks = [i for i in pb.funnel(found).scene.items if isinstance(i, Circle)]
    open_marks = [m for m in marks if m.stroke == "ink"]
    assert len(open_marks) == found.k0 + 1  # and one in the legend
    assert sum(m.stroke is None for m in marks) == FIT.k
    assert "filled" in pb.funnel(found).scene.desc
    with pytest.raises(pb.BadInput, match="filled"):
        pb.funnel(FIT, filled=[True])


def test_forests_of_subsets_show_their_fits() -> None:
    later = pb.cumulative(FIT, order="year", data=BCG)
    shown = texts(pb.forest(later))
    assert shown.index("Aronson 1948") < shown.index("TPT Madras 1980")
    last = (
        f"{math.exp(FIT.beta[0]):.2f} [{math.exp(FIT.ci_lb[0]):.2f}, {math.exp(FIT.ci_ub[0]):.2f}]"
    )
    assert shown.count(last) == 2  # all studies, and the last row of the cumulative fits
    without = pb.leave1out(FIT)
    assert f"{math.exp(without.estimate[0]):.2f}" in "".join(texts(pb.forest(without)))
    with pytest.raises(pb.BadInput, match="moderators"):
        pb.forest(pb.leave1out(pb.pool(ES, mods="~ ablat", data=BCG)))


def test_a_gosh_plot_stays_small_and_shows_every_subset() -> None:
    found = pb.gosh(FIT)
    scene = pb.gosh_plot(found).scene
    tiles = [i for i in scene.items if isinstance(i, Tiles)]
    assert 50 < sum(len(t.points) for t in tiles) < 1_500
    assert "8178 subsets" in scene.desc  # 2^13 - 1, less the 13 single studies
    with pytest.raises(pb.BadInput, match="coef"):
        pb.gosh_plot(found, coef=1)


def test_influential_studies_are_diamonds_and_named() -> None:
    fit = pb.pool([0.1, 0.2, 0.15, 0.12, 3.0], [0.01, 0.01, 0.01, 0.01, 0.01], method="EE")
    out = pb.influence(fit).is_infl
    scene = pb.influence_plot(fit).scene
    diamonds = [i for i in scene.items if isinstance(i, Polygon) and i.fill == "accent"]
    assert out.any()
    assert len(diamonds) == 8 * out.sum() + 1
    bold = {i.text for i in scene.items if isinstance(i, Text) and i.bold and i.mark == "id"}
    assert bold == {str(i + 1) for i in np.flatnonzero(out)}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(10, 290), st.floats(10, 190), st.text(min_size=1, max_size=30)),
        max_size=15,
    )
)
def test_names_cover_neither_each_other_nor_a_mark(places: list[tuple[float, float, str]]) -> None:
    marks = [Mark(x, y, 4, name) for x, y, name in places]
    boxes = [(m.x - 4, m.y - 4, m.x + 4, m.y + 4) for m in marks]
    for item in named(marks, (0, 0, 300, 200)):
        if isinstance(item, Text):
            wide = text_width(item.text, item.size)
            left = item.x - {"start": 0.0, "middle": wide / 2, "end": wide}[item.anchor]
            mine = (left, item.y - 8, left + wide, item.y + 2)
            for other in boxes:
                apart = mine[2] <= other[0] or other[2] <= mine[0]
                assert apart or mine[3] <= other[1] or other[3] <= mine[1]
            boxes.append(mine)
        else:
            assert isinstance(item, Line)


@pytest.mark.parametrize("name", sorted(MAKER.kinds()))
def test_a_phone_gets_a_figure_of_its_width(name: str) -> None:
    sample = MAKER.kinds()[name].samples[0]
    figure = MAKER.drawn(sample[: sample.rindex(")")] + ", narrow=True)")
    assert figure.scene.width <= 340
    assert min(i.size for i in figure.scene.items if isinstance(i, Text)) >= 11


NOT_OF_FITS = {
    "labbe",
    "bubble",
    "gosh_plot",
    "posterior_plot",
    "selection_plot",
    "specification_curve",
}


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", sorted(set(MAKER.kinds()) - NOT_OF_FITS))
@pytest.mark.parametrize(
    ("yi", "vi"),
    [
        ([0.3] * 3, [0.1] * 3),  # all agree: no variance by Knapp-Hartung
        ([1e6, 2e6, 3e6, 2.5e6], [1e10] * 4),
        ([1e-7, 2e-7, 3e-7, 2.5e-7], [1e-14] * 4),
        ([1e-9, 1, 2, 3], [1e-10, 1e10, 1, 1]),
        ([10.1, 10.2, 10.5, 9.9], [0.01, 0.02, 0.01, 0.3]),
        (list(np.linspace(-2, 2, 120)), list(np.linspace(0.01, 1, 120))),
    ],
)
def test_extreme_studies_are_drawn(
    name: str, yi: list[float], vi: list[float], narrow: bool
) -> None:
    figure = MAKER.kinds()[name].draw(pb.pool(yi, vi), narrow=narrow)
    svg = figure._repr_svg_()
    assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"|>[^<]*\b(nan|inf)\b', svg)
    assert overlapping(figure.scene) == []


def test_hostile_names_do_no_harm() -> None:
    names = ["<script>alert(1)</script>", "a\nb", "x" * 300, "\u202egnp", "\ud800", "f"]
    es = pb.effect_sizes(
        measure="OR", slab=names,
        ai=[5, 9, 12, 40, 0, 3], n1i=[50, 60, 70, 80, 30, 20],
        ci=[15, 9, 12, 20, 1, 3], n2i=[50, 60, 70, 80, 30, 20],
    )  # fmt: skip
    fit = pb.pool(es)
    for figure in (pb.baujat(fit), pb.labbe(es), pb.influence_plot(fit), pb.radial(fit)):
        svg = figure._repr_svg_()
        assert ET.fromstring(svg) is not None
        assert "<script" not in svg
