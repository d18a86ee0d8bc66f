"""The steps from text to results and data; importing this package registers them."""

from probatum.build.steps import data, problems, result, sources, text

__all__ = ["data", "problems", "result", "sources", "text"]
