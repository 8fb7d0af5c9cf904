"""Every picture of the library: all matplotlib lives here, and ``import glassnet`` does not import it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
