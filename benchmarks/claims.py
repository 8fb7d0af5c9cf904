"""Measure how well `glassnet doctor --claims` names slips in reported scores, and leaves honest ones alone.

    python benchmarks/claims.py [--files 60] [--seed 0] [--tuning] [--show]

Half of the files hold honest scores, half of them scores with one slip. Both are made from the answers of
real models, trained on real and drawn data, by scikit-learn: the figures are those of `sklearn.metrics`.
Files are CSV, YAML, JSON or TOML, with two to five digits or all of them, percentages, one model or many, few
rows or many, labels as numbers from 0, from 1, or as words. A slip is named where the first finding is of
high severity, and its title has the figure's name. An honest file is left alone where it has no finding of
high severity.

The limits of the checks were set with `--tuning`, on other data sets, fewer kinds of slips and honest files,
and other seeds than those that are reported without it; `held-out kinds` are those that `--tuning` never
draws.
"""

import argparse
import csv
import json
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets, metrics
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from glassnet.data import flatten, load_fashion_mnist, load_mnist
from glassnet.doctor import check_claims, read_claims
from glassnet.doctor.findings import Severity

Arrays = tuple[np.ndarray, np.ndarray]


# -- data and models --------------------------------------------------------------------------------


def drawn(n: int, classes: int, noise: float, shares: list[float] | None = None) -> Callable[[], Arrays]:
    """Return a function: n samples of clusters, of whose labels a share is drawn anew."""

    def load() -> Arrays:
        X, y = datasets.make_classification(
            n, 20, n_informative=10, n_classes=classes, n_clusters_per_class=1, weights=shares,
            class_sep=1.5, flip_y=noise, random_state=classes,
        )  # fmt: skip
        return X, y

    return load


def images(load: Callable[[], Any], n: int) -> Callable[[], Arrays]:
    """Return a function: n images of every fourth pixel."""
    return lambda: (flatten(load().train.images[:n, ::4, ::4]) / 255.0, load().train.labels[:n].astype(int))


TUNING_DATA: dict[str, Callable[[], Arrays]] = {
    "digits": lambda: datasets.load_digits(return_X_y=True),
    "wine": lambda: datasets.load_wine(return_X_y=True),
    "noisy pairs": drawn(700, 2, 0.4),
    "fifteen": drawn(1500, 15, 0.1),
}
DATA: dict[str, Callable[[], Arrays]] = {
    "iris": lambda: datasets.load_iris(return_X_y=True),
    "cancer": lambda: datasets.load_breast_cancer(return_X_y=True),
    "mnist": images(load_mnist, 1500),
    "fashion": images(load_fashion_mnist, 1500),
    "letters": drawn(1800, 26, 0.02),
    "rare": drawn(1500, 3, 0.1, [0.8, 0.15, 0.05]),
    "noise": drawn(600, 4, 0.6),
    "easy": lambda: datasets.make_blobs(400, 5, centers=4, cluster_std=0.5, random_state=3),
}
MODELS: dict[str, Callable[[int], Any]] = {
    "logistic": lambda seed: LogisticRegression(max_iter=200),
    "mlp": lambda seed: MLPClassifier((30,), max_iter=60, random_state=seed),
    "narrow-mlp": lambda seed: MLPClassifier((4,), learning_rate_init=0.02, random_state=seed),
    "forest": lambda seed: RandomForestClassifier(30, random_state=seed),
    "bayes": lambda seed: GaussianNB(),
    "neighbours": lambda seed: KNeighborsClassifier(5),
    "tree": lambda seed: DecisionTreeClassifier(max_depth=4, random_state=seed),
}


@dataclass(frozen=True)
class Scored:
    """Hold a model's answers to each split, and its accuracy on the test samples after each epoch."""

    name: str
    probabilities: dict[str, np.ndarray]
    answers: dict[str, np.ndarray]
    history: tuple[float, ...]


@dataclass(frozen=True)
class Work:
    """Hold the labels of each split, and the models that were trained."""

    data: str
    n_classes: int
    labels: dict[str, np.ndarray]
    models: list[Scored]


