"""What the parameters of a model are called in a figure."""

from __future__ import annotations

from ..meta.models.multilevel.components import Component

_SYMBOLS = {"sigma2": "σ²", "tau2": "τ²", "gamma2": "γ²", "rho": "ρ", "phi": "φ"}


def component_name(component: Component) -> str:
    """A variance or correlation: symbol, term of the formula, level of it."""
    level = f" [{component.level}]" if component.level else ""
    return f"{_SYMBOLS[component.kind]} {component.term}{level}"
