"""Results made by hand, one for each way of presenting, over a real study folder."""

from __future__ import annotations

import math

from probatum.build.results import AnalysisResult, Interval, Pooled, StudyEffect

LABELS = [
    "Aber 1990",
    "Bent 1993",
    "Cole 1997",
    "Dahl 2001",
    "Eder 2004",
    "Frey 2006",
    "Gray 2009",
    "Hart 2012",
    "Ives 2015",
    "Jost 2018",
    "Kent 2021",
]


def effect(index: int, study: str, *, events: int, control: int) -> StudyEffect:
    yi = math.log(events / (60 - events)) - math.log(control / (60 - control))
    vi = 1 / events + 1 / (60 - events) + 1 / control + 1 / (60 - control)
    half = 1.96 * math.sqrt(vi)
    base = f"studies/{study}/outcomes.csv#R{index}"
    return StudyEffect(
        key=f"{study}:R{index}",
        study=study,
        label=LABELS[index],
        result=f"R{index}",
        refs=[f"{base}/T", f"{base}/C"],
        arm="Treated",
        comparator="Control",
        cells={"ai": events, "n1i": 60, "ci": control, "n2i": 60},
        cell_refs={
            "ai": f"{base}/T.events",
            "n1i": f"{base}/T.n",
            "ci": f"{base}/C.events",
            "n2i": f"{base}/C.n",
        },
        n=120,
        yi=yi,
        vi=vi,
        estimate=math.exp(yi),
        ci_lb=math.exp(yi - half),
        ci_ub=math.exp(yi + half),
        weight=100 / 11,
        derived=index == 0,
        source_type="abstract",
    )


def result(name: str, presentation: str, study: str = "alpha") -> AnalysisResult:
    count = {
        "pooled": 11,
        "two-studies": 2,
        "single-study": 1,
        "exact": 2,
        "listed": 3,
        "failed": 0,
    }[presentation]
    studies = [effect(i, study, events=8 + i, control=14 + (i * 5) % 7) for i in range(count)]
    pooled = None
    if presentation in ("pooled", "two-studies"):
        pooled = Pooled(
            k=count,
            n=120 * count,
            beta=-0.34,
            se=0.12,
            estimate=0.7118,
            ci_lb=0.5312,
            ci_ub=0.9531,
            pi_lb=0.4011 if count > 2 else None,
            pi_ub=1.263 if count > 2 else None,
            pval=0.0267,
            tau2=0.0412,
            tau2_lb=0.0,
            tau2_ub=0.31,
            I2=34.2,
            H2=1.5,
            QE=14.2,
            QEdf=count - 1,
            QEp=0.164,
        )
    return AnalysisResult(
        id=name,
        analysis=name.partition("--")[0],
        title="Relapse within 12 weeks",
        status="main",
        presentation=presentation,
        outcome="relapse",
        measure="OR",
        measure_name="odds ratio",
        scale="ratio",
        null=1.0,
        model="random",
        method="REML",
        test="adhoc",
        level=95,
        favours=["fewer relapses treated", "fewer relapses with control"],
        k=count,
        n=120 * count,
        studies=studies,
        pooled=pooled,
        intervals=[
            Interval(test="z", ci_lb=0.4, ci_ub=1.2),
            Interval(test="adhoc", ci_lb=0.0009, ci_ub=5548.0),
        ]
        if count == 2
        else [],
        zero={"events": 0, "n": 48, "upper": 0.0740, "level": 95}
        if presentation == "exact"
        else {},
        excluded=[{"row": "R99", "study": study, "reason": "reported 2 times"}],
        conflicts=[{"study": study, "about": "events", "text": "12 in one report, 13 in another"}],
        problems=[
            {
                "code": "E401",
                "severity": "error",
                "file": "analyses/x.toml",
                "line": 3,
                "field": "measure",
                "message": "the measure needs 2 groups",
                "hint": "choose PR",
            }
        ]
        if presentation == "failed"
        else [],
        warnings=["All 11 trials are small."] if presentation == "pooled" else [],
    )
