"""Blocks: one renderer for each, honest empty spaces, and nothing that was not checked."""

from __future__ import annotations

import re
from pathlib import Path

import asked
import pytest
from walk import walk

import probatum.site.pages  # noqa: F401  registers the blocks
from probatum.review.blocks import arguments, filter_fields, pick
from probatum.review.claims import DIRECTIVES
from probatum.review.model import REGISTERS
from probatum.site.pages.blocks import BLOCKS
from probatum.site.pages.blocks.base import LONG, OPEN

DOCS = Path(__file__).parents[2] / "docs" / "review-folder.md"
CLAIM = ("It may help (OR {{ estimate }}).", '"k == 3"')
#: A block that shows something, and words that it must show.
FULL = {
    "figure": ("relapse", ["Forest plot", "../analyses/relapse.html", "A 2020"]),
    "icons": ("relapse", ["of a hundred people", "40", "20"]),
    "facts": ("topic=law", ["Listed", "https://example.org/law", "The code"]),
    "mechanisms": ("", ["People rested", "seen in people", "An idea of rest"]),
    "interactions": ("X1", ["alcohol", "sleepiness", "avoid"]),
    "published": ("topic=sleep", ["321", "0.55", "Others 2019", "Nothing here is pooled again"]),
    "help": ("", ["<summary>Wales</summary>", "tel:999", "Emergency"]),
    "studies": ("topic=sleep", ["A 2020", "10 of 50", "Seen only in an abstract"]),
    "ongoing": ("topic=sleep", ["RUNS", "https://clinicaltrials.gov/study/NCT01234567", "300"]),
    "patients": ("a-2020", ["A 2020", "21", "12"]),
    "money": ("topic=sleep", ["public money paid for", "An interest of authors was declared for"]),
}
#: A block that finds nothing, and what it says.
EMPTY = {
    "facts": ("topic=law jurisdiction=EU", "fact"),
    "mechanisms": ("topic=rest standing=animal", "finding"),
    "interactions": ("partner=tea", "interaction"),
    "published": ("topic=pain", "pooled result of others"),
    "help": ("country=spain", "help line"),
    "studies": ("topic=pain", "study"),
    "ongoing": ("topic=pain", "trial that is still running"),
    "patients": ("b-2020", "person described by itself"),
    "money": ("topic=pain", "study"),
}


def shown(tmp_path: Path, block: str, words: str) -> str:
    """The HTML of a block."""
    html, _ = asked.page(tmp_path, asked.question(CLAIM, body=f"{{{{ {block} {words} }}}}"))
    assert not walk(html).faults
    prose = html[html.index('class="prose"') : html.index("</main>")]
    assert "(no value)" not in prose
    return prose.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("block", sorted(DIRECTIVES))
def test_every_block_has_a_renderer_and_words_in_the_docs(block: str) -> None:
    assert block in BLOCKS
    assert f"- `{{{{ {block} ... }}}}` {DIRECTIVES[block]}" in DOCS.read_text("utf-8")
    assert block in FULL
    assert block in EMPTY or block in ("figure", "icons")


def test_there_is_no_block_that_prose_can_not_name() -> None:
    assert set(BLOCKS) == set(DIRECTIVES)


@pytest.mark.parametrize("block", sorted(FULL))
def test_a_block_shows_what_there_is(tmp_path: Path, block: str) -> None:
    words, expected = FULL[block]
    prose = shown(tmp_path, block, words)
    for text in expected:
        assert text in prose, text
    assert "We found no" not in prose


@pytest.mark.parametrize("block", sorted(EMPTY))
def test_nothing_found_is_said(tmp_path: Path, block: str) -> None:
    words, what = EMPTY[block]
    prose = shown(tmp_path, block, words)
    assert f'<p class="empty">We found no {what} for this.</p>' in prose


def test_what_was_not_checked_or_not_seen_is_never_shown(tmp_path: Path) -> None:
    body = "{{ facts }}\n\n{{ help }}\n\n{{ patients a-2020 }}\n\n{{ studies a-2020 }}"
    html, _ = asked.page(tmp_path, asked.question(CLAIM, body=body, head="distress = true"))
    for text in ("Never checked", "Never seen", "0999", "hidden.example", "7 of 50", ">40<"):
        assert text not in html.replace("\N{NO-BREAK SPACE}", " "), text
    assert "0800 1" in html


def test_text_of_strangers_in_rows_stays_text(tmp_path: Path) -> None:
    body = "\n\n".join(f"{{{{ {block} {words} }}}}" for block, (words, _) in FULL.items())
    html, report = asked.page(tmp_path, asked.question(CLAIM, body=body, head="distress = true"))
    page = walk(html)
    assert not page.faults
    assert page.tags.count("img") == 1  # the brand's own mark
    assert not {"b"} & {tag for text, stack in page.texts if text == "bad" for tag, _ in stack}
    for _, name, url in page.links:
        assert not url.lower().startswith(("javascript:", "data:")), (name, url)
    assert "tel:116123" in [url for _, _, url in page.links]
    assert not [p for p in report.problems if p.code.startswith("E6")]


def test_an_analysis_too_uncertain_for_people_is_not_drawn(tmp_path: Path) -> None:
    prose = shown(tmp_path, "icons", "pair")
    assert "<svg" not in prose
    assert "no picture of people is drawn" in prose


