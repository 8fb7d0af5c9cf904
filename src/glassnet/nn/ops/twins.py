"""Where compiled kernels stand in for NumPy's: an empty table until `glassnet.nn.ops.fast.load` fills it."""

from collections.abc import Callable, Hashable
from typing import Any

TWINS: dict[Hashable, Callable[..., Any]] = {}
"""The compiled twin of a kernel, by the NumPy function or by a name."""
