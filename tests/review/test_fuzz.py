"""Whatever bytes a file holds, reading it never raises and every problem is complete."""

from __future__ import annotations

from typing import Any

from good_review import ANALYSIS, ESTIMATES, OUTCOMES, QUESTION, REVIEW, STUDY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.errors import CATALOGUE, Problem
from probatum.review import load

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
PIECES = [
    b'"',
    b"'''",
    b"\n",
    b"\r",
    b",",
    b"[[",
    b"]",
    b"=",
    b"\x00",
    b"\xff\xfe",
    b"\xe9",
    b"1e999",
    b"-1",
    b"nan",
    b"#REF!",
    b"+++",
    b"{{",
    b"}}",
    b"[arms]",
    b"id = 3",
    b"{}",
]


@st.composite
def damaged(draw: Any, text: str) -> bytes:
    """Good bytes with a few places cut out, repeated or written over."""
    data = bytearray(text.encode())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.integers(0, 12)))
        data[start:stop] = draw(st.sampled_from(PIECES) | st.binary(max_size=6))
    return bytes(data)


def complete(problems: list[Problem]) -> None:
    for found in problems:
        assert found.code in CATALOGUE
        assert found.message
        assert found.hint
        assert found.line >= 0


@quick
@given(damaged(STUDY.format("A")), damaged(OUTCOMES.format("A")), damaged(ESTIMATES))
def test_a_study_of_any_bytes(study: bytes, outcomes: bytes, estimates: bytes) -> None:
    files = {"study.toml": study, "outcomes.csv": outcomes, "estimates.csv": estimates}
    parsed = load.parse_study("a-2020", files)
    complete(parsed.problems)
    assert parsed.value is not None or parsed.problems


@quick
@given(damaged(REVIEW), damaged(ANALYSIS), damaged(QUESTION))
def test_other_texts_of_any_bytes(info: bytes, analysis: bytes, question: bytes) -> None:
    for parsed in (
        load.parse_info(info),
        load.parse_analysis("a", analysis, "analyses/a.toml"),
        load.parse_question("q", question, "questions/q.md"),
    ):
        complete(parsed.problems)
        assert parsed.value is not None or parsed.problems


@quick
@given(st.binary(max_size=200))
def test_noise(data: bytes) -> None:
    names = ("study.toml", "outcomes.csv", "estimates.csv", "patients.csv", "rob.csv")
    complete(load.parse_study("a", dict.fromkeys(names, data)).problems)
    complete(load.parse_register("facts", data).problems)
    complete(load.parse_info(data).problems)
    complete(load.parse_analysis("a", data, "a.toml").problems)
    complete(load.parse_question("q", data, "q.md").problems)
    complete(load.parse_certainty("a", data, "a.toml").problems)


@quick
@given(damaged(STUDY.format("A")), damaged(OUTCOMES.format("A")), damaged(ANALYSIS))
def test_all_checks_of_what_is_left(study: bytes, outcomes: bytes, analysis: bytes) -> None:
    from probatum.review.checks import check_all

    info = load.parse_info(REVIEW.encode()).value
    assert info is not None
    one = load.parse_study("a-2020", {"study.toml": study, "outcomes.csv": outcomes}).value
    spec = load.parse_analysis("relapse", analysis, "analyses/relapse.toml").value
    complete(
        check_all(
            info, {one.id: one} if one else {}, {}, {"spec": {spec.id: spec} if spec else {}}, {}
        )
    )
