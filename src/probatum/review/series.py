"""Which patients of a study an analysis takes: a case report or series, one result of the study."""

from __future__ import annotations

from probatum.review.model import AnalysisSpec, Patient, Study

#: what the patients of a study are called beside the ids of its results
PATIENTS = "patients"


def person(study: str, patient: str) -> str:
    """The name by which an analysis selects or excludes a patient."""
    return f"{study}/{PATIENTS}/{patient}"


def patients_taken(spec: AnalysisSpec, study: Study) -> tuple[list[Patient], list[tuple[str, str]]]:
    """Patients measured as the analysis asks; and those left out, by name, with the reason."""
    kept: list[Patient] = []
    left: list[tuple[str, str]] = []
    excluded = {item.row: item.reason for item in spec.exclude}
    for patient in study.patients:
        name = person(study.id, patient.id)
        if not _asked(spec, study, patient, name):
            continue
        if name in excluded:
            left.append((name, excluded[name]))
        elif not patient.verified:
            left.append((name, "not verified against its source"))
        elif patient.before is None or patient.after is None:
            missing = "before" if patient.before is None else "after"
            left.append((name, f'"{missing}" is empty: no change is known'))
        else:
            kept.append(patient)
    return kept, left


def _asked(spec: AnalysisSpec, study: Study, patient: Patient, name: str) -> bool:
    """Whether a patient is meant by the selection."""
    select = spec.select
    if patient.outcome_measure != spec.patients:
        return False
    if (select.rows and name not in select.rows) or (select.study and study.id not in select.study):
        return False
    if select.randomised is not None and study.randomised is not select.randomised:
        return False
    if select.frame and study.frame not in select.frame:
        return False
    if len(select.weeks) == 2:
        low, high = select.weeks
        return patient.weeks is not None and low <= patient.weeks.value <= high
    return True
