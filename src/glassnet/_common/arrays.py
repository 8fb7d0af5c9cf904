"""The type of the arrays that a network computes with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
"""An array of floating-point numbers, of float32 or float64."""
