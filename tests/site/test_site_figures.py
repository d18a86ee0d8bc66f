"""Figures of results: two studies look like two studies, and nothing is drawn that misleads."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import fake
import folder as tiny
import pytest

from probatum.build.results import AnalysisResult
from probatum.meta.measures import MEASURES
from probatum.plots.table import Bar, Diamond, Heading, Note, StudyRow
from probatum.review.model import PICO, ReviewInfo, Study
from probatum.site.absolute import absolute
from probatum.site.arms import arm_columns
from probatum.site.citation import bibtex, citation
from probatum.site.figures import figure_file, figure_kinds, forest, icons, patients, spark
from probatum.site.figures.forest import Made, forest_table
from probatum.site.figures.funnel import funnel_data
from probatum.site.page import Page

SVG = "{http://www.w3.org/2000/svg}"


def made(presentation: str, **changes: object) -> Made:
    found = forest_table(fake.result("relapse", presentation).model_copy(update=changes))
    assert found is not None
    return found


def test_two_studies_get_both_intervals_and_no_diamond() -> None:
    rows = made("two-studies").table.rows
    assert not [r for r in rows if isinstance(r, Diamond)]
    bars = {r.label: r for r in rows if isinstance(r, Bar)}
    assert list(bars) == ["Normal (Wald) method", "Hartung-Knapp method"]
    assert len({bar.look for bar in bars.values()}) == 2
    assert bars["Hartung-Knapp method"].text == "[<0.01, 5\N{NARROW NO-BREAK SPACE}548]"
    assert made("two-studies").table.pooled is None


def test_a_pool_gets_a_diamond_a_prediction_and_its_heterogeneity() -> None:
    rows = made("pooled").table.rows
    assert [r.text for r in rows if isinstance(r, Diamond)] == ["0.71 [0.53, 0.95]"]
    assert [r.text for r in rows if isinstance(r, Bar)] == ["[0.40, 1.26]"]
    (note,) = [r.text.replace("\N{NO-BREAK SPACE}", " ") for r in rows if isinstance(r, Note)]
    assert note.endswith("I² = 34%, tau² = 0.04, Q = 14.20 (df 10, p = 0.16)")
    assert note.startswith("The studies differ somewhat more")


def test_each_text_of_a_row_is_a_shown_number_and_each_name_leads_to_its_row() -> None:
    figure = made("pooled")
    first = next(r for r in figure.table.rows if isinstance(r, StudyRow))
    assert first.cells == ("8/60", "14/60")
    assert figure.shown[f"{first.key}/cell/0"].refs == (
        "studies/alpha/outcomes.csv#R0/T.events",
        "studies/alpha/outcomes.csv#R0/T.n",
    )
    assert figure.links[f"{first.key}/label"] == "studies/alpha.html#o-R0-T"
    page = Page("analyses/relapse.html")
    html = forest(page, fake.result("relapse", "pooled"))
    assert 'href="../studies/alpha.html#o-R0-T"' in str(html)
    assert "relapse/agreement" in page.shown


def test_exact_limits_stand_together_only_where_there_are_several() -> None:
    bars = [r for r in made("exact").table.rows if isinstance(r, Bar)]
    assert [(b.lb, b.ub, b.text) for b in bars] == [(0.0, 0.074, "up to 7.4%")]
    alone = fake.result("relapse", "exact")
    alone = alone.model_copy(update={"studies": alone.studies[:1]})
    rows = forest_table(alone)
    assert rows is not None
    assert not [r for r in rows.table.rows if isinstance(r, Bar)]


def test_subgroups_too_small_for_an_average_say_so() -> None:
    found = fake.result("relapse", "pooled")
    keys = [s.key for s in found.studies]
    small = {"id": "a", "label": "a", "pooled": None, "keys": keys[:2]}
    large = {"id": "b", "label": "b", "pooled": found.pooled, "keys": keys[2:]}
    grouped = AnalysisResult.model_validate(found.model_dump() | {"subgroups": [small, large]})
    table = forest_table(grouped)
    assert table is not None
    rows = table.table.rows
    assert [r.label for r in rows if isinstance(r, Heading)] == ["a", "b"]
    assert [r.label for r in rows if isinstance(r, Diamond)] == ["Together", "All together"]
    assert any(isinstance(r, Note) and "fewer than three" in r.text for r in rows)


def test_no_study_is_an_empty_space_and_a_failure_no_figure() -> None:
    assert forest(Page("a.html"), fake.result("relapse", "failed")) is None
    empty = made("listed", studies=[]).table
    assert empty.rows == ()
    assert empty.empty == "No study found"
    nothing = [s.model_copy(update={"estimate": None}) for s in fake.result("r", "listed").studies]
    assert "no estimate" in made("listed", studies=nothing).table.empty


@pytest.mark.parametrize("presentation", ["two-studies", "single-study", "listed", "failed"])
def test_people_are_counted_only_from_a_pooled_answer(presentation: str) -> None:
    assert absolute(fake.result("relapse", presentation)) is None
    assert absolute(fake.result("relapse", "pooled")) is not None


def test_arms_are_called_by_their_names_where_the_studies_agree() -> None:
    found = fake.result("relapse", "pooled")
    assert [c.name for c in arm_columns(found)] == ["Treated", "Control"]
    names = ["midazolam", "saline", "a third very long name of a comparator"]
    for count, heading in ((2, "Midazolam or saline"), (3, "Comparison")):
        studies = [
            s.model_copy(update={"comparator": names[i % count]})
            for i, s in enumerate(found.studies)
        ]
        columns = arm_columns(found.model_copy(update={"studies": studies}))
        assert columns[1].name == heading
        assert columns[1].shared is (count == 2)


def test_a_figure_file_is_light_whole_and_names_its_source() -> None:
    found = fake.result("relapse", "pooled")
    assert figure_kinds(found) == ["forest", "funnel"]
    assert figure_kinds(fake.result("relapse", "failed")) == []
    for kind in figure_kinds(found):
        svg = figure_file(found, kind, "Relapse. In: A review, version 2026.1.")
        assert "prefers-color-scheme" not in svg
        assert "var(" not in svg
        assert "<a " not in svg
        root = ET.fromstring(svg)
        assert "Relapse within 12 weeks" in (root.findtext(f"{SVG}title") or "")
        assert "version 2026.1." in (root.findtext(f"{SVG}desc") or "")
        assert kind == "funnel" or "All together 0.71 [0.53, 0.95]" in svg.partition("</desc>")[0]
        last = list(root.iter(f"{SVG}text"))[-1]
        assert "version 2026.1." in "".join(last.itertext())


def test_figures_are_files_of_the_site_and_go_with_their_analysis(tmp_path: Path) -> None:
    tiny.write(tmp_path / "review")
    tiny.build(tmp_path / "review", tmp_path / "out")
    there = {p.name for p in (tmp_path / "out/figures").iterdir()}
    assert {"pooled-forest.svg", "pooled-funnel.svg", "two-studies-forest.svg"} <= there
    assert not [name for name in there if name.startswith("failed")]
    again = tmp_path / "again"
    tiny.build(shutil.copytree(tmp_path / "review", tmp_path / "copy"), again)
    for name in there:
        assert (again / "figures" / name).read_bytes() == (
            tmp_path / "out/figures" / name
        ).read_bytes()
    (tmp_path / "review/analyses/pooled.toml").unlink()
    (tmp_path / "review/questions/help.md").unlink()
    tiny.build(tmp_path / "review", tmp_path / "out")
    assert not list((tmp_path / "out").glob("figures/pooled*"))


def test_the_answer_comes_first_then_the_figure_then_the_numbers(tiny_site: Path) -> None:
    html = (tiny_site / "analyses/pooled.html").read_text("utf-8")
    order = ['class="answer"', 'id="figure"', 'id="numbers"', 'id="how"', 'id="cite"']
    places = [html.index(mark) for mark in order]
    assert places == sorted(places)
    assert 'href="../figures/pooled-forest.svg" download' in html
    assert 'href="../data/analyses/pooled.csv" download' in html
    assert '<figure class="icons">' in html
    two = (tiny_site / "analyses/two-studies.html").read_text("utf-8")
    assert '<figure class="icons">' not in two
    assert "In people" not in two


INFO = ReviewInfo(
    format=1,
    id="tiny",
    title="Does it help?",
    version="2026.1",
    authors=["A. Smith", "The {Group} & Co_1"],
    question=PICO(population="", intervention="", comparator="", outcomes=""),
)


def test_a_citation_has_authors_title_version_and_address() -> None:
    assert citation(INFO, "analyses/relapse.html", "Relapse at 50%") == (
        "A. Smith, The {Group} & Co_1. Relapse at 50%. In: Does it help? version 2026.1. "
        "analyses/relapse.html"
    )


def test_bibtex_survives_what_tex_takes_for_commands() -> None:
    entry = bibtex(INFO, "analyses/a_b.html", "relapse", "Relapse at 50% \\input{x}")
    assert entry.startswith("@misc{tiny-relapse,\n")
    assert r"{A. Smith} and {The \{Group\} \& Co\_1}" in entry
    assert r"title = {Relapse at 50\% \textbackslash{}input\{x\}}" in entry
    assert r"note = {analyses/a\_b.html}" in entry
    assert entry.count("{") - entry.count("\\{") == entry.count("}") - entry.count("\\}")


def share_result(presentation: str, estimate: float, lower: float, upper: float) -> AnalysisResult:
    found = fake.result("urine", presentation)
    one = found.studies[0].model_copy(
        update={"estimate": estimate, "ci_lb": lower, "ci_ub": upper, "arm": "", "comparator": ""}
    )
    pooled = found.pooled and found.pooled.model_copy(
        update={"estimate": estimate, "ci_lb": lower, "ci_ub": upper}
    )
    changes = {"scale": "proportion", "measure": "PLO", "null": None, "pooled": pooled}
    return found.model_copy(update=changes | {"studies": [one]})


def words(html: object) -> str:
    return "".join(ET.fromstring(str(html)).find("p").itertext())  # type: ignore[union-attr]


def test_a_share_is_people_of_a_hundred_in_words_and_then_in_marks() -> None:
    page = Page("q.html")
    html = icons(share_result("pooled", 0.281, 0.2, 0.38), page)
    assert words(html) == "About 28 of a hundred people like those studied (from 20 to 38)."
    assert page.shown["urine/per100"].refs
    assert 'aria-hidden="true"' in str(html)
    rare = icons(share_result("single-study", 0.004, 0.001, 0.01), Page("q.html"))
    assert words(rare).startswith("About 4 of a thousand people")


def test_a_ratio_is_two_groups_of_people_at_the_risk_of_the_comparison() -> None:
    page = Page("q.html")
    html = icons(fake.result("relapse", "pooled"), page)
    # 184 of 660 in the comparison groups are odds of 0.3866; times 0.7118 that is 0.2751
    assert words(html) == (
        "A, Control: about 28 of a hundred people. B, Treated: about 22 of a hundred "
        "(from 17 to 27)."
    )
    known = absolute(fake.result("relapse", "pooled"))
    assert known is not None
    assert page.shown["relapse/treated100"] == known.treated
    assert {"A: Control", "B: Treated"} <= set(ET.fromstring(str(html)).itertext())


@pytest.mark.parametrize(
    "found",
    [
        *(fake.result("r", kind) for kind in ("two-studies", "single-study", "listed", "failed")),
        fake.result("r", "exact"),
        share_result("two-studies", 0.28, 0.2, 0.38),
        share_result("pooled", 0.0003, 0.0001, 0.001),  # not one person of a thousand
        share_result("pooled", 0.28, 0.02, 0.81),  # could be almost anything
    ],
    ids=lambda found: f"{found.presentation}-{found.scale}",
)
def test_no_people_are_drawn_where_it_would_mislead(found: AnalysisResult) -> None:
    assert icons(found, Page("q.html")) is None


def test_a_spark_draws_two_studies_as_two_and_is_left_to_the_eyes() -> None:
    two, pooled = (str(spark(fake.result("r", kind))) for kind in ("two-studies", "pooled"))
    assert 'aria-hidden="true"' in two
    shapes = [svg.count("<polygon") for svg in (two, pooled)]
    assert shapes == [2, 1]
    assert spark(fake.result("r", "failed")) is None
    assert spark(fake.result("r", "pooled").model_copy(update={"presentation": "listed"})) is None


def test_values_with_a_unit_keep_the_null_in_the_middle() -> None:
    found = fake.result("r", "single-study").model_copy(
        update={"scale": "difference", "measure": "MD", "null": 0.0}
    )
    svg = ET.fromstring(str(spark(found)))
    (null,) = (x for x in svg.iter("line") if x.get("x1") == x.get("x2"))
    assert null.get("x1") == "66"


def person(ident: str, **fields: object) -> dict[str, object]:
    numbers = ("before", "after", "bmi_before", "bmi_after")
    typed = {
        k: {"text": str(v), "value": float(str(v))} if k in numbers else v
        for k, v in fields.items()
    }
    return {"id": ident} | typed


def drawn_people(*people: dict[str, object]) -> tuple[str | None, Page]:
    study = Study.model_validate(
        {
            "id": "aber",
            "title": "A",
            "short": "Aber",
            "status": "completed",
            "patients": list(people),
        }
    )
    page = Page("studies/aber.html")
    html = patients([study], page)
    return (None if html is None else str(html)), page


def test_people_are_drawn_by_measure_and_lead_to_their_rows() -> None:
    html, page = drawn_people(
        person("1", outcome_measure="binges a day", before=40, after=0),
        person("2", outcome_measure="PHQ-9", bmi_before=13),
        person("3", outcome_measure="narrative"),
        person("4", outcome_measure="binges a day", before=7, verified=False),
    )
    assert html is not None
    assert {"Binges a day", "PHQ-9", "Body mass index"} <= set(
        ET.fromstring(f"<d>{html}</d>").itertext()
    )
    assert "person 3" not in html
    assert "person 4" not in html
    assert 'href="#p-1"' in html
    assert {i: s.display for i, s in page.shown.items()} == {
        "studies/aber/patients/1/before": "40",
        "studies/aber/patients/1/after": "0",
        "studies/aber/patients/2/bmi_before": "13",
    }


def test_people_whose_outcome_is_told_in_words_make_no_figure() -> None:
    assert drawn_people(person("1", outcome_measure="narrative"), person("2"))[0] is None


def test_a_rate_whose_prediction_reaches_0_is_not_drawn_on_a_log_axis() -> None:
    found = fake.result("relapse", "pooled").model_copy(update={"scale": "rate", "measure": "IRS"})
    assert found.pooled is not None
    made_log = forest_table(found)
    low = found.model_copy(update={"pooled": found.pooled.model_copy(update={"pi_lb": 0.0})})
    made_linear = forest_table(low)
    assert made_log is not None
    assert made_linear is not None
    assert (made_log.table.scale, made_linear.table.scale) == ("log", "linear")


@pytest.mark.parametrize(
    ("measure", "null", "scale", "at", "effect"),
    [
        ("OR", 1.0, "log", 0.0, "Odds ratio"),
        ("ZCOR", 0.0, "linear", 0.0, "Fisher's z transformed correlation"),
        ("AUCN", 0.5, "linear", 0.5, "Area under the roc curve (normal distributions)"),
        ("MN", None, "linear", None, "Mean"),
        ("IRLN", None, "log", None, "Rate"),
        ("IRS", None, "linear", None, "Square root transformed incidence rate"),
    ],
)
def test_a_funnel_shows_the_scale_that_it_names(
    measure: str, null: float | None, scale: str, at: float | None, effect: str
) -> None:
    name = MEASURES[measure].display
    data = funnel_data(
        fake.result("relapse", "pooled").model_copy(
            update={"measure": measure, "null": null, "measure_name": name, "scale": "none"}
        )
    )
    assert data is not None
    assert (data.scale, data.null) == (scale, at)
    assert data.effect.casefold() == effect.casefold()
