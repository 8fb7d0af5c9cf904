"""Let the tests meet a machine without Numba: where it is missing, and with ``GLASSNET_FAST=0`` as if it were."""

import os
import sys
from importlib.util import find_spec

if os.environ.get("GLASSNET_FAST") == "0":
    sys.modules["numba"] = None  # type: ignore[assignment]  # what imports it finds none

collect_ignore = [] if find_spec("numba") else ["src/glassnet/compiled.py"]
