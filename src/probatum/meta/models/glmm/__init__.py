"""Generalised linear mixed models of counts: the tables' own likelihoods, no estimates between."""
