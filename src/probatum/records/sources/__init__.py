"""Live services that a saved search asks: one file each, behind one client and one registry."""

from probatum.records.sources import (  # noqa: F401  (they register themselves)
    clinicaltrials,
    crossref,
    europe_pmc,
    openalex,
    pubmed,
)
from probatum.records.sources.service import SERVICES, Page, Service, Window, find_service

__all__ = ["SERVICES", "Page", "Service", "Window", "find_service"]
