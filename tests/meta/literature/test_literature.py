"""Worked examples from books and papers: our numbers round to the printed digits.

docs/validation.md lists them all; ``python docs/make_validation.py`` writes it anew.
"""

from __future__ import annotations

import runpy

import pytest
from published import DATA, ROOT, Example, Line, agrees, examples, line

EXAMPLES = examples()
PAGE = ROOT / "docs" / "validation.md"
NAMED = (
    "Viechtbauer W (2010)", "Konstantopoulos S (2011)", "Antczak-Bouckoms A, Mosteller F, Colditz "
    "GA (1998)", "Normand SLT (1999)", "van Houwelingen HC, Arends LR, Stijnen T (2002)",
    "Stijnen T, Hamza TH, Ozdemir P (2010)", "Hedges LV, Tipton E, Johnson MC (2010)",
    "Vevea JL, Hedges LV (1995)", "Röver C",
)  # fmt: skip


def wrong(lines: list[Line]) -> list[str]:
    return [
        f"{one.what}: {value!r}, printed {text}"
        for one in lines
        if not one.cause
        for text, value in zip(one.printed, one.ours, strict=True)
        if not agrees(text, value)
    ]


def test_what_half_a_unit_is() -> None:
    assert agrees("-0.7145", -0.714549)
    assert not agrees("-0.7145", -0.714551)
    assert agrees("863", 863.4)
    assert not agrees("0.50", 0.506)
    assert not agrees("0.5", float("nan"))
    assert wrong([line("one", "0.10 0.20", 0.1049, 0.2051)]) == ["one: 0.2051, printed 0.20"]
    with pytest.raises(ValueError, match="2 printed numbers, 1 of ours"):
        line("one", "0.1 0.2", 0.1)


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.name)
def test_printed_digits(one: Example) -> None:
    lines = one.lines()
    assert sum(len(each.printed) for each in lines if not each.cause)
    assert wrong(lines) == []


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.name)
def test_a_difference_is_there_and_has_its_cause(one: Example) -> None:
    for each in (each for each in one.lines() if each.cause):
        (text,), (value,) = each.printed, each.ours
        assert not agrees(text, value), f"{each.what} no longer differs: drop the cause"
        assert abs(value - each.right) <= abs(value - float(text)) / 20, each.what
        assert each.reproduced is None or agrees(text, each.reproduced), each.what


def test_what_must_be_among_them() -> None:
    sources = " ".join(f"{one.source} {one.place}" for one in EXAMPLES)
    assert [name for name in NAMED if name not in sources] == []
    assert len({one.name for one in EXAMPLES}) == len(EXAMPLES) >= 30
    assert len({one.source for one in EXAMPLES}) >= 25


def test_every_data_set_has_its_source() -> None:
    listed = (DATA / "README.md").read_text(encoding="utf-8")
    used = {one.data for one in EXAMPLES}
    files = {path.name for path in DATA.glob("*.csv")}
    assert [name for name in sorted(files) if f"`{name}`" not in listed] == []
    assert sorted(files - used) == []


def test_the_page_is_what_the_examples_give() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_validation.py"))["page"]()
    assert PAGE.read_text(encoding="utf-8") == made, "run python docs/make_validation.py"
