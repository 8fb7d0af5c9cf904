"""What a person's study trains: its candidates, each with every seed and fold, equal ones once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from glassnet.studies.base import ModelResult, ModelSpec
from glassnet.studies.own.description import Description
from glassnet.studies.own.estimators import canonical, engine_of, find_estimator
from glassnet.studies.own.reading import ESTIMATOR, FOLD, SEED, TRAIN_ROWS

MOST_NAME = 60
BASE = "as-described"
"""The name of the one candidate of a study that varies nothing."""


@dataclass(frozen=True)
class Plan:
    """Hold what is trained.

    Attributes
    ----------
    specs : tuple of ModelSpec
        One of each candidate that differs, seed and fold; and a twin, as the proof.
    equal : dict of str to str
        Candidates that are not trained, each with the one that it is under another name.
    twin : tuple of str
        A candidate that is trained though it is another one, and that one; empty where all differ.
    candidates : dict of str to dict
        What each sets, by its name, in their order.
    """

    specs: tuple[ModelSpec, ...]
    equal: dict[str, str]
    twin: tuple[str, ...]
    candidates: dict[str, dict[str, Any]]

    @property
    def groups(self) -> list[list[str]]:
        """The candidates that are one model under several names."""
        found: dict[str, list[str]] = {}
        for name, first in [*([self.twin] if self.twin else []), *self.equal.items()]:
            found.setdefault(first, [first]).append(name)
        return [[name for name in self.candidates if name in one] for one in found.values()]

    @property
    def n_distinct(self) -> int:
        """How many candidates differ."""
        return len(self.candidates) - len(self.equal) - bool(self.twin)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON gives it back."""
        specs = [asdict(spec) for spec in self.specs]
        return {**vars(self), "specs": specs, "twin": list(self.twin)}


def list_candidates(description: Description) -> list[dict[str, Any]]:
    """Return what each candidate sets, in the order of the file."""
    if description.candidates:
        return [dict(one) for one in description.candidates]
    return [
        dict(zip(description.vary, values, strict=True)) for values in product(*description.vary.values())
    ]


def name_candidates(candidates: Sequence[dict[str, Any]]) -> list[str]:
    """Return a word for each: ``adam-alpha-0.01``; numbered where these would be long, or alike."""
    if len(candidates) == 1 and not candidates[0]:
        return [BASE]
    names = ["-".join(_word(key, value) for key, value in one.items()) or BASE for one in candidates]
    if len({name.lower() for name in names}) < len(names) or max(map(len, names)) > MOST_NAME:
        width = len(str(len(names)))
        return [f"candidate-{number:0{width}}" for number in range(1, len(names) + 1)]
    return names


def _word(key: str, value: Any) -> str:
    if isinstance(value, str):
        return _slug(value)
    several = value if isinstance(value, list | tuple) else [value]
    return _slug(f"{key}-{'x'.join(map(_plain, several)) or 'none'}")


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _slug(text: str) -> str:
    words = "".join(c if c.isascii() and (c.isalnum() or c in ".+") else "-" for c in text).replace("+", "")
    return "-".join(word.strip(".") for word in words.lower().split("-") if word.strip("."))


def plan_models(description: Description, allow: Sequence[str], folder: str) -> Plan:
    """Return what is trained."""
    candidates = list_candidates(description)
    names = name_candidates(candidates)
    models = [find_estimator(one.get(ESTIMATOR, description.estimator), allow, folder) for one in candidates]
    same = {}
    for name, one, model in zip(names, candidates, models, strict=True):
        settings = {key: value for key, value in one.items() if key not in (ESTIMATOR, TRAIN_ROWS)}
        same[name] = repr((model, one.get(TRAIN_ROWS), canonical(model, description.settings | settings)))
    equal, twin = find_equal(same)
    specs = tuple(
        ModelSpec(
            "-".join([name, *(f"{key}{value}" for key, value in repeated.items())]),
            engine=engine_of(model),
            settings={**one, **repeated},
        )
        for name, one, model in zip(names, candidates, models, strict=True)
        if name not in equal
        for repeated in _list_repeats(description)
    )
    return Plan(specs, equal, twin, dict(zip(names, candidates, strict=True)))


def find_equal(same: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return which candidates are not to be trained, each with its equal; and the twin, trained as the proof.

    Parameters
    ----------
    same : mapping of str to str
        By a candidate's name a text that only those have in common that are the same model.

    Examples
    --------
    >>> find_equal({"a": "x", "b": "y", "c": "x", "d": "x"})
    ({'d': 'a'}, ('c', 'a'))
    """
    first: dict[str, str] = {}
    equal = {name: first[text] for name, text in same.items() if first.setdefault(text, name) != name}
    twin = next(iter(equal.items()), ())
    return {name: one for name, one in equal.items() if name not in twin[:1]}, twin


def group_by_candidate(plan: Plan, results: Sequence[ModelResult]) -> dict[str, list[ModelResult]]:
    """Return the results of each candidate, those of an equal one for what was not trained itself."""
    names = {repr(one): name for name, one in plan.candidates.items()}
    found: dict[str, list[ModelResult]] = {name: [] for name in plan.candidates}
    for result in results:
        found[names[repr(own_settings(result.settings))]].append(result)
    return {name: found[plan.equal.get(name, name)] for name in found}


def own_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what a candidate sets, without the seed and the fold that it is repeated with."""
    return {key: value for key, value in settings.items() if key not in (SEED, FOLD)}


def _list_repeats(description: Description) -> list[dict[str, int]]:
    seeds: list[dict[str, int]] = [{SEED: seed} for seed in description.seeds] or [{}]
    folds: list[dict[str, int]] = [{FOLD: k} for k in range(1, description.split.folds + 1)] or [{}]
    return [{**seed, **fold} for seed in seeds for fold in folds]
