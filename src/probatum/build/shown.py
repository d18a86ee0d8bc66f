"""A number (or sourced text with digits) that a page shows, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shown:
    """One shown value.

    Attributes
    ----------
    id : str
        Stable key in the manifest, such as ``"relapse/estimate"``,
        ``"relapse/studies/dakwar-2020/ci_lb"``,
        ``"studies/dakwar-2020/outcomes/Dakwar2020-01/K/events"``.
    value : float, str or None
        The value before formatting.
    display : str
        Exactly the text a reader sees.
    scale : str
        What the value is measured in: "OR", "percent", "people", "text", ...
    node : str
        The build node that made it.
    refs : tuple of str
        What it was read at or computed from: ``"<file>#<row key>[.<field>]"``.
    href : str
        Where on the site its provenance stands, relative to the site root.
    """

    id: str
    value: float | str | None
    display: str
    scale: str
    node: str
    refs: tuple[str, ...] = field(default=())
    href: str = ""
