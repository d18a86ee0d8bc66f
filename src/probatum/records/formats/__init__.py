"""Formats of bibliographic exports: one file per format, each registers itself."""

from probatum.records.formats import (  # noqa: F401  (they register themselves)
    bibtex,
    clinicaltrials_json,
    csl_json,
    csv,
    endnote_xml,
    enw,
    medline,
    pubmed_xml,
    revman_rm5,
    revman_web,
    ris,
    wos,
)
from probatum.records.formats.registry import (
    FORMATS,
    Format,
    find_format,
    read,
    sniff_format,
)
from probatum.records.formats.study_data import read_study_data

__all__ = ["FORMATS", "Format", "find_format", "read", "read_study_data", "sniff_format"]
