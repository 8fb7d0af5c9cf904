"""Tables: data frames and arrays with numbers, categories, dates and gaps, and the models that take them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
