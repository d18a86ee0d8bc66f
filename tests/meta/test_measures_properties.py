"""What must hold for any data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from probatum.meta.measures import MEASURES, effect_sizes

# time is measured in benchmarks/ only
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
K = st.integers(1, 6)
TABLES = ["RR", "OR", "RD", "AS", "PETO", "PHI", "ZPHI", "YUQ", "YUY", "PBIT", "OR2D", "OR2DN"]
MEANS = ["MD", "SMD", "SMDH", "ROM", "VR", "CVR", "RPB", "ZPB", "RBIS", "D2OR", "D2ORN"]


def counts(k: int) -> Any:
    return arrays(float, k, elements=st.integers(0, 500).map(float))


def reals(k: int, low: float, high: float) -> Any:
    return arrays(float, k, elements=st.floats(low, high).map(lambda v: round(v, 6)))


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    k = draw(K)
    return {name: draw(counts(k)) + (name in ("bi", "di")) for name in ("ai", "bi", "ci", "di")}


@st.composite
def means(draw: st.DrawFn) -> dict[str, Any]:
    k = draw(K)
    size = arrays(float, k, elements=st.integers(2, 900).map(float))
    cells = {name: draw(reals(k, 0.5, 100)) for name in ("m1i", "m2i", "sd1i", "sd2i")}
    return cells | {name: draw(size) for name in ("n1i", "n2i")}


@st.composite
def person_time(draw: st.DrawFn) -> dict[str, Any]:
    k = draw(K)
    cells = {name: draw(counts(k)) for name in ("x1i", "x2i")}
    return cells | {name: draw(reals(k, 1, 1e5)) for name in ("t1i", "t2i")}


def swapped(cells: dict[str, Any]) -> dict[str, Any]:
    """The same studies with group 1 and group 2 exchanged."""
    if "ai" in cells:
        return {"ai": cells["ci"], "bi": cells["di"], "ci": cells["ai"], "di": cells["bi"]}
    other = {name: name.replace("1", "#").replace("2", "1").replace("#", "2") for name in cells}
    return {name: cells[other[name]] for name in cells}


def assert_sign_flips(code: str, cells: dict[str, Any], **opts: Any) -> None:
    one = effect_sizes(measure=code, **cells, **opts)
    two = effect_sizes(measure=code, **swapped(cells), **opts)
    np.testing.assert_allclose(one.yi, -two.yi, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(one.vi, two.vi, rtol=1e-9)


@given(tables(), st.sampled_from(TABLES), st.booleans())
def test_swapping_groups_flips_the_sign_of_tables(
    cells: dict[str, Any], code: str, drop00: bool
) -> None:
    assert_sign_flips(code, cells, drop00=drop00)


@given(means(), st.sampled_from(MEANS))
def test_swapping_groups_flips_the_sign_of_means(cells: dict[str, Any], code: str) -> None:
    assert_sign_flips(code, cells)


@given(person_time(), st.sampled_from(["IRR", "IRD", "IRSD"]))
def test_swapping_groups_flips_the_sign_of_rates(cells: dict[str, Any], code: str) -> None:
    assert_sign_flips(code, cells)


@given(tables())
def test_swapping_events_and_non_events(cells: dict[str, Any]) -> None:
    turned = {"ai": cells["bi"], "bi": cells["ai"], "ci": cells["di"], "di": cells["ci"]}
    for code in ("OR", "RD", "PETO"):
        one, two = effect_sizes(measure=code, **cells), effect_sizes(measure=code, **turned)
        np.testing.assert_allclose(one.yi, -two.yi, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(one.vi, two.vi, rtol=1e-9)


@given(means(), st.floats(0.01, 1000))
def test_units(cells: dict[str, Any], factor: float) -> None:
    scaled = {n: x * factor if n[0] in "ms" else x for n, x in cells.items()}
    for code, power in (("MD", 1), ("SMD", 0), ("SMDH", 0), ("ROM", 0)):
        one, two = effect_sizes(measure=code, **cells), effect_sizes(measure=code, **scaled)
        np.testing.assert_allclose(two.yi, one.yi * factor**power, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(two.vi, one.vi * factor ** (2 * power), rtol=1e-7)


@given(tables(), st.randoms(use_true_random=False), st.sampled_from(["only0", "if0all", "all"]))
def test_order_is_irrelevant(cells: dict[str, Any], random: Any, to: str) -> None:
    order = list(range(len(cells["ai"])))
    random.shuffle(order)
    one = effect_sizes(measure="RR", to=to, **cells)
    two = effect_sizes(measure="RR", to=to, **{n: x[order] for n, x in cells.items()})
    assert one.yi[order].tolist() == two.yi.tolist()
    assert one.vi[order].tolist() == two.vi.tolist()


@given(tables())
def test_group_sizes_may_stand_for_non_events(cells: dict[str, Any]) -> None:
    sizes = {"n1i": cells["ai"] + cells["bi"], "n2i": cells["ci"] + cells["di"]}
    one = effect_sizes(measure="OR", **cells)
    two = effect_sizes(measure="OR", ai=cells["ai"], ci=cells["ci"], **sizes)
    assert one.yi.tolist() == two.yi.tolist()
    assert {n: x.tolist() for n, x in one.inputs.items()} == {
        n: two.inputs[n].tolist() for n in one.inputs
    }


@given(st.data(), st.sampled_from(sorted(MEASURES)))
def test_a_row_is_a_number_with_a_variance_or_has_a_reason(data: st.DataObject, code: str) -> None:
    k = data.draw(K)
    anything = st.one_of(st.floats(), st.integers(-3, 30), st.none(), st.sampled_from(["", "x"]))
    cells: dict[str, Any] = {
        name: [1.0, *data.draw(st.lists(anything, min_size=k, max_size=k))]
        for name in MEASURES[code].needs
    }
    es = effect_sizes(measure=code, **cells)
    good = np.array([not why for why in es.reasons])
    assert np.isfinite(es.yi).tolist() == np.isfinite(es.vi).tolist() == good.tolist()
    assert (es.vi[good] >= 0).all()


def test_inputs_are_not_changed() -> None:
    ai = np.array([0.0, 3.0])
    effect_sizes(measure="OR", ai=ai, bi=[5, 5], ci=[1, 1], di=[7, 7], to="all")
    assert ai.tolist() == [0, 3]


@pytest.mark.parametrize("n", [10, 200])
def test_size_of_a_batch_does_not_change_its_numbers(n: int) -> None:
    rng = np.random.default_rng(20261124)
    cells = {name: rng.integers(1, 300, n).astype(float) for name in ("ai", "bi", "ci", "di")}
    whole = effect_sizes(measure="OR", **cells)
    each = [effect_sizes(measure="OR", **{m: x[i] for m, x in cells.items()}) for i in range(n)]
    assert whole.yi.tolist() == [es.yi[0] for es in each]
