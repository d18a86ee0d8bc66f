"""What an analysis step yields: plain data that figures, pages and `analyses.json` read."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Presentation = Literal[
    "pooled",  # three or more studies: diamond, interval, prediction interval
    "two-studies",  # the studies, and both intervals with the reason why they differ
    "single-study",  # one study: no pooled line
    "exact",  # no events: exact upper limits
    "listed",  # model "none": results side by side, never pooled
    "failed",  # problems are shown at its place
]


class Result(BaseModel):
    """Base: frozen, closed, floats stored with 12 significant digits."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StudyEffect(Result):
    """One line of the forest plot."""

    key: str  # unique in the analysis: study id, or "study-id:result-id" if a study stands twice
    study: str  # study id
    label: str
    result: str  # id of the outcome or estimate row(s)
    # "studies/<id>/outcomes.csv#<result>/<arm>" or "studies/<id>/estimates.csv#<result>"
    refs: list[str]
    arm: str = ""  # labels of the arms compared
    comparator: str = ""
    cells: dict[str, float] = Field(default_factory=dict)  # ai n1i ci n2i | xi ni | m1i ...
    cell_refs: dict[str, str] = Field(default_factory=dict)  # cell -> the ref it was read at
    changes: list[float] = Field(default_factory=list)  # of patients, in the order of refs
    n: float | None = None  # people
    yi: float | None = None  # analysis scale
    vi: float | None = None
    estimate: float | None = None  # display scale
    ci_lb: float | None = None
    ci_ub: float | None = None
    weight: float | None = None  # percent
    subgroup: str = ""
    frame: str = ""
    derived: bool = False
    source_type: str = ""
    reason: str = ""  # why there is no estimate, where there is none


class Interval(Result):
    """A confidence interval for the pooled effect under a named test (display scale)."""

    test: str
    ci_lb: float
    ci_ub: float


class Pooled(Result):
    """A pooled effect. `estimate` and intervals on the display scale; the rest as metafor."""

    k: int
    n: float | None = None
    beta: float
    se: float
    estimate: float
    ci_lb: float
    ci_ub: float
    pi_lb: float | None = None
    pi_ub: float | None = None
    zval: float | None = None
    pval: float | None = None
    tau2: float | None = None
    tau2_lb: float | None = None
    tau2_ub: float | None = None
    I2: float | None = None
    H2: float | None = None
    QE: float | None = None
    QEdf: int | None = None
    QEp: float | None = None


class Subgroup(Result):
    """A subgroup with its own pooled effect."""

    id: str
    label: str
    pooled: Pooled | None
    keys: list[str]  # of its StudyEffects


class AnalysisResult(Result):
    """An analysis or one of its sensitivity analyses (id "<analysis>--<sensitivity>")."""

    id: str
    analysis: str  # id of the spec it came from
    title: str
    status: Literal["main", "sensitivity"]
    reason: str = ""  # why this sensitivity analysis
    presentation: Presentation
    outcome: str
    measure: str
    measure_name: str  # of the display scale: "odds ratio"
    scale: Literal["ratio", "difference", "proportion", "correlation", "rate", "none"]
    null: float | None  # no-effect value on the display scale
    model: str
    method: str
    test: str
    predtype: str = "default"
    level: float
    favours: list[str] = Field(default_factory=list)
    frame: str = ""  # the population frame all studies share, where proportions are pooled
    k: int = 0  # estimates that are pooled; side by side, studies with an estimate, each once
    n: float | None = None  # people behind them, each once; None where that is not known
    studies: list[StudyEffect] = Field(default_factory=list)
    excluded: list[dict[str, str]] = Field(default_factory=list)  # {row, study, reason}
    pooled: Pooled | None = None
    intervals: list[Interval] = Field(default_factory=list)  # two studies: z and adhoc
    subgroups: list[Subgroup] = Field(default_factory=list)
    between: dict[str, float] = Field(default_factory=dict)  # QM, df, p of subgroup differences
    zero: dict[str, float] = Field(default_factory=dict)  # exact: events, n, upper, level
    note: str = ""
    warnings: list[str] = Field(default_factory=list)  # plain sentences shown beside the result
    conflicts: list[dict[str, str]] = Field(default_factory=list)  # {study, about, text}
    problems: list[dict[str, object]] = Field(default_factory=list)
