"""The block of people whom case reports describe one by one."""

from __future__ import annotations

from markupsafe import Markup

from probatum.site.figures import patients
from probatum.site.pages.blocks.base import Place, block
from probatum.site.pages.common import info, study_label
from probatum.site.pages.study import patient_table


@block("patients")
def people(place: Place) -> Markup:
    """Return everybody before and after as a figure, then a table for each study."""
    found = [one for one in place.studies() if any(p.verified for p in one.patients)]
    if not found:
        return place.empty("person described by itself")
    review = info(place.ctx)
    tables = []
    for one in found:
        rows = [person for person in one.patients if person.verified]
        tables.append((one.id, study_label(one), patient_table(place.on, one, rows, review)))
    return place.part("patients.html", figure=patients(found, place.on), tables=tables)
