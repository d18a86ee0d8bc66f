"""The steps from text to results and data; importing this package registers them."""

from probatum.build.steps import checked, data, problems, result, searches, sources, text

__all__ = ["checked", "data", "problems", "result", "searches", "sources", "text"]