@cache
def split_data(data: str, seed: int) -> dict[str, Arrays]:
    X, y = (TUNING_DATA | DATA)[data]()
    rng = np.random.default_rng([seed, len(data)])
    test_size = int(rng.choice([100, 150, 200, 300, len(y) // 3]))
    X, X_test, y, y_test = train_test_split(X, y, test_size=min(test_size, len(y) // 3), random_state=seed)
    X, X_val, y, y_val = train_test_split(X, y, test_size=0.2, random_state=seed)
    scaler = StandardScaler().fit(X)
    parts = {"train": (X, y), "validation": (X_val, y_val), "test": (X_test, y_test)}
    return {name: (scaler.transform(X), y) for name, (X, y) in parts.items()}


@cache
def do_work(data: str, seed: int) -> Work:
    """Train all models."""
    parts = split_data(data, seed)
    n_classes = int(max(labels.max() for _, labels in parts.values())) + 1
    models = [train(name, make(seed), parts, n_classes) for name, make in MODELS.items()]
    labels = {name: labels for name, (_, labels) in parts.items()}
    return Work(data, n_classes, labels, models)


@cache
def train_again(data: str, seed: int) -> list[float]:
    """Return the test accuracies of the network `mlp` with ten seeds; the first is that of `do_work`."""
    work = do_work(data, seed)
    own = next(model for model in work.models if model.name == "mlp")
    parts = split_data(data, seed)
    again = [train("mlp", MODELS["mlp"](seed + i), parts, work.n_classes) for i in range(1, 10)]
    return [model.history[-1] for model in (own, *again)]


def train(name: str, model: Any, parts: dict[str, Arrays], n_classes: int) -> Scored:
    X, y = parts["train"]
    history: list[float] = []
    if name in ("mlp", "narrow-mlp"):
        for _ in range(25):
            model.partial_fit(X, y, classes=np.arange(n_classes))
            history.append(float(model.score(*parts["test"])))
    else:
        model.fit(X, y)
    probabilities = {}
    for split, (inputs, _) in parts.items():
        p = np.zeros((len(inputs), n_classes))
        p[:, model.classes_] = model.predict_proba(inputs)
        probabilities[split] = p
    answers = {split: p.argmax(axis=1) for split, p in probabilities.items()}
    return Scored(name, probabilities, answers, tuple(history))


# -- slips: the figure that is reported in place of the accuracy -------------------------------------


@dataclass(frozen=True)
class Slip:
    """Say what is computed by mistake, what it must be called, and what the file has to hold to tell."""

    figure: Callable[[Work, Scored], float | None]
    names: tuple[str, ...]
    needs: str = "answers"


def on_test(function: Callable[[np.ndarray, np.ndarray], float]) -> Callable[[Work, Scored], float]:
    return lambda work, model: float(function(work.labels["test"], model.answers["test"]))


def hot(work: Work, codes: np.ndarray) -> np.ndarray:
    return np.asarray(np.eye(work.n_classes)[codes])


def element_wise(work: Work, model: Scored) -> float:
    return float((hot(work, work.labels["test"]) == hot(work, model.answers["test"])).mean())


def top_k(k: int) -> Callable[[Work, Scored], float | None]:
    def figure(work: Work, model: Scored) -> float | None:
        if work.n_classes <= k:
            return None
        y, p = work.labels["test"], model.probabilities["test"]
        return float(metrics.top_k_accuracy_score(y, p, k=k, labels=np.arange(work.n_classes)))

    return figure


def subset(work: Work, model: Scored) -> float:
    cut = model.probabilities["test"] > 0.5
    return float((cut == hot(work, work.labels["test"])).all(axis=1).mean())


def loss(work: Work, model: Scored) -> float | None:
    y, p = work.labels["test"], model.probabilities["test"]
    value = float(metrics.log_loss(y, p, labels=np.arange(work.n_classes)))
    return value if value < 1 else None


def binary(function: Callable[..., float]) -> Callable[[Work, Scored], float | None]:
    def figure(work: Work, model: Scored) -> float | None:
        if work.n_classes != 2:
            return None
        return float(function(work.labels["test"], model.answers["test"], zero_division=0))

    return figure


def split_accuracy(split: str) -> Callable[[Work, Scored], float]:
    return lambda work, model: float((work.labels[split] == model.answers[split]).mean())


def averaged(function: Callable[..., float], average: str) -> Callable[[np.ndarray, np.ndarray], float]:
    return lambda y, answers: function(y, answers, average=average, zero_division=0)


def best_epoch(work: Work, model: Scored) -> float | None:
    return max(model.history) if model.history else None


def neighbouring(work: Work, model: Scored) -> float | None:
    if work.n_classes < 3:
        return None
    return float((abs(work.labels["test"] - model.answers["test"]) <= 1).mean())


TUNING_SLIPS = {
    "element-wise": Slip(element_wise, ("element-wise",)),
    "training data": Slip(split_accuracy("train"), ("training accuracy",), "splits"),
    "macro F1": Slip(on_test(averaged(metrics.f1_score, "macro")), ("macro F1",)),
    "swapped": Slip(
        on_test(
            lambda y, a: metrics.recall_score(a, y, labels=np.unique(a), average="macro", zero_division=0)
        ),
        ("swapped", "macro precision"),
    ),
    "error rate": Slip(on_test(metrics.zero_one_loss), ("error rate",)),
    "subset": Slip(subset, ("subset accuracy",), "probabilities"),
}
SLIPS = {
    "element-wise": TUNING_SLIPS["element-wise"],
    "training data": TUNING_SLIPS["training data"],
    "validation data": Slip(split_accuracy("validation"), ("validation accuracy",), "splits"),
    "macro F1": TUNING_SLIPS["macro F1"],
    "weighted F1": Slip(on_test(averaged(metrics.f1_score, "weighted")), ("weighted F1",)),
    "balanced accuracy": Slip(
        on_test(
            lambda y, a: metrics.recall_score(y, a, labels=np.unique(y), average="macro", zero_division=0)
        ),
        ("balanced accuracy",),
    ),
    "macro precision": Slip(
        on_test(averaged(metrics.precision_score, "macro")), ("macro precision", "swapped")
    ),
    "precision": Slip(binary(metrics.precision_score), ("precision of one class",)),
    "recall": Slip(binary(metrics.recall_score), ("recall of one class",)),
    "top-2": Slip(top_k(2), ("top-2",), "probabilities"),
    "top-3": Slip(top_k(3), ("top-3",), "probabilities"),
    "rows off by one": Slip(on_test(lambda y, a: float((y[1:] == a[:-1]).mean())), ("rows off by one",)),
    "classes off by one": Slip(
        on_test(lambda y, a: float((y == a + 1).mean())), ("class numbers off by one", "error rate")
    ),
    "neighbouring classes": Slip(neighbouring, ("off by one",)),
    "best test epoch": Slip(best_epoch, ("best epoch",), "history"),
    "best test epoch, no answers": Slip(best_epoch, ("best epoch",), "history alone"),
    "error rate": TUNING_SLIPS["error rate"],
    "subset": TUNING_SLIPS["subset"],
    "loss": Slip(loss, ("loss",), "probabilities"),
    "divided by 100": Slip(lambda w, m: split_accuracy("test")(w, m) / 100, ("divided by 100",)),
}


# -- files ------------------------------------------------------------------------------------------


@dataclass
class File:
    """Hold what a claims file says, before it is written; `style` is how numbers and labels are written."""

    kind: str
    rows: list[dict[str, Any]]
    splits: dict[str, dict[str, Any]]
    arrays: dict[str, np.ndarray]
    n_classes: int | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Style:
    """Say how scores and labels are written."""

    digits: int | None
    percent: bool
    labels: str

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Style":
        """Return a style of any kind."""
        digits = [2, 3, 4, 4, 4, 5, None][int(rng.integers(7))]
        return cls(digits, bool(rng.random() < 0.1), str(rng.choice(["from 0", "from 0", "from 1", "words"])))

    def write(self, value: float) -> str:
        """Return a score as it is written."""
        if self.percent:
            return f"{100 * value:.{max((self.digits or 4) - 2, 0)}f}%"
        return repr(float(value)) if self.digits is None else f"{value:.{self.digits}f}"

    def label(self, codes: np.ndarray) -> np.ndarray:
        """Return classes as they are written."""
        if self.labels == "words":
            return np.array([f"class {chr(97 + code)}" for code in codes])
        return codes + (self.labels == "from 1")


def write_file(rng: np.random.Generator, file: File, folder: Path) -> Path:
    """Write the file and what it names, in a form that can hold it."""
    for name, array in file.arrays.items():
        lines = [" ".join(map(str, row)) for row in array.tolist()] if array.ndim == 2 else array.tolist()
        (folder / name).write_text("\n".join(map(str, lines)), encoding="utf-8")
    content: dict[str, Any] = {"scores": file.rows, "splits": file.splits}
    if file.n_classes is not None:
        content["n_classes"] = file.n_classes
    with_labels = any("labels" in split for split in file.splits.values())
    form = str(
        rng.choice(["json", "yaml", "toml"] if with_labels or file.n_classes else ["csv", "json", "yaml"])
    )
    path = folder / f"claims.{form}"
    if form == "csv":
        columns = [*dict.fromkeys(key for row in file.rows for key in row), "samples"]
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            for row in file.rows:
                writer.writerow(row | {"samples": file.splits.get(row["split"], {}).get("size", "")})
    elif form == "toml":
        lines = [f"n_classes = {file.n_classes}"] if file.n_classes else []
        lines += [f"splits.{name} = {inline(split)}" for name, split in file.splits.items()]
        rows = ",\n".join(inline(row) for row in file.rows)
        path.write_text("\n".join([*lines, f"scores = [\n{rows}\n]"]), encoding="utf-8")
    else:  # YAML is a superset of JSON
        path.write_text(json.dumps(content), encoding="utf-8")
    return path


def inline(values: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in values.items()) + "}"


def draw_models(rng: np.random.Generator, work: Work, most: int = 7) -> list[Scored]:
    order = rng.permutation(len(work.models))[: int(rng.integers(1, most + 1))]
    return [work.models[index] for index in order]


def row_of(
    file: File, style: Style, work: Work, model: Scored, value: float, split: str = "test", give: str = ""
) -> None:
    """Add a score; `give` says what else of the model: answers, probabilities."""
    row: dict[str, Any] = {"model": model.name, "split": split, "score": style.write(value)}
    if give:
        name = f"{model.name}-{split}.txt"
        if give == "probabilities":
            row["probabilities"], file.arrays[name] = name, model.probabilities[split]
        else:
            row["answers"], file.arrays[name] = name, style.label(model.answers[split])
    file.rows.append(row)


def last_place(text: str) -> float:
    """Return the last place of a score as it is written: of 1.0, a tenth."""
    number = text.removesuffix("%")
    return 10.0 ** -(len(number.partition(".")[2]) + 2 * (number != text))


def know(file: File, style: Style, work: Work, split: str, *, labels: bool) -> None:
    """Say of a split its labels, or its size."""
    if labels:
        file.arrays[f"{split}.txt"] = style.label(work.labels[split])
        file.splits[split] = {"labels": f"{split}.txt"}
    else:
        file.splits[split] = {"size": len(work.labels[split])}


def draw_slip(rng: np.random.Generator, kind: str, slip: Slip, data: list[str], seeds: list[int]) -> File:
    """Return a file with one slip that shows in its digits."""
    while True:
        work = do_work(str(rng.choice(data)), int(rng.choice(seeds)))
        style, models = Style.draw(rng), draw_models(rng, work)
        everyone = bool(rng.random() < 0.7)
        file = File(kind, [], {}, {}, names=slip.names)
        if slip.needs == "probabilities" and style.labels == "words":
            style = Style(style.digits, style.percent, "from 0")
        know(file, style, work, "test", labels=slip.needs != "history alone")
        shown = False
        for i, model in enumerate(models):
            right = split_accuracy("test")(work, model)
            wrong = slip.figure(work, model) if everyone or i == 0 else None
            value = right if wrong is None else wrong
            differs = wrong is not None and abs(wrong - right) > 1.5 * last_place(style.write(value))
            give = {"splits": "answers", "history": "answers", "history alone": ""}.get(
                slip.needs, slip.needs
            )
            row_of(file, style, work, model, value, give=give)
            if slip.needs in ("history", "history alone") and model.history:
                file.rows[-1]["history"] = f"{model.name}-history.txt"
                file.arrays[f"{model.name}-history.txt"] = np.array(model.history)
                differs = differs and style.write(value) != style.write(model.history[-1])
            shown |= differs
            if slip.needs == "splits":
                split = "train" if "training accuracy" in slip.names else "validation"
                told = bool(rng.random() < 0.5)
                row_of(file, style, work, model, split_accuracy(split)(work, model), split, "answers" * told)
                know(file, style, work, split, labels=True)
        if shown:
            return file


# -- honest files -----------------------------------------------------------------------------------

Draw = Callable[[np.random.Generator, list[str], list[int]], File]


def begin(rng: np.random.Generator, data: list[str], seeds: list[int], kind: str) -> tuple[Work, Style, File]:
    return do_work(str(rng.choice(data)), int(rng.choice(seeds))), Style.draw(rng), File(kind, [], {}, {})


def plain(rng: np.random.Generator, data: list[str], seeds: list[int]) -> File:
    """Report test accuracies, with sizes, labels, answers or nothing."""
    work, style, file = begin(rng, data, seeds, "plain")
    give = str(rng.choice(["", "", "answers", "probabilities"]))
    if give == "probabilities":
        style = Style(style.digits, style.percent, "from 0")
    if give or rng.random() < 0.7:
        know(file, style, work, "test", labels=bool(give) or rng.random() < 0.5)
    for model in draw_models(rng, work):
        row_of(file, style, work, model, split_accuracy("test")(work, model), give=give)
    return file


def all_splits(rng: np.random.Generator, data: list[str], seeds: list[int]) -> File:
    """Report the accuracies of three splits."""
    work, style, file = begin(rng, data, seeds, "all splits")
    labels, give = bool(rng.random() < 0.5), "answers" * bool(rng.random() < 0.5)
    for split in work.labels:
        know(file, style, work, split, labels=labels or bool(give))
    for model in draw_models(rng, work):
        for split in work.labels:
            row_of(file, style, work, model, split_accuracy(split)(work, model), split, give)
    return file


def mean_of_seeds(rng: np.random.Generator, data: list[str], seeds: list[int]) -> File:
    """Report the mean of several seeds, which the file may say, beside the answers of the first, or not."""
    work, style, file = begin(rng, data, seeds, "mean of seeds")
    n, says, give = int(rng.integers(2, 11)), bool(rng.random() < 0.5), "answers" * bool(rng.random() < 0.3)
    know(file, style, work, "test", labels=bool(give) or bool(rng.random() < 0.5))
    mlp = next(model for model in work.models if model.name == "mlp")
    row_of(file, style, work, mlp, float(np.mean(train_again(work.data, seeds[0])[:n])), give=give)
    if says:
        file.rows[-1][str(rng.choice(["runs", "seeds"]))] = n
    return file


def mean_of_folds(rng: np.random.Generator, data: list[str], seeds: list[int]) -> File:
    """Report means of cross-validation over all samples."""
    work, style, file = begin(rng, data, seeds, "mean of folds")
    X, y = split_data(work.data, seeds[0])["train"]
    file.splits["cv"] = {"size": len(y)}
    folds = int(rng.choice([3, 4, 5, 10]))
    for name in rng.permutation(["logistic", "bayes", "neighbours", "tree"])[: int(rng.integers(1, 5))]:
        cv = StratifiedKFold(folds, shuffle=True, random_state=0)
        value = float(cross_val_score(MODELS[name](0), X, y, cv=cv).mean())
        file.rows.append({"model": str(name), "split": "cv", "score": style.write(value)})
        if rng.random() < 0.3:
            file.rows[-1]["folds"] = folds
    return file


def candidates(rng: np.random.Generator, data: list[str], seeds: list[int]) -> File:
    """Report many candidates of a search, scored on few rows, fold by fold."""
    work, style, file = begin(rng, data, seeds, "candidates")
    X, y = split_data(work.data, int(rng.choice(seeds)))["train"]
    rows = rng.permutation(len(y))[: int(rng.choice([150, 300, 450]))]
    X, y = X[rows], y[rows]
    part = len(y) // 3
    grid = [
        {"alpha": alpha, "penalty": penalty, "loss": "log_loss"}
        for alpha in (1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3)
        for penalty in ("l2", "l1", "elasticnet")
    ]
    for fold in range(int(rng.choice([1, 3]))):
        held = np.arange(len(y)) // part == fold
        if rng.random() < 0.5:
            file.splits[f"fold {fold}"] = {"size": int(held.sum())}
        for settings in grid:
            model = make_pipeline(
                StandardScaler(), SGDClassifier(random_state=0, max_iter=20, tol=None, **settings)
            )
            value = float(model.fit(X[~held], y[~held]).score(X[held], y[held]))
            name = f"alpha={settings['alpha']:g} {settings['penalty']}"
            row = {"model": name, "split": f"fold {fold}", "score": style.write(value)}
            file.rows.append(row | {key: str(settings[key]) for key in ("alpha", "penalty")})
    return file


def with_baseline(rng: np.random.Generator, data: list[str], seeds: list[int]) -> File:
    """Report the constant answer in the table, as a baseline."""
    work, style, file = begin(rng, data, seeds, "baseline")
    know(file, style, work, "test", labels=True)
    (X, y), (X_test, y_test) = (split_data(work.data, int(seeds[0]))[name] for name in ("train", "test"))
    work = do_work(work.data, int(seeds[0]))
    know(file, style, work, "test", labels=True)
    for model in draw_models(rng, work, 4):
        row_of(file, style, work, model, split_accuracy("test")(work, model))
    value = DummyClassifier().fit(X, y).score(X_test, y_test)
    file.rows.append({"model": "most-frequent", "split": "test", "score": style.write(float(value))})
    return file


def last_epoch(rng: np.random.Generator, data: list[str], seeds: list[int]) -> File:
    """Report the last epoch of a history."""
    work, style, file = begin(rng, data, seeds, "last epoch")
    give = "answers" * bool(rng.random() < 0.5)
    know(file, style, work, "test", labels=bool(give))
    for model in work.models:
        if model.history:
            row_of(file, style, work, model, model.history[-1], give=give)
            file.rows[-1]["history"] = [round(value, 6) for value in model.history]
    return file


def single_precision(rng: np.random.Generator, data: list[str], seeds: list[int]) -> File:
    """Report accuracies as they are printed from single precision."""
    work, style, file = begin(rng, data, seeds, "single precision")
    give = "answers" * bool(rng.random() < 0.5)
    style = Style(None, False, style.labels)
    know(file, style, work, "test", labels=bool(give))
    for model in draw_models(rng, work):
        row_of(file, style, work, model, float(np.float32(split_accuracy("test")(work, model))), give=give)
    return file


TUNING_HONEST: dict[str, Draw] = {
    "plain": plain,
    "candidates": candidates,
    "mean of seeds": mean_of_seeds,
    "all splits": all_splits,
}
HONEST: dict[str, Draw] = TUNING_HONEST | {
    "mean of folds": mean_of_folds,
    "baseline": with_baseline,
    "last epoch": last_epoch,
    "single precision": single_precision,
}


# -- measuring --------------------------------------------------------------------------------------


def measure(n_files: int, seed: int, *, tuning: bool = False, show: bool = False) -> dict[str, Any]:
    """Return how many slips of half the files were named, and how many of the honest ones left alone."""
    rng = np.random.default_rng([seed, tuning])
    data = list(TUNING_DATA if tuning else DATA)
    slips, honest = (TUNING_SLIPS, TUNING_HONEST) if tuning else (SLIPS, HONEST)
    seeds = [100 + seed if tuning else seed]
    drawn, good = Counter[str](), Counter[str]()
    for number in range(n_files):
        is_honest = number % 2 == 1
        table: dict[str, Any] = honest if is_honest else slips
        kind = list(table)[number // 2 % len(table)]
        name = f"{'honest' if is_honest else 'slip'}: {kind}"
        make = table[kind](rng, data, seeds) if is_honest else draw_slip(rng, kind, table[kind], data, seeds)
        with tempfile.TemporaryDirectory() as folder:
            path = write_file(rng, make, Path(folder))
            checked = check_claims(read_claims(path))
        alarms = [finding for finding in checked.findings if finding.severity == Severity.HIGH]
        is_good = not alarms if is_honest else any(name in alarms[0].title for name in make.names if alarms)
        drawn[name] += 1
        good[name] += is_good
        if show and not is_good:
            print(f"{name}: {make.rows[:3]} {make.splits}")
            print("   ", [(f.severity, f.code, f.title, f.measured[:200]) for f in checked.findings])
    return {
        "drawn": dict(drawn),
        "good": {kind: good[kind] / drawn[kind] for kind in drawn},
        "slips_named": share(drawn, good, "slip"),
        "new_slips_named": share(drawn, good, "slip", set() if tuning else set(TUNING_SLIPS)),
        "new_honest_left_alone": share(drawn, good, "honest", set() if tuning else set(TUNING_HONEST)),
        "honest_left_alone": share(drawn, good, "honest"),
    }


def share(drawn: Counter[str], good: Counter[str], begin: str, without: Collection[str] = ()) -> float:
    kinds = [kind for kind in drawn if kind.startswith(begin) and kind.partition(": ")[2] not in without]
    return sum(good[kind] for kind in kinds) / max(1, sum(drawn[kind] for kind in kinds))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--tuning", action="store_true", help="the data, kinds and seeds that limits were set on"
    )
    parser.add_argument("--show", action="store_true", help="show the files that were judged wrongly")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        result = measure(arguments.files, arguments.seed, tuning=arguments.tuning, show=arguments.show)
    for kind, number in sorted(result["drawn"].items()):
        print(f"{kind:40}{number:6}{result['good'][kind]:9.1%}")
    for words, key in (
        ("slips named first", "slips_named"),
        ("  of held-out kinds alone", "new_slips_named"),
        ("honest files without a high alarm", "honest_left_alone"),
        ("  of held-out kinds alone", "new_honest_left_alone"),
    ):
        print(f"{words:46}{result[key]:9.1%}")


if __name__ == "__main__":
    main()
