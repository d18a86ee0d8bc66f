"""What a result says in numbers: the one definition that prose shows and conditions compare."""

from __future__ import annotations

from probatum.build.results import AnalysisResult, Pooled, StudyEffect
from probatum.review.claims import STUDY_FIELDS

Numbers = tuple[float, ...]  # one number, or the two ends of an interval

_TWO = "two studies have no pooled answer; show each of them, as {{ <analysis>/<study>.estimate }}"
_EFFECT = ("estimate", "ci_lb", "ci_ub")
_RATIOS = ("OR", "RR")


class Undefined(LookupError):
    """A field has no value here; the message says why."""


def quantity(result: AnalysisResult, field: str) -> Numbers:
    """Return the value of a field of a result, on the display scale.

    Raises
    ------
    Undefined
        The result has no such value; the message says why.
    """
    base, per = _per(field)
    if per:
        return tuple(per * share for share in _share(result, base))
    if field in ("ci", "pi"):
        return (*quantity(result, f"{field}_lb"), *quantity(result, f"{field}_ub"))
    if field == "k":
        return (float(result.k),)
    if field == "n":
        return _given(result.n, f"not every study of {result.id} says how many people it had")
    if field in ("level", "null"):
        return _given(getattr(result, field), f"{result.id} has no {field}")
    if field in ("events", "upper"):
        return _given(result.zero.get(field), f"{result.id} has no exact limit to show")
    return _effect(result, field)


def study_quantity(effect: StudyEffect, field: str) -> Numbers:
    """Return the value of a field of one study in an analysis.

    Raises
    ------
    Undefined
        The study has no such value there.
    """
    if field == "ci":
        return (*study_quantity(effect, "ci_lb"), *study_quantity(effect, "ci_ub"))
    value = getattr(effect, field) if field in STUDY_FIELDS else None
    return _given(value, f"{effect.label} has no {field} here")


def _given(value: float | None, reason: str) -> Numbers:
    if value is None:
        raise Undefined(reason)
    return (float(value),)


def _per(field: str) -> tuple[str, int]:
    """Split a frequency such as ``treated_ci100`` into its name and the number of people."""
    for per in (1000, 100):
        if field.endswith(str(per)):
            return field.removesuffix(str(per)), per
    return field, 0


def _source(result: AnalysisResult) -> Pooled | StudyEffect:
    """What carries the answer: the pooled effect, or the only study."""
    if result.presentation == "two-studies":
        raise Undefined(_TWO)
    if result.presentation == "pooled" and result.pooled is not None:
        return result.pooled
    if result.presentation != "failed" and len(result.studies) == 1:
        return result.studies[0]
    reason = {
        "failed": "could not be computed",
        "listed": "is not pooled",
        "exact": "has several groups and only an upper limit",
    }
    raise Undefined(f"{result.id} {reason.get(result.presentation, 'has no single result')}")


def _effect(result: AnalysisResult, field: str) -> Numbers:
    source = _source(result)
    if isinstance(source, StudyEffect) and field not in _EFFECT:
        raise Undefined(f"{result.id} rests on one study, which has no {field}")
    return _given(getattr(source, field, None), f"{result.id} has no {field}")


def _share(result: AnalysisResult, name: str) -> Numbers:
    """Return shares of people, between 0 and 1."""
    if name == "upper":
        return quantity(result, "upper")
    if name in ("per", "ci"):
        if result.scale != "proportion":
            raise Undefined(f"{result.id} is no proportion; use control100 and treated100")
        return quantity(result, "estimate" if name == "per" else "ci")
    risk = comparison_risk(result)
    if name == "control":
        return (risk,)
    field = "estimate" if name == "treated" else "ci"
    return tuple(with_ratio(result.measure, risk, ratio) for ratio in quantity(result, field))


def comparison_risk(result: AnalysisResult) -> float:
    """Return the share with the outcome in the comparison groups of an OR or RR.

    It is the total of events over the total of people in these groups: a description of these
    studies, not of anybody's own risk.

    Raises
    ------
    Undefined
        The result is no such ratio, the counts are not known, or nobody or everybody had it.
    """
    _source(result)
    if result.measure not in _RATIOS:
        raise Undefined(f"{result.id} is no odds ratio or risk ratio")
    cells = [study.cells for study in result.studies if study.estimate is not None]
    if not cells or any("ci" not in c or "n2i" not in c for c in cells):
        raise Undefined(f"not every study of {result.id} gives counts for its comparison group")
    events, people = sum(c["ci"] for c in cells), sum(c["n2i"] for c in cells)
    if not 0 < events < people:
        raise Undefined(f"in the comparison groups of {result.id} nobody or everybody had it")
    return events / people


def with_ratio(measure: str, risk: float, ratio: float) -> float:
    """Return the risk under treatment (Cochrane Handbook 6.4, section 15.4.4).

    Examples
    --------
    >>> with_ratio("RR", 0.2, 0.5), with_ratio("OR", 0.5, 3)
    (0.1, 0.75)
    """
    if measure == "RR":
        return min(1.0, risk * ratio)
    odds = risk / (1 - risk) * ratio
    return odds / (1 + odds)
