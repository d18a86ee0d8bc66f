"""The static site: pages that can show no number without its source."""
