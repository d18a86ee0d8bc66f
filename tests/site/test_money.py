"""Who paid and who had an interest, counted: what was not seen is never "none"."""

from __future__ import annotations

from probatum.review.model import Study
from probatum.site.environment import render_part
from probatum.site.page import Page
from probatum.site.pages.money import counts, summary


def study(name: str, **fields: object) -> Study:
    return Study.model_validate({"id": name, "title": name, "status": "completed", **fields})


STUDIES = [
    study("a", funding={"type": "public"}, interest={"declared": True}),
    study("b", funding={"type": "industry"}, interest={"declared": False}),
    study("c", funding={"type": "public", "verified": False}),
    study("d", interest={"declared": True, "verified": False}),
    study("e", funding={"type": "public"}, companion_of="a"),
    study("f", funding={"type": "none"}, companion_of="elsewhere"),
]


def test_groups_hold_each_study_once() -> None:
    money = summary(STUDIES)
    assert money.studies == ("a", "b", "c", "d", "f")  # e are the people of a
    assert {k: v for k, v in money.paid.items() if v} == {
        "public": ("a",), "industry": ("b",), "none": ("f",), "": ("c", "d"),
    }  # fmt: skip
    assert money.interest == {"declared": ("a",), "denied": ("b",), "": ("c", "d", "f")}


def test_words_count_with_the_studies_behind_each_number() -> None:
    on = Page("x.html")
    said = render_part(on, "money.html", n=counts(summary(STUDIES), "t")).striptags()
    assert "Of 5 studies, public money paid for 1, industry for 1, nobody for 1." in said
    assert "declared for 1 and denied for 1; for 3 we did not see it" in said
    assert "For 2 we did not see who paid, which does not mean that nobody did" in said
    assert on.shown["money/t/unseen"].refs[0] == "studies/a/study.toml#funding"
    assert len(on.shown["money/t/unseen"].refs) == 5
