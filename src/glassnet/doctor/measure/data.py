"""What the data show by themselves: scales, constant columns, labels that do not belong, copied rows."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from glassnet._common.arrays import Array
from glassnet.nn.samples import Samples

NEIGHBOUR_ROWS = 600
"""How many rows are compared with each other to see whether neighbours share their labels."""

OFFSETS = tuple(offset for offset in range(-5, 6) if offset)


@dataclass(frozen=True)
class InputFacts:
    """Hold the scales of the inputs, as the network is given them.

    Attributes
    ----------
    largest : float
        The largest root mean square of a feature.
    smallest : float
        The smallest standard deviation of a feature that varies; 0 when none does.
    spread : float
        The largest standard deviation of a feature.
    constant : float
        Share of features that are the same in every sample.
    mean, std : float
        Of all entries.
    """

    largest: float
    smallest: float
    spread: float
    constant: float
    mean: float
    std: float


def measure_inputs(X: Array) -> InputFacts:
    """Measure the columns of X, shape (n_samples, n_features)."""
    X = np.asarray(X, np.float64)
    deviations = X.std(axis=0)
    varying = deviations[np.ptp(X, axis=0) > 0]
    return InputFacts(
        largest=float(np.sqrt((X**2).mean(axis=0)).max()),
        smallest=float(varying.min(initial=np.inf)) if len(varying) else 0.0,
        spread=float(deviations.max()),
        constant=float(1 - len(varying) / X.shape[1]),
        mean=float(X.mean()),
        std=float(X.std()),
    )


@dataclass(frozen=True)
class LabelFacts:
    """Hold how often the nearest other sample has the same label.

    Attributes
    ----------
    agreement : float
        Share of samples whose nearest neighbour has their label.
    chance : float
        What that share is for labels that have nothing to do with the samples.
    best_offset : int
        The shift of the labels against the samples with the highest agreement.
    best_agreement : float
        With that shift.
    error : float
        Standard error of an agreement by chance.
    """

    agreement: float
    chance: float
    best_offset: int
    best_agreement: float
    error: float


def measure_labels(samples: Samples, codes: NDArray[np.intp]) -> LabelFacts | None:
    """Look whether neighbours share their labels, as given and with the labels shifted by some rows.

    Parameters
    ----------
    samples : Samples
    codes : ndarray of int, shape (n_samples,)
        The class of each sample.

    Returns
    -------
    LabelFacts or None
        None where no two samples differ.
    """
    n = len(samples)
    rows = np.arange(n) if n <= NEIGHBOUR_ROWS else np.random.default_rng(0).choice(n, NEIGHBOUR_ROWS, False)
    X = np.asarray(samples.inputs(rows), np.float64)
    deviations = X.std(axis=0)
    X = X[:, deviations > 0] / deviations[deviations > 0]
    if not X.shape[1] or len(rows) < 3:
        return None
    nearest = NearestNeighbors(n_neighbors=1).fit(X).kneighbors(return_distance=False)[:, 0]

    def agreement(offset: int) -> float:
        shifted = np.roll(codes, offset)[rows]
        return float((shifted == shifted[nearest]).mean())

    shares = np.bincount(codes) / n
    chance = float((shares**2).sum())
    best = max(OFFSETS, key=agreement)
    error = float(np.sqrt(chance * (1 - chance) / len(rows)))
    return LabelFacts(agreement(0), chance, best, agreement(best), error)


def share_of_copies(train: Samples, test: Samples) -> float:
    """Return the share of test rows that are, number for number, training rows too."""
    known = _digests(train)
    return float(np.mean([digest in known for digest in _digests_in_order(test)]))


def _digests(samples: Samples) -> set[bytes]:
    return set(_digests_in_order(samples))


def _digests_in_order(samples: Samples) -> list[bytes]:
    return [
        hashlib.blake2b(row.tobytes(), digest_size=16).digest()
        for rows in samples.chunks()
        for row in np.ascontiguousarray(samples.inputs(rows), np.float32)
    ]
