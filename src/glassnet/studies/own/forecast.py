"""What a person's study would cost: measured on a few of its models, without training them to the end."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from glassnet.nn.history import EpochRecord, History
from glassnet.studies.base import ModelSpec, RunConfig
from glassnet.studies.folder import RunFolder
from glassnet.studies.own.estimators import tells_epochs
from glassnet.studies.own.reading import TRAIN_ROWS
from glassnet.studies.own.study import Study

MOST_MEASURED = 3
MEASURED_EPOCHS = 2
"""The first one is slower than the others: caches are empty, kernels are compiled."""
FEW_ROWS = 1_000
"""A model without epochs is fitted to so many samples, and the time is taken to grow with them."""
EPOCH_BYTES = 260
"""Of an epoch in a history."""


@dataclass(frozen=True)
class Forecast:
    """Hold what a run would cost.

    Attributes
    ----------
    seconds : float
        Of training all models, one after the other.
    bytes : int
        Of the run folder.
    measured : int
        How many models were tried.
    is_scaled : bool
        Whether the time of some was measured on a part of the samples.
    """

    seconds: float
    bytes: int
    measured: int
    is_scaled: bool


def forecast(study: Study, config: RunConfig) -> Forecast:
    """Measure a few models of a study, for two epochs or on a part of the samples.

    Raises
    ------
    GlassnetError
        What training them would raise: of data that do not do, or parameters that a model refuses.
    """
    specs = _choose(study.specs)
    seconds, sizes, is_scaled = [], [], False
    with threadpool_limits(1):
        for spec in specs:
            one, size, scaled = _measure(study, config, spec)
            seconds.append(one)
            sizes.append(size)
            is_scaled |= scaled
    n = len(study.specs)
    return Forecast(sum(seconds) / len(specs) * n, round(sum(sizes) / len(specs) * n), len(specs), is_scaled)


def _choose(specs: Sequence[ModelSpec]) -> list[ModelSpec]:
    places = {0, len(specs) // 2, len(specs) - 1}
    return [specs[place] for place in sorted(places)][:MOST_MEASURED]


def _measure(study: Study, config: RunConfig, spec: ModelSpec) -> tuple[float, int, bool]:
    """Return the seconds and bytes of a model, and whether they were measured on a part of the samples."""
    model, n_rows = study.task.find_model(spec.settings), None
    n_given = len(study.task.divide(config, spec)["train"][1])
    if not tells_epochs(model) and n_given > FEW_ROWS:
        n_rows = FEW_ROWS
        spec = replace(spec, settings={**spec.settings, TRAIN_ROWS: n_rows})
    short = replace(config, epochs=min(config.epochs, MEASURED_EPOCHS))
    records: list[EpochRecord] = []
    with tempfile.TemporaryDirectory() as name:
        folder = RunFolder(name)
        history = History(records)
        folder.write_history(spec.name, history, durable=False)
        began = time.perf_counter()
        result = study.train(short, spec, folder.model_path(spec.name), records.append)
        whole = time.perf_counter() - began
        folder.write_history(spec.name, history, durable=False)
        folder.finish_model(result, config)
        size = sum(path.stat().st_size for path in Path(name).rglob("*") if path.is_file())
    if not records:
        scale = n_given / n_rows if n_rows else 1.0
        return whole * scale, size, n_rows is not None
    epoch = records[-1].seconds
    more = config.epochs - len(records)
    return whole + epoch * more, size + EPOCH_BYTES * more, False
