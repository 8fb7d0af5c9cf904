"""Files and modules of other libraries: networks out of glassnet, and into it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
