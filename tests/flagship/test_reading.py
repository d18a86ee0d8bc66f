"""The pages of the flagship read easily, and do not say what their rows forbid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from probatum.review.load import load
from probatum.review.model import Question

REVIEW = load(Path(__file__).parents[2] / "reviews" / "ketamine")
PAGES = sorted(REVIEW.questions)
# a single case is told as one case, never as a share of anything
SINGLE_CASES = ("verma-2025/H118", "avra-2024/H119", "prekupec-2017/H079")


def sentences(page: Question) -> list[str]:
    """The sentences a reader sees: claims and prose, each number counted as one word."""
    body = re.sub(r"^(?:#.*|\s*\{\{.*\}\}\s*)$", "", page.body, flags=re.M)
    text = "\n\n".join([*(claim.text for claim in page.claims), body])
    text = re.sub(r"\{\{ claim\.[\w-]+ \}\}", "", text)
    text = re.sub(r"\{\{[^}]*\}\}", "N", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text))
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n|\n[-\d.]+ ", text))
    found = [s for p in paragraphs for s in re.split(r"(?<=[.!?:;]) (?=[A-Z])", p)]
    return [s for s in found if re.search(r"\w", s)]


@pytest.mark.parametrize("name", PAGES)
def test_sentences_are_short(name: str) -> None:
    words = [len(sentence.split()) for sentence in sentences(REVIEW.questions[name])]
    assert len(words) > 5
    assert sum(words) / len(words) < 20


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
