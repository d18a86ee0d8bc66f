"""The typed review: what the text of a review folder means.

Plain, frozen models. They know nothing of files or lines: `load` reads text into
them and keeps the lines beside them, so that moving a row changes no value.
"""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1

Use = Literal[
    "main", "alternative", "sensitivity", "zero-event", "single-arm", "nonrandomised", "none"
]
Status = Literal["completed", "ongoing", "withdrawn", "unknown"]
Role = Literal["experimental", "control", "active-comparator", "single-arm", "group"]
Direction = Literal["higher", "lower", "neither"]
Model = Literal["random", "equal", "mantel-haenszel", "peto", "one-stage", "exact", "none"]
Level = Literal["high", "moderate", "low", "very low"]
CertaintyDomain = Literal[
    "risk of bias",
    "inconsistency",
    "indirectness",
    "imprecision",
    "publication bias",
    "large effect",
    "dose-response",
    "opposing confounding",
]


class Frozen(BaseModel):
    """Base of all review models: strict, closed, immutable."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Number(Frozen):
    """A number as it was typed, beside its value."""

    text: str
    value: float


# ---------------------------------------------------------------- review.toml
class Outcome(Frozen):
    """An outcome that rows and analyses name by id (``[outcomes.<id>]``)."""

    name: str
    definition: str = ""
    domain: str = ""
    unit: str = ""
    better: Direction = "neither"


class Frame(Frozen):
    """Who was sampled (``[frames.<id>]``): proportions of different frames never mix."""

    name: str
    people: str
    note: str = ""


class SourceType(Frozen):
    """How close what was read is to the paper (``[source_types.<id>]``)."""

    name: str
    full_text: bool = False  # the whole paper was open to the reader
    note: str = ""


class Theme(Frozen):
    """A door of the first page (``[themes.<id>]``): the questions that belong together."""

    title: str
    short: str = ""  # in breadcrumbs
    order: int = 0
    text: str = ""


class Topic(Frozen):
    """What studies and rows of registers are about (``[topics.<id>]``): they are listed by it."""

    name: str
    domains: list[str] = Field(default_factory=list)  # of outcomes: what its studies are told by


class RegisterInfo(Frozen):
    """How a register's page is introduced (``[registers.<name>]``)."""

    title: str = ""
    lead: str = ""
    note: str = ""  # what readers must know before they read the rows


class GlossaryTerm(Frozen):
    """A word of the glossary (``[glossary.<id>]``)."""

    term: str
    text: str
    short: str = ""  # an abbreviation, explained where it first stands on a page


class PICO(Frozen):
    """The review's question."""

    population: str
    intervention: str
    comparator: str
    outcomes: str


class Living(Frozen):
    """Living-mode parameters."""

    searched: datetime.date | None = None
    schedule: str = ""
    retire: str = ""


class ReviewInfo(Frozen):
    """`review.toml`."""

    format: int
    id: str
    title: str
    short: str = ""  # what the site's header calls it
    version: str
    address: str = ""  # where the site is published, for pages that must name it whole
    summary: str = ""
    authors: list[str] = Field(default_factory=list)
    feedback: str = ""
    funding: str = ""
    notice: str = ""
    licence: str = ""
    question: PICO
    criteria: list[str] = Field(default_factory=list)
    methods: list[str] = Field(default_factory=list)
    limits: list[str] = Field(default_factory=list)
    living: Living = Living()
    outcomes: dict[str, Outcome] = Field(default_factory=dict)
    frames: dict[str, Frame] = Field(default_factory=dict)
    source_types: dict[str, SourceType] = Field(default_factory=dict)
    themes: dict[str, Theme] = Field(default_factory=dict)
    topics: dict[str, Topic] = Field(default_factory=dict)
    glossary: dict[str, GlossaryTerm] = Field(default_factory=dict)
    registers: dict[str, RegisterInfo] = Field(default_factory=dict)


