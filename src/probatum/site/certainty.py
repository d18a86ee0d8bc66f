"""How sure a result is: GRADE's word and marks, and the reasons behind them."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

from markupsafe import Markup

from probatum.build.engine import Context, StepFailed
from probatum.review.model import Certainty, Level
from probatum.site.addresses import analysis_path
from probatum.site.page import Marked, Page, Parts, parts

_FILLED: dict[Level, int] = {"very low": 1, "low": 2, "moderate": 3, "high": 4}
_CHANGE = {
    -3: "down three levels",
    -2: "down two levels",
    -1: "down one level",
    1: "up one level",
    2: "up two levels",
}
#: What each level means (after GRADE; Guyatt 2008, doi:10.1136/bmj.39489.470347.AD).
_MEANING: dict[Level, str] = {
    "high": "We are very sure that the true effect lies close to this result.",
    "moderate": "We are fairly sure: the true effect should lie close to this, but might differ.",
    "low": "We are not very sure: the true effect could be quite different from this result.",
    "very low": "We are hardly sure at all: the true effect is likely to be quite different.",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement as pages show it; `where` is the place of its reasons."""

    level: Level
    where: str

    @property
    def word(self) -> str:
        """The level as a reader's word."""
        return self.level.capitalize()

    @property
    def marks(self) -> Markup:
        """Four circles, as many filled as the level says; the word stands beside them."""
        return marks(self.level)


def marks(level: Level) -> Markup:
    """Draw four circles, filled from the left."""
    circle = '<circle cx="{}" cy="8" r="5.5"{}/>'
    drawn = "".join(
        circle.format(8 + 15 * i, ' class="on"' if i < _FILLED[level] else "") for i in range(4)
    )
    return Markup(
        '<svg class="marks" viewBox="0 0 61 16" width="61" height="16" aria-hidden="true">'
        f"{drawn}</svg>"
    )


def certainty(ctx: Context, analysis: str) -> Certainty | None:
    """Return the judgement of an analysis (or sensitivity analysis), where there is one."""
    try:
        if ctx.get(f"certainty:{analysis}") is None:
            return None
        return ctx.model(f"certainty:{analysis}", Certainty)
    except StepFailed:
        return None


def judged(ctx: Context, analysis: str, level: Level | None = None) -> Judged | None:
    """Return how sure an analysis is; `level` is what a claim says of itself instead."""
    found = certainty(ctx, analysis) if analysis else None
    said = level or (found.decided if found else None)
    if said is None:
        return None
    main, _, changed = analysis.partition("--")
    anchor = f"sens-{changed}" if changed else "certainty"
    return Judged(said, f"{analysis_path(main)}#{anchor}" if found else "")


def judgement(ctx: Context, on: Page, analysis: str) -> SimpleNamespace | None:
    """Return the judgement of an analysis with its reasons, where there is one."""
    found = certainty(ctx, analysis)
    if found is None:
        return None
    file = f"certainty/{found.id}.toml"
    rows = [
        SimpleNamespace(
            domain=reason.domain.capitalize(),
            change=_CHANGE.get(reason.levels, ""),
            text=on.text(reason.text, f"{file}#reasons.{index}.text"),
        )
        for index, reason in enumerate(found.reasons)
    ]
    return SimpleNamespace(
        word=found.decided.capitalize(),
        marks=marks(found.decided),
        meaning=_MEANING[found.decided],
        start=found.start,
        rows=rows,
        override=on.text(found.override, f"{file}#override"),
        note=on.text(found.note, f"{file}#note"),
        by=_by(on, found, file),
    )


def _by(on: Page, found: Certainty, file: str) -> Parts:
    return parts(on.text(found.by, f"{file}#by"), ", ", Marked("date", found.judged_on.isoformat()))
