"""Benchmarks: ``python -m benchmarks`` (or ``make bench``)."""

import os

# CPU time is told, for one thread: threads of a linear algebra library that wait for one another
# on a busy machine would count. It must be said before numpy is loaded.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
