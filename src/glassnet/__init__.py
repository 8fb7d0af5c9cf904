"""A neural network you can see through.

Everything public is a name of this module, or of `glassnet.nn`, `glassnet.data`, `glassnet.models`,
`glassnet.doctor`, `glassnet.worked` and `glassnet.studies`. Names are imported when they are first used, so
that ``import glassnet`` stays light; the file beside this one, ``__init__.pyi``, says where each is defined.
"""

import sys

import lazy_loader

from glassnet._moved import MovedModules

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

sys.meta_path.insert(0, MovedModules())
