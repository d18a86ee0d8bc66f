"""Estimators of the between-study variance tau2, each solved for a whole batch.

Review of the estimators: Veroniki AA et al. (2016). Methods to estimate the between-study
variance and its uncertainty in meta-analysis. Research Synthesis Methods 7, 55-79.
"""

# in the order in which they are listed
from probatum.meta.tau2 import moments, likelihoods, roots, generalised  # noqa: F401, I001
from probatum.meta.tau2.registry import (
    FIXED,
    STATUS,
    Tau2Method,
    estimate,
    given,
    tau2_method,
    tau2_methods,
)

__all__ = ["FIXED", "STATUS", "Tau2Method", "estimate", "given", "tau2_method", "tau2_methods"]
