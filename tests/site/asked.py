"""A review of invented studies with questions and hostile text, built with the real steps."""

from __future__ import annotations

from pathlib import Path

from probatum.build.build import BuildReport
from probatum.build.build import build as build_review

REVIEW = """format = 1
id = "asked"
title = "An asked review"
version = "1"
[question]
population = "people"
intervention = "drug"
comparator = "placebo"
outcomes = "relapse"
[outcomes.relapse]
name = "relapse"
domain = "efficacy"
[outcomes.share]
name = "symptoms"
[outcomes.rare]
name = "harm"
[frames.all]
name = "people asked"
people = "people who were asked"
[source_types.paper]
name = "paper"
full_text = true
[source_types.abstract]
name = "seen only in an abstract"
[themes.helps]
title = "Does it help?"
[topics.sleep]
name = "sleep"
[topics.pain]
name = "pain"
[glossary.odds-ratio]
term = "odds ratio"
short = "OR"
text = "How many times as high the odds are."
"""
STUDY = """title = "Trial {0}"
short = "{0} 2020"
status = "completed"
randomised = true
design = "randomised trial"
condition = "<b>bad</b> sleep"
frame = "all"
n_randomised = 100
topics = ["sleep"]
source = "main"
[funding]
type = "{1}"
[interest]
declared = {2}
[[reports]]
id = "main"
citation = "{0}, 2020"
read = "{3}"
[[arms]]
id = "T"
label = "drug <script>alert(1)</script>"
role = "experimental"
dose = "0.5 mg"
n_randomised = 50
[[arms]]
id = "C"
label = "placebo"
role = "control"
"""
ROWS = """id,arm,outcome,n,events,use,source,locator,verified
{0}1,T,relapse,50,{1},main,main,p. 1,true
{0}1,C,relapse,50,{2},main,main,p. 1,true
{0}2,T,share,50,{1},single-arm,main,p. 2,true
{0}3,T,rare,50,0,zero-event,main,p. 3,true
{0}4,T,rare,50,7,none,main,p. 3,false
"""
#: Study -> events with the drug, events with placebo, who paid, interest, what was read.
STUDIES = {
    "a": (10, 20, "public", "true", "paper"),
    "b": (8, 16, "industry", "false", "abstract"),
    "c": (12, 24, "public", "false", "abstract"),
}
ONGOING = """title = "A trial that runs"
short = "RUNS"
status = "ongoing"
topics = ["sleep"]
n_randomised = 300
[[reports]]
id = "r"
citation = "RUNS"
registry = "NCT01234567; javascript:alert(1)"
"""
ANALYSES = {
    "relapse": 'title = "Relapse"\noutcome = "relapse"\nmeasure = "OR"\nmodel = "random"\n',
    "ratio": 'title = "Relapse as RR"\noutcome = "relapse"\nmeasure = "RR"\n',
    "pair": 'title = "Two"\noutcome = "relapse"\nmeasure = "OR"\n'
    '[select]\nstudy = ["a-2020", "b-2020"]\n',
    "one": 'title = "One"\noutcome = "relapse"\nmeasure = "OR"\n[select]\nstudy = ["a-2020"]\n',
    "share": 'title = "Share"\noutcome = "share"\nmeasure = "PLO"\n'
    '[select]\nuse = ["single-arm"]\n',
    "rare": 'title = "Rare"\noutcome = "rare"\nmeasure = "PR"\nmodel = "exact"\n'
    '[select]\nuse = ["zero-event"]\n',
    "side": 'title = "Side"\noutcome = "relapse"\nmeasure = "OR"\nmodel = "none"\n',
}
CERTAINTY = """start = "high"
decided = "low"
by = "us <script>"
judged_on = 2026-01-02
[[reasons]]
domain = "imprecision"
levels = -2
text = "Only 150 people."
"""
REGISTERS = {
    "facts.csv": "id,topic,jurisdiction,value,statement,source,cite_url,as_of,verified\n"
    "F1,law,UK,14,Class <script>alert(2)</script> since 2014,The law,javascript:alert(3),"
    "2026,true\n"
    "F2,law,US,3,Listed,The code,https://example.org/law,2026,true\n"
    "F3,law,US,9,Never checked,Memory,,,false\n",
    "mechanisms.csv": "id,topic,statement,standing,direction,source,verified\n"
    "M1,rest,An idea of rest,hypothesis,,A book,true\n"
    "M2,rest,People rested 3 hours,human,supports,A trial,true\n",
    "interactions.csv": "id,partner,risk,caution,source,verified\n"
    "X1,alcohol <img src=x>,sleepiness,avoid,A label,true\n",
    "help.csv": "id,country,kind,name,phone,web_address,not_seen,source,as_of,verified\n"
    'L1,Wales,crisis,Listeners,"<script>116 123</script>",javascript:alert(4),,A page,'
    "2026-01-01,true\n"
    "L2,Wales,emergency,Emergency,999,,,A page,2026-01-01,true\n"
    "L3,France,drug-support,Ecoute,0800 1,https://hidden.example,web_address,A page,"
    "2026-01-01,true\n"
    "L4,France,crisis,Never seen,0999,,,A page,2026-01-01,false\n",
    "published.csv": "id,topic,population,comparison,outcome,k,n,measure,estimate,ci_lb,ci_ub,"
    "source,locator,verified\n"
    "P1,sleep,adults,placebo,relapse,4,321,OR,0.55,0.4,0.8,Others 2019,p. 9,true\n",
}
PATIENTS = """id,age,outcome_measure,before,after,source,locator,verified
P1,34,score,21,12,main,p. 4,true
P2,40,score,20,,main,p. 4,false
"""


def write(folder: Path, questions: dict[str, str], **instead: str) -> Path:
    """Write the review with these questions; `instead` replaces files, named without suffix."""
    files = {"review.toml": REVIEW, **REGISTERS, "certainty/relapse.toml": CERTAINTY}
    files |= {f"analyses/{name}.toml": text for name, text in ANALYSES.items()}
    files |= {f"questions/{name}.md": text for name, text in questions.items()}
    for letter, (drug, placebo, *facts) in STUDIES.items():
        base = f"studies/{letter}-2020"
        files[f"{base}/study.toml"] = STUDY.format(letter.upper(), *facts)
        files[f"{base}/outcomes.csv"] = ROWS.format(letter.upper(), drug, placebo)
    files["studies/a-2020/patients.csv"] = PATIENTS
    files["studies/runs/study.toml"] = ONGOING
    files |= {
        next(f for f in files if Path(f).stem == stem): text for stem, text in instead.items()
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def question(*claims: tuple[str, str], body: str = "", head: str = "") -> str:
    """A question page: claims as (text, conditions), and a body."""
    parts = [f'+++\ntitle = "Does it help?"\nanalysis = "relapse"\n{head}\n']
    for index, (text, expect) in enumerate(claims):
        parts.append(f'[[claims]]\nid = "c{index}"\ntext = {_quoted(text)}\nexpect = [{expect}]\n')
    placed = "\n\n".join(f"{{{{ claim.c{i} }}}}" for i in range(1, len(claims)))
    return "".join(parts) + f"+++\n{placed}\n\n{body}\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def build(folder: Path, out: Path) -> BuildReport:
    """Build it with the real steps."""
    import probatum.site.pages  # noqa: F401  registers the pages

    return build_review(folder, out)


def page(folder: Path, text: str, **instead: str) -> tuple[str, BuildReport]:
    """The HTML of one question, and what the build reports."""
    write(folder / "review", {"help": text}, **instead)
    report = build(folder / "review", folder / "out")
    return (folder / "out/questions/help.html").read_text("utf-8"), report
