"""A neural network you can see through.

Everything public is a name of this module. Names that need scikit-learn or matplotlib are
imported when they are first used, so that ``import glassnet`` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from glassnet.datasets import load_fashion_mnist, load_mnist

_HOME = {
    "load_fashion_mnist": "glassnet.datasets",
    "load_mnist": "glassnet.datasets",
}
"""Where each public name is defined."""

__all__ = ["__version__", "load_fashion_mnist", "load_mnist"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'glassnet' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
