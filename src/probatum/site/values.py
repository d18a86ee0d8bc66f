"""Placeholders as shown values: the numbers of `build.references`, written for people."""

from __future__ import annotations

from functools import partial

from probatum.build.engine import Context
from probatum.build.quantities import Undefined
from probatum.build.references import Named, look_up, missing, numbers, words
from probatum.build.results import AnalysisResult, StudyEffect
from probatum.build.shown import Shown
from probatum.review.claims import ROW_FIELDS, RowAt
from probatum.review.model import Arm, Number
from probatum.site import format as fmt
from probatum.site.absolute import frequency
from probatum.site.addresses import ref_target
from probatum.site.numbers import ResultNumbers

_EFFECT = ("estimate", "ci", "ci_lb", "ci_ub")


def shown(ctx: Context, name: str, field: str, default: str) -> Shown:
    """Return what ``{{ name.field }}`` shows.

    Raises
    ------
    Undefined
        It names nothing, or nothing that has a value.
    """
    named = look_up(ctx, name, default)
    if reason := missing(named, field):
        raise Undefined(reason)
    if named.at is not None:
        return row_value_shown(named.at, field)
    assert named.result is not None
    if named.effect is not None:
        return _of_study(named.result, named.effect, field, numbers(named, field))
    return _of_result(named, named.result, field)


def _of_result(named: Named, result: AnalysisResult, field: str) -> Shown:
    made = ResultNumbers(result)
    if text := words(named, field):
        refs = (f"{made.spec}#{field}",)
        return Shown(f"{result.id}/{field}", text, text, "text", made.node, refs, made.how)
    values = numbers(named, field)
    if field in _EFFECT and result.pooled is None:  # the only study is the answer
        return _of_study(result, result.studies[0], field, values)
    for per in (1000, 100):
        if field.endswith(str(per)):
            return frequency(result, field, per)
    if field in ("events", "upper"):
        text = fmt.percent(values[0]) if field == "upper" else fmt.count(values[0])
        return made.field(
            f"zero/{field}", values, text, "percent" if field == "upper" else "people"
        )
    texts = [made.text(f"{field}_lb" if len(values) == 2 else field, value) for value in values]
    scale = result.measure if field in (*_EFFECT, "pi", "pi_lb", "pi_ub") else field
    return made.field(field, values, _joined(texts), scale)


def _of_study(
    result: AnalysisResult, effect: StudyEffect, field: str, values: tuple[float, ...]
) -> Shown:
    made = ResultNumbers(result)
    found = made.study_interval(effect) if field == "ci" else made.study(effect, field)
    assert found is not None, values
    return found


def _joined(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else fmt.bounds(texts[0], texts[1])


def row_value_shown(at: RowAt, field: str) -> Shown:
    """Return a cell of a row: its number as typed, its text, "12 of 43", or a share in percent."""
    ref = f"{at.file}#{at.key}"
    base = f"{at.file.removesuffix('.csv')}/{at.key}"
    if isinstance(at.row, Arm):
        base = f"{at.file.removesuffix('/study.toml')}/{at.key.replace('.', '/', 1)}"
    first, _, rest = base.partition("/")
    node = f"study:{rest.partition('/')[0]}" if first == "studies" else f"register:{first}"
    href = ref_target(f"{ref}.{field}")
    make = partial(Shown, f"{base}/{field}", node=node, href=href)
    if field in ROW_FIELDS:
        both = (f"{ref}.events", f"{ref}.n")
        if field == "of":
            events, n = (fmt.count(getattr(at.row, name).value) for name in ("events", "n"))
            text = f"{events}{fmt.NBSP}of{fmt.NBSP}{n}"
            return make(value=None, display=text, scale="people", refs=both)
        (percent,) = numbers(Named(at=at), field)
        return make(value=percent, display=fmt.percent(percent / 100), scale="percent", refs=both)
    value, own = getattr(at.row, field), f"{ref}.{field}"
    if isinstance(value, Number):
        return make(value=value.value, display=fmt.typed(value.text), scale=field, refs=(own,))
    if isinstance(value, int):
        return make(value=value, display=fmt.count(value), scale="people", refs=(own,))
    text = words(Named(at=at), field)
    return Shown(f"text/{own}", text, text, "text", f"file:{at.file}", (own,), href)
