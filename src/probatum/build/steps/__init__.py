"""The steps from text to results and data; importing this package registers them."""

from probatum.build.steps import checked, data, problems, result, sources, text

__all__ = ["checked", "data", "problems", "result", "sources", "text"]
