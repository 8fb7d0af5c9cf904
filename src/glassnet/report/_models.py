"""The models of a study as its page shows them: how they are called, what is plotted and what is scored."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from glassnet._common.words import counted
from glassnet.nn.history import History
from glassnet.plots import loss_limits, loss_svg
from glassnet.report import _formats as formats
from glassnet.studies.base import ModelResult, ModelSpec, StudyResult

FEW_MODELS = 24
"""Up to so many have a plot and a row each; of more, the page counts them."""

SPLITS = {"train": "training", "validation": "validation", "test": "test"}
METRICS = {"loss": "loss", "accuracy": "accuracy", "mse": "MSE"}


@dataclass(frozen=True)
class ShownModel:
    """Hold one model as the page shows it.

    Attributes
    ----------
    spec : ModelSpec
    traits : tuple of str
        What tells it from the others, in the order of the headings, see `list_headings`.
    label : str
        The same in a line: ``"relu · normal"``.
    state : {"waiting", "training", "finished", "diverged"}
    is_best : bool
    result : ModelResult or None
        None until the model is finished.
    epochs : int
        How many it has run.
    plot : str
        Its losses as an ``svg`` element, all of whose text is ours; empty before its first epoch.
    description : str
        The plot in words.
    """

    spec: ModelSpec
    traits: tuple[str, ...]
    label: str
    state: str
    is_best: bool
    result: ModelResult | None
    epochs: int
    plot: str
    description: str


@dataclass(frozen=True)
class EngineSummary:
    """Hold how far the models of one engine are, and the seconds that training has taken."""

    engine: str
    models: int
    finished: int
    diverged: int
    seconds: float


def list_traits(spec: ModelSpec) -> dict[str, Any]:
    """Return all that a model of a study can differ in, by the heading of its column."""
    return {
        "activation": formats.readable(spec.activation),
        "initialisation": formats.readable(spec.weight_init),
        **{formats.readable(name): value for name, value in spec.settings.items()},
        "engine": formats.engine(spec.engine),
    }


def list_headings(specs: Sequence[ModelSpec]) -> list[str]:
    """Return what differs between the models, the engine last; nothing when that does not tell them apart."""
    traits = [list_traits(spec) for spec in specs]
    headings = sorted(dict.fromkeys(name for model in traits for name in model), key=lambda n: n == "engine")
    differing = [name for name in headings if len({repr(model.get(name)) for model in traits}) > 1]
    distinct = {tuple(repr(model.get(name)) for name in differing) for model in traits}
    return differing if differing and len(distinct) == len(specs) else []


def label_model(spec: ModelSpec, headings: Sequence[str]) -> str:
    """Return the model's traits in a line: words alone, numbers with their names.

    Examples
    --------
    >>> label_model(ModelSpec("a-1", "relu", "normal", settings={"fold": 1}), ["activation", "fold"])
    'relu · fold 1'
    """
    traits = list_traits(spec)
    known = [(name, traits[name]) for name in headings if name in traits]
    words = [value if isinstance(value, str) else f"{name} {formats.plain(value)}" for name, value in known]
    return " · ".join(words) or spec.name


def put_counterparts_together(specs: Iterable[ModelSpec]) -> list[ModelSpec]:
    """Return the models in their order, each with its counterparts of other engines behind it."""
    groups: dict[str, list[ModelSpec]] = {}
    for spec in specs:
        groups.setdefault(spec.key, []).append(spec)
    return [spec for group in groups.values() for spec in group]


def list_models(
    result: StudyResult, specs: Sequence[ModelSpec], histories: dict[str, History]
) -> list[ShownModel]:
    """Return the models in the study's order, counterparts together; without `specs`, the finished ones."""
    results = {model.name: model for model in result.models}
    specs = put_counterparts_together(specs or [model.spec for model in result.models])
    headings = list_headings(specs)
    shown = {  # without the history of an earlier run, whose model this one has not begun yet
        name: history for name, history in histories.items() if name in results or not history.stopping_reason
    }
    limits = loss_limits(shown.values())
    models = []
    for number, spec in enumerate(specs):
        model, history = results.get(spec.name), shown.get(spec.name, History())
        label, plot, traits = label_model(spec, headings), "", list_traits(spec)
        if len(history) and len(specs) <= FEW_MODELS:
            plot = loss_svg(history, f"{number} {spec.name}", epochs=result.config.epochs, limits=limits)
        models.append(
            ShownModel(
                spec=spec,
                traits=tuple(formats.plain(traits.get(name)) for name in headings) or (spec.name,),
                label=label,
                state=model.state if model else "training" if len(history) else "waiting",
                is_best=result.conclusion.best.get("name") == spec.name,
                result=model,
                epochs=model.stopped_epoch if model else len(history),
                plot=plot,
                description=_describe(label, history),
            )
        )
    return models


def _describe(label: str, history: History) -> str:
    if not len(history):
        return f"{label}: no epoch yet."
    words = f"Losses of {label} over {counted(len(history), 'epoch')}"
    for column, name in (("loss", "training"), ("validation_loss", "validation")):
        known = [value for value in history.column(column) if value is not None and math.isfinite(value)]
        if known:
            words += f"; {name} from {known[0]:.3g} to {known[-1]:.3g}, lowest {min(known):.3g}"
    return f"{words}." if history.best_epoch is None else f"{words}; best epoch {history.best_epoch}."


def count_columns(models: Sequence[ShownModel]) -> int:
    """Return how many plots stand side by side: those alike but for the last trait make whole rows."""
    last = {model.traits[-1] for model in models}
    several = len(last) > 1 and models and len(models[0].traits) > 1
    count = len(last) if several else len(models)
    return 2 if count % 3 and count % 2 == 0 else 3


def list_metrics(results: Sequence[ModelResult]) -> list[tuple[str, list[str]]]:
    """Return which scores there are: the split and its metrics, without splits that are not scored."""
    found = []
    for split in SPLITS:
        names = {name for result in results for name in getattr(result, split)}
        metrics = sorted(names, key=lambda name: ([*METRICS, name].index(name), name))
        found += [(split, metrics)] if metrics else []
    return found


def main_metric(results: Sequence[ModelResult]) -> tuple[str, str] | None:
    """Return the split and the metric that say most about a model; None before any was scored."""
    scored = dict(list_metrics(results))
    wanted = [(split, metric) for split in reversed(SPLITS) for metric in ("accuracy", "mse", "loss")]
    known = next(((split, metric) for split, metric in wanted if metric in scored.get(split, [])), None)
    return known or next(((split, metrics[0]) for split, metrics in reversed(scored.items())), None)


def summarise_engines(models: Sequence[ShownModel]) -> list[EngineSummary]:
    """Return how far each engine is."""
    summaries = []
    for engine in dict.fromkeys(model.spec.engine for model in models):
        own = [model for model in models if model.spec.engine == engine]
        states = [model.state for model in own]
        seconds = sum(model.result.seconds for model in own if model.result)
        finished, diverged = states.count("finished"), states.count("diverged")
        summaries.append(EngineSummary(engine, len(own), finished, diverged, seconds))
    return summaries
