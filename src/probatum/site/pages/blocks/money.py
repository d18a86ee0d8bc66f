"""The block that counts who paid for studies and who had an interest."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from markupsafe import Markup

from probatum.build.shown import Shown
from probatum.review.model import Study
from probatum.site import format as fmt
from probatum.site.addresses import slug
from probatum.site.pages.blocks.base import Place, block

Test = Callable[[Study], bool]


def _paid(*kinds: str) -> Test:
    return lambda one: one.funding.verified and one.funding.type in kinds and bool(kinds)


def _declared(value: bool | None) -> Test:
    return lambda one: (one.interest.declared if one.interest.verified else None) is value


#: What is counted, and the key of study.toml that it rests on.
_COUNTS: dict[str, tuple[str, Test]] = {
    "public": ("funding", _paid("public")),
    "industry": ("funding", _paid("industry")),
    "mixed": ("funding", _paid("mixed")),
    "nobody": ("funding", _paid("none")),
    "unseen": ("funding", lambda one: not (one.funding.verified and one.funding.type)),
    "declared": ("interest", _declared(True)),
    "denied": ("interest", _declared(False)),
    "silent": ("interest", _declared(None)),
}


@block("money")
def money(place: Place) -> Markup:
    """Return counts over the completed studies; "not seen" is told apart from "none"."""
    found = [one for one in place.studies() if one.status == "completed"]
    if not found:
        return place.empty("study")
    made = {
        name: _count(place, name, key, found, [one for one in found if test(one)])
        for name, (key, test) in _COUNTS.items()
    }
    return place.part(
        "money.html", all=_count(place, "all", "title", found, found), n=SimpleNamespace(**made)
    )


def _count(place: Place, name: str, key: str, found: list[Study], these: list[Study]) -> Shown:
    asked = [*place.asked.ids, *(f"{k}={','.join(v)}" for k, v in place.asked.filters.items())]
    return Shown(
        id=f"money/{slug(' '.join(asked)) or 'all'}/{name}",
        value=len(these),
        display=fmt.count(len(these)),
        scale="studies",
        node=f"page:{place.on.path}",
        refs=tuple(f"studies/{one.id}/study.toml#{key}" for one in found),
    )
