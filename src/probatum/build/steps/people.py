"""How many studies and people stand behind a result, each counted once.

Where results are pooled nobody is in two of them (check E412). Listed side by side they may be:
three symptoms of one clinic's patients are one study, and its people count once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from probatum.build.steps.effects import Contrast
from probatum.review.contrast import people_of
from probatum.review.model import Estimate, Number, Study

Group = tuple[frozenset[str], float | None]  # arms, and how many people they hold


def counted(
    contrasts: Sequence[Contrast], studies: Mapping[str, Study]
) -> tuple[int, float | None]:
    """(studies, people) of results that stand side by side.

    Companion reports belong to the study whose participants they tell of. People are None where
    a size is not known, or where studies share an overlap label and may hold the same people.
    """
    owners: dict[str, list[Group]] = {}
    for contrast in contrasts:
        study = studies.get(contrast.study)
        owner = contrast.study if study is None else people_of(study, studies)
        owners.setdefault(owner, []).extend(groups(contrast))
    sizes = [_together(found) for found in owners.values()]
    if None in sizes or shares_people(owners, studies):
        return len(owners), None
    return len(owners), sum(size for size in sizes if size is not None)


def twice(contrasts: Sequence[Contrast], studies: Mapping[str, Study]) -> bool:
    """Whether anybody may stand behind two of the results."""
    lines = [size for contrast in contrasts for _, size in groups(contrast)]
    _, once = counted(contrasts, studies)
    return None in lines or once != sum(size for size in lines if size is not None)


def shares_people(names: Iterable[str], studies: Mapping[str, Study]) -> bool:
    """Whether two studies carry the same overlap label."""
    labels = [label for name in names if name in studies for label in set(studies[name].overlap)]
    return len(labels) > len(set(labels))


def groups(contrast: Contrast) -> list[Group]:
    """The arms of a result with their people; no arms stand for the whole study."""
    row = contrast.estimate
    if contrast.people:
        return [(frozenset(), float(len(contrast.people)))]
    if row is None:
        return [(_arms(arm.arm), _value(arm.n)) for arm in contrast.arms]
    return _reported(row)


def _reported(row: Estimate) -> list[Group]:
    if row.n is not None and row.n_comparator is not None and row.arm and row.comparator:
        return [(_arms(row.arm), row.n.value), (_arms(row.comparator), row.n_comparator.value)]
    given = [number.value for number in (row.n, row.n_comparator) if number is not None]
    size = sum(given) if row.n is not None else None
    return [(_arms(row.arm) | _arms(row.comparator), size)]


def _arms(text: str) -> frozenset[str]:
    return frozenset(part for part in text.split("+") if part)


def _value(number: Number | None) -> float | None:
    return None if number is None else number.value


def _together(found: Sequence[Group]) -> float | None:
    """People of the arms of one study: an arm that several results name counts once."""
    sizes: dict[frozenset[str], float] = {}
    for arms, size in found:
        if size is None:
            return None
        sizes[arms] = max(size, sizes.get(arms, 0.0))
    whole = sizes.pop(frozenset(), 0.0)
    taken: set[str] = set()
    total = 0.0
    # the largest first, so that joined arms come before their parts
    for arms, size in sorted(sizes.items(), key=lambda item: (-item[1], sorted(item[0]))):
        if taken.isdisjoint(arms):
            taken |= arms
            total += size
    return max(whole, total)
