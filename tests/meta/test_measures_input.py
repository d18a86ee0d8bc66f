"""What goes in: columns of any kind, and what is said of cells that can't be used."""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from probatum.errors import BadInput, ProbatumError, UnknownOption
from probatum.meta.measures import MEASURES, effect_sizes

BCG = {
    "tpos": [4, 6],
    "tneg": [119, 300],
    "cpos": [11, 29],
    "cneg": [128, 274],
    "trial": ["A", "B"],
}
CELLS = {"ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg"}
REST = {"bi": [5, 5], "ci": [2, 2], "di": [7, 7]}
MEANS = {"m1i": [1, 2], "m2i": [3, 5], "sd1i": [1, 1], "sd2i": [1, 2], "n1i": [9, 9], "n2i": [8, 8]}
YI = [-0.889311333920205, -1.58538866]


@pytest.fixture(autouse=True)
def _no_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize(
    "data",
    [
        BCG,
        pd.DataFrame(BCG),
        pl.DataFrame(BCG),
        pd.DataFrame(BCG, index=[7, 3]).convert_dtypes(),
        np.array(
            list(zip(*BCG.values(), strict=True)),
            dtype=[(n, "U9" if n == "trial" else "i8") for n in BCG],
        ),
    ],
    ids=["dict", "pandas", "polars", "nullable", "structured"],
)
def test_any_table_gives_the_same(data: Any) -> None:
    es = effect_sizes(data, measure="RR", slab="trial", **CELLS)
    assert es.yi.tolist() == pytest.approx(YI)
    assert es.slab == ("A", "B")
    assert es.ni is not None
    assert es.ni.tolist() == [262, 609]
    assert es.inputs["n1i"].tolist() == [123, 306]


@pytest.mark.parametrize(
    "ai",
    [
        np.array([4, 6], dtype=object),
        [Decimal(4), Fraction(6)],
        range(4, 7, 2),
        np.float32([4, 6]),
        pd.Series([4, 6]),
        pl.Series([4, 6]),
        (4, 6.0),
    ],
    ids=["objects", "exact types", "range", "float32", "pandas", "polars", "tuple"],
)
def test_any_column_of_numbers(ai: Any) -> None:
    es = effect_sizes(measure="RR", ai=ai, bi=[119, 300], ci=[11, 29], di=[128, 274])
    assert es.yi.tolist() == pytest.approx(YI)


def test_one_study_from_single_numbers() -> None:
    es = effect_sizes(measure="RR", ai=4, bi=119, ci=11, di=128)
    assert len(es) == 1
    assert es.yi[0] == pytest.approx(YI[0])
    assert es.slab == ("Study 1",)


def test_single_number_stands_for_all_rows_but_a_short_column_does_not() -> None:
    pre_post = {"m1i": [1, 2], "m2i": [0, 0], "sd1i": [1, 1], "ni": [10, 20]}
    each = effect_sizes(measure="SMCR", ri=[0.5, 0.5], **pre_post)
    assert effect_sizes(measure="SMCR", ri=0.5, **pre_post).vi.tolist() == each.vi.tolist()
    with pytest.raises(BadInput, match="ri has 1"):
        effect_sizes(measure="SMCR", ri=[0.5], **pre_post)


@pytest.mark.parametrize("code", sorted(MEASURES))
def test_no_rows_give_no_rows(code: str) -> None:
    es = effect_sizes(measure=code, **{name: [] for name in MEASURES[code].needs})
    assert len(es) == 0
    assert es.reasons == ()


