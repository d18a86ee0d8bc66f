"""Bayesian pooling by deterministic integration: no sampling, the same numbers every time."""
