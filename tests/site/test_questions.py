"""Question pages: claims, placeholders, links, and text of strangers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import asked
import pytest
from walk import walk

from probatum.build.engine import Engine
from probatum.build.quantities import Undefined, quantity
from probatum.build.results import AnalysisResult
from probatum.review.claims import NUMBERS

NBSP = "\N{NO-BREAK SPACE}"
#: What prose shows, worked out by hand from tests/site/asked.py.
SHOWN = {
    "relapse.k": "3",
    "relapse.n": "300",
    "relapse.level": "95%",
    "relapse.title": "Relapse",
    "relapse.measure": "odds ratio",
    "relapse.control100": "40",  # 20 + 16 + 24 of 150
    "relapse.control1000": "400",
    "ratio.estimate": "0.50",  # half the risk in every trial
    "ratio.treated100": "20",
    "share.n": "150",
    "rare.events": "0",
    "rare.upper": "2.4%",  # 1 - 0.025 ** (1 / 150), exact
    "rare.upper100": "2",
    "rare.upper1000": "24",
    "one.estimate": "0.38",  # (10 * 30) / (40 * 20) = 0.375
    "pair.k": "2",
    "pair.n": "200",
    "pair/a-2020.estimate": "0.38",
    "pair/b-2020.estimate": "0.40",  # (8 * 34) / (42 * 16) = 0.405
    "a-2020/A1/T.events": "10",
    "a-2020/A1/T.share": "20%",
    "a-2020/A1/C.of": f"20{NBSP}of{NBSP}50",
    "a-2020/patients/P1.age": "34",
    "a-2020/arms/T.dose": "0.5 mg",
    "a-2020/arms/T.n_randomised": "50",
    "facts/F1.value": "14",
    "published/P1.n": "321",
}
#: Placeholders that name something without a value, and what the problem says.
EMPTY = {
    "pair.estimate": "two studies have no pooled answer",
    "pair.ci": "two studies have no pooled answer",
    "pair.treated100": "two studies have no pooled answer",
    "side.estimate": "is not pooled",
    "rare.estimate": "has several groups and only an upper limit",
    "relapse.upper": "no exact limit",
    "relapse.per100": "is no proportion",
    "share.treated100": "is no odds ratio or risk ratio",
    "one.tau2": "rests on one study",
    "pair/c-2020.estimate": "is not in it",
    "a-2020/A1/T.mean": "holds no number",
    "a-2020/patients/P1.of": "no events of n",
}


def told(folder: Path) -> list[dict[str, object]]:
    """What `probatum check --claims` prints, over the folder's nodes."""
    import probatum.build.steps
    import probatum.site.pages  # noqa: F401

    return Engine(folder).get("told:help")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory):
    """A page whose claims show all of `SHOWN` and `EMPTY`."""
    names = [*SHOWN, *EMPTY]
    claims = [(f"Shown: {{{{ {name} }}}}.", "") for name in names]
    base = tmp_path_factory.mktemp("asked")
    html, report = asked.page(base, asked.question(*claims))
    return names, html, report, base / "review"


def test_every_placeholder_shows_its_value(everything) -> None:
    names, _, _, folder = everything
    texts = {name: claim["text"] for name, claim in zip(names, told(folder))}
    assert {name: texts[name] for name in SHOWN} == {n: f"Shown: {v}." for n, v in SHOWN.items()}
    assert {name: texts[name] for name in EMPTY} == dict.fromkeys(EMPTY, "Shown: (no value).")


def test_the_page_shows_the_same_and_each_value_leads_somewhere(everything) -> None:
    names, html, _, _ = everything
    spans = re.findall(r'id="claim-c(\d+)">Shown: (.*?)\.(?= <a class="basis"|</span>|</p>)', html)
    shown = {names[int(i)]: inner for i, inner in spans}
    for name, text in SHOWN.items():
        inner = shown[name]
        assert re.sub(r"<[^>]*>", "", inner) == text, name
        if any(c.isdigit() for c in text):
            assert re.match(r'<a class="n" data-n="[^"]+" href="\.\./', inner), (name, inner)
    for name in EMPTY:
        assert shown[name] == "<mark>(no value)</mark>", name


def test_what_can_not_be_filled_is_a_problem_with_its_line(everything) -> None:
    _, _, report, folder = everything
    holes = [p for p in report.problems if p.code == "E514"]
    lines = (folder / "questions/help.md").read_text().split("\n")
    assert len(holes) == len(EMPTY)
    for found in holes:
        name = re.match(r"\{\{ (\S+) \}\}", found.message)[1]
        assert found.file == "questions/help.md"
        assert name in lines[found.line - 1]
        assert EMPTY[name] in found.message, found.message
    assert not [p for p in report.problems if p.code.startswith("E6")]


