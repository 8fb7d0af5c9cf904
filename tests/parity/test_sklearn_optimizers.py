"""The optimisers step for step against those of scikit-learn."""

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from glassnet.nn.optimizers import SGD, Adam


def pairs():
    for momentum in (0.0, 0.5, 0.9):
        for nesterov in (False, True):
            yield pytest.param(
                SGD(momentum, nesterov),
                lambda theta, m=momentum, n=nesterov: SGDOptimizer([theta], 0.05, momentum=m, nesterov=n),
                id=f"sgd-{momentum}-{'nesterov' if nesterov else 'plain'}",
            )
    for settings in ((0.9, 0.999, 1e-8), (0.5, 0.9, 1e-3)):
        yield pytest.param(
            Adam(*settings), lambda theta, s=settings: AdamOptimizer([theta], 0.05, *s), id=f"adam-{settings}"
        )


@pytest.mark.parametrize(("optimizer", "reference"), list(pairs()))
def test_two_hundred_steps_are_those_of_scikit_learn(optimizer, reference):
    rng = np.random.default_rng(0)
    theta = rng.normal(size=30)
    theirs = theta.copy()
    state, reference = optimizer.init(theta), reference(theirs)
    curvature = rng.uniform(0.1, 2, 30)
    for _ in range(200):
        noise = rng.normal(0, 0.1, 30)
        optimizer.update(theta, curvature * theta + noise, state, 0.05)
        reference.update_params([theirs], [curvature * theirs + noise])
        np.testing.assert_allclose(theta, theirs, rtol=0, atol=1e-12)
