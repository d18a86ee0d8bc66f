"""The page of one analysis."""

from __future__ import annotations

from types import SimpleNamespace

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.build.results import AnalysisResult, StudyEffect
from probatum.review.model import AnalysisSpec, ReviewInfo, Study
from probatum.site import sentences
from probatum.site.absolute import absolute
from probatum.site.addresses import analysis_path, ref_target, study_path
from probatum.site.arms import ArmColumn, arm_columns, arm_name
from probatum.site.certainty import judged, judgement
from probatum.site.citation import cited
from probatum.site.figures import figure_kinds, figure_path, forest, funnel, icons, patients
from probatum.site.numbers import ResultNumbers
from probatum.site.page import Attr, Marked, Page, Parts, parts
from probatum.site.pages.common import info, page, result, show, spec, study
from probatum.site.pages.glance import short
from probatum.site.pages.money import counts, funding, interest, summary
from probatum.site.snippets import snippets


@page("analyses/")
def analysis(ctx: Context, name: str) -> dict[str, object]:
    """Make the page of one analysis."""
    written, found = spec(ctx, name), result(ctx, name)
    if written is None or found is None:
        raise LookupError(f"analysis {name} has no result")
    path = analysis_path(name)
    on = Page(path)
    numbers = ResultNumbers(found)
    studies = {s.study: study(ctx, s.study) for s in found.studies}
    review, columns = info(ctx), arm_columns(found)
    rows = {s.key: _row(numbers, columns, s, review) for s in found.studies}
    return show(
        ctx,
        path,
        "analysis.html",
        on=on,
        title=found.title,
        crumb=on.text(found.title, f"analyses/{name}.toml#title"),
        above=("Analyses", "analyses/index.html"),
        result=found,
        spec=written,
        spec_file=f"analyses/{name}.toml",
        answer=sentences.answer(found),
        k=numbers.k(),
        people=numbers.people(),
        warnings=[numbers.words(f"warnings/{i}", w) for i, w in enumerate(found.warnings)],
        reasons=[
            numbers.words(f"excluded/{i}", e.get("reason", ""))
            for i, e in enumerate(found.excluded)
        ],
        level=numbers.level(),
        two=_two(numbers),
        absolute=absolute(found),
        arms={side: arm_name(found, side) for side in ("arm", "comparator")},
        people_drawn=icons(found, on),
        frame_text=_frame(on, found, info(ctx)),
        figure=forest(on, found),
        funnel=funnel(found),
        figure_files={k: figure_path(name, k) for k in figure_kinds(found)},
        cited=cited(info(ctx), path, found.id, found.title),
        one_by_one=_one_by_one(on, found, studies),
        rows=list(rows.values()),
        columns=_columns(found),
        row_groups=_groups(found, numbers, rows),
        span=_span(found),
        weights=_weights(found),
        measure=found.measure_name,
        total=_total(numbers, ""),
        heterogeneity=sentences.heterogeneity(found),
        prediction=sentences.prediction(found),
        between=numbers.between("p"),
        statistics=_statistics(numbers),
        how=parts(_how(numbers), _own_intervals(found)),
        certainty=judged(ctx, name),
        judgement=judgement(ctx, on, name),
        sensitivity=_sensitivity(ctx, on, written),
        derived=_derived(on, found, studies),
        labels={s.study: s.label for s in found.studies},
        money=_money(on, studies, found),
        n=counts(summary(s for s in studies.values() if s), found.id),
        snippets=snippets(found),
    )


def _one_by_one(on: Page, found: AnalysisResult, studies: dict[str, Study | None]) -> Markup | None:
    """Draw the people that the analysis takes."""
    taken = {ref for effect in found.studies if effect.changes for ref in effect.refs}
    return patients([s for s in studies.values() if s], on, only=taken) if taken else None


def _span(found: AnalysisResult) -> Attr:
    """Return the number of columns as an attribute."""
    return Attr(str(4 + len(_columns(found)) + _weights(found)))


def _weights(found: AnalysisResult) -> bool:
    return found.presentation == "pooled" and any(s.weight is not None for s in found.studies)