def defined(result: AnalysisResult, field: str) -> tuple[float | None, str]:
    """The value of a field, or why there is none."""
    try:
        return quantity(result, field)[0], ""
    except Undefined as reason:
        return None, str(reason)


@pytest.mark.parametrize("analysis", list(asked.ANALYSES))
def test_a_condition_compares_what_is_shown(tmp_path: Path, analysis: str) -> None:
    """One definition: for every number of every kind of result, text and condition agree."""
    fields = sorted(NUMBERS)
    claims = [(f"{{{{ {analysis}.{f} }}}}", f'"{analysis}.{f} > -9e9"') for f in fields]
    asked.write(tmp_path / "review", {"help": asked.question(*claims)})
    result = Engine(tmp_path / "review").get(f"result:{analysis}")
    seen = 0
    for field, claim in zip(fields, told(tmp_path / "review")):
        (condition,) = claim["conditions"]
        value, reason = defined(AnalysisResult.model_validate(result), field)
        assert condition["reason"] == reason
        if value is None:
            assert (condition["value"], condition["holds"]) == (None, False)
            assert claim["text"] == "(no value)"
            continue
        seen += 1
        assert condition["value"] == pytest.approx(value, rel=1e-11)
        assert condition["display"] == claim["text"] != "(no value)"
    assert seen >= 4, (analysis, seen)


def test_the_answer_stands_first_with_certainty_people_and_date(tmp_path: Path) -> None:
    text = asked.question(
        ("It may help (OR {{ estimate }}).", '"k == 3"'), head="as_of = 2026-01-03"
    )
    html, report = asked.page(tmp_path, text)
    assert [p for p in report.problems if p.severity == "error"] == []
    main = html[html.index("<main") :]
    order = [main.index(part) for part in ("<h1>", 'class="answer"', "Certainty", "As of")]
    assert order == sorted(order)
    assert main.count('class="on"') == 2  # low: two of four circles
    assert '<a href="../analyses/relapse.html#certainty">Low</a>' in main
    analysis = (tmp_path / "out/analyses/relapse.html").read_text()
    assert 'id="certainty"' in analysis
    assert "Only 150 people." in analysis
    assert "not judged yet" in (tmp_path / "out/analyses/pair.html").read_text()


def test_a_broken_claim_says_so_at_its_place_and_the_page_remains(tmp_path: Path) -> None:
    text = asked.question(
        ("It may help {{ k }} times.", '"k == 3"'),
        ("It may fail {{ k }} times.", '"k > 5"'),
        body="The end.",
    )
    html, report = asked.page(tmp_path, text)
    broken = [p for p in report.problems if p.code == "E510"]
    line = text.split("\n").index('expect = ["k > 5"]') + 1
    assert [(p.line, "k > 5" in p.message) for p in broken] == [(line, True)]
    assert html.count('class="caution" role="note"') == 1
    assert html.index("It may fail") < html.index("k &gt; 5") < html.index("The end.")
    assert re.search(r"it is now <a [^>]*>3</a>", html)


def test_a_claim_leads_to_what_it_rests_on(tmp_path: Path) -> None:
    text = asked.question(
        ("It may help.", '"k == 3"'),
        ("In one {{ a-2020/A1/T.of }}; the law says {{ facts/F1.value }}.", '"k == 3"'),
    )
    html, _ = asked.page(tmp_path, text)
    claim = html[html.index('id="claim-c1"') :]
    basis = re.findall(r'class="basis" href="([^"]*)"', claim[: claim.index("</p>")])
    assert basis == ["../studies/a-2020.html", "../facts.html#F1"]


def test_links_lead_from_file_to_page_or_are_told(tmp_path: Path) -> None:
    body = (
        "[here](help.md) [a](../studies/a-2020/study.toml#results) [b](../analyses/relapse.toml)"
        " [c](../facts.csv) [lost](losst.md) [out](https://example.org/x) [up](../../etc/passwd)"
    )
    text = asked.question(("It may help.", '"k == 3"'), body=body)
    html, report = asked.page(tmp_path, text)
    line = text.split("\n").index(body) + 1
    prose = html[html.index('class="prose"') :]
    links = dict(re.findall(r'<a href="([^"]*)">(\w+)</a>', prose[: prose.index("</div>")]))
    assert links == {
        "help.html": "here",
        "../studies/a-2020.html#results": "a",
        "../analyses/relapse.html": "b",
        "../facts.html": "c",
        "https://example.org/x": "out",
    }
    assert "<a>lost</a>" in prose
    assert [p.line for p in report.problems if p.code == "W517"] == [line, line]


