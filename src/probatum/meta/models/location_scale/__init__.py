"""Location-scale models: moderators of the average effect, and of how much effects differ."""

from probatum.meta.models.location_scale.fit import LocationScaleFit
from probatum.meta.models.location_scale.pooling import pool_location_scale

__all__ = ["LocationScaleFit", "pool_location_scale"]
