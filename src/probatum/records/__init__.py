"""Bibliographic records: reading and writing them, and finding those that are the same work."""