@pytest.mark.parametrize(
    ("measure", "cells", "why"),
    [
        ("OR", {"ai": [None, 4], **REST}, "ai is missing"),
        ("OR", {"ai": [" ", 4], **REST}, "ai is missing"),
        ("OR", {"ai": [pd.NA, 4], **REST}, "ai is missing"),
        ("OR", {"ai": [np.nan, 4], **REST}, "ai is missing"),
        ("OR", {"ai": np.ma.array([4, 4], mask=[1, 0]), **REST}, "ai is missing"),
        ("OR", {"ai": ["n/a", 4], **REST}, "ai is 'n/a', text and not a number"),
        ("OR", {"ai": ["4", 4], **REST}, "ai is '4', text and not a number"),
        ("OR", {"ai": [[], 4], **REST}, None),
        ("OR", {"ai": [np.inf, 4], **REST}, "ai is infinite"),
        ("OR", {"ai": [10**400, 4], **REST}, "ai is too large for a number"),
        ("OR", {"ai": [-1, 4], **REST}, "ai = -1 is negative"),
        ("PETO", {"ai": [1e300, 4], **REST}, "ai = 1e+300 is too extreme to compute with"),
        ("OR", {"ai": [9, 4], "n1i": [8, 8], "ci": 1, "di": 2}, "ai = 9 is over n1i = 8"),
        ("OR", {"ai": 4, "bi": 5, "n1i": [8, 9], "ci": 1, "di": 2}, "ai + bi is not n1i = 8"),
        ("OR", {"ai": [0, 4], "bi": [0, 5], "ci": 1, "di": 2}, "n1i = 0 is under 1"),
        ("OR", {"ai": 4, "bi": [None, 5], "ci": 1, "di": 2}, "bi (or n1i) is missing"),
        ("PLO", {"xi": [0, 4], "ni": 9, "to": "none"}, "not computable: no events, or nothing"),
        ("PR", {"xi": [4, 4], "ni": [None, 9]}, "ni (or mi) is missing"),
        ("MD", MEANS | {"sd1i": [-1, 1]}, "sd1i = -1 is negative"),
        ("MD", MEANS | {"n2i": [0, 8]}, "n2i = 0 is under 1"),
        ("SMD", MEANS | {"sd1i": [0, 1], "sd2i": [0, 1]}, "not computable: an SD of 0"),
        ("SMD", MEANS | {"sd1i": [1e300, 1]}, "sd1i = 1e+300 is too extreme to compute with"),
        ("ROM", MEANS | {"m1i": [-1, 1]}, "a ratio needs two means of the same sign"),
        ("ROM", MEANS | {"m1i": [0, 1]}, "a ratio needs two means of the same sign, not 0"),
        ("COR", {"ri": [1.01, 0.5], "ni": 20}, "ri = 1.01 is outside -1 to 1"),
        ("ZCOR", {"ri": [1, 0.5], "ni": 20}, "not computable: Fisher's z"),
        ("ZCOR", {"ri": 0.5, "ni": [3, 20]}, "ni = 3: a variance needs more than 3"),
        ("IRR", {"x1i": 3, "x2i": 4, "t1i": [0, 9], "t2i": 9}, "t1i = 0 is not over 0"),
        ("IR", {"xi": [-3, 3], "ti": 9}, "xi = -3 is negative"),
        ("GEN", {"yi": [1, 2], "sei": [-1, 1]}, "sei = -1 is negative"),
        ("GEN", {"yi": [1, 2], "vi": [None, 1]}, "vi (or sei) is missing"),
        ("GEN", {"yi": [None, 2], "vi": 1}, "yi is missing"),
    ],
)  # fmt: skip
def test_row_stays_with_its_reason(measure: str, cells: dict[str, Any], why: str | None) -> None:
    if why is None:
        with pytest.raises(BadInput, match="ai is not a column of numbers"):
            effect_sizes(measure=measure, **cells)
        return
    es = effect_sizes(measure=measure, **cells)
    assert es.reasons[0].startswith(why)
    assert np.isnan([es.yi[0], es.vi[0]]).all()
    assert es.reasons[1] == ""
    assert np.isfinite([es.yi[1], es.vi[1]]).all()


def test_nothing_can_be_computed_from_an_impossible_row() -> None:
    es = effect_sizes(measure="OR", ai=[9, 3], n1i=[8, 8], ci=[1, 1], n2i=[9, 9])
    assert all(np.isnan(x[0]) and np.isfinite(x[1]) for x in es.inputs.values())
    assert es.ni is not None
    assert np.isnan(es.ni[0])


