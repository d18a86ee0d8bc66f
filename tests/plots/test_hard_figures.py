"""Every figure of hard data stays readable: no text covers another, leaves the figure or is nan."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from test_gallery import overlapping

import probatum as pb
from probatum.plots.measuring import text_width
from probatum.plots.scene import Scene, Text

LONG = (
    "Extraordinarily-Long-Hyphenated-Consortium for the Investigation of Rare Disease 2019, group",
    "O'Connor-Featherstonehaugh, van der Westhuizen & al-Khwarizmi 2001a",
    "Supercalifragilisticexpialidociousnessesquipedalian2004",
    "Li 2001",
    "王小明 等 2019 随机对照试验结果",
    "محمد وآخرون 2015",
)
NAN = float("nan")


def given(yi: list[float], vi: list[float]) -> pb.EffectSizes:
    return pb.effect_sizes(measure="GEN", yi=yi, vi=vi, slab=[f"Study {i}" for i in range(len(yi))])


CASES: dict[str, pb.EffectSizes] = {
    "long names": pb.effect_sizes(
        measure="RR", slab=LONG, ai=[5, 9, 12, 40, 2, 3], n1i=[50, 60, 70, 80, 30, 20],
        ci=[15, 9, 12, 20, 1, 3], n2i=[50, 60, 70, 80, 30, 20],
    ),
    "zeros": pb.effect_sizes(
        measure="OR", ai=[0, 1, 30, 0, 5], n1i=[10, 500, 40, 8, 50], ci=[9, 0, 2, 0, 6],
        n2i=[10, 500, 400, 8, 52], slab=["a", "b", "c", "d", "e"],
    ),
    "huge": given([1e6, -3e6, 2.5e7, 4e5, 12], [1e11, 1e12, 5e13, 1e10, 1e9]),
    "tiny": given([1e-7, 3e-7, -2e-7, 5e-8], [1e-15, 4e-15, 2e-14, 1e-15]),
    "missing": given([0.1, NAN, 0.3, 0.2, 0.4], [0.02, 0.1, NAN, 0.03, 0.05]),
    "all the same": given([0.2] * 5, [0.04] * 5),
    "shares": pb.effect_sizes(
        measure="PLO", xi=[0, 2, 30, 50, 7], ni=[20, 500, 400, 60, 70], slab=list("VWXYZ")
    ),
    "many": given(list(np.linspace(-1, 2, 60) ** 3), list(np.linspace(0.01, 0.6, 60))),
}  # fmt: skip


def halves(es: pb.EffectSizes) -> list[str]:
    return ["first" if i < len(es) // 2 else "second" for i in range(len(es))]


def levels(es: pb.EffectSizes, **more: Any) -> pb.MultilevelFit:
    rows = range(len(es))
    table = {"site": [i // 3 for i in rows], "row": list(rows), "x": list(rows)}
    return pb.pool_multilevel(es, random="~ 1 | site/row", data=table, **more)


def regression(es: pb.EffectSizes) -> pb.MetaFit:
    return pb.pool(es, mods=np.arange(len(es), dtype=float))


DRAWN: dict[str, Callable[..., Any]] = {
    "forest": lambda es, **w: pb.forest(pb.pool(es), favours=("favours A", "favours B"), **w),
    "shrunken": lambda es, **w: pb.forest(pb.pool(es), shrunken=True, **w),
    "moderated": lambda es, **w: pb.forest(regression(es), **w),
    "left out": lambda es, **w: pb.forest(pb.leave1out(pb.pool(es)), **w),
    "cumulative": lambda es, **w: pb.forest(pb.cumulative(pb.pool(es)), **w),
    "subgroups": lambda es, **w: pb.forest(pb.subgroups(es, halves(es)), **w),
    "multilevel": lambda es, **w: pb.forest(levels(es), **w),
    "Bayes": lambda es, **w: pb.forest(pb.pool_bayes(es), **w),
    "posterior": lambda es, **w: pb.posterior_plot(pb.pool_bayes(es, mu=(0, 1)), **w),
    "funnel": lambda es, **w: pb.funnel(pb.trimfill(pb.pool(es)), **w),
    "bubble": lambda es, **w: pb.bubble(regression(es), **w),
    "multilevel bubble": lambda es, **w: pb.bubble(levels(es, mods="~ x"), **w),
    "profiles": lambda es, **w: pb.profile_plot(levels(es), **w),
    "prediction": lambda es, **w: pb.prediction_plot(pb.pool(es), **w),
    "gosh": lambda es, **w: pb.gosh_plot(pb.gosh(pb.pool(es), subsets=300), study=0, **w),
    "specifications": lambda es, **w: pb.specification_curve(
        pb.multiverse(es, leave1out=True).where(test="knha"), **w
    ),
    **{
        name: lambda es, draw=draw, **w: draw(pb.pool(es), **w)
        for name, draw in (
            ("Baujat", pb.baujat), ("drapery", pb.drapery), ("influence", pb.influence_plot),
            ("profile", pb.profile_plot), ("quantiles", pb.qqnorm), ("radial", pb.radial),
        )
    },
}  # fmt: skip


def outside(scene: Scene) -> list[str]:
    """Texts that leave the figure, by their estimated widths."""
    found = []
    for t in scene.items:
        for line in t.text.split("\n") if isinstance(t, Text) else ():
            assert isinstance(t, Text)
            wide = 0.85 * text_width(line, t.size, bold=t.bold)
            left = t.x - {"start": 0.0, "middle": wide / 2, "end": wide}[t.anchor]
            if left < -10 or left + wide > scene.width + 10 or not 0 < t.y <= scene.height + 8:
                found.append(line)
    return found


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", DRAWN)
def test_hard_data_stay_readable(name: str, case: str) -> None:
    for narrow in (False, True):
        figure = DRAWN[name](CASES[case], narrow=narrow)
        assert overlapping(figure.scene) == []
        assert outside(figure.scene) == []
        svg = figure._repr_svg_()
        assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"|>[^<]*\b(nan|inf)\b', svg)
