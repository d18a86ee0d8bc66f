"""A small review folder with hostile text in it, built with results made by hand."""

from __future__ import annotations

from pathlib import Path

import fake

from probatum.build import build as building
from probatum.build.engine import STEPS

KINDS = ("pooled", "two-studies", "single-study", "exact", "listed", "failed")
REVIEW = """format = 1
id = "tiny"
title = "A tiny review <script>alert(1)</script>"
short = "Tiny <i>1</i>"
version = "2026.1"
summary = "Does 1 thing help 2 kinds of people?"
notice = "Not medical advice."
limits = ["Only 3 searches.", "Not judged."]
[question]
population = "adults over 18"
intervention = "a treatment"
comparator = "control"
outcomes = "relapse"
[outcomes.relapse]
name = "relapse"
[source_types.abstract]
name = "abstract"
[themes.one]
title = "Does it help 2 <b>kinds</b> of people?"
short = "Help & <b>more</b>"
text = "What 1 trial found."
[topics.sleep]
name = "sleep <u>2</u> | rest"
[glossary.standard-deviation]
term = "Standard <em>deviation</em>"
short = "SD"
text = "How far 2 values lie apart; </script><script>alert(5)</script>"
"""
STUDY = """title = "A trial <script>alert(2)</script> of 2 groups"
short = "Aber 1990"
status = "completed"
country = "Wales"
population = "60 adults & more"
n_randomised = 120
[interest]
declared = false
[[reports]]
id = "main"
citation = "Aber A. J Test 1990;3:12"
doi = "javascript:alert(3)"
pmid = "12345"
url = "javascript:alert(4)"
read = "abstract"
[[arms]]
id = "T"
label = "Treated"
role = "experimental"
dose = "0.5 mg/kg"
[[arms]]
id = "C"
label = "Control"
role = "control"
[[conflicts]]
about = "events"
text = "12 in one report, 13 in another"
"""
RUNNING = """title = "A trial that still runs, Donaudampfschifffahrtselektrizitaetengesellschaft"
short = "Ünal 2025"
status = "ongoing"
design = "mean, SD and <u>more</u>"
country = "Côte d'Ivoire"
condition = "sleep"
topics = ["sleep"]
randomised = true
"""
CLAIMS = """+++
title = "How much does it help <b>1</b> person?"
short = "How much?"
theme = "one"
topic = "sleep"
analysis = "pooled"
as_of = 2026-11-22
[[claims]]
id = "answer"
text = "It may help: odds ratio {{ estimate }} ({{ ci }}; {{ k }} trials) <b>alert(6)</b>."
expect = ["k >= 3"]
[[claims]]
id = "broken"
text = "It never fails in {{ k }} trials."
expect = ["k > 900"]
+++
## What was found

{{ claim.answer }} The SD is not known.

{{ figure pooled }}

## What no longer holds

{{ claim.broken }}

## Studies

{{ studies topic=sleep }}
"""
QUESTION = """+++
title = "Does it help within 12 weeks?"
analysis = "pooled"
expect = ["ci_ub > 1", "k >= 3"]
+++
It may help (odds ratio {{ estimate }}, {{ ci }}; {{ k }} trials). <script>alert</script>
"""


def write(folder: Path) -> None:
    for sub in ("studies/alpha", "studies/running", "analyses", "questions"):
        (folder / sub).mkdir(parents=True)
    (folder / "review.toml").write_text(REVIEW)
    (folder / "studies/alpha/study.toml").write_text(STUDY)
    head = "id,arm,outcome,n,events,source,locator,source_type,use,derived,derivation"
    rows = [
        f"R{i},{arm},relapse,60,{8 + i if arm == 'T' else 14 + (i * 5) % 7},main,p. 3,abstract,"
        f"main,{'true,13% of 60' if i == 0 else 'false,'}"
        for i in range(11)
        for arm in "TC"
    ]
    (folder / "studies/alpha/outcomes.csv").write_text("\n".join([head, *rows]) + "\n")
    for kind in KINDS:
        (folder / f"analyses/{kind}.toml").write_text(
            'title = "Relapse within 12 weeks"\noutcome = "relapse"\nmeasure = "OR"\n'
            'topic = "Treatment"\nnote = "Chosen in 2026."\n'
        )
    (folder / "studies/running/study.toml").write_text(RUNNING)
    (folder / "questions/help.md").write_text(QUESTION)
    (folder / "questions/much.md").write_text(CLAIMS)


def build(folder: Path, out: Path) -> building.BuildReport:
    import probatum.build.steps
    import probatum.site.pages  # noqa: F401

    own = {k: v for k, v in STEPS.items() if not k.startswith("outputs.")}
    own["outputs.pages"] = STEPS["outputs.pages"]
    # no manifest: the results are made by hand
    own["outputs.data"] = lambda ctx, _: {
        path: node
        for path, node in STEPS["outputs.data"](ctx, "").items()
        if path != "manifest.json"
    }
    own["result"] = lambda ctx, name: fake.result(name, name)
    own["problems"] = lambda ctx, _: []
    return building.build(folder, out, steps=own, code="fake")
