"""Let the tests of this folder, and the worker processes that they start, import `tiny_study`."""

import sys
from pathlib import Path

FOLDER = str(Path(__file__).parent)
if FOLDER not in sys.path:
    sys.path.insert(0, FOLDER)
