"""Worked by hand: every number of a training step, sheets graded, support vectors in fractions."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
