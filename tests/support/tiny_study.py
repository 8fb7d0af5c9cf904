"""A study whose models are trained in a moment; worker processes import it by its name."""

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._common.claims import Claim, Verdict
from glassnet.errors import DivergedError
from glassnet.models.neural_network import NeuralNetwork
from glassnet.nn.history import EpochRecord
from glassnet.studies.base import Conclusion, Insight, ModelResult, ModelSpec, RunConfig, Study
from glassnet.studies.folder import MODEL_FILE


def load_parts(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(120, 3))
    y = (X[:, 0] > 0).astype(int)
    return {"train": (X[:60], y[:60]), "validation": (X[60:90], y[60:90]), "test": (X[90:], y[90:])}


def wait_at(gate: Path, epoch: int) -> None:
    """Wait for as long as the file `gate` is there and says that training goes no further than this epoch."""
    while gate.exists():
        with contextlib.suppress(OSError, ValueError):  # gone meanwhile, or just being written
            if epoch < int(gate.read_text()):
                return
        time.sleep(0.005)


def train(
    config: RunConfig, spec: ModelSpec, folder: Path, on_epoch: Callable[[EpochRecord], object]
) -> ModelResult:
    """Train one model; its name says how it goes on: some are held at a gate, some fail, some diverge."""
    kind = spec.name.split("-")[0]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pid").write_text(str(os.getpid()))
    if kind == "fails":
        raise LookupError("this model cannot be trained")
    if kind == "dies":
        os._exit(9)
    if kind == "lingers":  # for as long as the process that runs the study is there
        parent = os.getppid()
        while os.getppid() == parent:
            time.sleep(0.02)
    parts = load_parts(config.seed)
    network = NeuralNetwork(
        N=1,
        A=[4],
        lr=1e30 if kind == "diverges" else 0.5,
        activation=spec.activation,
        weight_init=spec.weight_init,
        epochs=config.epochs,
        batch_size=10,
        random_state=config.seed,
        loss="squared_error" if kind == "diverges" else "softmax_cross_entropy",
    )

    def note(record: EpochRecord) -> None:
        if kind != "silent":  # a fold of a grid search tells no epochs
            on_epoch(record)
        if "gate" in spec.settings:
            wait_at(Path(spec.settings["gate"]), record.epoch)

    state = "finished"
    start = time.perf_counter()
    try:
        network.fit(*parts["train"], *parts["validation"], on_epoch=note)
    except DivergedError:
        state = "diverged"
    network.save(folder / MODEL_FILE)
    scores: dict[str, Any] = {}
    for name, part in parts.items():
        loss, accuracy = network.evaluate(*part) if network.history_.best_epoch else (None, None)
        scores[name] = {"loss": loss, "accuracy": accuracy}
    return ModelResult(
        name=spec.name,
        activation=spec.activation,
        weight_init=spec.weight_init,
        state=state,
        stopped_epoch=len(network.history_),
        best_epoch=network.history_.best_epoch,
        stopping_reason=network.history_.stopping_reason,
        seconds=time.perf_counter() - start,
        **scores,
        evidence={"weights": [float(weight.sum()) for weight in network.weights_] if scores["test"] else []},
        engine=spec.engine,
        settings=spec.settings,
    )


def conclude(config: RunConfig, results: Sequence[ModelResult], folder: Path) -> Conclusion:
    scored = [result for result in results if result.validation["loss"] is not None]
    if not scored:
        return Conclusion()
    best = min(scored, key=lambda result: result.validation["loss"] or 0.0)
    return Conclusion(
        best={
            "name": best.name,
            "reason": f"{best.name} has the lowest validation loss.",
            "confusion": [[10, 2], [3, 15]],
            "confident_errors": [{"index": 0, "label": 7, "predicted": 1, "probability": 0.9}],
        },
        claims=[Claim("how many", "12", str(len(results)), Verdict.NOT_REPRODUCIBLE, "It is a tiny study.")],
        findings=[Insight(f"{len(results)} models are finished.", "That is how many.")],
    )


def spec(name: str, gate: Path | str | None = None) -> ModelSpec:
    """Return what a name says: ``relu-sklearn``; or ``held-tanh``, trained as far as its gate says."""
    words = name.split("-")
    engine = "sklearn" if words[-1] == "sklearn" else "glassnet"
    kind = next((word for word in words if word in ("tanh", "sigmoid")), "relu")
    settings = {"gate": str(gate)} if words[0] == "held" else {}
    return ModelSpec(name, kind, "normal", engine, settings)


def tiny_study(*names: str, name: str = "tiny", gate: Path | str | None = None) -> Study:
    """Return a study with models of these names."""
    return replace(TINY, name=name, specs=tuple(spec(name, gate) for name in names))


TINY = Study(
    name="tiny",
    title="Three tiny networks",
    question="Does the runner run?",
    dataset="fashion-mnist",  # it is read in a moment
    settings={"hidden layers": [4]},
    epochs=6,
    quick_epochs=2,
    specs=(spec("relu"), spec("tanh"), spec("sigmoid")),
    train=train,
    conclude=conclude,
    chapter="mnist",
    section="T",
)
