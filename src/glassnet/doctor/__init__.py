"""Why a network does not learn, and why a score cannot be right: the evidence, the rule, the cure."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
