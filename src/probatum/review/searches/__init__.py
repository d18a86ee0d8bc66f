"""Searches of a review: what was asked of which database, and the records that came of it."""
