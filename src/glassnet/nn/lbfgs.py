"""L-BFGS, which takes all samples at once, beside the one training loop."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize

from glassnet._common.arrays import Array
from glassnet.nn import ops
from glassnet.nn.evaluation import evaluate
from glassnet.nn.history import EpochRecord, History, Stop, StopKind
from glassnet.nn.samples import Samples, Source
from glassnet.nn.threads import limited_to, threads_by_work
from glassnet.nn.training import EPOCHS_AHEAD, Step, Training

KIND_OF_STATUS = {0: StopKind.CONVERGED, 1: StopKind.LIMIT, 2: StopKind.NO_DESCENT}
"""What SciPy's status says of the end."""


def minimize_lbfgs(
    training: Training,
    samples: Samples,
    validation: Source | None,
    history: History,
    *,
    max_iterations: int,
    max_evaluations: int,
    tolerance: float,
    on_epoch: Callable[[EpochRecord], object] = lambda record: None,
) -> Step:
    """Minimise the loss of all samples at once by L-BFGS; an iteration is recorded as an epoch.

    Parameters
    ----------
    training : Training
        With ``batch_size == len(samples)``; its optimiser is not used.
    samples, validation, history, on_epoch
        As for `train`.
    max_iterations, max_evaluations : int
    tolerance : float
        Stop when the largest entry of the gradient is below it.

    Returns
    -------
    Step
        At the parameters that were found; it is not taken.

    References
    ----------
    Byrd, Lu, Nocedal, Zhu (1995); SciPy's ``minimize(method="L-BFGS-B")``.
    """
    training.own()
    theta = training.parameters.theta
    losses: dict[float, Step] = {}  # the step of every loss since the last iteration
    was_stopped = False
    start = time.perf_counter()
    work = training.work(len(samples))
    ops.ready(theta.dtype, work * min(max_iterations, EPOCHS_AHEAD))

    def loss_and_gradient(point: Array) -> tuple[float, Array]:
        theta[...] = point
        step = training.compute_gradient(samples, slice(0, len(samples)))
        losses[step.loss + step.penalty] = step
        ops.count(theta.dtype, work)
        return step.loss + step.penalty, step.gradient.theta.astype(np.float64)

    def note(intermediate_result: Any) -> None:
        nonlocal start, was_stopped
        theta[...] = intermediate_result.x
        here = losses[intermediate_result.fun]
        losses.clear()
        validation_loss = None
        if validation is not None:
            validation_loss = evaluate(training.architecture, training.parameters, validation)[0]
        now = time.perf_counter()
        record = EpochRecord(
            len(history) + 1, here.loss, None, validation_loss, None, now - start, here.penalty
        )
        start = now
        history.records.append(record)
        if on_epoch(record) is True:
            was_stopped = True
            raise StopIteration

    history.threads = threads_by_work(training.architecture, training.batch_size, theta.itemsize)
    with limited_to(history.threads):
        result = minimize(
            loss_and_gradient,
            theta.astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=note,
            options={"maxfun": max_evaluations, "maxiter": max_iterations, "gtol": tolerance},
        )
    theta[...] = result.x
    kind = StopKind.ON_EPOCH if was_stopped else KIND_OF_STATUS[result.status]
    history.end(Stop(kind, str(result.message)))
    return training.compute_gradient(samples, slice(0, len(samples)))