def test_inputs_are_as_given_before_correction_and_for_double_zeros() -> None:
    es = effect_sizes(measure="OR", ai=[0, 0], n1i=[8, 8], ci=[1, 0], n2i=[9, 9], drop00=True)
    assert es.inputs["ai"].tolist() == [0, 0]
    assert es.inputs["di"].tolist() == [8, 9]
    assert es.reasons[0] == ""
    assert "drop00=True" in es.reasons[1]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            {"ai": ["4", "5"], **REST},
            "ai is '4', text and not a number; no value of ai is a number",
        ),
        ({"ai": [True, False], **REST}, "ai holds true/false, numbers were expected"),
        ({"ai": [True, None], **REST}, "ai is True, not a number"),
        ({"ai": np.array(["2020-01-01"] * 2, "M8[D]"), **REST}, "ai holds dates"),
        ({"ai": np.array([1j, 2]), **REST}, "ai holds complex numbers"),
        ({"ai": [[3], [4]], **REST}, r"ai has 2 dimensions \(2, 1\), expected one"),
        ({"ai": [[3], 4], **REST}, "ai is not a column of numbers: its values differ in shape"),
        ({"ai": {3, 4}, **REST}, "ai is a set: give a list or an array"),
        ({"ai": {"x": 3}.values(), **REST}, "ai is a dict_values: give a list or an array"),
        ({"ai": [3, 4, 5], **REST}, "differ in length: ai has 3, bi has 2, ci has 2, di has 2"),
        ({"ai": [3, 4]}, r"bi \(or n1i\), ci, di \(or n2i\) not given"),
        ({"aii": [3, 4], **REST}, "no argument aii. Did you mean ai?"),
        ({"ai": [3, 4], "m1i": [1, 2], **REST}, "has no use for m1i"),
        ({"ai": "tpos", **REST}, 'ai="tpos" names a column, but no data was given'),
        ({"ai": [3, 4], **REST, "add": -1}, "add is one number, 0 or more; got -1"),
        ({"ai": [3, 4], **REST, "add": True}, "add is one number, 0 or more; got True"),
        ({"ai": [3, 4], **REST, "drop00": "no"}, "drop00 is True or False; got 'no'"),
        ({"ai": [3, 4], **REST, "correct": False}, "correct=False is for ROM, SMD"),
        ({"ai": [3, 4], **REST, "slab": ["a"]}, "slab has 1 labels for 2 rows"),
        ({"ai": [3, 4], **REST, "slab": "a"}, 'slab="a" names a column, but no data was given'),
    ],
)
def test_misuse_says_what_to_do(cells: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        effect_sizes(measure="OR", **cells)


def test_unknown_column_names_the_nearest_and_lists_all() -> None:
    with pytest.raises(BadInput) as caught:
        effect_sizes(BCG, measure="RR", **CELLS | {"ai": "Tposs"})
    assert str(caught.value) == (
        'ai="Tposs": data has no column "Tposs". Did you mean "tpos"? '
        "It has: tpos, tneg, cpos, cneg, trial."
    )


def test_data_that_has_no_columns() -> None:
    with pytest.raises(BadInput, match="data is a mapping of columns or a data frame; got list"):
        effect_sizes([1, 2], measure="PR", xi="xi", ni="ni")


def test_unknown_measure_is_explained() -> None:
    with pytest.raises(UnknownOption) as caught:
        effect_sizes(measure="rr")
    assert str(caught.value) == (
        'measure "rr" does not exist. Did you mean "RR" (log risk ratio; needs ai, bi, ci, di)? '
        "pb.measures() lists all."
    )


@pytest.mark.parametrize("measure", [None, 3, ["RR"], "zzz", ""])
def test_nonsense_for_a_measure(measure: Any) -> None:
    with pytest.raises(UnknownOption, match="does not exist"):
        effect_sizes(measure=measure)


def test_unknown_options() -> None:
    for option in ({"to": "only"}, {"vtype": "HO"}):
        with pytest.raises(UnknownOption, match=r"does not exist.*It takes one of"):
            effect_sizes(measure="PR", xi=1, ni=9, **option)


@pytest.mark.parametrize("value", [None, "x", 3, [], {}, [object()], float("nan"), b"1", [b"1"]])
@pytest.mark.parametrize("code", sorted(MEASURES))
def test_no_traceback_other_than_ours(code: str, value: Any) -> None:
    try:
        es = effect_sizes(measure=code, **dict.fromkeys(MEASURES[code].needs, value))
    except ProbatumError:
        return
    assert np.isfinite(es.yi).tolist() == [not why for why in es.reasons]
