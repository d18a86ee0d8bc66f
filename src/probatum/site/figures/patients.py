"""People of case reports one by one, as small panels for each measure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from markupsafe import Markup

from probatum.build.shown import Shown
from probatum.plots.patients import PatientPanel, PatientRow, patients_scene
from probatum.review.model import Number, Patient, Study
from probatum.site.addresses import ref_target
from probatum.site.figures.inline import both
from probatum.site.numbers import row_number
from probatum.site.page import Page

BODY_MASS = "Body mass index"
#: What stands in `outcome_measure` where the outcome is told in words.
NARRATIVE = "narrative"


def patients(
    studies: Iterable[Study], on: Page, *, only: Collection[str] | None = None
) -> Markup | None:
    """Return a figure of every person before and after, or nothing where nothing was measured.

    Only what was read is drawn: a measure that is named without values stays an empty, labelled
    space. People whose outcome is told in words alone are left to the table. `only` holds the
    refs of the people whose outcome an analysis takes: no others are drawn, nor their body mass.
    """
    made = _Panels(only)
    for study in studies:
        made.add(study)
    panels = tuple(
        PatientPanel(name[:1].upper() + name[1:], tuple(rows)) for name, rows in made.panels.items()
    )
    if not panels:
        return None
    title, desc = "People one by one, before and after", "The table of people has the same numbers."
    return both(
        lambda narrow: patients_scene(panels, title=title, desc=desc, narrow=narrow),
        on=on,
        shown=made.shown,
        links=made.links,
    )


@dataclass(slots=True)
class _Panels:
    """Rows by measure, in the order in which the measures turn up."""

    only: Collection[str] | None
    panels: dict[str, list[PatientRow]] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def add(self, study: Study) -> None:
        """Add the people of a study."""
        for person in study.patients:
            ref = f"studies/{study.id}/patients.csv#{person.id}"
            if person.verified and (self.only is None or ref in self.only):
                for measure, fields in _measures(person):
                    if self.only is not None and fields[0] != "before":
                        continue
                    row = self._row(study, person, fields)
                    self.panels.setdefault(measure, []).append(row)

    def _row(self, study: Study, person: Patient, fields: tuple[str, str]) -> PatientRow:
        key = f"{study.id}/{person.id}/{fields[0]}"
        name = study.short or study.title
        self.links[f"{key}/label"] = ref_target(f"studies/{study.id}/patients.csv#{person.id}")
        values: list[Number | None] = [getattr(person, f) for f in fields]
        texts = []
        for end, place, value in zip(("before", "after"), fields, values):
            shown = row_number(study.id, "patients", person.id, place, value)
            texts.append(shown.display if shown else "")
            if shown:
                self.shown[f"{key}/{end}"] = shown
        before, after = (math.nan if value is None else value.value for value in values)
        return PatientRow(key, f"{name}, person {person.id}", before, after, *texts)


def _measures(person: Patient) -> Iterator[tuple[str, tuple[str, str]]]:
    """What was measured of a person, and the fields before and after."""
    measured = person.before is not None or person.after is not None
    if measured or (person.outcome_measure and person.outcome_measure != NARRATIVE):
        yield person.outcome_measure or "Outcome", ("before", "after")
    if person.bmi_before is not None or person.bmi_after is not None:
        yield BODY_MASS, ("bmi_before", "bmi_after")
