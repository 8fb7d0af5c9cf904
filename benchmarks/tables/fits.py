"""One fit, in a process of its own: its scores, seconds and memory."""

import os
import sys
import time
import warnings
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from .catalog import TABLES
from .data import Task, split
from .peers import PEERS, Peer
from .results import Key, Result

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)
"""What tells the libraries how many threads they may have; read when they are loaded."""


@dataclass(frozen=True)
class Fit:
    """Say which peer is fitted on which split of which table.

    Attributes
    ----------
    key : Key
    peer : Peer
        It travels to the process of the fit, so that one made for a run need not be in `PEERS`.
    """

    key: Key
    peer: Peer

    @classmethod
    def of(cls, table: str, peer: str, split: int, *, max_rows: int | None = None, threads: int = 1) -> "Fit":
        """Return the fit of a peer by its name."""
        return cls(Key(table, peer, split, max_rows, threads), PEERS[peer])


def measure(fit: Fit) -> Result:
    """Fit one peer on the training rows of a split, and score it on the test rows.

    Returns
    -------
    Result
        With `error` in the place of the scores when the peer raised one, or answered with what is not finite.
    """
    table = TABLES[fit.key.table]
    X, y = table.read(fit.key.max_rows)
    train, test = split(y, table.task, fit.key.split)
    X_train, y_train, X_test, y_test = X.iloc[train], y[train], X.iloc[test], y[test]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of peers that stop before they converge, which is their default
            model = fit.peer.make(table.task, fit.key.split, fit.key.threads)
            before = megabytes("VmRSS")
            began = time.perf_counter()
            model.fit(X_train, y_train)
            fitted = time.perf_counter()
            answers = (model.predict_proba if table.task == "classification" else model.predict)(X_test)
            ended = time.perf_counter()
            scores = score(table.task, y_test, answers)
    except Exception as error:
        return Result(fit.key, error=f"{type(error).__name__}: {error}"[:500], **told(fit.peer))
    return Result(
        fit.key,
        scores=scores,
        n_train=len(train),
        n_test=len(test),
        fit_seconds=fitted - began,
        predict_seconds=ended - fitted,
        peak_megabytes=megabytes("VmHWM"),
        before_megabytes=before,
        **told(fit.peer),
    )


def told(peer: Peer) -> dict[str, Any]:
    """Return what is said of every fit: which version, and when."""
    return {"version": peer.version, "date": datetime.now().astimezone().isoformat(timespec="seconds")}


def score(task: Task, y: Any, answers: Any) -> dict[str, float]:
    """Return the scores of a peer's answers.

    Parameters
    ----------
    task : {"classification", "regression"}
    y : ndarray of shape (n,)
    answers : ndarray of shape (n, n_classes) or (n,)
        Probabilities of the classes 0, 1, ...; or numbers.

    Returns
    -------
    dict of str to float
        accuracy, log_loss and, where each class has a row, auc (of more than two classes, the mean of each
        against the rest); or r2 and rmse.
    """
    import numpy as np
    from sklearn.metrics import log_loss, r2_score, roc_auc_score, root_mean_squared_error

    answers = np.asarray(answers, np.float64)
    if not np.isfinite(answers).all():
        raise ValueError(f"{np.sum(~np.isfinite(answers))} answers are not finite")
    if task == "regression":
        answers = answers.reshape(-1)
        return {"r2": float(r2_score(y, answers)), "rmse": float(root_mean_squared_error(y, answers))}
    answers = answers / answers.sum(axis=1, keepdims=True)  # float32 sums to 1 less exactly than asked for
    labels = np.arange(answers.shape[1])
    scores = {
        "accuracy": float(np.mean(answers.argmax(axis=1) == y)),
        "log_loss": float(log_loss(y, answers, labels=labels)),
    }
    if len(np.unique(y)) == len(labels):  # else a class has no row to be ranked, as may be among few rows
        chances = answers[:, 1] if len(labels) == 2 else answers
        scores["auc"] = float(roc_auc_score(y, chances, multi_class="ovr", labels=labels))
    return scores


def megabytes(field: str) -> float | None:
    """Return the memory of this process now (VmRSS) or at its peak (VmHWM); None where nobody tells."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith(field)), None)
    except OSError:
        return None


def answer(fit: Fit, end: Connection) -> None:
    """Measure in this process, and send the result; what peers print is not shown."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(quiet, stream.fileno())
    end.send(measure(fit))
    end.close()
