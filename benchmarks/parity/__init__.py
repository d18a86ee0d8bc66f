"""Every result of metafor in ../shared/reference against ours: ``python -m benchmarks.parity``."""

import benchmarks  # noqa: F401  (one thread of linear algebra, before numpy is loaded)
