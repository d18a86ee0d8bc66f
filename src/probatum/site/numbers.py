"""Shown values of an analysis result: each number with its text, scale and refs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from probatum.build.results import AnalysisResult, Interval, Pooled, StudyEffect
from probatum.build.shown import Shown
from probatum.review.model import Number
from probatum.site import format as fmt
from probatum.site.addresses import analysis_path, ref_target
from probatum.site.format import NBSP
from probatum.site.page import DIGIT

_EFFECTS = ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
_WHOLE_PERCENT = ("I2",)
_P_VALUES = ("pval", "QEp")


def row_number(
    study: str, kind: str, key: str, field: str, value: Number | None
) -> Shown | Literal[""]:
    """Return a number as it was typed in a row of a study's CSV file; nothing where there is none.

    `kind` is the file without its suffix, `key` the row's.
    """
    if value is None:
        return ""
    ref = f"studies/{study}/{kind}.csv#{key}.{field}"
    return Shown(
        id=f"studies/{study}/{kind}/{key}/{field}",
        value=value.value,
        display=fmt.typed(value.text),
        scale=field,
        node=f"study:{study}",
        refs=(ref,),
        href=ref_target(ref),
    )


def _p_text(p: Shown) -> str:
    sign = p.display[0] if p.display[0] in "<>" else "="
    return f"p{NBSP}{sign}{NBSP}{p.display.lstrip('<>')}"


class ResultNumbers:
    """Makes the shown values of one result; `how` is where its provenance stands."""

    def __init__(self, result: AnalysisResult) -> None:
        self.result = result
        self.node = f"result:{result.id}"
        self.spec = f"analyses/{result.analysis}.toml"
        _, _, changed = result.id.partition("--")
        anchor = f"sens-{changed}" if changed else "how"
        self.how = f"{analysis_path(result.analysis)}#{anchor}"
        refs = dict.fromkeys(ref for s in result.studies for ref in s.refs)
        self.refs: tuple[str, ...] = tuple(refs) or (f"{self.spec}#measure",)

    def _shown(
        self, name: str, value: float, display: str, scale: str, refs: tuple[str, ...] = ()
    ) -> Shown:
        return Shown(
            id=f"{self.result.id}/{name}",
            value=value,
            display=display,
            scale=scale,
            node=self.node,
            refs=refs or self.refs,
            href=self.how,
        )

    def field(self, name: str, values: Sequence[float], display: str, scale: str) -> Shown:
        """Return a field whose numbers `build.quantities` gave and whose text is known."""
        refs = (f"{self.spec}#{name}",) if name == "level" else ()
        made = self._shown(name, values[0], display, scale, refs)
        return made if len(values) == 1 else replace(made, value=None)

    def text(self, name: str, value: float) -> str:
        """Write a field of a result."""
        if name == "level":
            return fmt.plain(value) + "%"
        return fmt.plain(value) if name == "null" else self._field_text(name, value)

    def effect_text(self, value: float) -> str:
        """Write a value of the display scale."""
        return fmt.effect(value, scale=self.result.scale, measure=self.result.measure)

    def level(self) -> Shown:
        """Return the confidence level as typed in the analysis."""
        level = self.result.level
        return self._shown(
            "level", level, fmt.plain(level) + "%", "percent", (f"{self.spec}#level",)
        )

    def pooled(self, name: str, *, group: str = "") -> Shown | None:
        """Return a field of the pooled effect (or of a subgroup's), if it has a value."""
        pooled = self._pooled(group)
        value = getattr(pooled, name) if pooled else None
        if value is None:
            return None
        return self._shown(
            self._id(name, group), value, self._field_text(name, value), self._scale(name)
        )

    def interval(self, *, group: str = "", figure: bool = False, kind: str = "ci") -> Shown | None:
        """Return an interval as one shown value: "0.33 to 1.57", or "[0.33, 1.57]"."""
        pooled = self._pooled(group)
        lower = getattr(pooled, f"{kind}_lb", None)
        upper = getattr(pooled, f"{kind}_ub", None)
        if lower is None or upper is None:
            return None
        return self._interval(self._id(kind, group), lower, upper, figure)

    def named_interval(self, interval: Interval, *, figure: bool = False) -> Shown:
        """Return an interval under a named test (two studies)."""
        name = f"intervals/{interval.test}"
        return self._interval(name, interval.ci_lb, interval.ci_ub, figure)

    def k(self) -> Shown:
        """Return how many studies stand behind the result."""
        return self._shown("k", self.result.k, fmt.count(self.result.k), "studies")

    def people(self) -> Shown | None:
        """Return how many people they hold together, where every study says so."""
        n = self.result.n
        return None if n is None else self._shown("n", n, fmt.count(n), "people")

    def zero(self, name: str) -> Shown | None:
        """Return events, n or the upper limit of an exact zero-event result."""
        value = self.result.zero.get(name)
        if value is None:
            return None
        if name == "upper":
            return self._shown("zero/upper", value, fmt.percent(value), "percent")
        if name == "level":
            return self._shown(
                "zero/level", value, fmt.plain(value) + "%", "percent", (f"{self.spec}#level",)
            )
        return self._shown(f"zero/{name}", value, fmt.count(value), "people")

    def zero_line(self) -> Shown | None:
        """Return the exact upper limit as a figure writes it."""
        upper = self.zero("upper")
        if upper is None:
            return None
        return self._shown("zero/line", self.result.zero["upper"], f"up to {upper.display}", "text")

    def between(self, name: str) -> Shown | None:
        """Return a statistic of the test for subgroup differences."""
        value = self.result.between.get(name)
        if value is None:
            return None
        text = fmt.p_value(value) if name == "p" else fmt.count(value) if name == "df" else None
        return self._shown(f"between/{name}", value, text or fmt.decimal(value, 2), name)

    def study(self, effect: StudyEffect, name: str) -> Shown | None:
        """Return a study's estimate, weight or people."""
        value = getattr(effect, name)
        if value is None:
            return None
        if name == "weight":
            text, scale = fmt.decimal(value, 1) + "%", "percent"
        elif name == "n":
            text, scale = fmt.count(value), "people"
        else:
            text, scale = self.effect_text(value), self.result.measure
        return self._study(effect, name, value, text, scale, tuple(effect.refs))

    def study_interval(self, effect: StudyEffect, *, figure: bool = False) -> Shown | None:
        """Return a study's interval as one shown value."""
        if effect.ci_lb is None or effect.ci_ub is None:
            return None
        lower, upper = self.effect_text(effect.ci_lb), self.effect_text(effect.ci_ub)
        text = (fmt.brackets if figure else fmt.bounds)(lower, upper)
        name = "ci-figure" if figure else "ci"
        return self._study(effect, name, None, text, self.result.measure, tuple(effect.refs))

    def study_line(self, effect: StudyEffect) -> Shown | None:
        """Return estimate and interval as a figure writes them."""
        interval = self.study_interval(effect, figure=True)
        if effect.estimate is None:
            return None
        text = self.effect_text(effect.estimate)
        if interval is not None:
            text += f" {interval.display}"
        return self._study(
            effect, "line", effect.estimate, text, self.result.measure, tuple(effect.refs)
        )

    def pooled_line(self, group: str = "") -> Shown | None:
        """Return the pooled estimate and interval as a figure writes them."""
        pooled = self._pooled(group)
        if pooled is None:
            return None
        lower, upper = self.effect_text(pooled.ci_lb), self.effect_text(pooled.ci_ub)
        text = f"{self.effect_text(pooled.estimate)} {fmt.brackets(lower, upper)}"
        return self._shown(self._id("line", group), pooled.estimate, text, self.result.measure)

    def cell(self, effect: StudyEffect, name: str) -> Shown | None:
        """Return a cell the effect was computed from, as it was read."""
        value = effect.cells.get(name)
        if value is None:
            return None
        ref = effect.cell_refs.get(name)
        refs = (ref,) if ref else tuple(effect.refs)
        text = fmt.count(value) if name[0] in "abcdnx" else fmt.plain(value)
        if name.startswith("mean_"):  # computed, not typed
            text = fmt.ratio(value)
        return self._study(effect, f"cells/{name}", value, text, name, refs)

    def arm(self, effect: StudyEffect, names: tuple[str, ...]) -> Shown | None:
        """Return the numbers of an arm as a figure writes them: 13/27, or 4.2 (1.1), 27."""
        values = [self.cell(effect, name) for name in names]
        if any(value is None for value in values):
            return None
        known = [value for value in values if value is not None]
        texts = [value.display for value in known]
        text = f"{texts[0]} ({texts[1]}), {texts[2]}" if len(texts) == 3 else "/".join(texts)
        if names[0].startswith("mean_"):
            text = ", ".join(texts)
        refs = tuple(dict.fromkeys(ref for value in known for ref in value.refs))
        return self._study(effect, f"arm/{names[0]}", None, text, "+".join(names), refs)

    def agreement(self, lead: str) -> Shown | None:
        """Return the statistics of heterogeneity after `lead`, as one line of a figure."""
        pooled = self.result.pooled
        degrees, p = self.pooled("QEdf"), self.pooled("QEp")
        if pooled is None or pooled.QE is None or not degrees or not p:
            return None
        named = (("I²", "I2"), ("tau²", "tau2"), ("Q", "QE"))
        found = [(sign, self.pooled(name)) for sign, name in named]
        equal = f"{NBSP}={NBSP}"
        text = ", ".join(f"{sign}{equal}{value.display}" for sign, value in found if value)
        text += f" (df{NBSP}{degrees.display}, {_p_text(p)})"
        return self._shown("agreement", pooled.QE, f"{lead}: {text}", "text")

    def difference(self, lead: str) -> Shown | None:
        """Return the p value of the test for subgroup differences after `lead`."""
        p = self.between("p")
        if p is None:
            return None
        text = f"{lead}: {_p_text(p)}"
        return self._shown("between/line", self.result.between["p"], text, "text")

    def words(self, name: str, text: str) -> Shown | str:
        """Return a sentence about the result; with digits it rests on the result's rows."""
        if not DIGIT.search(text):
            return text
        return Shown(
            id=f"{self.result.id}/{name}",
            value=text,
            display=text,
            scale="text",
            node=self.node,
            refs=self.refs,
        )

    # ------------------------------------------------------------------ inside
    def _pooled(self, group: str) -> Pooled | None:
        if not group:
            return self.result.pooled
        return next((g.pooled for g in self.result.subgroups if g.id == group), None)

    def _id(self, name: str, group: str) -> str:
        return f"subgroups/{group}/{name}" if group else name

    def _field_text(self, name: str, value: float) -> str:
        if name in _EFFECTS:
            return self.effect_text(value)
        if name in _WHOLE_PERCENT:
            return fmt.whole_percent(value)
        if name in _P_VALUES:
            return fmt.p_value(value)
        if name in ("k", "n", "QEdf"):
            return fmt.count(value)
        return fmt.decimal(value, 2)

    def _scale(self, name: str) -> str:
        return self.result.measure if name in _EFFECTS else name

    def _interval(self, name: str, lower: float, upper: float, figure: bool) -> Shown:
        low, up = self.effect_text(lower), self.effect_text(upper)
        text = (fmt.brackets if figure else fmt.bounds)(low, up)
        return Shown(
            id=f"{self.result.id}/{name}{'-figure' if figure else ''}",
            value=None,
            display=text,
            scale=self.result.measure,
            node=self.node,
            refs=self.refs,
            href=self.how,
        )

    def _study(
        self,
        effect: StudyEffect,
        name: str,
        value: float | None,
        text: str,
        scale: str,
        refs: tuple[str, ...],
    ) -> Shown:
        return Shown(
            id=f"{self.result.id}/studies/{effect.key}/{name}",
            value=value,
            display=text,
            scale=scale,
            node=self.node,
            refs=refs or self.refs,
            href=ref_target(refs[0]) if refs else self.how,
        )
