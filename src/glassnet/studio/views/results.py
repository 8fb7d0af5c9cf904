"""Losses, and what the network answers on the validation samples."""

from typing import Any

import numpy as np

from glassnet.nn.evaluation import predict
from glassnet.studio.views.look import Look

MOST_POINTS = 2_000
MOST_EPOCHS = 4_000
SHOWN_SAMPLES = 60


def losses(look: Look) -> dict[str, Any]:
    """Return the records of the epochs, and the losses of batches, up to the newest step."""
    recorder = look.run.recorder
    records = list(recorder.history.records)
    first = look.whole("from", 0, 0, len(records))
    steps, values = recorder.losses.points(MOST_POINTS)
    every = max(1, -(-(len(records) - first) // MOST_EPOCHS))
    best = min(
        (record for record in records if record.validation_loss is not None),
        key=lambda record: record.validation_loss or 0.0,
        default=None,
    )
    return {
        "epochs": [
            {
                "epoch": record.epoch,
                "loss": record.loss,
                "accuracy": record.accuracy,
                "validation_loss": record.validation_loss,
                "validation_accuracy": record.validation_accuracy,
                "learning_rate": record.learning_rate,
                "penalty": record.penalty,
                "seconds": record.seconds,
            }
            for record in records[first:]
            if not (record.epoch - 1) % every or record is records[-1]
        ],
        "batches": {"steps": steps, "loss": values},
        "best_epoch": None if best is None else best.epoch,
        "steps_per_epoch": recorder.steps_per_epoch,
    }


def confusion(look: Look) -> dict[str, Any]:
    """Return how often each class is taken for each other one; of a regression predicted and true values."""
    data = look.run.data
    name, part = data.judged
    samples = look.samples(part)
    outputs = predict(look.architecture, look.parameters, samples)
    if not data.classes:
        true, predicted = np.asarray(part.y, np.float64), np.asarray(outputs[:, 0], np.float64)
        spread = float(((true - true.mean()) ** 2).sum())
        score = 1 - float(((true - predicted) ** 2).sum()) / spread if spread else 0.0
        return {
            "predicted": predicted[:MOST_POINTS],
            "true": true[:MOST_POINTS],
            "score": score,
            "score_name": "R²",
            "part": name,
        }
    true, predicted = answers(look, outputs, samples.y)
    n = len(data.classes)
    counts = np.bincount(true * n + predicted, minlength=n * n).reshape(n, n)
    score = float((true == predicted).mean())
    return {
        "labels": list(data.classes),
        "counts": counts.tolist(),
        "score": score,
        "score_name": "accuracy",
        "part": name,
    }


def answers(look: Look, outputs: Any, targets: Any) -> tuple[Any, Any]:
    """Return the indices of the true and the predicted classes."""
    if outputs.shape[1] == 1:
        return (targets[:, 0] > 0.5).astype(int), (outputs[:, 0] > 0.5).astype(int)
    return targets.argmax(axis=1), outputs.argmax(axis=1)


def cell(look: Look) -> dict[str, Any]:
    """Return the validation samples of a class that were taken for another, or for itself."""
    data = look.run.data
    name, part = data.judged
    first = len(data.train) if name == "validation" else 0
    last = max(len(data.classes) - 1, 0)
    wanted = look.whole("true", 0, 0, last), look.whole("predicted", 0, 0, last)
    samples = look.samples(part)
    outputs = predict(look.architecture, look.parameters, samples)
    true, predicted = answers(look, outputs, samples.y)
    found = np.flatnonzero((true == wanted[0]) & (predicted == wanted[1]))
    key = "row" if data.image_shape is None else "image"
    return {
        "n": len(found),
        "samples": [
            {"index": first + int(i), key: inputs_of(look, part.X[i]), "outputs": outputs[i].tolist()}
            for i in found[:SHOWN_SAMPLES]
        ],
    }


def inputs_of(look: Look, row: Any) -> list[Any]:
    """Return a sample as it is drawn: an image in rows from 0 to 1, or its numbers."""
    scale = 255.0 if row.dtype == np.uint8 else 1.0
    values = np.round(np.asarray(row, np.float64) / scale, 4)
    shape = look.run.data.image_shape
    return values.tolist() if shape is None else values.reshape(shape).tolist()