# ---------------------------------------------------------------- studies/<id>/
class Report(Frozen):
    """A document about a study (``[[reports]]``)."""

    id: str
    citation: str
    title: str = ""
    journal: str = ""
    year: int | None = None
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    registry: str = ""
    read: str = ""  # a source type: what was actually opened
    read_on: datetime.date | None = None
    url: str = ""  # where it was read: provenance, never shown as the citation
    cite_url: str = ""  # its own address, for documents without DOI, PMID or registration
    peer_reviewed: bool | None = None
    note: str = ""


class Arm(Frozen):
    """A group of people in a study (``[[arms]]``); `role` says what it is compared as."""

    id: str
    label: str
    role: Role
    drug: str = ""
    dose: str = ""
    route: str = ""
    sessions: str = ""
    co_therapy: str = ""
    n_randomised: int | None = None
    n_analysed: int | None = None
    source: str = ""
    locator: str = ""
    verified: bool = True
    note: str = ""


class Funding(Frozen):
    """Who paid. An empty `type` means not seen, never "none"."""

    type: Literal["", "public", "industry", "mixed", "none"] = ""
    note: str = ""
    verified: bool = True


class Interest(Frozen):
    """Conflicts of interest. `declared` absent means not seen, never "no"."""

    declared: bool | None = None
    note: str = ""
    verified: bool = True


class SourceConflict(Frozen):
    """Two sources disagree (``[[conflicts]]``): said openly at study and analysis."""

    about: str
    text: str
    rows: list[str] = Field(default_factory=list)


class OutcomeRow(Frozen):
    """A row of `outcomes.csv`: one result in one arm. Key: (id, arm)."""

    id: str  # the result; the arms of one contrast share it
    arm: str  # an arm id, or several joined with "+"
    outcome: str
    label: str = ""
    weeks: Number | None = None
    timepoint: str = ""
    n: Number | None = None
    events: Number | None = None
    percent: Number | None = None
    mean: Number | None = None
    sd: Number | None = None
    before: Number | None = None
    after: Number | None = None
    time: Number | None = None  # person-time
    unit: str = ""
    frame: str = ""
    analysis_set: str = ""
    use: Use = "none"
    derived: bool = False
    derivation: str = ""
    source: str = ""  # a report id of this study
    locator: str = ""
    source_type: str = ""
    verified: bool = True
    note: str = ""


class Estimate(Frozen):
    """A row of `estimates.csv`: a contrast as reported. Key: id."""

    id: str
    arm: str = ""
    comparator: str = ""
    outcome: str
    label: str = ""
    weeks: Number | None = None
    timepoint: str = ""
    measure: str = ""  # OR RR RD HR MD SMD ... or "" where only words were reported
    estimate: Number | None = None  # natural scale, never logged
    ci_lb: Number | None = None
    ci_ub: Number | None = None
    level: Number | None = None
    se: Number | None = None
    p_value: str = ""
    result: str = ""  # what was reported, where it is not one of the measures
    n: Number | None = None
    n_comparator: Number | None = None
    adjusted: str = ""
    unit: str = ""
    frame: str = ""
    analysis_set: str = ""
    use: Use = "none"
    derived: bool = False
    derivation: str = ""
    source: str = ""
    locator: str = ""
    source_type: str = ""
    verified: bool = True
    note: str = ""


class Patient(Frozen):
    """A row of `patients.csv`: one person of a case report or series. Key: id."""

    id: str
    age: Number | None = None
    sex: str = ""
    diagnosis: str = ""
    bmi_before: Number | None = None
    bmi_after: Number | None = None
    years_ill: Number | None = None
    drug: str = ""
    route: str = ""
    dose: str = ""
    sessions: str = ""
    co_therapy: str = ""
    outcome: str = ""
    outcome_measure: str = ""
    before: Number | None = None
    after: Number | None = None
    weeks: Number | None = None
    adverse_events: str = ""
    source: str = ""
    locator: str = ""
    source_type: str = ""
    verified: bool = True
    note: str = ""