HOSTILE = [
    '<script>alert("x")</script>',
    "[go](javascript:alert(1))",
    "[go](JaVaScRiPt:alert(1)) and [go](data:text/html,x)",
    "![spy](https://evil.example/pixel.png)",
    '<img src=x onerror="alert(1)">',
    "{{ facts/F1.statement }}",
    "{{ a-2020/A1/T.arm }} {{ relapse/a-2020.estimate }}",
    "{{ claim.c0 }} {{ claim.c1 }}",  # claims inside claims, and of themselves
    "{{ <script>alert(1)</script> }}",
    "{{ help }} {{ facts F1 }}",
    "{{ {{ k }} }}",
    "Typed 42 of 43 and ４２",
    "&#52;&#x32; and \\4\\2",
    "https://example.org/42",
    "# Main\n\n## Cite\n\n## Same\n\n## Same\n\n## ???\n\n## \u4e2d",
    "\ue000\ue100\ue001 \u202e \u2028",
    "`code {{ k }} 12`",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_strangers_stays_text(tmp_path: Path, text: str) -> None:
    html, report = asked.page(tmp_path, asked.question((text, ""), (text, ""), body=text))
    page = walk(html)
    assert not page.faults
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("img") == 1  # the brand's own mark
    assert not [url for _, _, url in page.links if "alert" in url or url.startswith("data:")]
    assert not [url for _, name, url in page.links if name == "src" and "evil" in url]
    scripts = [url for tag, _, url in page.links if tag == "script"]
    assert page.tags.count("script") == len(scripts)  # files of the site, nothing inline
    assert not [p for p in report.problems if p.code.startswith("E60")]
    for words, stack in page.texts:
        if re.search(r"\d", words):
            assert any("data-n" in a or "data-x" in a for _, a in stack), words


def test_old_pages_without_claims_still_show_their_summary(tmp_path: Path) -> None:
    text = (
        '+++\ntitle = "T"\nsummary = "In short."\nanalysis = "relapse"\nexpect = ["k > 9"]\n+++\n'
        "# Top\n\nIt was {{ estimate }}.\n"
    )
    html, report = asked.page(tmp_path, text)
    assert '<p class="answer">In short.</p>' in html
    assert '<h2 id="top">Top</h2>' in html
    assert "k &gt; 9" in html
    assert [p.code for p in report.problems if p.severity == "error"] == ["E510"]


def test_every_number_of_a_question_page_is_in_the_manifest(tmp_path: Path) -> None:
    body = "{{ studies topic=sleep }}\n\n{{ money topic=sleep }}\n\n{{ help }}\n\n{{ published }}"
    claims = [(f"It may {{{{ {name} }}}}.", '"k == 3"') for name in SHOWN]
    html, _ = asked.page(tmp_path, asked.question(*claims, body=body, head="distress = true"))
    manifest = json.loads((tmp_path / "out/manifest.json").read_text("utf-8"))
    numbers = walk(html).numbers
    assert len(numbers) > 60
    for ident, text in numbers:
        assert manifest["numbers"][ident]["display"] == text, ident


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("It may help (OR {{ estimate }}).", True),
        ("In one trial it was {{ a-2020/A1/T.of }}.", True),
        ("In one trial it was {{ b-2020/B1/T.of }}.", False),
    ],
)
def test_studies_are_counted_where_the_answer_rests_on_no_others(
    tmp_path: Path, text: str, counted: bool
) -> None:
    question = asked.question((text, "")).replace('"relapse"', '"one"')  # the trial A alone
    html, _ = asked.page(tmp_path, question)
    meta = html[html.index('<dl class="meta">') : html.index("</dl>")]
    assert ("<dt>Studies</dt>" in meta) is counted
    assert "<dt>Certainty</dt>" in meta


def test_the_answer_names_what_a_row_of_a_register_is_about(tmp_path: Path) -> None:
    question = asked.question(("It may help {{ interactions/X1.partner }}.", ""))
    html, _ = asked.page(tmp_path, question)
    rests = html[html.index("The answer rests on") :]
    link = '<a href="../interactions.html#X1">interaction (alcohol &lt;img src=x&gt;)</a>'
    assert link in rests[: rests.index("</p>")]
