"""Where things stand on the site: paths, anchors, and links out that can do no harm."""

from __future__ import annotations

import re

from probatum.review.identifiers import registry_url as registry_url
from probatum.review.identifiers import web_url as web_url
from probatum.review.model import REGISTERS

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_PREFIX = {"outcomes.csv": "o", "estimates.csv": "e", "patients.csv": "p", "rob.csv": "b"}


def analysis_path(analysis: str) -> str:
    """Return the page of an analysis; a sensitivity analysis stands on that of its main one."""
    return f"analyses/{analysis.partition('--')[0]}.html"


def question_path(question: str) -> str:
    """Return the site path of a question page."""
    return f"questions/{question}.html"


def study_path(study: str) -> str:
    """Return the site path of a study page."""
    return f"studies/{study}.html"


def theme_path(theme: str) -> str:
    """Return the site path of a theme's page."""
    return f"themes/{theme}.html"


def slug(text: str) -> str:
    """Make an HTML id from any text."""
    return _UNSAFE.sub("-", text).strip("-")


def row_anchor(file: str, key: str) -> str:
    """Return the anchor of a CSV row on its study page."""
    return f"{_PREFIX.get(file, 'r')}-{slug(key)}"


def ref_target(ref: str) -> str:
    """Return the site path and anchor at which a ref is shown.

    Examples
    --------
    >>> ref_target("studies/dakwar-2020/outcomes.csv#D-01/K.events")
    'studies/dakwar-2020.html#o-D-01-K'
    >>> ref_target("studies/dakwar-2020/study.toml#arms.K.dose")
    'studies/dakwar-2020.html#arm-K'
    """
    path, _, key = ref.partition("#")
    folder, _, rest = path.partition("/")
    if folder == "studies":
        study, _, file = rest.partition("/")
        if file == "study.toml":
            arm = key.removeprefix("arms.").partition(".")[0] if key.startswith("arms.") else ""
            return study_path(study) + (f"#arm-{slug(arm)}" if arm else "")
        return f"{study_path(study)}#{row_anchor(file, row_of(key))}"
    if folder == "analyses":
        return analysis_path(rest.removesuffix(".toml")) + "#how"
    register = path.removesuffix(".csv")
    if register in REGISTERS:
        return f"{register}.html#{slug(row_of(key))}"
    return "methods.html"


def row_of(key: str) -> str:
    """Return the row key of a ref's fragment, without the field.

    The arm stands after the last slash; a field after a dot behind it.
    """
    head, dot, field = key.rpartition(".")
    return head if dot and field.replace("_", "").isalpha() else key
