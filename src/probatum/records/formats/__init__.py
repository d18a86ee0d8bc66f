"""Formats of bibliographic exports: one file per format, each registers itself."""

from probatum.records.formats import (  # noqa: F401  (they register themselves)
    clinicaltrials_json,
    csl_json,
    csv,
    enw,
    medline,
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