class RobRow(Frozen):
    """A row of `rob.csv`: a judgement of bias as somebody made it. Key: (tool, domain)."""

    tool: str
    domain: str
    judgement: str
    reason: str = ""
    source: str = ""
    locator: str = ""
    verified: bool = True


class LostResult(Frozen):
    """A result of which a row could not be used: what is left of it must not be pooled."""

    id: str
    outcome: str = ""  # as typed; "" where it can't be told
    use: str = ""


class Study(Frozen):
    """A study folder: `study.toml` and its CSV files."""

    id: str
    title: str
    short: str = ""  # as in figures: "Dakwar 2020"
    year: int | None = None
    status: Status
    design: str = ""
    randomised: bool | None = None
    blinding: str = ""
    country: str = ""
    condition: str = ""
    condition_group: str = ""
    topics: list[str] = Field(default_factory=list)  # ids of review.toml
    population: str = ""
    frame: str = ""
    comparator: str = ""
    follow_up: str = ""
    n_randomised: int | None = None
    n_analysed: int | None = None
    companion_of: str = ""  # the study whose participants these are
    overlap: list[str] = Field(default_factory=list)  # who shares a label may share people
    limits: str = ""
    note: str = ""
    source: str = ""  # report that the descriptive fields were read in
    locator: str = ""
    funding: Funding = Funding()
    interest: Interest = Interest()
    reports: list[Report] = Field(default_factory=list)
    arms: list[Arm] = Field(default_factory=list)
    conflicts: list[SourceConflict] = Field(default_factory=list)
    outcomes: list[OutcomeRow] = Field(default_factory=list)
    estimates: list[Estimate] = Field(default_factory=list)
    patients: list[Patient] = Field(default_factory=list)
    rob: list[RobRow] = Field(default_factory=list)
    lost: list[LostResult] = Field(default_factory=list)  # found by `load`, never typed
    lost_patients: bool = False  # a row of patients.csv could not be used; found by `load` too


# ---------------------------------------------------------------- registers: <register>.csv
class Sourced(Frozen):
    """A row of a register: something read outside the studies, with its source. Key: id."""

    id: str
    topic: str = ""
    source: str
    source_type: str = ""
    url: str = ""  # where it was read: provenance, never shown as the citation
    cite_url: str = ""
    locator: str = ""
    as_of: str = ""
    verified: bool = True
    note: str = ""


class Fact(Sourced):
    """`facts.csv`: one sourced fact."""

    jurisdiction: str = ""
    item: str = ""
    value: str = ""
    unit: str = ""
    statement: str


class Mechanism(Sourced):
    """`mechanisms.csv`: one finding, or one idea, about how something may work."""

    statement: str
    standing: Literal["human", "animal", "hypothesis"]
    kind: str = ""  # theory, randomised trial, imaging study ...
    species: str = ""
    n: str = ""  # people only
    direction: Literal["", "supports", "against", "mixed"] = ""  # of the idea named in `topic`
    year: str = ""


class Interaction(Sourced):
    """`interactions.csv`: one drug, or class of drugs, taken together with the treatment."""

    partner: str
    partner_class: str = ""
    context: str = ""
    risk: str
    mechanism: str = ""
    effect: str = ""
    direction: str = ""
    caution: str = ""  # begins with "avoid" or "none", or says what care is needed
    advice: str = ""
    people: str = ""
    strength: str = ""


class HelpLine(Sourced):
    """`help.csv`: one help line or service finder; `as_of` is the day it was seen."""

    country: str
    kind: str
    name: str
    phone: str = ""
    text: str = ""
    web_address: str = ""
    hours: str = ""
    run_by: str = ""
    not_seen: str = ""  # columns from memory, split by ";": never shown


class PublishedPool(Sourced):
    """`published.csv`: a pooled result of others, or one of their reviews: never pooled again."""

    year: str = ""
    population: str = ""
    comparison: str = ""
    outcome: str = ""
    k: Number | None = None
    n: Number | None = None
    measure: str = ""
    estimate: Number | None = None
    ci_lb: Number | None = None
    ci_ub: Number | None = None
    statement: str = ""  # what the review says where it gives no number