def _columns(found: AnalysisResult) -> list[str]:
    return [
        column.name + (f": {column.counted}" if column.counted.startswith("mean") else "")
        for column in arm_columns(found)
    ]


def _cells(numbers: ResultNumbers, columns: list[ArmColumn], effect: StudyEffect) -> list[object]:
    """What each arm had, and its name where the studies' arms are called differently."""
    out: list[object] = []
    for column in columns:
        values = [numbers.cell(effect, name) for name in column.cells]
        if any(value is None for value in values):
            out.append("not given")
            continue
        written: list[object] = [values[0]]
        for join, value in zip(column.joins, values[1:]):
            written += [join, value]
        out.append(parts(*written, *_whose(effect, column)))
    return out


def _whose(effect: StudyEffect, column: ArmColumn) -> list[object]:
    name = "" if column.shared else getattr(effect, column.side)
    return [Markup("<br>"), Marked("id", name)] if name else []


def _row(
    numbers: ResultNumbers, columns: list[ArmColumn], effect: StudyEffect, review: ReviewInfo
) -> SimpleNamespace:
    kind = review.source_types.get(effect.source_type)
    return SimpleNamespace(
        label=effect.label,
        cells=_cells(numbers, columns, effect),
        href=ref_target(effect.refs[0]) if effect.refs else study_path(effect.study),
        estimate=numbers.study(effect, "estimate"),
        interval=numbers.study_interval(effect),
        weight=numbers.study(effect, "weight"),
        derived=effect.derived,
        reason=effect.reason or "no estimate",
        source=kind.name if kind else effect.source_type.replace("-", " ") or "not stated",
    )


def _total(numbers: ResultNumbers, group: str) -> SimpleNamespace | None:
    if numbers.result.presentation != "pooled":
        return None
    estimate, interval = numbers.pooled("estimate", group=group), numbers.interval(group=group)
    if estimate is None or interval is None:
        return None
    return SimpleNamespace(estimate=estimate, interval=interval)


def _groups(
    found: AnalysisResult, numbers: ResultNumbers, rows: dict[str, SimpleNamespace]
) -> list[SimpleNamespace]:
    groups = [
        SimpleNamespace(
            label=g.label or "Not stated",
            rows=[rows[k] for k in g.keys if k in rows],
            total=_total(numbers, g.id) if g.pooled and g.pooled.k > 2 else None,
            total_label="Together",
        )
        for g in found.subgroups
        if g.keys
    ]
    held = {k for g in found.subgroups for k in g.keys}
    rest = [row for key, row in rows.items() if key not in held]
    if rest:
        groups.append(SimpleNamespace(label="", rows=rest, total=None, total_label=""))
    return groups


def _two(numbers: ResultNumbers) -> SimpleNamespace | None:
    found = numbers.result
    estimate = numbers.pooled("estimate")
    if found.presentation != "two-studies" or estimate is None:
        return None
    named = {i.test: numbers.named_interval(i) for i in found.intervals}
    plain = named.pop("z", None)
    if plain is None or not named:
        return None
    other = next(iter(named.values()))
    how = "Hartung and Knapp’s method, which lets two studies say how much studies differ,"
    if found.model == "one-stage":
        how = "The t distribution, with what two studies leave to say how much studies differ,"
    return SimpleNamespace(
        estimate=estimate,
        z=plain,
        sentence=parts(
            f"{how} gives ",
            other,
            ". The first trusts the two too much, the second has almost nothing to go on; "
            "neither is the answer.",
        ),
    )


def _frame(on: Page, found: AnalysisResult, review: ReviewInfo) -> object:
    frame = review.frames.get(found.frame)
    if frame is None:
        return found.frame.replace("-", " ") if found.frame else ""
    return parts(on.text(frame.people, f"review.toml#frames.{found.frame}.people"))


def _statistics(numbers: ResultNumbers) -> list[tuple[str, object]]:
    out: list[tuple[str, object]] = []
    pooled = numbers.result.pooled
    if pooled is None or numbers.result.presentation != "pooled":
        return out
    for name, label in (
        ("tau2", "tau-squared (variance between studies)"),
        ("I2", "I-squared (share not due to chance)"),
        ("QE", "Q (spread between studies)"),
    ):
        value = numbers.pooled(name)
        if value is None:
            continue
        degrees, p = numbers.pooled("QEdf"), numbers.pooled("QEp")
        if name == "QE" and degrees and p:
            out.append((label, parts(value, " on ", degrees, " degrees of freedom, p = ", p)))
        elif name == "tau2" and (low := _tau_interval(numbers)):
            out.append((label, parts(value, " (interval ", low, ")")))
        else:
            out.append((label, value))
    return out


