"""The study mnist-init: twelve combinations of activation and initialisation on MNIST.

It repeats section B of the assignment at exactly its settings, and computes what its published numbers are.
"""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.claims import Claim, judge
from glassnet._common.words import counted
from glassnet.data import flatten, load_mnist, one_hot, train_validation_split
from glassnet.doctor.measure.layers import LayerState, measure_layers
from glassnet.doctor.scores.claims import Claims, ReportedRow, Split
from glassnet.doctor.scores.element_wise import SlipFound, explain_by_slip
from glassnet.doctor.scores.reported import Reported
from glassnet.errors import DivergedError
from glassnet.models.neural_network import NeuralNetwork
from glassnet.nn.history import EpochRecord
from glassnet.nn.samples import Samples
from glassnet.studies._mistakes import find_mistakes
from glassnet.studies.base import Conclusion, Insight, ModelResult, ModelSpec, RunConfig, Study
from glassnet.studies.folder import MODEL_FILE, RunFolder

HIDDEN = [256, 128, 64, 32]
LEARNING_RATE = 0.002
BATCH_SIZE = 128
PATIENCE = 5
QUICK_IMAGES = 15_000
PROBE_IMAGES = 1_000

SPECS = tuple(
    ModelSpec(f"{activation}-{weight_init}".replace("_", "-"), activation, weight_init)
    for activation in ("sigmoid", "tanh", "relu", "leaky_relu")
    for weight_init in ("zero", "random", "normal")
)

PUBLISHED_ACCURACY = {"train": 0.8225833, "validation": 0.8220333, "test": 0.8227}
LABELS = {"train": "training", "validation": "validation", "test": "test"}
PUBLISHED_SIZES = {"train": 48_000, "validation": 12_000, "test": 10_000}
PUBLISHED_STOPS = {
    "sigmoid-zero": 8,
    "sigmoid-random": 9,
    "sigmoid-normal": 14,
    "tanh-zero": 32,
    "tanh-random": None,
    "tanh-normal": None,
    "relu-zero": 32,
    "relu-random": None,
    "relu-normal": None,
    "leaky-relu-zero": 32,
    "leaky-relu-random": 30,
    "leaky-relu-normal": 43,
}
PUBLISHED_BEST = "relu-normal"
OVERFITTING_GAP = 0.05
"""How much better a network has to be on its training data than on the test data to overfit."""
NEARLY = 0.005
"""How far an accuracy may be from the published one and confirm it."""

ImagesAndLabels = tuple[NDArray[np.uint8], NDArray[np.int64]]


@lru_cache(maxsize=1)
def load_parts(quick: bool, seed: int) -> dict[str, ImagesAndLabels]:
    """Return the images, as rows of 784 pixels, and labels of each split: 48,000, 12,000 and 10,000."""
    data = load_mnist()
    images, labels = data.train
    if quick:
        images, labels = images[:QUICK_IMAGES], labels[:QUICK_IMAGES]
    X_train, X_val, y_train, y_val = train_validation_split(
        flatten(images), labels, validation_fraction=0.2, random_state=seed
    )
    return {
        "train": (X_train, y_train),
        "validation": (X_val, y_val),
        "test": (flatten(data.test.images), data.test.labels),
    }


def train(
    config: RunConfig, spec: ModelSpec, folder: Path, on_epoch: Callable[[EpochRecord], object]
) -> ModelResult:
    """Train one combination, save the network, and measure what explains its result."""
    parts = load_parts(config.quick, config.seed)
    network = NeuralNetwork(
        N=len(HIDDEN),
        A=HIDDEN,
        lr=LEARNING_RATE,
        activation=spec.activation,
        weight_init=spec.weight_init,
        epochs=config.epochs,
        batch_size=BATCH_SIZE,
        random_state=config.seed,
    )
    X, y = parts["train"]
    probe = _probe_samples(*parts["validation"])
    before = _probe(network.initialize(X, y), probe)
    start = time.perf_counter()
    state = "finished"
    try:
        network.fit(X, y, *parts["validation"], patience=PATIENCE, on_epoch=on_epoch)
    except DivergedError:
        state = "diverged"
    seconds = time.perf_counter() - start
    network.save(folder / MODEL_FILE)
    has_learnt = network.history_.best_epoch is not None  # not when it diverged in its first epoch
    scores: dict[str, dict[str, float | None]] = {}
    for name, part in parts.items():
        loss, accuracy = network.evaluate(*part) if has_learnt else (None, None)
        scores[name] = {"loss": loss, "accuracy": accuracy}
    return ModelResult(
        name=spec.name,
        activation=spec.activation,
        weight_init=spec.weight_init,
        state=state,
        stopped_epoch=len(network.history_),
        best_epoch=network.history_.best_epoch,
        stopping_reason=network.history_.stopping_reason,
        seconds=seconds,
        train=scores["train"],
        validation=scores["validation"],
        test=scores["test"],
        evidence={
            "gradient_norms": before.gradients,
            "unit_spread": _probe(network, probe).spreads if has_learnt else [],
            "answers": np.bincount(network.predict(parts["test"][0]), minlength=10).tolist(),
        },
    )