def test_studies_stand_with_their_main_results_only(tmp_path: Path) -> None:
    prose = shown(tmp_path, "studies", "a-2020")
    found = re.findall(r"<p>(relapse|symptoms|harm):", prose)
    assert found == ["relapse", "symptoms"]


def test_money_is_counted(tmp_path: Path) -> None:
    prose = shown(tmp_path, "money", "topic=sleep")
    counts = dict(re.findall(r'data-n="money/topic-sleep/(\w+)">(\d+)<', prose))
    assert counts == {"all": "3", "public": "2", "industry": "1", "declared": "1", "denied": "2"}


def test_help_stands_at_the_top_where_distress_is_likely_and_only_there(tmp_path: Path) -> None:
    calm, _ = asked.page(tmp_path / "calm", asked.question(CLAIM))
    assert "If you need help now" not in calm
    html, _ = asked.page(tmp_path / "hard", asked.question(CLAIM, head="distress = true"))
    assert html.count("If you need help now") == 1
    top = html[html.index("If you need") : html.index('class="prose"')]
    assert top.index('href="../help.html"') < top.index("<details>") < top.index("tel:999")
    assert top.index("Emergency") < top.index("Listeners")  # the most urgent first
    assert "Ecoute" not in top


#: Text of a body -> the problem of its one block.
FAULTS = {
    "{{ facts topc=law }}": ("E516", 'no field "topc". Did you mean "topic"?'),
    "{{ studies topic=slep }}": ("E516", 'topic "slep" is unknown. Did you mean "sleep"?'),
    "{{ facts topic=lawn }}": ("E516", "no verified row with topic=lawn"),
    "{{ facts F3 }}": ("E515", 'no verified row "F3"'),
    "{{ figure relaps }}": ("E515", 'analysis "relaps" is unknown'),
    "{{ patients d-2020 }}": ("E515", 'study "d-2020" is unknown'),
    "{{ figure }}": ("E508", "needs the id of an analysis"),
    "See {{ facts F1 }} there.": ("E508", "does not stand alone on a line"),
    "{{ figrue relapse }}": ("E508", 'Did you mean "figure"?'),
}


@pytest.mark.parametrize("body", FAULTS)
def test_a_block_that_names_what_is_not_there_is_a_problem(tmp_path: Path, body: str) -> None:
    text = asked.question(CLAIM, body=body)
    _, report = asked.page(tmp_path, text)
    code, words = FAULTS[body]
    (found,) = [p for p in report.problems if p.file == "questions/help.md"]
    assert (found.code, found.line) == (code, text.split("\n").index(body) + 1)
    assert words in found.message


def test_filters_pick_by_any_of_several_values_and_all_of_several_fields() -> None:
    fact = REGISTERS["facts"]
    rows = [
        fact(id=i, topic=t, jurisdiction=j, source="s", statement="s")
        for i, t, j in (("1", "law", "UK"), ("2", "law", "Hong Kong"), ("3", "use", "UK"))
    ]

    def ids(*words: str) -> list[str]:
        return [row.id for row in pick(rows, arguments(words))]

    assert ids("topic=law,use", "jurisdiction=uk") == ["1", "3"]
    assert ids("jurisdiction=hong-kong") == ["2"]
    assert ids("3", "1") == ["3", "1"]
    assert ids("3", "topic=law") == ["3", "1", "2"]
    assert ids() == ["1", "2", "3"]
    assert "jurisdiction" in filter_fields("facts")
    assert "topic" in filter_fields("money")


def test_a_long_list_shows_its_first_entries_and_unfolds_the_rest(tmp_path: Path) -> None:
    rows = "".join(f"F{i},law,UK,Rule {i} of the law,The law,true\n" for i in range(10, 10 + LONG))
    facts = "id,topic,jurisdiction,statement,source,verified\n" + rows
    for name, text in (
        ("short", facts),
        ("long", facts + "F99,law,UK,The last rule,The law,true\n"),
    ):
        html, _ = asked.page(
            tmp_path / name, asked.question(CLAIM, body="{{ facts topic=law }}"), facts=text
        )
        open_, fold, rest = html[html.index('class="prose"') :].partition('<details class="rest">')
        assert bool(fold) is (name == "long")
        assert open_.count('class="entry"') == (OPEN if fold else LONG)
        assert rest.count('class="entry"') == (LONG + 1 - OPEN if fold else 0)


def test_a_list_by_topic_tells_what_the_topic_is_about(tmp_path: Path) -> None:
    review = asked.REVIEW.replace('name = "sleep"\n', 'name = "sleep"\ndomains = ["harm"]\n', 1)
    review = review.replace('name = "symptoms"\n', 'name = "symptoms"\ndomain = "harm"\n', 1)
    body = "{{ studies topic=sleep }}\n\n{{ studies a-2020 }}"
    html, _ = asked.page(tmp_path, asked.question(CLAIM, body=body), review=review)
    by_topic, by_id = html[html.index('class="prose"') :].split('<table class="cards studies">')[1:]
    assert set(re.findall(r"<p>(relapse|symptoms|harm):", by_topic)) == {"symptoms"}
    assert re.findall(r"<p>(relapse|symptoms|harm):", by_id) == ["relapse", "symptoms"]
