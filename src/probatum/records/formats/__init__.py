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

__all__ = ["FORMATS", "Format", "find_format", "read", "sniff_format"]
