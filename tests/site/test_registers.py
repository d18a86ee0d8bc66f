"""Pages of registers: what was checked is there with its source, what was not stays out."""

from __future__ import annotations

from pathlib import Path

import folder as tiny
import pytest
from walk import Walked, walk

from probatum.review.model import REGISTERS
from probatum.site.addresses import ref_target
from probatum.site.registers import REGISTER_PAGES

FACTS = (
    "id,topic,jurisdiction,item,value,unit,statement,source,source_type,url,cite_url,as_of,"
    "verified,note\n"
    "F1,law,Wales,longest sentence,5,years,Five years at most.,The Act,abstract,"
    "http://mirror.example/a,https://law.example/a,2014-06-10,true,Read it again.\n"
    "F2,law,Wales,hidden sentence,77,years,Seventy-seven at most.,memory,,,,,false,\n"
    "F3,other,,<b>item</b>,,,Nothing <script>x</script> here.,A book,,,javascript:alert(1),"
    "current,true,\n"
)
MECHANISMS = """id,topic,statement,standing,kind,direction,source,verified
M1,law,It was seen in rats.,animal,experiment,against,Rat et al,true
M2,law,Somebody thought so.,hypothesis,theory,,Thinker,true
"""
INTERACTIONS = """id,partner,risk,caution,advice,source,verified
X1,tea,warmth,none specific,,A cup,true
X2,wine,sleep,avoid; never at sea,wait,A glass,true
X3,soup,fullness,monitor,,A bowl,true
"""
HELP = (
    "id,country,kind,name,phone,web_address,hours,not_seen,source,as_of,verified,note\n"
    "L1,Wales (North),emergency,Ambulance,112; 999,https://secret.example,always,web_address,"
    "official page,2026-11-22,true,Also told to the police.\n"
    "L2,Wales,crisis,Line,0800 55,,,all,memory,2026-11-22,false,\n"
    "L3,Wales,drug-support,Chat only,,,,,official page,2026-11-22,true,\n"
)
PUBLISHED = """id,topic,outcome,comparison,k,measure,estimate,ci_lb,ci_ub,statement,source,locator
P1,law,response,placebo,7,SMD,-0.87,-1.26,-0.48,,Review 2021,table 1
P2,law,,,,,,,,It does not pool.,Review 2022,abstract
"""
FILES = {
    "facts.csv": FACTS,
    "mechanisms.csv": MECHANISMS,
    "interactions.csv": INTERACTIONS,
    "help.csv": HELP,
    "published.csv": PUBLISHED,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("registers")
    tiny.write(base / "review")
    for name, text in FILES.items():
        (base / "review" / name).write_text(text)
    with (base / "review" / "review.toml").open("a") as file:
        file.write('[topics.law]\nname = "the law"\n')
        file.write('[registers.facts]\ntitle = "Things <i>known</i>"\nnote = "Look twice."\n')
    report = tiny.build(base / "review", base / "out")
    assert not [p for p in report.problems if p.code.startswith("E60")]
    return base / "out"


def _page(site: Path, register: str) -> tuple[str, Walked]:
    html = (site / f"{register}.html").read_text("utf-8")
    return html, walk(html)


def _words(html: str, anchor: str) -> str:
    """Return what the row with this anchor says."""
    return " ".join(
        text
        for text, stack in walk(html).texts
        if any(a.get("id") == anchor for _, a in stack) and text.strip()
    )


def test_each_register_has_a_page() -> None:
    assert {page.register for page in REGISTER_PAGES} == set(REGISTERS)


@pytest.mark.parametrize("register", list(REGISTERS))
def test_each_checked_row_has_its_anchor_and_source(site: Path, register: str) -> None:
    _, page = _page(site, register)
    rows = [line.split(",") for line in FILES[f"{register}.csv"].splitlines()[1:]]
    shown = [r[0] for r in rows if "false" not in r]
    hidden = [r[0] for r in rows if "false" in r]
    assert shown
    for row in shown:
        assert ref_target(f"{register}.csv#{row}.note") == f"{register}.html#{row}"
        assert page.ids.count(row) == 1
    assert not set(hidden) & set(page.ids)


def test_what_was_not_checked_stays_out(site: Path) -> None:
    facts, _ = _page(site, "facts")
    assert "77" not in facts
    lines, _ = _page(site, "help")
    assert "0800 55" not in lines
    assert "secret.example" not in lines  # a column that was not seen


def test_readers_are_sent_to_the_citation_and_never_to_the_copy(site: Path) -> None:
    html, page = _page(site, "facts")
    links = [href for _, _, href in page.links if href.startswith("http")]
    assert links == ["https://law.example/a"]
    assert "mirror.example" not in html
    assert "javascript:" not in html


def test_a_fact_says_value_source_what_was_read_and_date(site: Path) -> None:
    words = _words(_page(site, "facts")[0], "F1")
    for part in ("longest sentence", "5", "years", "Wales", "The Act", "abstract", "as of"):
        assert part in words
    assert "as of" not in _words(_page(site, "facts")[0], "F3")


def test_titles_of_the_review_are_used_and_escaped(site: Path) -> None:
    html, _ = _page(site, "facts")
    assert "Things &lt;i&gt;known&lt;/i&gt;" in html
    assert "Look twice." in html
    assert "<script>x" not in html
    assert "the law" in html


def test_kinds_of_evidence_are_told_apart(site: Path) -> None:
    html, _ = _page(site, "mechanisms")
    assert "animals or cells" in _words(html, "M1")
    assert "speaks against it" in _words(html, "M1")
    assert "an idea or a summary" in _words(html, "M2")


def test_interactions_stand_by_how_much_care_they_need(site: Path) -> None:
    _, page = _page(site, "interactions")
    assert [i for i in page.ids if i in ("X1", "X2", "X3")] == ["X2", "X3", "X1"]


def test_help_can_be_dialled_and_says_when_it_was_seen(site: Path) -> None:
    html, page = _page(site, "help")
    assert [href for _, _, href in page.links if href.startswith("tel:")] == ["tel:112", "tel:999"]
    words = _words(html, "L1")
    assert "Also told to the police." in words
    assert "North" in words
    assert "2026-11-22" in words
    assert "look for it by its name" in _words(html, "L3")
    assert "nobody has rung them" in html


def test_pools_of_others_are_shown_as_printed(site: Path) -> None:
    html, _ = _page(site, "published")
    words = _words(html, "P1")
    assert "\N{MINUS SIGN}0.87" in words
    assert "against" in words
    assert "It does not pool." in _words(html, "P2")
