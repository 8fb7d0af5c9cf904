"""Data sets: reading the IDX format, loading MNIST and Fashion-MNIST, preparing them for a network."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