REGISTERS: dict[str, type[Sourced]] = {
    "facts": Fact,
    "mechanisms": Mechanism,
    "interactions": Interaction,
    "help": HelpLine,
    "published": PublishedPool,
}


# ---------------------------------------------------------------- certainty/<analysis>.toml
class CertaintyReason(Frozen):
    """Why certainty was taken down (negative) or up (positive), by GRADE's domains."""

    domain: CertaintyDomain
    levels: int
    text: str


class Certainty(Frozen):
    """`certainty/<analysis>.toml`: how sure a result is (GRADE), as people judged it."""

    id: str  # an analysis, or one of its sensitivity analyses
    start: Literal["high", "low"]  # high for randomised comparisons, low otherwise
    decided: Level
    by: str
    judged_on: datetime.date
    reasons: list[CertaintyReason] = Field(default_factory=list)
    override: str = ""  # why `decided` is not what the reasons add up to
    note: str = ""


# ---------------------------------------------------------------- analyses/<id>.toml
class Exclusion(Frozen):
    """A result that the selection would take and that is left out, and why."""

    row: str
    reason: str


class Select(Frozen):
    """Which results enter: all conditions hold; an empty list means no condition."""

    use: list[Use] = Field(default_factory=lambda: list[Use](("main",)))
    frame: list[str] = Field(default_factory=list)
    study: list[str] = Field(default_factory=list)
    rows: list[str] = Field(default_factory=list)  # only these results, whatever their outcome
    weeks: list[float] = Field(default_factory=list)  # [from, to], inclusive
    randomised: bool | None = None


class Sensitivity(Frozen):
    """The analysis again with something changed (``[[sensitivity]]``)."""

    id: str
    title: str
    reason: str
    measure: str | None = None
    model: Model | None = None
    method: str | None = None
    test: str | None = None
    predtype: str | None = None
    select: Select | None = None
    exclude: list[Exclusion] | None = None


class AnalysisSpec(Frozen):
    """`analyses/<id>.toml`: what to pool."""

    id: str
    title: str
    question: str = ""
    topic: str = ""  # heading of the list of analyses
    status: Literal["main", "sensitivity"] = "main"
    outcome: str
    patients: str = ""  # an outcome_measure: the changes of patients.csv are pooled
    measure: str
    model: Model = "random"
    method: str = "REML"
    test: str = "adhoc"
    predtype: str = "default"  # of the prediction interval
    level: float = 95
    add: float = 0.5
    to: Literal["only0", "all", "if0all", "none"] = "only0"
    drop00: bool = False
    subgroup: str = ""  # a field of Study, such as "condition"
    favours: list[str] = Field(default_factory=list)  # [left, right], in the reader's terms
    select: Select = Select()
    exclude: list[Exclusion] = Field(default_factory=list)
    note: str = ""
    sensitivity: list[Sensitivity] = Field(default_factory=list)


# ---------------------------------------------------------------- questions/<id>.md
class Claim(Frozen):
    """A sentence that carries a result, and the conditions under which it is true."""

    id: str
    text: str  # Markdown of one paragraph, with placeholders
    analysis: str = ""  # what a bare field refers to; by default the question's
    expect: list[str] = Field(default_factory=list)  # "[name.]field operator number"
    sources: list[str] = Field(default_factory=list)  # rows that carry words without a number
    certainty: Level | None = None  # by default that of the analysis


class Question(Frozen):
    """`questions/<id>.md`: a page of claims. `body` is Markdown with placeholders.

    The first claim is the page's answer.
    """

    id: str
    title: str
    short: str = ""  # in lists and breadcrumbs
    theme: str = ""
    topic: str = ""  # studies of this topic belong to the page
    summary: str = ""
    analysis: str = ""  # what a bare {{ estimate }} refers to
    expect: list[str] = Field(default_factory=list)
    claims: list[Claim] = Field(default_factory=list)
    distress: bool = False  # help lines stand at the top
    order: int = 0
    as_of: datetime.date | None = None
    body: str = ""
