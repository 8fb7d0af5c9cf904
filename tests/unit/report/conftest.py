"""A study's results, made up, in every state that a page can find them in."""

import math

import numpy as np
import pytest

from glassnet.datasets import ImageData, LabelledImages
from glassnet.history import EpochRecord, History
from glassnet.studies.base import (
    Claim,
    Conclusion,
    Finding,
    ModelResult,
    ModelSpec,
    RunConfig,
    StudyResult,
)

SPECS = tuple(
    ModelSpec(f"{activation}-{weight_init}".replace("_", "-"), activation, weight_init)
    for activation in ("sigmoid", "tanh", "relu", "leaky_relu")
    for weight_init in ("zero", "random", "normal")
)
CLAIMS = [
    Claim("test accuracy", "0.8227", "0.9781", "wrong", "Scored entry by entry, “always 1” gets 0.8227."),
    Claim("relu-zero: early stop", "epoch 32", "epoch 31", "not reproducible", "No seed was published."),
    Claim("tanh-zero: early stop", "epoch 32", "epoch 30", "not reproducible", "No seed was published."),
    Claim("best combination", "relu-normal", "relu-normal", "confirmed", "Its validation loss is lowest."),
]
FINDINGS = [
    Finding(
        "A network that starts at zero cannot learn.",
        "Its hidden units are all the same unit.",
        {"columns": ["model", "spread"], "rows": [["relu-zero", "0.0e+00"], ["relu-normal", "1.2e+01"]]},
    ),
    Finding("A finding may have no table.", "Then its text stands alone."),
]


def make_history(epochs=100, reason="ran all 100 epochs", best_epoch=60):
    losses = [2.3 * math.exp(-epoch / 25) for epoch in range(epochs)]
    records = [
        EpochRecord(epoch, loss, 0.5, loss + 0.05 + 1e-5 * epoch**2, 0.5, 3.0)
        for epoch, loss in enumerate(losses, 1)
    ]
    return History(records, reason, best_epoch)


def make_model(spec, state="finished"):
    if state == "diverged":
        none = {"loss": None, "accuracy": None}
        reason = "the loss became NaN in epoch 1"
        return ModelResult(*_names(spec), state, 0, None, reason, 0.4, none, none, none)
    scores = [{"loss": 0.1 + part / 100, "accuracy": 0.97 - part / 100} for part in range(3)]
    return ModelResult(*_names(spec), state, 100, 60, "ran all 100 epochs", 312.5, *scores)


def _names(spec):
    return spec.name, spec.activation, spec.weight_init


@pytest.fixture(scope="session")
def make_result():
    """Return a function that makes the result of the first `finished` models, and its histories."""

    def make(finished=12, *, quick=False, diverged=(), training=0, best=True, claims=None, findings=None):
        models = [
            make_model(spec, "diverged" if spec.name in diverged else "finished") for spec in SPECS[:finished]
        ]
        histories = {
            model.name: History([], model.stopping_reason) if model.name in diverged else make_history()
            for model in models
        }
        for spec in SPECS[finished : finished + training]:
            histories[spec.name] = make_history(7, "", None)
        chosen = (
            {
                "name": models[-1].name,
                "reason": f"{models[-1].name} has the lowest validation loss, 0.1100.",
                "confusion": (np.eye(10, dtype=int) * 96 + 1).tolist(),
                "confident_errors": [
                    {"index": 11, "label": 1, "predicted": 7, "probability": 0.99991},
                    {"index": 999_999, "label": 1, "predicted": 7, "probability": 0.5},
                ],
            }
            if best and models
            else {}
        )
        result = StudyResult(
            study="mnist-init",
            title="Activation and initialisation",
            question="Which combination learns best?",
            config=RunConfig("mnist-init", quick, 100, 3),
            engines=["glassnet"],
            complete=finished == len(SPECS),
            models=models,
            conclusion=Conclusion(
                chosen,
                CLAIMS if claims is None else claims,
                FINDINGS if findings is None else findings,
            ),
            environment={"python": "3.11.7", "packages": {"numpy": "2.4.6"}, "blas": [{"threads": 2}]},
        )
        return result, histories

    return make


@pytest.fixture(scope="session")
def images():
    """Return a small data set of ten classes; image k of the test part has the label k % 10."""
    rng = np.random.default_rng(0)
    part = LabelledImages(rng.integers(0, 256, (40, 28, 28), dtype=np.uint8), np.arange(40) % 10)
    names = tuple("0123456789")
    return ImageData("Digits", "Made up.", names, "none", "https://example.org/", train=part, test=part)
