"""With ``GLASSNET_FAST=0`` the tests run as if Numba were not installed; and always with one BLAS thread."""

import os
import sys
from importlib.util import find_spec

# A process a core runs the tests: more BLAS threads would wait for each other. Tests of threads ask for more.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if os.environ.get("GLASSNET_FAST") == "0":
    sys.modules["numba"] = None  # type: ignore[assignment]  # what imports it finds none

collect_ignore = ["tests/data/users_file.py"]  # for type checkers; nothing runs it
if not find_spec("numba"):
    collect_ignore += ["src/glassnet/nn/ops/numba.py", "src/glassnet/nn/ops/_kernel_cache.py"]
