"""One fault at a time: the exact code, file and line, and the rest of the review lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from probatum.errors import CATALOGUE
from probatum.review.load import load

A = "studies/a-2020/study.toml"
B = "studies/b-2020/study.toml"
ROWS = "studies/a-2020/outcomes.csv"
ESTIMATES = "studies/a-2020/estimates.csv"
SPEC = "analyses/relapse.toml"
ASKED = "questions/help.md"
CLAIMED = "questions/sure.md"
JUDGED = "certainty/relapse.toml"
INFO = "review.toml"


@dataclass(frozen=True)
class Fault:
    """`old` is replaced by `new` in `file` (once); expected is (code, file, line)."""

    file: str
    old: str
    new: str | bytes
    code: str
    line: int


F = Fault
FAULTS = [
    # claims
    F(CLAIMED, "{{ estimate }}", "{{ estimat }}", "E503", 9),
    F(CLAIMED, '"ci_ub < 2"', '"ci_ub ~ 2"', "E502", 10),
    F(CLAIMED, 'expect = ["ci_ub < 2"]', "", "W511", 9),
    F(CLAIMED, "A1/drug.of", "A1/drig.of", "E506", 14),
    F(CLAIMED, "A1/drug.of", "A1/drug.off", "E503", 14),
    F(CLAIMED, "A1/drug.share", "A1/drug.label", "E503", 15),
    F(CLAIMED, "mechanisms/M1", "mechanisms/M9", "E506", 20),
    F(CLAIMED, 'sources = ["mechanisms/M1"]', "", "W512", 19),
    F(CLAIMED, "In one trial", "In 1 trial", "E504", 14),
    F(CLAIMED, "{{ claim.rows }}", "{{ claim.row }}", "E507", 22),
    F(CLAIMED, "{{ claim.rows }}", "", "W513", 13),
    F(CLAIMED, 'id = "words"', 'id = "rows"', "E507", 18),
    F(CLAIMED, "figure relapse", "figrue relapse", "E508", 24),
    F(CLAIMED, "{{ figure relapse }}", "As {{ figure relapse }} shows.", "E508", 24),
    F(CLAIMED, "figure relapse", "figure relaps", "E515", 24),
    F(CLAIMED, "figure relapse", "facts topc=law", "E516", 24),
    F(CLAIMED, "figure relapse", "studies topic=pian", "E516", 24),
    F(CLAIMED, "{{ figure relapse }}", "[see](hlep.md)", "W517", 24),
    F(CLAIMED, "In one trial", "In one RCT", "W522", 14),
    F(CLAIMED, "It may work by rest.", "It may work by rest" + " and rest" * 40 + ".", "W523", 22),
    F(CLAIMED, "a-2020/A1/drug.share ==", "relapse/d-2020.estimate >", "E506", 15),
    F(CLAIMED, "a-2020/A1/drug.share ==", "relapse/a-2020.tau2 >", "E503", 15),
    F(CLAIMED, 'theme = "treatment"', 'theme = "treatmnt"', "E509", 3),
    F(CLAIMED, 'topic = "pain"', 'topic = "pian"', "E509", 4),
    F(CLAIMED, "very uncertain whether the drug helps", "clear that it helps", "W520", 9),
    F(CLAIMED, "It may work by rest", "It is proven to work", "W521", 19),
    F(A, "randomised = true", 'topics = ["pian"]\nrandomised = true', "E311", 5),
    # certainty
    F(JUDGED, "levels = -3", "levels = -1", "E531", 2),
    F(JUDGED, "levels = -3", "levels = 1", "E532", 8),
    F(JUDGED, 'decided = "very low"', 'decided = "lowest"', "E113", 2),
    F(JUDGED, 'domain = "imprecision"', 'domain = "size"', "E113", 7),
    # rows
    F(ROWS, "relapse,50,10,20", "relapse,50,51,20", "E214", 2),
    F(ROWS, "relapse,50,10,20", "relapse,-50,10,20", "E210", 2),
    F(ROWS, "31.2,9.5", "31.2,-9.5", "E210", 4),
    F(ROWS, "relapse,50,10,20", "relapse,50,10.5,21", "E211", 2),
    F(ROWS, "relapse,50,10,20", "relapse,50,10,120", "E212", 2),
    F(ROWS, "relapse,50,10,20", "relapse,50,10,26", "W213", 2),
    F(ROWS, "relapse,50,10,20", 'relapse,50,"10,5",20', "E201", 2),
    F(ROWS, "relapse,50,10,20", "relapse,50,10,20%", "E201", 2),
    F(ROWS, "relapse,50,10,20", "relapse,50,n/a,20", "E201", 2),
    F(ROWS, "relapse,50,10,20", "relapse,50,#REF!,20", "E207", 2),
    F(ROWS, "A1,drug", "2-Mar,drug", "E207", 2),
    F(ROWS, "A1,drug", "1.2E+05,drug", "E207", 2),
    F(ROWS, "A1,drug", "A 1,drug", "E206", 2),
    F(ROWS, "main,paper,table 2,abstract,true", "mian,paper,table 2,abstract,true", "E202", 2),
    F(ROWS, "main,paper,table 2,abstract,true", "main,paper,table 2,abstract,yes", "E204", 2),
    F(ROWS, "main,paper,table 2,abstract,true", "main,,table 2,abstract,true", "E220", 2),
    F(ROWS, "main,paper,table 2,abstract,true", "main,paper,,abstract,true", "E221", 2),
    F(ROWS, "main,paper,table 2,abstract,true", "main,papr,table 2,abstract,true", "E301", 2),
    F(ROWS, "main,paper,table 2,abstract,true", "main,paper,table 2,abstrct,true", "E305", 2),
    F(ROWS, "A1,drug,relapse", "A1,drug,relaps", "E303", 2),
    F(ROWS, "A1,drug,relapse", "A1,drg,relapse", "E302", 2),
    F(ROWS, "A1,drug,relapse", "A1,drug+x,relapse", "E302", 2),
    F(ROWS, "A1,drug,relapse", "A1,drug,", "E205", 2),
    F(ROWS, "A1,placebo", "A1,drug", "E203", 3),
    F(ROWS, "abstract,true\nA1", "abstract,true,\nA1", "E123", 2),
    F(ROWS, "main,paper,table 2,abs", 'main,paper,"table 2,abs', "E125", 2),
    F(ROWS, "n,events", "n,evnts", "E121", 1),
    F(ROWS, "n,events", "n,n", "E122", 1),
    F(ROWS, "id,arm,outcome", "id,arm,outcme", "E120", 1),
    F(ROWS, "*", "", "E126", 1),
    F(ROWS, "*", "id;arm;outcome\nA1;drug;relapse\n", "E124", 1),
    F(ROWS, "table 2", b"tabl\xe9 2", "E102", 2),
    F(ROWS, "table 2", b"table\x00 2", "E104", 2),
    F(ROWS, "*", "id,arm,outcome\n".encode("utf-16"), "E103", 1),
    F(ROWS, "id,arm", b"\xef\xbb\xbfid,arm", "W107", 1),
    # estimates
    F(ESTIMATES, "HR,0.6,0.4,0.9", "COR,0.6,0.4,60", "E219", 2),
    F(ESTIMATES, "HR,0.6,0.4,0.9", "PR,60,0.4,90", "E219", 2),
    F(ESTIMATES, "0.6,0.4,0.9", "0.6,0.7,0.9", "E215", 2),
    F(ESTIMATES, "0.6,0.4,0.9", "0.6,0.9,0.4", "E216", 2),
    F(ESTIMATES, "0.6,0.4,0.9", "-0.5,-0.9,0.9", "E217", 2),
    F(ESTIMATES, "0.9,95", "0.9,0.95", "E218", 2),
    F(ESTIMATES, "A9,drug", "B1,drug", "E320", 2),
    # study.toml
    F(A, "title =", "titel =", "E112", 1),
    F(A, "year = 2020\nstatus", 'year = "2020"\nstatus', "E113", 3),
    F(A, "year = 2020\nstatus", "year = 2206\nstatus", "E308", 3),
    F(A, "short", "shrt", "E111", 2),
    F(A, "short", "outcomes = []\nshort", "E111", 2),
    F(A, "short", 'id = "x"\nshort', "E111", 2),
    F(SPEC, "outcome =", 'id = "x"\noutcome =', "E111", 2),
    F(ASKED, "analysis =", 'body = "x"\nanalysis =', "E111", 3),
    F(A, 'status = "completed"', 'status = "done"', "E113", 4),
    F(A, 'status = "completed"', "status = completed", "E110", 4),
    F(A, 'frame = "clinic"', 'frame = "clinc"', "E304", 6),
    F(A, 'frame = "clinic"', 'companion_of = "nobody"', "E306", 6),
    F(A, "2026-01-02", "2999-01-02", "E309", 13),
    F(A, 'read = "abstract"', 'read = "abstrat"', "E305", 12),
    F(A, 'id = "placebo"', 'id = "drug"', "E307", 21),
    F(A, "n_randomised = 50", "n_randomised = 50\nn_analysed = 60", "E310", 20),
    # analyses
    F(SPEC, 'measure = "OR"', 'measure = "or"', "E401", 3),
    F(SPEC, "REML", "RELM", "E402", 4),
    F(SPEC, "adhoc", "hksj", "E403", 5),
    F(SPEC, '"adhoc"', '"adhoc"\npredtype = "HTS2"', "E417", 6),
    F(SPEC, '"REML"\ntest = "adhoc"', '"DL"\ntest = "kr"', "E418", 5),
    F(SPEC, '"REML"', '"DL"\npredtype = "KR"', "E418", 5),
    F(SPEC, '"adhoc"', '"kr"\nmodel = "equal"', "E418", 5),
    F(SPEC, "level = 95", "level = 0.95", "E404", 6),
    F(SPEC, 'outcome = "relapse"', 'outcome = "relaps"', "E405", 2),
    F(SPEC, 'use = ["main"]', 'rows = ["A1", "Z1"]', "E406", 9),
    F(SPEC, 'use = ["main"]', 'study = ["z-2020"]', "E407", 9),
    F(SPEC, 'use = ["main"]', 'use = ["zero-event"]', "E408", 8),
    F(SPEC, 'use = ["main"]', 'rows = ["A8", "B1"]', "E409", 9),
    F(SPEC, "level = 95", 'subgroup = "colour"', "E410", 6),
    F(SPEC, 'use = ["main"]', 'rows = ["A9", "B1"]', "E411", 9),
    F(SPEC, 'use = ["main"]', "weeks = [26]", "E415", 9),
    F(SPEC, 'measure = "OR"', 'measure = "MD"\nmodel = "peto"', "E416", 4),
    F(SPEC, 'use = ["main"]', 'use = ["mian"]', "E113", 9),
    F(SPEC, "[select]", "[selct]", "E111", 8),
    F(B, 'frame = "clinic"', 'companion_of = "a-2020"', "E412", 8),
    # questions
    F(ASKED, 'analysis = "relapse"', 'analysis = "relaps"', "E501", 3),
    F(ASKED, "relapse.ci_ub < 2", "ci crosses one", "E502", 4),
    F(ASKED, "{{ estimate }}", "{{ estimat }}", "E503", 6),
    F(ASKED, "{{ relapse.k }} trials", "3 trials", "E504", 8),
    F(ASKED, 'analysis = "relapse"\n', "", "E505", 5),
    F(ASKED, "{{ relapse.k }}", "{{ nothing.k }}", "E501", 8),
    F(ASKED, "+++\ntitle", "title", "E140", 1),
    F(INFO, "format = 1", "format = 9", "E141", 1),
    F(INFO, 'version = "2026.1"', "version = 2026.1", "E113", 4),
    F("facts.csv", "2026-01-02", "2206-01-02", "E225", 2),
]
# the file that a fault is reported in, where it is not the one that was changed
ELSEWHERE = {"E412": SPEC, "E320": "studies/b-2020/outcomes.csv"}


def _broken(good: dict[str, str], fault: Fault) -> dict[str, str | bytes]:
    text = good[fault.file].encode()
    new = fault.new.encode() if isinstance(fault.new, str) else fault.new
    if fault.old == "*":
        return {**good, fault.file: new}
    assert fault.old.encode() in text
    return {**good, fault.file: text.replace(fault.old.encode(), new, 1)}


def test_the_good_review_has_no_problems(good: dict[str, str], write: Any) -> None:
    review = load(write(good))
    assert review.problems == []
    assert (len(review.studies), len(review.analyses), len(review.questions)) == (3, 1, 2)
    assert review.certainty["relapse"].decided == "very low"
    assert [row.id for row in review.registers["mechanisms"]] == ["M1"]


@pytest.mark.parametrize(
    "fault", FAULTS, ids=[f"{fault.code}-{n}" for n, fault in enumerate(FAULTS)]
)
def test_a_fault_is_told_at_its_place(good: dict[str, str], write: Any, fault: Fault) -> None:
    review = load(write(_broken(good, fault)))
    places = [(found.code, found.file, found.line) for found in review.problems]
    assert (fault.code, ELSEWHERE.get(fault.code, fault.file), fault.line) in places
    for found in review.problems:
        assert found.severity == CATALOGUE[found.code].severity
        assert found.message
        assert found.hint
    # what was not touched is all there
    assert len(review.studies["c-2020"].outcomes) == 4
    assert review.registers["facts"] or fault.file == "facts.csv"
    assert "relapse" in review.analyses or fault.file == SPEC


def test_there_are_at_least_forty_codes() -> None:
    assert len({fault.code for fault in FAULTS}) >= 40


@pytest.mark.parametrize("fault", [F(ROWS, "50,10,20", "50,51,20", "E214", 2)])
def test_a_row_with_an_error_is_never_pooled(
    good: dict[str, str], write: Any, fault: Fault
) -> None:
    from probatum.review.contrast import select

    review = load(write(_broken(good, fault)))
    assert review.info is not None
    assert [row.id + row.arm for row in review.studies["a-2020"].outcomes] == [
        "A1placebo",
        "A2drug",
        "A2placebo",
    ]
    taken = select(review.analyses["relapse"], review.studies, review.info)
    assert [item.result for item in taken.items] == ["B1", "C1"]
    assert [item["row"] for item in taken.excluded] == ["A1"]
    assert [found.code for found in taken.problems] == ["E423"]


def test_overlap_labels_frames_and_units(good: dict[str, str], write: Any) -> None:
    for name in ("a", "b"):
        study = f"studies/{name}-2020/study.toml"
        good[study] = good[study].replace("year", 'overlap = ["REG"]\nyear', 1)
    good[A] = good[A].replace('frame = "clinic"', 'frame = "survey"')
    good[ROWS] = good[ROWS].replace(",mm,", ",cm,")
    good["analyses/share.toml"] = 'title = "S"\noutcome = "relapse"\nmeasure = "PLO"\n'
    good["analyses/pain.toml"] = 'title = "P"\noutcome = "pain"\nmeasure = "MD"\n'
    good["analyses/side.toml"] = good["analyses/share.toml"] + 'model = "none"\n'
    codes = {(found.code, found.file) for found in load(write(good)).problems}
    assert codes == {
        ("E412", SPEC),
        ("E412", "analyses/share.toml"),
        ("E412", "analyses/pain.toml"),
        ("E413", "analyses/share.toml"),
        ("E414", "analyses/pain.toml"),
    }


@pytest.mark.parametrize("measure", ["MN", "MNLN", "SDLN"])
def test_means_and_spreads_of_one_group_have_a_frame_and_a_unit(
    good: dict[str, str], write: Any, measure: str
) -> None:
    good[A] = good[A].replace('frame = "clinic"', 'frame = "survey"')
    good[ROWS] = good[ROWS].replace(",mm,", ",cm,")
    good["analyses/pain.toml"] = f'title = "P"\noutcome = "pain"\nmeasure = "{measure}"\n'
    codes = {found.code for found in load(write(good)).problems}
    assert codes == {"E413", "E414"}
    good["analyses/pain.toml"] = 'title = "P"\noutcome = "pain"\nmeasure = "CVLN"\n'
    assert {found.code for found in load(write(good)).problems} == {"E413"}  # it has no unit


def test_two_results_of_the_same_arms_and_derivations(good: dict[str, str], write: Any) -> None:
    unverified = "alternative,paper,text,false"
    good[ESTIMATES] = good[ESTIMATES].replace(unverified, "main,paper,text,true")
    good["studies/c-2020/estimates.csv"] = (
        "id,outcome,measure,estimate,derived,derivation,source,locator\n"
        "C9,relapse,OR,0.5,true,,paper,text\n"
        "C8,relapse,OR,0.5,,from a figure,paper,text\n"
    )
    found = [(item.code, item.file, item.line) for item in load(write(good)).problems]
    assert found == [
        ("E412", SPEC, 8),
        ("E222", "studies/c-2020/estimates.csv", 2),
        ("W223", "studies/c-2020/estimates.csv", 3),
    ]


def test_certainty_of_an_unknown_analysis(good: dict[str, str], write: Any) -> None:
    good["certainty/relaps.toml"] = good[JUDGED]
    found = [(item.code, item.file, item.line) for item in load(write(good)).problems]
    assert found == [("E530", "certainty/relaps.toml", 1)]


@pytest.mark.parametrize("measure", ["MPOR", "MPRR", "MPORM", "REH", "MC", "VRC", "HR", "PCOR"])
def test_cells_that_mean_something_else_are_never_pooled(
    good: dict[str, str], write: Any, measure: str
) -> None:
    from probatum.review.contrast import select

    good["analyses/other.toml"] = f'title = "O"\noutcome = "relapse"\nmeasure = "{measure}"\n'
    review = load(write(good))
    assert review.info is not None
    assert not select(review.analyses["other"], review.studies, review.info).items
    told = [p.message for p in review.problems if p.file == "analyses/other.toml"]
    assert any(f"{measure} can't be computed from rows" in message for message in told)


def test_misnamed_and_missing_files(good: dict[str, str], write: Any) -> None:
    good["studies/a-2020/outcome.csv"] = good.pop(ROWS)
    good["studies/d-2020/outcomes.csv"] = "id,arm,outcome\n"
    good["studies/E 2020/study.toml"] = good[B]
    found = {(item.code, item.file) for item in load(write(good)).problems}
    assert ("W130", "studies/a-2020/outcome.csv") in found
    assert ("E108", "studies/d-2020") in found
    assert ("E131", "studies/E 2020") in found


@pytest.mark.parametrize(
    ("measures", "codes"),
    [(("MD", "SMD"), ["E411"]), (("OR", "OR"), ["E411"]), (("MD", "MD"), [])],
)
def test_given_estimates_are_of_one_measure_and_no_ratios(
    good: dict[str, str], write: Any, measures: tuple[str, str], codes: list[str]
) -> None:
    head = "id,outcome,measure,estimate,se,use,source,locator\n"
    for name, measure in zip("bc", measures, strict=True):
        row = f"G{name},relapse,{measure},0.5,0.1,alternative,paper,text\n"
        good[f"studies/{name}-2020/estimates.csv"] = head + row
    good["analyses/given.toml"] = (
        'title = "G"\noutcome = "relapse"\nmeasure = "GEN"\n[select]\nrows = ["Gb", "Gc"]\n'
    )
    found = load(write(good)).problems
    assert [item.code for item in found if item.file == "analyses/given.toml"] == codes
