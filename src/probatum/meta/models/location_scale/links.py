"""How the variance between studies follows from its linear predictor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True)
class Link:
    """tau2 = `tau2(eta)` with eta = Z alpha, and its slope in eta.

    `bounded` says whether alpha must keep every eta at 0 or above.
    """

    name: str
    tau2: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    bounded: bool


def _exp(eta: Floats) -> Floats:
    return np.exp(np.minimum(eta, 600.0))


LINKS = {
    link.name: link
    for link in (
        Link("log", _exp, _exp, bounded=False),
        Link("identity", lambda eta: eta, np.ones_like, bounded=True),
    )
}
