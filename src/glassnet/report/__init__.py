"""A study's results as one HTML page that needs nothing beside itself, and the page that opens them all."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
