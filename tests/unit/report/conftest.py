"""Studies and their results, made up, in every state that a page can find them in."""

import base64
import math
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from glassnet._common.claims import Claim, Verdict
from glassnet.data import ImageData, LabelledImages
from glassnet.nn.history import EpochRecord, History
from glassnet.plots import image_png
from glassnet.studies.base import (
    Conclusion,
    Exhibit,
    Insight,
    ModelResult,
    ModelSpec,
    RunConfig,
    Study,
    StudyResult,
)

VOID = {"meta", "img", "br", "link", "input", "hr", "path", "rect", "use", "circle", "polyline"}

SPECS = tuple(
    ModelSpec(f"{activation}-{weight_init}".replace("_", "-"), activation, weight_init)
    for activation in ("sigmoid", "tanh", "relu", "leaky_relu")
    for weight_init in ("zero", "random", "normal")
)
CLAIMS = [
    Claim(
        "test accuracy", "0.8227", "0.9781", Verdict.WRONG, "Scored entry by entry, “always 1” gets 0.8227."
    ),
    Claim(
        "relu-zero: early stop", "epoch 32", "epoch 31", Verdict.NOT_REPRODUCIBLE, "No seed was published."
    ),
    Claim(
        "tanh-zero: early stop", "epoch 32", "epoch 30", Verdict.NOT_REPRODUCIBLE, "No seed was published."
    ),
    Claim(
        "best combination", "relu-normal", "relu-normal", Verdict.CONFIRMED, "Its validation loss is lowest."
    ),
]
FINDINGS = [
    Insight(
        "A network that starts at zero cannot learn.",
        "Its hidden units are all the same unit.",
        {"columns": ["model", "spread"], "rows": [["relu-zero", "0.0e+00"], ["relu-normal", "1.2e+01"]]},
    ),
    Insight("A finding may have no table.", "Then its text stands alone."),
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
        none: dict[str, float | None] = {"loss": None, "accuracy": None}
        reason = "the loss became NaN in epoch 1"
        return ModelResult(
            spec.name, spec.activation, spec.weight_init, state, 0, None, reason, 0.4, none, none, none
        )
    scores: Any = [{"loss": 0.1 + part / 100, "accuracy": 0.97 - part / 100} for part in range(3)]
    names = spec.name, spec.activation, spec.weight_init
    return ModelResult(*names, state, 100, 60, "ran all 100 epochs", 312.5, *scores)


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
            waiting=[spec.name for spec in SPECS[finished:]],
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


PNG = base64.b64encode(image_png(np.zeros((28, 28), np.uint8))).decode()
EXHIBITS = (
    Exhibit(
        "answers",
        "What each model answers",
        {"indices": [0, 1, 12], "models": [{"name": "relu", "answers": [0, 1, 3]}]},
    ),
    Exhibit(
        "heatmaps",
        "Mean accuracy",
        {
            "rows": ["0.2", "0.002"],
            "columns": ["64", "128"],
            "row_title": "learning rate",
            "column_title": "batch size",
            "panels": [
                {"title": "sgd", "values": [[0.1, None], [0.5, 0.6]]},
                {"title": "adam", "values": [[0.2, 0.3], [0.85, 0.9]]},
            ],
            "best": [1, 1, 1],
        },
    ),
    Exhibit(
        "histograms",
        "How often each class is answered",
        {
            "classes": ["zero", "one"],
            "columns": ["once", "twice"],
            "rows": [{"name": "relu", "counts": [[4, 6], [0, 10]], "notes": ["accuracy 0.8", "constant"]}],
        },
    ),
    Exhibit(
        "images",
        "Originals above reconstructions",
        {
            "rows": [
                {"label": "original", "pictures": [PNG, PNG], "notes": []},
                {"label": "relu", "pictures": [PNG, PNG], "notes": ["error 0.01", "error 0.02"]},
            ]
        },
    ),
    Exhibit(
        "scatter",
        "The features, projected",
        {
            "panels": [
                {"title": "relu", "points": [[0.0, 0.0], [1.0, 2.0], [4.0, 1.0]], "labels": [0, 1, 1]},
                {"title": "identity", "points": [[0.0, 1.0]], "labels": [1]},
            ],
            "classes": ["zero", "one"],
            "axes": ["first component", "second component"],
        },
    ),
    Exhibit(
        "bars",
        "Training time",
        {
            "rows": [
                {"label": "relu", "value": 1.0, "text": "1.0 s", "group": "glassnet"},
                {"label": "relu", "value": 4.0, "text": "4.0 s", "group": "scikit-learn"},
            ],
            "low": 0.0,
            "high": 4.0,
        },
    ),
    Exhibit(
        "drawing",
        "A line",
        {"svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>", "alt": "A line"},
    ),
    Exhibit("text", "Worked out", {"text": "z1 = w1*x < 2\n  = 1"}),
    Exhibit(
        "trials",
        "Every trial",
        {
            "points": [
                [0, 0.5, "finished"],
                [1, None, "pruned"],
                [2, 0.75, "finished"],
                [3, 0.25, "finished"],
            ],
            "default": 0.5,
            "metric": "validation accuracy",
            "less_is_better": False,
        },
    ),
    Exhibit(
        "parallel",
        "All parameters",
        {
            "axes": [
                {"name": "alpha <", "ticks": [[0.0, "0.1"], [1.0, "10"]]},
                {"name": "accuracy", "ticks": [[0.0, "0.25"], [1.0, "0.75"]]},
            ],
            "lines": [[0.2, 1.0], [0.9, 0.0]],
            "n_top": 1,
        },
    ),
)


def make_study(name, specs, dataset="fashion-mnist"):
    return Study(name, f"Title of {name}", "What comes out?", dataset, {}, 100, 10, tuple(specs), None, None)


def both(names, **settings):
    """Return a model of each engine for every activation named, all of one engine first."""
    return [
        ModelSpec(f"{name}-{engine}", name, "glorot", engine, settings)
        for engine in ("glassnet", "sklearn")
        for name in names
    ]


GRID = [
    ModelSpec(
        f"{solver}-{size}-{fold}", "relu", "glorot", settings={"solver": solver, "size": size, "fold": fold}
    )
    for solver in ("lbfgs", "sgd", "adam")
    for size in (64, 128, 256)
    for fold in (1, 2, 3)
]
STUDIES = {
    study.name: study
    for study in (
        make_study("activations", both(("tanh", "relu"))),
        make_study("grid", GRID),
        make_study("reconstruction", both(("relu", "identity"))),
        make_study("hand", (), dataset=""),
    )
}
SCORES = {
    "activations": {"loss": 0.5, "accuracy": 0.84},
    "grid": {},
    "reconstruction": {"mse": 0.0213},
}


@pytest.fixture(scope="session")
def studies():
    """Return studies of every kind, by name: both engines, a grid of 27 folds, regressions, no models."""
    return STUDIES


@pytest.fixture(scope="session")
def make_any():
    """Return a function that makes the result of one of `studies`, and its histories."""

    def make(name, finished=None, *, quick=False, claims=(), exhibits=()):
        study = STUDIES[name]
        specs = study.specs[:finished]
        histories = {} if name == "grid" else {s.name: make_history(100, "done", None) for s in specs}
        scores = SCORES.get(name, {})
        validation = {"accuracy": 0.86} if name == "grid" else scores
        models = [
            ModelResult(
                **vars(spec),
                state="finished",
                stopped_epoch=100,
                best_epoch=None,
                stopping_reason="done",
                seconds=2.0 if spec.engine == "glassnet" else 5.0,
                train=scores,
                validation=validation,
                test=scores,
            )
            for spec in specs
        ]
        best = {"name": models[0].name, "reason": "It is the first."} if models else {}
        findings = [Insight(f"Insight of {name}.", "Its text.", exhibits=list(exhibits))]
        result = StudyResult(
            study=name,
            title=study.title,
            question=study.question,
            config=study.config(quick=quick),
            engines=list(study.engines),
            complete=len(specs) == len(study.specs),
            models=models,
            conclusion=Conclusion(best, list(claims), findings),
            environment={"python": "3.11.7"},
            waiting=[spec.name for spec in study.specs if spec not in specs],
        )
        return result, histories

    return make


@pytest.fixture(scope="session")
def exhibits():
    """Return an exhibit of every kind."""
    return EXHIBITS


class Page(HTMLParser):
    """Read a page: its elements with their attributes, and its text."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.html, self.elements, self.texts, self.open = html, [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.texts.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))

    def all(self, name):
        return [attrs for tag, attrs in self.elements if tag == name]


@pytest.fixture(scope="session")
def read():
    """Return what reads a page, or a part of one, from its HTML."""
    return Page
