"""A person's table: a model fitted to it, judged beside others, and everything of it in one folder."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
