"""Probatum: a living evidence system."""
