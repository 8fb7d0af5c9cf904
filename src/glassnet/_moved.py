"""Modules that documents of version 0.1 named: their old names lead to where they are now."""

from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "glassnet.activations": "glassnet.nn.activations",
    "glassnet.datasets": "glassnet.data",
    "glassnet.doctor.claim_check": "glassnet.doctor.scores.claim_check",
    "glassnet.doctor.claims": "glassnet.doctor.scores.claims",
    "glassnet.estimators": "glassnet.models",
    "glassnet.history": "glassnet.nn.history",
    "glassnet.initializers": "glassnet.nn.initializers",
    "glassnet.losses": "glassnet.nn.losses",
    "glassnet.network": "glassnet.nn.network",
    "glassnet.neural_network": "glassnet.models.neural_network",
    "glassnet.optimizers": "glassnet.nn.optimizers",
    "glassnet.streams": "glassnet.data.streams",
    "glassnet.training": "glassnet.nn.training",
    "glassnet.worked.trace_claims": "glassnet.worked.claims",
}


class MovedModules(MetaPathFinder, Loader):
    """Find a module by its old name; asked last, when nothing else has found one."""

    def __init__(self) -> None:
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what loads a module that has moved; None for any other."""
        return ModuleSpec(fullname, self) if fullname in MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module itself, which keeps the name that it has now."""
        module = import_module(MOVED[spec.name])
        self._specs[module.__name__] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it was: it has been run, and the import system has just renamed its spec."""
        module.__spec__ = self._specs.pop(module.__name__)
