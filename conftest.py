"""With ``GLASSNET_FAST=0`` the tests run as if Numba were not installed."""

import os
import sys
from importlib.util import find_spec

if os.environ.get("GLASSNET_FAST") == "0":
    sys.modules["numba"] = None  # type: ignore[assignment]  # what imports it finds none

collect_ignore = [] if find_spec("numba") else ["src/glassnet/nn/ops/numba.py"]
