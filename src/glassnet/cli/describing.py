"""Say in a few lines what models a study has."""

from collections.abc import Sequence
from math import prod
from textwrap import wrap

from glassnet._common.words import counted
from glassnet.cli.progress import MANY_MODELS
from glassnet.studies.base import ModelSpec


def describe_models(specs: Sequence[ModelSpec]) -> list[str]:
    """Return in a few lines what models there are: in what they differ, and how one is called.

    A few are named; many are every combination of some settings, or are counted.
    """
    models = counted(len(specs), "model")
    if len(specs) <= MANY_MODELS:
        names = ", ".join(spec.name for spec in specs)
        return [
            f"{models}:",
            *wrap(names, 78, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False),
        ]
    traits = [
        {"activation": spec.activation, "weight_init": spec.weight_init}
        | spec.settings
        | {"engine": spec.engine}
        for spec in specs
    ]
    values = {name: list(dict.fromkeys(str(one[name]) for one in traits)) for name in traits[0]}
    differing = {name: found for name, found in values.items() if len(found) > 1}
    is_whole = prod(map(len, differing.values())) == len(specs)
    return [
        f"{models}, {'one for each combination' if is_whole else 'some of the combinations'} of these:",
        *(f"  {name:20}{', '.join(found)}" for name, found in differing.items()),
        f"The first is called {specs[0].name}.",
    ]