def _probe_samples(X: NDArray[np.uint8], y: NDArray[np.int64]) -> Samples:
    return Samples(X[:PROBE_IMAGES], one_hot(y[:PROBE_IMAGES], 10), np.float32, divisor=255.0)


def _probe(network: NeuralNetwork, samples: Samples) -> LayerState:
    """Measure one step that is not taken, as the doctor does."""
    return measure_layers(network.architecture_, network.parameters_.theta, samples)


def parts_for_doctor(config: RunConfig, spec: ModelSpec, folder: Path) -> dict[str, ImagesAndLabels]:
    """Return what every model of the study was given."""
    return load_parts(config.quick, config.seed)


def published_claims(results: Sequence[ModelResult] = ()) -> Claims:
    """Return the published table: twelve models, three splits."""
    data = load_mnist()
    splits = {
        name: Split(name, size=PUBLISHED_SIZES[name], pool=data.train.labels, pool_name="mnist/train")
        for name in ("train", "validation")
    } | {"test": Split("test", labels=data.test.labels)}
    rows = tuple(
        ReportedRow(Reported(spec.name, split, repr(score)))
        for spec in SPECS
        for split, score in PUBLISHED_ACCURACY.items()
    )
    return Claims("published scores of section B", rows, splits, n_classes=10)


def conclude(config: RunConfig, results: Sequence[ModelResult], folder: Path) -> Conclusion:
    """Choose the best model, and compute what the published figures are."""
    parts = load_parts(config.quick, config.seed)
    scored = [result for result in results if result.validation["loss"] is not None]
    best = _best(scored, parts["test"], RunFolder(folder)) if scored else {}
    slip = explain_by_slip(published_claims())
    findings = [
        *([_explain_slip(slip)] if slip is not None else []),
        *_explain_symmetry(scored, parts["test"][1]),
        *_explain_vanishing(scored),
    ]
    claims = [
        *_claims_of_all(results, slip),
        *_claims_of_accuracies(results, slip),
        *_claims_of_stops(results),
        *_claims_of_text(scored, best, is_whole=len(results) == len(SPECS)),
    ]
    return Conclusion(best, claims, findings)


def _best(scored: Sequence[ModelResult], test: ImagesAndLabels, folder: RunFolder) -> dict[str, Any]:
    """Choose by the lowest validation loss; show where the chosen one errs on the test images."""
    ranked = sorted(scored, key=_validation_loss)
    best = ranked[0]
    reason = f"{best.name} has the lowest validation loss, {_validation_loss(best):.4f}"
    if len(ranked) > 1:
        reason += f"; the next is {ranked[1].name} with {_validation_loss(ranked[1]):.4f}"
    images, labels = test
    probabilities = NeuralNetwork.load(folder.model_path(best.name) / MODEL_FILE).predict_prob(images)
    return {
        "name": best.name,
        "reason": reason + ". The rule: the lowest validation loss of all models.",
        **find_mistakes(probabilities, labels),
    }


def _validation_loss(result: ModelResult) -> float:
    loss = result.validation["loss"]
    assert loss is not None
    return loss


def _explain_slip(slip: SlipFound) -> Insight:
    """Tell of the constant answer whose element-wise accuracy was published, as the doctor found it."""
    answer, counts = slip.answer, slip.counts
    shares = {name: counts[name] / size for name, size in PUBLISHED_SIZES.items() if name in counts}
    implied = [counts[name] for name in slip.implied]
    return Insight(
        f"The published accuracies are those of the answer “always {answer}”, scored entry by entry.",
        "Compare one-hot rows entry by entry and a wrong answer still gets 8 of 10 entries right: the zeros. "
        f"Answering “{answer}” to every test image scores {_entry_by_entry(shares['test']):.4f} that way, "
        f"exactly the published figure; its true accuracy is {shares['test']:.4f}. The other two figures "
        f"imply {' and '.join(f'{ones:,}' for ones in implied)} samples of that class, together "
        f"{sum(implied):,}; MNIST's training file holds {slip.pool_count or 0:,}. So all twelve "
        "models were one constant answer, and the score hid it.",
        {
            "columns": ["split", "published", "ones implied", f"true accuracy of “always {answer}”"],
            "rows": [
                [LABELS[name], str(PUBLISHED_ACCURACY[name]), f"{counts[name]:,}", f"{share:.4f}"]
                for name, share in shares.items()
            ],
        },
        needs_full_run=False,  # it rests on the labels and the published figures alone
    )


