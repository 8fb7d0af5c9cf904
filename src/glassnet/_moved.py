"""Modules that documents of version 0.1 named: their old names lead to where they are now."""

from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
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
    """Find a module by its old name; asked first, or another finder would make a second module of it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what loads a module that has moved, or one below it; None for any other."""
        new = _new_name(fullname)
        return ModuleSpec(fullname, self) if new and find_spec(new) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module itself, which keeps the name that it has now."""
        module = import_module(_new_name(spec.name))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it was: it has been run, and the import system has just given it this spec."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


def _new_name(name: str) -> str:
    """Return what a module is called now; nothing for one that has not moved."""
    for old, new in MOVED.items():
        if f"{name}.".startswith(f"{old}."):
            return new + name.removeprefix(old)
    return ""
