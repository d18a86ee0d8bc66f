"""The texts of a minimal good review."""

from __future__ import annotations

REVIEW = """\
format = 1
id = "small"
title = "Does the drug help?"
version = "2026.1"

[question]
population = "adults"
intervention = "drug"
comparator = "placebo"
outcomes = "relapse"

[outcomes.relapse]
name = "relapse"

[outcomes.pain]
name = "pain"
unit = "mm"

[frames.clinic]
name = "clinic"
people = "people who came to a clinic"

[frames.survey]
name = "survey"
people = "people who were asked at random"

[source_types.abstract]
name = "abstract"

[themes.treatment]
title = "Treatment"

[topics.pain]
name = "pain"

[glossary.odds-ratio]
term = "odds ratio"
text = "how many times as high the odds are"
short = "OR"
"""

STUDY = """\
title = "Trial {0}"
short = "{0} 2020"
year = 2020
status = "completed"
randomised = true
frame = "clinic"

[[reports]]
id = "paper"
citation = "{0}, 2020"
year = 2020
read = "abstract"
read_on = 2026-01-02

[[arms]]
id = "drug"
label = "drug"
role = "experimental"
n_randomised = 50

[[arms]]
id = "placebo"
label = "placebo"
role = "control"
"""

OUTCOMES = """\
id,arm,outcome,n,events,percent,mean,sd,unit,use,source,locator,source_type,verified
{0}1,drug,relapse,50,10,20,,,,main,paper,table 2,abstract,true
{0}1,placebo,relapse,50,20,40,,,,main,paper,table 2,abstract,true
{0}2,drug,pain,50,,,31.2,9.5,mm,main,paper,table 3,abstract,true
{0}2,placebo,pain,50,,,40.1,9.9,mm,main,paper,table 3,abstract,true
"""

ESTIMATES = """\
id,arm,comparator,outcome,measure,estimate,ci_lb,ci_ub,level,use,source,locator,verified
A9,drug,placebo,relapse,HR,0.6,0.4,0.9,95,alternative,paper,text,true
A8,drug,placebo,relapse,OR,0.5,0.3,0.8,95,alternative,paper,text,false
"""

ANALYSIS = """\
title = "Relapse"
outcome = "relapse"
measure = "OR"
method = "REML"
test = "adhoc"
level = 95

[select]
use = ["main"]
"""

QUESTION = """\
+++
title = "Does it help?"
analysis = "relapse"
expect = ["k >= 2", "relapse.ci_ub < 2"]
+++
The odds ratio is {{ estimate }} ({{ ci }}).

It rests on {{ relapse.k }} trials.
"""

CLAIMS = """\
+++
title = "How sure is it?"
theme = "treatment"
topic = "pain"
analysis = "relapse"

[[claims]]
id = "answer"
text = "It is very uncertain whether the drug helps (OR {{ estimate }})."
expect = ["ci_ub < 2"]

[[claims]]
id = "rows"
text = "In one trial {{ a-2020/A1/drug.of }} relapsed; the rule says {{ facts/F1.value }}."
expect = ["a-2020/A1/drug.share == 20", "facts/F1.value == 12"]

[[claims]]
id = "words"
text = "It may work by rest."
sources = ["mechanisms/M1"]
+++
{{ claim.rows }}

{{ figure relapse }}

{{ claim.words }}
"""

CERTAINTY = """\
start = "high"
decided = "very low"
by = "the authors"
judged_on = 2026-01-03

[[reasons]]
domain = "imprecision"
levels = -3
text = "Few people."
"""

MECHANISMS = """\
id,topic,statement,standing,source,source_type
M1,rest,People rested.,human,gazette,abstract
"""

FACTS = """\
id,topic,value,as_of,statement,source,source_type,locator
F1,law,12,2026-01-02,A rule,gazette,abstract,page 1
"""

GOOD: dict[str, str] = {
    "review.toml": REVIEW,
    "facts.csv": FACTS,
    "mechanisms.csv": MECHANISMS,
    "certainty/relapse.toml": CERTAINTY,
    "questions/sure.md": CLAIMS,
    "analyses/relapse.toml": ANALYSIS,
    "questions/help.md": QUESTION,
}
for _name in ("A", "B", "C"):
    _folder = f"studies/{_name.lower()}-2020"
    GOOD[f"{_folder}/study.toml"] = STUDY.format(_name)
    GOOD[f"{_folder}/outcomes.csv"] = OUTCOMES.format(_name)
GOOD["studies/a-2020/estimates.csv"] = ESTIMATES