def _entry_by_entry(share: float) -> float:
    """Return the element-wise accuracy of one-hot rows of an answer that is right as often as that."""
    return 1 - 2 * (1 - share) / 10


def _claims_of_all(results: Sequence[ModelResult], slip: SlipFound | None) -> list[Claim]:
    """Set the one accuracy that was published for all twelve models beside what they reach."""
    claims = []
    for split, published in PUBLISHED_ACCURACY.items():
        reached = [result for r in results if (result := getattr(r, split)["accuracy"]) is not None]
        ends = sorted({f"{min(reached):.4f}", f"{max(reached):.4f}"}) if reached else ["no model yet"]
        found, why, what = slip is not None and split in slip.counts, "No slip gives this figure.", ""
        if slip is not None and found:
            ones, size = slip.counts[split], PUBLISHED_SIZES[split]
            figure = f"{_entry_by_entry(ones / size):.7f}".rstrip("0")
            source = (
                f"the {ones:,} ones among {size:,} labels that the figure implies"
                if split in slip.implied
                else f"the {ones:,} ones among the {size:,} test labels"
            )
            what = f"the share of one-hot entries that “always {slip.answer}” gets right"
            why = f"“Always {slip.answer}” scores {figure} entry by entry, with {source}; its accuracy is "
            why += f"{ones / size:.4f}."
        claims.append(
            Claim(
                f"{LABELS[split]} accuracy of each of the 12 models",
                f"{published}",
                " to ".join(ends),
                judge(agrees=bool(reached) and _all_near(reached, published), is_refuted=found),
                why,
                what,
            )
        )
    return claims


def _all_near(reached: Sequence[float], published: float) -> bool:
    return all(abs(accuracy - published) < NEARLY for accuracy in reached)


def _short(value: float) -> str:
    return f"{value:.2g}"


def _explain_symmetry(scored: Sequence[ModelResult], test_labels: NDArray[np.int64]) -> list[Insight]:
    """Show that the units of a network that starts at zero stay equal, so it can only learn its biases."""
    zero = [result for result in scored if result.weight_init == "zero"]
    if not zero:
        return []
    others = [result for result in scored if result.weight_init != "zero"]
    share = float(np.bincount(test_labels).max() / len(test_labels))
    common = int(np.bincount(test_labels).argmax())
    rows = [
        [
            result.name,
            *(_short(spread) for spread in result.evidence["unit_spread"]),
            f"{result.test['accuracy']:.4f}",
            f"{max(result.evidence['answers']):,} × “{int(np.argmax(result.evidence['answers']))}”",
        ]
        for result in [*zero, *others]
    ]
    largest = max(max(result.evidence["unit_spread"]) for result in zero)
    return [
        Insight(
            "A network that starts at zero cannot learn: its hidden units are all the same unit.",
            "With equal weights the units of a layer give equal outputs and get equal gradients, so they "
            f"stay equal for ever. On {PROBE_IMAGES:,} validation images, the largest difference between "
            f"any two units of one hidden layer after training is {_short(largest)} in the networks "
            "that started at zero. With ReLU, leaky ReLU and tanh all hidden outputs are 0, and only the "
            f"output biases learn: the answer is the most common class, “{common}”, whose share of the test "
            f"images is {share:.4f}. That is not overfitting: training, validation and test agree.",
            {
                "columns": [
                    "model",
                    "layer 1",
                    "layer 2",
                    "layer 3",
                    "layer 4",
                    "test accuracy",
                    "top answer",
                ],
                "rows": rows,
            },
            topic="Networks that start at zero",
        )
    ]


def _explain_vanishing(scored: Sequence[ModelResult]) -> list[Insight]:
    """Show the gradient of each layer at the start, and how little of it reaches the first in sigmoids."""
    drawn = [result for result in scored if result.weight_init != "zero"]
    sigmoid = [result for result in drawn if result.activation == "sigmoid"]
    if not sigmoid:
        return []

    def ratio(result: ModelResult) -> float:
        norms = result.evidence["gradient_norms"]
        return float(norms[-1] / norms[0])

    worst = max(sigmoid, key=ratio)
    return [
        Insight(
            "Four sigmoid layers barely move: the gradient dies on its way to the first.",
            "A sigmoid's slope is at most 1/4, so each layer passes back a quarter of the gradient at best. "
            f"Measured at the first step, the gradient of the first layer's weights of {worst.name} is "
            f"{ratio(worst):,.0f} times smaller than the last layer's. With a learning rate of "
            f"{LEARNING_RATE} a step then changes the first layer by about "
            f"{LEARNING_RATE * worst.evidence['gradient_norms'][0]:.0e} in norm, and after "
            f"{counted(worst.stopped_epoch, 'epoch')} the validation loss is {_validation_loss(worst):.3f}, "
            f"where a guess without looking costs {np.log(10):.3f}.",
            {
                "columns": ["model", *(f"layer {i}" for i in range(1, 6)), "last / first"],
                "rows": [
                    [
                        result.name,
                        *(_short(norm) for norm in result.evidence["gradient_norms"]),
                        f"{ratio(result):,.1f}",
                    ]
                    for result in drawn
                ],
            },
            topic="Gradients in four sigmoid layers",
        )
    ]


