"""Expectations, placeholders and typed digits."""

from __future__ import annotations

import pytest

from probatum.errors import ProbatumError
from probatum.review.claims import (
    evaluate,
    find_row,
    parse_expect,
    placeholders,
    row_value,
    typed_digits,
)
from probatum.review.contrast import sensitivity_specs
from probatum.review.load import parse_analysis
from probatum.review.model import Arm, Study


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("ci_ub > 1", {"ci_ub": 1.2}, True),
        ("ci_ub > 1", {"ci_ub": 1.0}, False),
        ("k>=3", {"k": 3}, True),
        ("relapse--no-bias.estimate <= 0.5", {"estimate": 0.5}, True),
        ("estimate != -1e-2", {"estimate": -0.01}, False),
        ("tau2 == 0", {"tau2": None}, False),
        ("I2 < 50", {}, False),
    ],
)
def test_evaluate(text: str, values: dict[str, float | None], holds: bool) -> None:
    assert evaluate(parse_expect(text), values) is holds


@pytest.mark.parametrize("text", ["", "ci_ub", "ci_ub > one", "1 < ci_ub", "a.b.c > 1", "k => 3"])
def test_what_is_not_an_expectation(text: str) -> None:
    with pytest.raises(ProbatumError, match="expected"):
        parse_expect(text)


def test_parts_of_an_expectation() -> None:
    found = parse_expect("relapse--strict.ci_lb >= -.5")
    assert (found.name, found.field, found.sign, found.number) == (
        "relapse--strict",
        "ci_lb",
        ">=",
        -0.5,
    )


def test_placeholders_have_places() -> None:
    body = "A {{ k }}\nand {{a-b.ci}} {{ }}"
    found = placeholders(body)
    assert [(p.name, p.field, p.line) for p in found] == [
        ("", "k", 1),
        ("a-b", "ci", 2),
        ("", "", 2),
    ]
    assert body[found[1].start : found[1].stop] == "{{a-b.ci}}"


def test_digits_count_only_in_prose() -> None:
    body = "1. See [it](http://x.org/12) and `a1`.\nOf 1,234 people {{ a.k }} had 2."
    assert typed_digits(body) == [(2, "1,234"), (2, "2")]


def test_a_sensitivity_analysis_says_what_it_changes() -> None:
    text = (
        'title = "R"\noutcome = "relapse"\nmeasure = "OR"\ntest = "z"\n'
        '[[sensitivity]]\nid = "dl"\ntitle = "DL"\nreason = "r"\nmethod = "DL"\n'
        '[[sensitivity]]\nid = "bad"\ntitle = "B"\nreason = "r"\nmethd = "DL"\n'
    )
    parsed = parse_analysis("relapse", text.encode(), "analyses/relapse.toml")
    assert [(p.code, p.line) for p in parsed.problems] == [("E111", 14)]
    assert parsed.value is not None
    main, other = sensitivity_specs(parsed.value)
    assert (main.id, main.method, main.status) == ("relapse", "REML", "main")
    assert (other.id, other.method, other.test) == ("relapse--dl", "DL", "z")
    assert (other.status, other.title, other.sensitivity) == ("sensitivity", "DL", [])


def test_prose_may_name_an_arm() -> None:
    """What people got stands in study.toml; an arm that was not checked can't be shown."""
    arms = [
        Arm(id="drug", label="drug", role="experimental", dose="0.5 mg/kg", n_randomised=50),
        Arm(id="dummy", label="dummy", role="control", dose="0 mg/kg", verified=False),
    ]
    held = {"a": Study(id="a", title="A", status="completed", arms=arms)}
    found = find_row("a/arms/drug", held.get, lambda _: ())
    assert found is not None
    assert (found.file, found.key, found.row) == ("studies/a/study.toml", "arms.drug", arms[0])
    assert row_value(found.row, "n_randomised") == 50
    assert row_value(found.row, "verified") is None
    assert find_row("a/arms.drug", held.get, lambda _: ()) is None
    assert find_row("a/arms/dummy", held.get, lambda _: ()) is None
