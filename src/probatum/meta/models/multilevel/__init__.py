"""Multilevel and multivariate models: nested, crossed and structured random effects, any V."""
