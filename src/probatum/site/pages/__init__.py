"""One module per kind of page; importing this registers the steps."""

from . import (
    analyses,
    analysis,
    home,
    plain,
    question,
    steps,
    studies,
    study,
)

__all__ = ["analyses", "analysis", "home", "plain", "question", "steps", "studies", "study"]
