"""One module per kind of page; importing this registers the steps."""

from . import (
    analyses,
    analysis,
    glossary,
    home,
    ongoing,
    plain,
    question,
    registers,
    search,
    steps,
    studies,
    study,
    themes,
    told,
)

__all__ = [
    "analyses",
    "analysis",
    "glossary",
    "home",
    "ongoing",
    "plain",
    "question",
    "registers",
    "search",
    "steps",
    "studies",
    "study",
    "themes",
    "told",
]
