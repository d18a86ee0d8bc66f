"""A template can't print a number that leads nowhere."""

from __future__ import annotations

import pytest
from jinja2 import TemplateAssertionError, UndefinedError

from probatum.build.shown import Shown
from probatum.site.environment import environment, render_text
from probatum.site.page import Attr, Marked, Page, UnsourcedNumber, parts

VALUE = Shown("a/k", 3.0, "3", "studies", "result:a", ("analyses/a.toml#level",), "x.html#how")


@pytest.mark.parametrize("value", [3, 0.5, "n = 3", None, True, ["a"], "٣"])
def test_refuses(value: object) -> None:
    with pytest.raises(UnsourcedNumber):
        render_text(Page("a.html"), "{{ value }}", value=value)


def test_a_shown_value_is_registered_and_links_to_its_provenance() -> None:
    page = Page("sub/a.html")
    html = render_text(page, "{{ value }}", value=VALUE)
    assert html == '<a class="n" data-n="a/k" href="../x.html#how">3</a>'
    assert page.shown == {"a/k": VALUE}


def test_words_marks_and_attributes_pass() -> None:
    html = render_text(
        Page("a.html"),
        "{{ a }} {{ b }} {{ c }} {{ d }}",
        a="a < b",
        b=Marked("citation", "Aber 1990"),
        c=Attr("x1.html"),
        d=parts("k ", VALUE),
    )
    assert html.startswith('a &lt; b <span data-x="citation">Aber 1990</span> x1.html k <a')


@pytest.mark.parametrize("name", ["safe", "e", "tojson"])
def test_no_filter_declares_text_trusted(name: str) -> None:
    with pytest.raises(TemplateAssertionError):
        environment().from_string("{{ x | " + name + " }}")


def test_missing_names_and_unsourced_values_are_refused() -> None:
    with pytest.raises(UndefinedError):
        render_text(Page("a.html"), "{{ nothing }}")
    with pytest.raises(UnsourcedNumber, match="no refs"):
        Page("a.html").register(Shown("x", 1.0, "1", "n", "node"))


def test_one_id_can_not_stand_for_two_texts() -> None:
    page = Page("a.html")
    page.register(VALUE)
    with pytest.raises(UnsourcedNumber, match="shown as"):
        page.register(Shown("a/k", 4.0, "4", "studies", "result:a", VALUE.refs))


def test_a_mark_has_a_known_kind() -> None:
    with pytest.raises(ValueError, match="does not exist"):
        Marked("result", "3")
