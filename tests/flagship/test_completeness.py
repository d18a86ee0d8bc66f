"""All that the evidence verified stands on a page of the site, and nothing else does."""

from __future__ import annotations

import csv
import html
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import probatum.site.pages  # noqa: F401  registers the pages
from probatum.build.build import build
from probatum.review.contrast import select
from probatum.review.load import Review, load
from probatum.site.addresses import slug

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "reviews" / "ketamine"
EVIDENCE = ROOT.parent / "shared" / "evidence"
NOT_SHOWN = tomllib.loads((Path(__file__).parent / "not_shown.toml").read_text("utf-8"))
pytestmark = pytest.mark.skipif(
    not EVIDENCE.is_dir(), reason="../shared/evidence is not beside this clone"
)
REGISTERS = {
    "facts": (("harms/facts", "fact_id"), ("context/facts", "fact_id")),
    "mechanisms": (("context/mechanisms", "id"),),
    "interactions": (("harms/interactions", "interaction_id"),),
    "help": (("context/help", "id"),),
    "published": (("context/pooled", "id"), ("treatment/published_pooled", "review_id")),
}
ROWS = {"treatment": "outcome_id", "harms": "outcome_id"}
#: Cells of outcomes that a reader must find in the rows of a result.
CELLS = {
    "treatment": (
        *("events_e", "n_e", "events_c", "n_c", "mean_e", "sd_e", "mean_c", "sd_c"),
        *("value_before", "value_after", "effect", "ci_low", "ci_high", "se", "p_value"),
    ),
    "harms": ("events", "n", "comparator_events", "comparator_n", "effect", "ci_low", "ci_high"),
}
#: "Known problems, kept on purpose" and limits of ../shared/evidence/*/README.md.
KNOWN_PROBLEMS = (
    ("studies/winstock-2012.html", "26.6% fits about 1278"),
    ("studies/tam-2016.html", "2106 of 11617 is 18.1%, but 18.5% is printed"),
    ("studies/pal-2013.html", "rebuilt from rounded percentages"),
    ("studies/harding-2025.html", "a press release turns it round"),
    ("studies/li-2019.html", "worked out from the printed counts"),
    ("studies/chapman-barker-unit-2024.html", "87% of 20 is not a whole number"),
    ("studies/barrios-2025.html", "it is assumed that the percentage is of all 4477"),
    ("studies/aspire-label.html", "34 of 227"),
    ("studies/aspire-pooled.html", "repeats the two ASPIRE trials"),
    ("studies/aspire-1.html", "minus those of ASPIRE II"),
    ("studies/transform-1-2.html", "adds TRANSFORM-1 and TRANSFORM-2 together"),
    ("studies/sustain-1.html", "already done well on esketamine"),
    ("studies/verma-2025.html", "never a response rate"),
    ("analyses/accidental-deaths.html", "find and class deaths differently"),
    ("studies/taiwan-cohort-2021.html", "an arrest is only a stand-in for relapse"),
    ("studies/dakwar-2020.html", "two versions"),
    ("studies/grabski-2022.html", "86, 87 and 90"),
    ("studies/yoon-2025.html", "leans towards ketamine"),
    ("analyses/alcohol-relapse.html", "leaving it out favours ketamine"),
    ("studies/krupitsky-2007.html", "Both arms had ketamine"),
    ("studies/krupitsky-1992.html", "an earlier cut of one cohort"),
    ("studies/kolp-2006.html", "what the therapist remembers"),
    ("facts.html", "within a day"),
    ("interactions.html", "a rule for the whole class is too simple"),
    ("interactions.html", "not that the mixture killed"),
    ("mechanisms.html", "No mechanism is settled in people"),
    ("published.html", "one result, not a second one"),
    ("published.html", "the two do not match"),
    ("published.html", "two different scales"),
    ("methods.html", "a seed set and not a systematic search"),
)
_ROW = re.compile(r'<(tr|div|li) id="([^"]+)"(.*?)</\1>', re.S)
_TAG = re.compile(r"<[^>]+>")


