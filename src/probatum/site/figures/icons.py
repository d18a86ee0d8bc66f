"""Results as people of a hundred: the words first, then one mark a person."""

from __future__ import annotations

from markupsafe import Markup

from probatum.build.results import AnalysisResult
from probatum.plots.icons import IconPanel, icon_array
from probatum.plots.scene import Scene
from probatum.plots.svg import render_svg
from probatum.site.absolute import Absolute, Share, absolute, share
from probatum.site.arms import arm_name
from probatum.site.page import Marked, Page, Parts, parts

#: An interval wider than this share of all people: a picture of one number would mislead.
WIDEST = 0.5


def icons(found: AnalysisResult, on: Page) -> Markup | None:
    """Return people of a hundred or a thousand as a figure, or nothing where that would mislead.

    Nothing is drawn of two studies, listed or failed results and exact limits, which have no
    one number; where the number is under one person, or its interval over half of all people.
    """
    one, two = share(found), absolute(found)
    if one is not None and _clear(one.per, one.numbers):
        return _figure(on, _one_words(one), _one_panel(one), one.per)
    if two is not None and _clear(two.per, two.numbers):
        names = _names(found)
        return _figure(on, _two_words(two, names), _two_panels(two, names), two.per)
    return None


def _clear(per: int, numbers: tuple[float, ...]) -> bool:
    *counts, lower, upper = numbers
    return upper - lower <= WIDEST * per and all(0.5 <= n < per - 0.5 for n in counts)


def _names(found: AnalysisResult) -> tuple[str, str]:
    """What the comparison and the studied group are called."""
    return arm_name(found, "comparator") or "comparison", arm_name(found, "arm") or "studied group"


def _one_words(found: Share) -> Parts:
    return parts(
        "About ",
        found.estimate,
        f" of {found.of} people like those studied (from ",
        found.interval,
        ").",
    )


def _one_panel(found: Share) -> tuple[IconPanel, ...]:
    count, lower, upper = (round(n) for n in found.numbers)
    return (IconPanel("People like those studied", count, lower, upper),)


def _two_words(found: Absolute, names: tuple[str, str]) -> Parts:
    a, b = (Marked("citation", name) for name in names)
    return parts(
        "A, ",
        a,
        ": about ",
        found.control,
        f" of {found.of} people. B, ",
        b,
        ": about ",
        found.treated,
        f" of {found.of} (from ",
        found.interval,
        ").",
    )


def _two_panels(found: Absolute, names: tuple[str, str]) -> tuple[IconPanel, ...]:
    control, treated, lower, upper = (round(n) for n in found.numbers)
    return (
        IconPanel(f"A: {names[0]}", control),
        IconPanel(f"B: {names[1]}", treated, lower, upper),
    )


def _figure(on: Page, words: Parts, panels: tuple[IconPanel, ...], per: int) -> Markup:
    """The words, and the picture that says the same (so screen readers skip it)."""

    def scene(narrow: bool) -> Scene:
        return icon_array(panels, per=per, title="Icon array", desc="", narrow=narrow)

    wide, narrow = scene(False), scene(True)
    kinds = [("", wide)] if wide == narrow else [("wide", wide), ("narrow", narrow)]
    drawn = "".join(
        f'<div class="{kind}">{render_svg(one, standalone=False, hidden=True)}</div>'
        for kind, one in kinds
    )
    return Markup('<figure class="icons"><p>{}</p>{}</figure>').format(
        on.html(words), Markup(drawn)
    )
