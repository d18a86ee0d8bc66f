"""Tidying keeps every letter and drops only mark-up."""

from probatum.records.record import Record, make_record
from probatum.records.text import tidy, tidy_block


def test_mark_up_goes_and_comparisons_stay() -> None:
    assert tidy("H<sub>2</sub>O &lt;i&gt;in vivo&lt;/i&gt; p < 0.05, n > 3") == (
        "H2O in vivo p < 0.05, n > 3"
    )
    assert tidy('<mml:math><mml:mi>x</mml:mi></mml:math> <style face="normal">a</style>') == "x a"


def test_paragraphs_stay_apart() -> None:
    assert tidy_block("<jats:p>One.</jats:p><jats:p>Two.</jats:p>") == "One.\nTwo."


def test_script_in_a_title_is_text_like_any_other() -> None:
    assert tidy("<script>alert(1)</script>") == "<script>alert(1)</script>"  # pages escape it


def test_an_identifier_that_is_none_is_kept_apart() -> None:
    one = make_record(title="a", doi="not a doi", pmid="x")
    assert (one.doi, one.pmid) == ("", "")
    assert one.extra == (("doi", "not a doi"), ("pmid", "x"))


def test_a_row_tells_the_whole_record() -> None:
    one = make_record(title="a", authors=["B, C"], registry=["NCT00000001"], extra=[("XX", "y")])
    assert Record.from_row(one.row()) == one
