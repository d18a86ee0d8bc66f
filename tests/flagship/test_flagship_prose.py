"""The pages of the flagship answer first, and do not say what their rows forbid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from probatum.review.load import load

REVIEW = load(Path(__file__).parents[2] / "reviews" / "ketamine")
PAGES = sorted(REVIEW.questions)
# a single case is told as one case, never as a share of anything
SINGLE_CASES = ("verma-2025/H118", "avra-2024/H119", "prekupec-2017/H079")


@pytest.mark.parametrize("name", PAGES)
def test_the_answer_comes_first_and_is_short(name: str) -> None:
    answer = REVIEW.questions[name].claims[0].text
    assert len(re.sub(r"\{\{[^}]*\}\}", "N", answer).split()) < 35


@pytest.mark.parametrize("name", PAGES)
def test_single_cases_are_never_a_rate(name: str) -> None:
    page = REVIEW.questions[name]
    for text in (page.body, *(claim.text for claim in page.claims)):
        for case in SINGLE_CASES:
            assert not re.search(rf"\{{\{{ {case}[\w/-]*\.", text), case


@pytest.mark.parametrize("name", PAGES)
def test_people_who_used_lately_are_not_counted_with_all_who_ever_used(name: str) -> None:
    page = REVIEW.questions[name]
    for claim in page.claims:
        assert not ("pal-2013/H002/used" in claim.text and "pal-2013/H003" in claim.text)


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_named_by_what_they_use(name: str) -> None:
    page = REVIEW.questions[name]
    for text in (page.title, page.body, *(claim.text for claim in page.claims)):
        plain = re.sub(r"\{\{[^}]*\}\}", "", text)
        assert not re.search(r"\b(?:addict|abuser|junkie|user)s?\b", plain), text
