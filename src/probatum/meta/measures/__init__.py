"""Effect measures: one file per family, each measure one function that registers itself."""

from probatum.meta.measures import (  # noqa: F401  (they register themselves, in this order)
    association,
    binary,
    biserial,
    continuous,
    correlation,
    dichotomised,
    generic,
    heterozygosity,
    matched,
    mean,
    paired,
    partial,
    proportion,
    rate,
    reliability,
    standardised,
    superiority,
    variability,
)
from probatum.meta.measures.effect_sizes import effect_sizes
from probatum.meta.measures.registry import MEASURES, Measure, find_measure, measures

__all__ = ["MEASURES", "Measure", "effect_sizes", "find_measure", "measures"]