def _tau_interval(numbers: ResultNumbers) -> Parts | None:
    lower, upper = numbers.pooled("tau2_lb"), numbers.pooled("tau2_ub")
    return parts(lower, " to ", upper) if lower and upper else None


def _how(numbers: ResultNumbers) -> Parts:
    found = numbers.result
    head = parts("Measure: ", found.measure_name, ". Model: ", sentences.model_words(found.model))
    if found.model == "random":
        where = sentences.scale_words(found.measure)
        return parts(
            head,
            ". Variation between studies: ",
            sentences.method_words(found.method),
            ". Interval: ",
            sentences.test_words(found.test),
            ", at ",
            numbers.level(),
            ". Each study’s weight is one over the sum of its own variance and the "
            "variance between studies; the pooled effect is the weighted mean"
            + (f", computed {where}." if where else "."),
            *_predicted(found),
        )
    if found.model == "one-stage":
        how = "normal" if found.test == "z" else "t, with Satterthwaite’s degrees of freedom"
        return parts(
            head,
            ". Variances: ",
            sentences.method_words(found.method),
            f". Interval: {how}, at ",
            numbers.level(),
            ".",
        )
    counted = found.presentation == "listed" and found.scale == "proportion"
    exact = "Exact interval" if counted else "Interval"
    return parts(head, f". {exact} at ", numbers.level(), ".")


def _predicted(found: AnalysisResult) -> list[str]:
    """Say how the prediction interval was made, where there is one."""
    if found.pooled is None or found.pooled.pi_lb is None:
        return []
    return [f" Prediction interval: {sentences.prediction_words(found.predtype)}."]


def _own_intervals(found: AnalysisResult) -> str:
    """Say how the interval of a case series was made, where there are any."""
    if not any(s.changes for s in found.studies):
        return ""
    kind = "the noncentral t" if found.measure == "SMCC" else "the t"
    return f" The interval of each series is that of {kind} distribution, for its own people."


def _sensitivity(ctx: Context, on: Page, written: AnalysisSpec) -> list[SimpleNamespace]:
    out = []
    for index, item in enumerate(written.sensitivity):
        found = result(ctx, f"{written.id}--{item.id}")
        if found is not None:
            out.append(
                SimpleNamespace(
                    title=item.title,
                    reason=item.reason,
                    anchor=f"sens-{item.id}",
                    ref=f"analyses/{written.id}.toml#sensitivity.{index}",
                    k=ResultNumbers(found).k(),
                    short=short(found),
                    judgement=judgement(ctx, on, found.id),
                )
            )
    return out


def _derived(
    on: Page, found: AnalysisResult, studies: dict[str, Study | None]
) -> list[SimpleNamespace]:
    out, seen = [], set()
    for effect in found.studies:
        source = studies.get(effect.study)
        if not effect.derived or source is None:
            continue
        for file, rows in (("outcomes", source.outcomes), ("estimates", source.estimates)):
            for row in rows:
                key = (effect.study, row.derivation)
                if row.id != effect.result or not row.derivation or key in seen:
                    continue
                seen.add(key)
                arm = f"/{row.arm}" if file == "outcomes" else ""
                ref = f"studies/{effect.study}/{file}.csv#{row.id}{arm}.derivation"
                out.append(SimpleNamespace(label=effect.label, text=on.text(row.derivation, ref)))
    return out


def _money(
    on: Page, studies: dict[str, Study | None], found: AnalysisResult
) -> list[SimpleNamespace]:
    labels = {s.study: s.label for s in found.studies}
    return [
        SimpleNamespace(
            label=labels[name],
            href=study_path(name) + "#money",
            funding=funding(on, s),
            interest=interest(on, s),
        )
        for name, s in studies.items()
        if s
    ]