def rows(name: str) -> list[dict[str, str]]:
    with (EVIDENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verified(row: dict[str, str]) -> bool:
    return row.get("verified", row.get("identity_verified")) == "true"


def plain(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", markup)).replace("\N{MINUS SIGN}", "-").split())


class Site:
    """The built site: ids, rows and words of each page."""

    def __init__(self, out: Path) -> None:
        self.pages = {
            path.relative_to(out).as_posix(): path.read_text("utf-8")
            for path in sorted(out.rglob("*.html"))
        }
        self.ids = {p: set(re.findall(r' id="([^"]+)"', h)) for p, h in self.pages.items()}
        self.rows: dict[str, dict[str, str]] = {
            page: {anchor: plain(words) for _, anchor, words in _ROW.findall(markup)}
            for page, markup in self.pages.items()
        }

    def said(self, page: str) -> str:
        return plain(self.pages[page].partition("<main")[2])

    def of_result(self, page: str, result: str) -> str:
        """The words of all rows of a result on the page of its study."""
        stem = slug(result)
        names = {f"e-{stem}", f"e-{stem}-e"}
        return " ".join(
            words
            for anchor, words in self.rows[page].items()
            if anchor in names or anchor.startswith(f"o-{stem}-")
        )


@pytest.fixture(scope="module")
def review() -> Review:
    return load(FLAGSHIP)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    out = tmp_path_factory.mktemp("complete")
    report = build(FLAGSHIP, out)
    assert [p for p in report.problems if p.severity == "error"] == []
    return Site(out)


@pytest.fixture(scope="module")
def pages(review: Review) -> dict[tuple[str, str], str]:
    """The page of each study of the evidence, found by its results, its address or its name."""
    by_result, by_url, by_name = {}, defaultdict(set), {}
    for name, study in review.studies.items():
        by_name[re.sub(r"[^a-z0-9]", "", name)] = name
        for report in study.reports:
            by_url[report.url].add((report.id != study.source, name))
        for row in (*study.outcomes, *study.estimates):
            by_result[row.id.removesuffix("-e")] = name
    found = {}
    for part in ROWS:
        own = {
            row["study_id"]: by_result[row["outcome_id"]]
            for row in rows(f"{part}/outcomes")
            if row["outcome_id"] in by_result
        }
        for row in filter(verified, rows(f"{part}/studies")):
            key = re.sub(r"[^a-z0-9]", "", row["study_id"].lower())
            url = re.sub(r" \(PubMed mirror\)$", "", row.get("url") or row["identity_source_url"])
            # a trial that both parts name has a second page for its second reading
            near = sorted(
                (n.endswith("-seed") != (part == "harms"), *m, n) for *m, n in by_url[url]
            )
            name = own.get(row["study_id"]) or (near[0][-1] if near else by_name.get(key))
            assert name, f"{part}/studies.csv {row['study_id']} has no study"
            found[part, row["study_id"]] = f"studies/{name}.html"
    return found


# ---------------------------------------------------------------- what was verified is shown
def wanted(pages: dict[tuple[str, str], str]) -> Iterator[tuple[str, str, str]]:
    """Each verified row of the evidence: its name there, the page, and what must be on it."""
    for register, sources in REGISTERS.items():
        for source, key in sources:
            for row in filter(verified, rows(source)):
                yield f"{source} {row[key]}", f"{register}.html", slug(row[key])
    for row in filter(verified, rows("treatment/arms")):
        page = pages["treatment", row["study_id"]]
        yield (
            f"treatment/arms {row['study_id']}/{row['arm_id']}",
            page,
            f"arm-{slug(row['arm_id'])}",
        )
    for row in filter(verified, rows("treatment/patients")):
        page = pages["treatment", row["study_id"]]
        yield (
            f"treatment/patients {row['study_id']}/{row['patient_id']}",
            page,
            (f"p-{slug(row['patient_id'])}"),
        )


def test_every_verified_row_has_its_place(site: Site, pages: dict[tuple[str, str], str]) -> None:
    missing = [
        name
        for name, page, anchor in wanted(pages)
        if anchor not in site.ids.get(page, ()) and name not in NOT_SHOWN
    ]
    assert missing == []


def test_each_study_has_a_page_of_its_own(site: Site, pages: dict[tuple[str, str], str]) -> None:
    assert set(pages.values()) <= set(site.pages)
    assert len(set(pages.values())) == len(pages)
    assert len(pages) == len([p for p in site.pages if p.startswith("studies/")]) - 1  # the list


def test_each_number_of_a_result_can_be_read(site: Site, pages: dict[tuple[str, str], str]) -> None:
    missing = []
    for part, key in ROWS.items():
        for row in filter(verified, rows(f"{part}/outcomes")):
            page = pages[part, row["study_id"]]
            said = site.of_result(page, row[key])
            cells = [row[c] for c in CELLS[part] if re.match(r"[<>]?-?\d", row[c])]
            missing += [f"{row[key]} {c}" for c in cells if c not in said]
            if not said:
                missing.append(f"{row[key]} has no row on {page}")
    assert [m for m in missing if m not in NOT_SHOWN] == []


def test_trials_that_are_not_finished_are_listed(
    site: Site, pages: dict[tuple[str, str], str]
) -> None:
    listed = site.pages["ongoing.html"]
    open_ = [r for r in rows("treatment/studies") if r["status"] != "completed"]
    assert len(open_) == 19
    for row in open_:
        page = pages["treatment", row["study_id"]]
        assert f'href="{page}"' in listed, row["study_id"]
        if row["n_randomised"]:
            assert row["n_randomised"] in site.rows["ongoing.html"][slug(Path(page).stem)]


def test_exceptions_are_needed_and_have_a_reason() -> None:
    assert all(len(reason) > 20 for reason in NOT_SHOWN.values())


def test_where_sources_disagree_is_said_at_study_and_analysis(site: Site, review: Review) -> None:
    said = 0
    for name, study in review.studies.items():
        for conflict in study.conflicts:
            words = " ".join(conflict.text.replace("\N{MINUS SIGN}", "-").split())
            assert words in site.said(f"studies/{name}.html"), (name, conflict.about)
            for spec in review.analyses.values():
                taken = select(spec, review.studies, review.info).items
                results = {item.result for item in taken if item.study.id == name}
                if results and (not conflict.rows or results & set(conflict.rows)):
                    said += 1
                    assert words in site.said(f"analyses/{spec.id}.html"), (name, spec.id)
    assert said > 20


@pytest.mark.parametrize(("page", "words"), KNOWN_PROBLEMS, ids=lambda value: value)
def test_known_problems_of_the_evidence_are_told(site: Site, page: str, words: str) -> None:
    assert words in site.said(page)


# ---------------------------------------------------------------- what was not stays out
def test_no_unverified_row_has_a_place(site: Site) -> None:
    everywhere = set().union(*site.ids.values())
    for sources in REGISTERS.values():
        for source, key in sources:
            for row in rows(source):
                assert verified(row) or slug(row[key]) not in everywhere, row[key]
    for part, key in ROWS.items():
        for row in rows(f"{part}/outcomes"):
            if not verified(row):
                stem = slug(row[key])
                shown = {i for i in everywhere if i == f"e-{stem}" or i.startswith(f"o-{stem}-")}
                assert not shown, row[key]


def test_no_unverified_number_is_shown(site: Site, pages: dict[tuple[str, str], str]) -> None:
    seen = 0
    for part in ROWS:
        for row in rows(f"{part}/outcomes"):
            if verified(row):
                continue
            said = site.said(pages[part, row["study_id"]])
            for cell in CELLS[part]:
                if len(row[cell]) > 3 and "." in row[cell] and cell != "p_value":
                    seen += 1
                    assert not re.search(rf"(?<![\d.]){re.escape(row[cell])}(?!\d)", said), row
    assert seen >= 6


def test_no_unverified_words_are_shown(site: Site) -> None:
    everything = " ".join(map(site.said, site.pages))
    statements = [
        row["statement"] for f in ("harms", "context") for row in rows(f"{f}/facts")
        if not verified(row)
    ]  # fmt: skip
    remembered = [
        row[part + "_note"] for row in rows("treatment/studies") for part in ("funding", "coi")
        if row[part + "_verified"] == "false"
    ]  # fmt: skip
    assert len(statements) == 7
    assert len(remembered) >= 4
    for text in (*statements, *remembered):
        assert text
        assert text[:60] not in everything


def test_no_remembered_identifier_is_a_link(site: Site) -> None:
    remembered = [
        found
        for row in rows("treatment/studies")
        for found in re.findall(r"10\.\d{4}/\S+|\b\d{8}\b", row["ids_unverified"])
    ]
    assert len(remembered) >= 3
    everything = " ".join(site.pages.values())
    for identifier in remembered:
        assert f"doi.org/{identifier}" not in everything
        assert f"ncbi.nlm.nih.gov/{identifier}" not in everything


def test_what_was_not_seen_of_a_help_line_stays_out(site: Site) -> None:
    everything = " ".join(site.pages.values())
    shown = {
        row[c] for row in rows("context/help") for c in ("phone", "text", "web_address")
        if verified(row) and c not in row["fields_not_seen"].split(";")
    }  # fmt: skip
    seen = 0
    for row in rows("context/help"):
        fields = row["fields_not_seen"].split(";")
        for column in ("phone", "text", "web_address"):
            hidden = not verified(row) or column in fields or "all" in fields
            if hidden and row[column] and row[column] not in shown:
                seen += 1
                number = rf"(?<![\w.]){re.escape(row[column])}(?![\w/])"
                assert not re.search(number, everything), (row["id"], column)
    assert seen > 20


def test_a_line_that_also_takes_reports_for_the_police_says_so(site: Site) -> None:
    assert "police" in site.rows["help.html"]["L051"]


# ---------------------------------------------------------------- readers are sent to the thing
RESOLVERS = {
    *("doi.org", "pubmed.ncbi.nlm.nih.gov", "pmc.ncbi.nlm.nih.gov", "dailymed.nlm.nih.gov"),
    *("clinicaltrials.gov", "www.isrctn.com", "www.anzctr.org.au"),
}
_COPY = re.compile(
    r"^\d+(\.\d+){3}$|:\d+$|(^|[.-])(proxy|mirror|cache|stag\w*|stage|dev\d*|sit|qa\d*|test|prod|"
    r"legacy|core-\w+)([.-]|\d|$)"
)
_PUBLIC = re.compile(r"(^|\.)(gov|gob|gouv|nhs|edu|ac|europa|who|oireachtas)(\.[a-z]{2,})*$|\.int$")


def host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def registrant(doi_url: str) -> str:
    found = re.search(r"10\.\d{4,9}", doi_url)
    return found[0] if found else ""


def aggregators(review: Review) -> set[str]:
    """Hosts at which papers of more than one publisher were read: none of them is the paper."""
    publishers: dict[str, set[str]] = defaultdict(set)
    for register in review.registers.values():
        for row in register:
            publishers[host(row.url)].add(registrant(row.cite_url))
    for study in review.studies.values():
        for report in study.reports:
            publishers[host(report.url)].add(registrant(report.doi))
    many = {name for name, dois in publishers.items() if len(dois - {""}) > 1}
    return {name for name in many if not _PUBLIC.search(name)}


def outside(site: Site) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for page, markup in site.pages.items():
        for url in re.findall(r'(?:href|src)="(https?://[^"]+)"', markup):
            found[html.unescape(url)].add(page)
    return found


def given(review: Review) -> dict[str, str]:
    """Addresses that the review gives to readers, and the words beside each."""
    words: dict[str, str] = defaultdict(str)
    for register in review.registers.values():
        for row in register:
            words[row.cite_url] += row.source
            words[getattr(row, "web_address", "")] += getattr(row, "web_address", "")
    for study in review.studies.values():
        for report in study.reports:
            words[report.cite_url] += report.cite_url  # its host is the text of the link
    for address in (review.info.feedback, review.info.address):
        words[address] += address
    return words


def test_links_lead_to_identifiers_or_to_the_thing_itself(site: Site, review: Review) -> None:
    known, many = given(review), aggregators(review)
    assert len(many) > 5
    bad = []
    for url, where in outside(site).items():
        name = host(url)
        if name in RESOLVERS:
            continue
        letters = re.sub(r"[^a-z0-9]", "", known.get(url, "").lower())
        labels = [re.sub("[^a-z0-9]", "", part) for part in name.split(".")[:-1]]
        named = any(len(part) > 2 and part in letters for part in labels)
        if url not in known or _COPY.search(name) or name in many:
            bad.append((url, sorted(where)[:2]))
        elif not named and not _PUBLIC.search(name):
            bad.append((url, "neither public nor named by its source"))
    assert bad == []


def test_no_address_stands_in_the_text(site: Site) -> None:
    for page in site.pages:
        assert not re.search(r"https?://", site.said(page)), page
