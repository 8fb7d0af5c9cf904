"""What is tried with the network as it is at a step: a drawing or a row, and other learning rates."""

import json
from typing import Any

import numpy as np

from glassnet._common.quoting import quoted
from glassnet.errors import DivergedError, InvalidDataError, InvalidParameterError
from glassnet.nn.evaluation import predict
from glassnet.studio.drawing import HOW, pull, to_digit
from glassnet.studio.parts import Part
from glassnet.studio.views.look import Look
from glassnet.studio.views.results import inputs_of

FACTORS = (0.1, 0.3, 1.0, 3.0, 10.0)
"""What the run's learning rate is multiplied with, where no rates are given."""
MOST_RATES = 5
DIGITS_SIDE = 32
"""Pixels of a side of the bitmaps that scikit-learn's digits were counted from, in blocks of 4 x 4."""


def predict_one(look: Look) -> dict[str, Any]:
    """Return what the network says of a drawing or a row, and what in it spoke for and against."""
    try:
        body = json.loads(look.query.get("body", ""))
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or not (body.keys() & {"drawing", "row"}):
        raise InvalidDataError('got no drawing; expected {"drawing": [[...], ...]} or {"row": [...]}.')
    data = look.run.data
    row = _drawn(look, body["drawing"]) if "drawing" in body else _row(look, body["row"])
    target = data.train.y[:1]
    samples = look.samples(Part(row[np.newaxis], target))
    architecture, parameters = look.architecture, look.parameters
    layers = [predict(architecture, parameters, samples, k)[0] for k in range(len(architecture.sizes) - 1)]
    spoke = pull(architecture, parameters, samples.inputs(slice(0, 1))[0].copy())
    shape = data.image_shape or (-1,)
    return {
        "probabilities": np.asarray(layers[-1], np.float64).tolist(),
        "layers": layers,
        "image": inputs_of(look, row) if data.image_shape else None,
        "pull": spoke.values.reshape(shape),
        "pull_of": spoke.output,
        "how": HOW if "drawing" in body else "The row as it was given.",
    }


def _drawn(look: Look, drawing: Any) -> Any:
    shape, X = look.run.data.image_shape, look.run.data.train.X
    if shape is None:
        raise InvalidDataError("got a drawing; these data are no images. Give a row of numbers.")
    digit = to_digit(drawing)
    if shape != digit.shape:
        if shape[0] != shape[1] or DIGITS_SIDE % shape[0]:
            raise InvalidDataError(f"got a drawing for images of {shape}; expected 28 x 28 or 8 x 8 pixels.")
        block, edge = DIGITS_SIDE // shape[0], (DIGITS_SIDE - len(digit)) // 2
        padded = np.pad(digit.astype(np.float64), edge)
        digit = padded.reshape(shape[0], block, shape[1], block).mean(axis=(1, 3))
        digit *= 255 / digit.max()
    flat = digit.ravel()
    return flat.astype(X.dtype) if X.dtype == np.uint8 else (flat / 255).astype(X.dtype)


def _row(look: Look, row: Any) -> Any:
    X = look.run.data.train.X
    try:
        values = np.asarray(row, np.float64)
    except (TypeError, ValueError):
        values = np.zeros(0)
    if values.shape != (X.shape[1],) or not np.isfinite(values).all():
        raise InvalidDataError(f"got the row {quoted(row)}; expected {X.shape[1]} finite numbers.")
    return values.astype(X.dtype)


def whatif(look: Look) -> dict[str, Any]:
    """Return the loss of the next step's batch after that step, for some learning rates."""
    rows = np.asarray(look.moment.rows)
    samples, order = look.rows(rows), np.arange(len(rows))
    tries, before = [], 0.0
    training = look.training(keep_z=False)
    for rate in _rates(look, training.rate):
        training = look.training(keep_z=False)
        training.batch_size = len(rows)
        before = training.compute_gradient(samples, order).loss
        training.learning_rate, training.factors = rate, (1.0, *training.factors[1:])
        training.update()
        tries.append({"rate": rate, "loss": _loss(training, samples, order)})
    return {"loss_before": before, "tries": tries}


def _loss(training: Any, samples: Any, order: Any) -> float:
    try:
        return float(training.compute_gradient(samples, order).loss)
    except (DivergedError, FloatingPointError):
        return float("nan")


def _rates(look: Look, own: float) -> list[float]:
    text = look.query.get("rates")
    if not text:
        return [float(f"{factor * own:.6g}") for factor in FACTORS]
    try:
        rates = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        rates = []
    if not 0 < len(rates) <= MOST_RATES or not all(0 < rate < float("inf") for rate in rates):
        raise InvalidParameterError(
            f"got rates={quoted(text)}; expected up to {MOST_RATES} positive numbers with commas between."
        )
    return rates
