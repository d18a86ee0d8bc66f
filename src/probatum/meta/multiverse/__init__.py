"""The same question answered by every combination of defensible choices."""

from probatum.meta.multiverse.combining import multiverse
from probatum.meta.multiverse.table import Choice, Multiverse

__all__ = ["Choice", "Multiverse", "multiverse"]
