"""Every number: the lines that lead to it, from `glassnet.worked`, with the engine's numbers."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from glassnet._common.naming import lookup
from glassnet.errors import InvalidParameterError
from glassnet.nn.training import Step
from glassnet.studio.views.look import Look
from glassnet.worked.close_up import Taken, What, close_up, name_of

WHAT = dict.fromkeys(("z", "a", "delta", "w", "b", "loss"))


def number(look: Look) -> dict[str, Any]:
    """Return the lines of one number, for the sample that is shown and the batch of the next step."""
    sizes = look.architecture.sizes
    what = look.query.get("what", "z")
    lookup(WHAT, what, "kind of number")
    layer = look.whole("layer", 1, 1, len(sizes) - 1)
    unit = look.whole("to", 0, 0, sizes[layer] - 1)
    source = look.whole("from", 0, 0, sizes[layer - 1] - 1)
    taken, notes = _taken(look)
    lines = close_up(taken, cast(What, what), layer, unit, source)
    return {
        "sample": look.index,
        "n_batch": len(look.moment.rows),
        "name": name_of(taken, cast(What, what), layer, unit, source),
        "notes": notes,
        "lines": [
            {
                "group": line.group,
                "name": line.name,
                "formula": f"{line.name} = {line.formula}",
                "formula_html": line.formula_html,
                "numbers": line.numbers,
                "numbers_html": line.numbers_html,
                "value": line.value,
                "exact": repr(line.value),
            }
            for line in lines
        ],
    }


def _taken(look: Look) -> tuple[Taken, list[str]]:
    """Make the next step on a copy, and return what it gave; and what differs from the run's own step."""
    training, rows = look.training(), np.asarray(look.moment.rows)
    if training.architecture.head.members > 1:
        raise InvalidParameterError("got a network of several members, whose lines are not written.")
    part, row = look.run.data.sample(look.index)
    own = look.pass_through(np.array([row]), part)
    z, a, deltas = (
        [np.array(each[0]) for each in kind]
        for kind in (own.workspace.z, own.workspace.a, own.workspace.deltas)
    )
    x, y, own_gradient = np.array(own.X[0]), np.array(own.y[0]), own.gradient.theta.copy()
    loss, penalty = own.loss, own.penalty
    training.batch_size = len(rows)
    step = training.compute_gradient(look.rows(rows), np.arange(len(rows)))
    inputs, batch_deltas, gradient = _copied(step, rows)
    memory = {name: array.copy() for name, array in training.optimizer_state.memory.items()}
    training.update()
    run = look.run.recorder.training
    notes = []
    if run.dropout is not None:
        notes.append("Units are dropped at random in the run’s own step; these lines are without.")
    if run.max_gradient_norm < np.inf:
        notes.append("A long gradient is scaled down before the update.")
    if look.index not in rows.tolist():
        notes.append("The sample that is shown is none of the batch of the next step.")
    taken = Taken(
        architecture=look.architecture,
        theta=look.moment.theta,
        theta_after=training.parameters.theta,
        optimizer=training.optimizer,
        learning_rate=training.rate,
        alpha=training.alpha,
        frozen=training.frozen,
        memory=memory,
        memory_after=training.optimizer_state.memory,
        updates=look.moment.updates,
        x=x,
        y=y,
        z=z,
        a=a,
        deltas=deltas,
        own=own_gradient,
        loss=loss,
        penalty=penalty,
        inputs=inputs,
        batch_deltas=batch_deltas,
        gradient=gradient,
    )
    return taken, notes


def _copied(step: Step, rows: NDArray[np.intp]) -> tuple[list[Any], list[Any], Any]:
    """Return copies of what each layer is given, of dL/dz of each sample alone, and of the gradient."""
    n = len(rows)
    inputs = [np.array(step.X), *(np.array(a) for a in step.workspace.a[:-1])]
    # the engine's deltas are of the mean over the batch
    return inputs, [np.array(delta) * n for delta in step.workspace.deltas], step.gradient.theta.copy()
