"""Values as JSON: large arrays as their bytes, numbers that are not finite as null."""

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

MOST_LISTED = 1_000
"""Numbers of an array that is written as a list; larger ones are written as bytes of float32."""


def to_json(value: Any) -> bytes:
    """Return a value as JSON, in UTF-8."""
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def _array(array: Any) -> Any:
    if array.size <= MOST_LISTED:
        return _plain(array.tolist())
    data = np.ascontiguousarray(array, "<f4")
    return {
        "dtype": "float32",
        "shape": list(data.shape),
        "data": base64.b64encode(data.tobytes()).decode("ascii"),
    }