def _claims_of_accuracies(results: Sequence[ModelResult], slip: SlipFound | None) -> list[Claim]:
    """Set each model's published accuracies beside the reproduced ones."""
    claims = []
    found = slip is not None and slip.counts.keys() >= PUBLISHED_ACCURACY.keys()
    what = f"the score of “always {slip.answer}”, entry by entry" if slip is not None and found else ""
    why = (
        "The published figure is the same for all twelve models: that of a constant answer scored entry by "
        "entry, not this model's accuracy."
    )
    for result in results:
        scores = {split: getattr(result, split)["accuracy"] for split in PUBLISHED_ACCURACY}
        agrees = all(
            score is not None and _all_near([score], PUBLISHED_ACCURACY[split])
            for split, score in scores.items()
        )
        claims.append(
            Claim(
                f"{result.name}: accuracy (training / validation / test)",
                " / ".join(f"{published:.4f}" for published in PUBLISHED_ACCURACY.values()),
                " / ".join("none" if score is None else f"{score:.4f}" for score in scores.values()),
                judge(agrees=agrees, is_refuted=found),
                "It comes out the same." if agrees else why if found else "No slip gives this figure.",
                what,
            )
        )
    return claims


def _claims_of_stops(results: Sequence[ModelResult]) -> list[Claim]:
    """Set each model's published stopping epoch beside the reproduced one."""
    claims = []
    for result in results:
        stop = PUBLISHED_STOPS[result.name]
        published = "none" if stop is None else f"epoch {stop}"
        if result.state == "diverged":
            reproduced = f"diverged in epoch {result.stopped_epoch + 1}"
        else:
            reproduced = f"epoch {result.stopped_epoch}" if _has_stopped_early(result) else "none"
        agrees = published == reproduced
        claims.append(
            Claim(
                f"{result.name}: early stop",
                published,
                reproduced,
                judge(agrees=agrees),
                ("Both ran to the end." if stop is None else "Both stopped there.")
                if agrees
                else "The report gives neither its patience, its seed nor its scales of initialisation; "
                f"here: patience {PATIENCE}, any decrease of the validation loss counts.",
            )
        )
    return claims


def _has_stopped_early(result: ModelResult) -> bool:
    """Return whether the validation loss had not improved for `PATIENCE` epochs when training ended."""
    return result.state == "finished" and result.stopped_epoch - (result.best_epoch or 0) >= PATIENCE


def _claims_of_text(scored: Sequence[ModelResult], best: dict[str, Any], *, is_whole: bool) -> list[Claim]:
    """Judge what the report concluded in words; which model is best, once all are there."""
    claims = []
    if best and is_whole:
        claims.append(
            Claim(
                "best combination",
                PUBLISHED_BEST,
                best["name"],
                judge(agrees=best["name"] == PUBLISHED_BEST),
                best["reason"],
            )
        )
    zero = [result for result in scored if result.weight_init == "zero"]
    if zero:
        gaps = [(result.train["accuracy"] or 0.0) - (result.test["accuracy"] or 0.0) for result in zero]
        largest = max(gaps, key=abs)
        overfits = largest > OVERFITTING_GAP
        claims.append(
            Claim(
                "“zero initialisation stops early, so it tends to overfit”",
                "overfits",
                f"training and test accuracy differ by {abs(largest):.4f} at most",
                judge(agrees=overfits, is_refuted=not overfits),
                "A network that overfits is much better on its training data."
                + ("" if overfits else " These are equally bad on both: they are symmetric."),
            )
        )
    return claims


MNIST_INIT = Study(
    name="mnist-init",
    title="Activation and initialisation on MNIST",
    question="Which of twelve combinations of activation and weight initialisation learns MNIST best, "
    "and why do some not learn at all?",
    dataset="mnist",
    settings={
        "hidden layers": HIDDEN,
        "learning rate": LEARNING_RATE,
        "optimiser": "SGD, constant learning rate",
        "batch size": BATCH_SIZE,
        "early stopping": f"patience {PATIENCE}, on the validation loss; the best weights are kept",
        "computed in": "float32",
    },
    epochs=100,
    quick_epochs=15,
    specs=SPECS,
    train=train,
    conclude=conclude,
    parts=parts_for_doctor,
    claims=published_claims,
    efforts={spec.name: 15.0 if spec.weight_init == "zero" else 60.0 for spec in SPECS},
    chapter="mnist",
    section="B",
)
