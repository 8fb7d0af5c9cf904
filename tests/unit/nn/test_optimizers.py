"""The optimisers by their equations; what all of them have in common is in ``tests/laws``."""

import numpy as np
import pytest

from glassnet.nn import ops
from glassnet.nn.optimizers import OPTIMIZERS, SGD, Adam


def run(optimizer, gradients, *, learning_rate=0.1, dtype=np.float64):
    """Return theta, from zero, after each of the gradients."""
    theta = np.zeros(len(gradients[0]), dtype)
    state = optimizer.init(theta)
    path = []
    for gradient in gradients:
        optimizer.update(theta, np.array(gradient, dtype), state, learning_rate)
        path.append(theta.copy())
    return np.array(path)


def textbook_adam(gradients, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    """Follow section 2 of Kingma and Ba in float64; return theta after each gradient, and the means."""
    theta, m, v = (np.zeros(len(gradients[0])) for _ in range(3))
    path, means = [], []
    for t, g in enumerate(gradients, start=1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        rate = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        theta = theta - rate * m / (np.sqrt(v) + epsilon)
        path.append(theta)
        means.append(m)
    return np.array(path), np.array(means)


def test_the_table_holds_the_usual_settings():
    usual = {
        "sgd": SGD(),
        "momentum": SGD(momentum=0.9),
        "nesterov": SGD(momentum=0.9, nesterov=True),
        "adam": Adam(beta_1=0.9, beta_2=0.999, epsilon=1e-8),
        "adamw": Adam(beta_1=0.9, beta_2=0.999, epsilon=1e-8, weight_decay=0.01),
    }
    assert usual.items() <= OPTIMIZERS.items()


def test_sgd_worked_by_hand():
    np.testing.assert_allclose(run(SGD(), [[1, -2], [3, 0]]), [[-0.1, 0.2], [-0.4, 0.2]])


def test_momentum_worked_by_hand():
    # v: -0.1, -0.09 - 0.1 = -0.19, -0.171
    np.testing.assert_allclose(run(SGD(0.9), [[1], [1], [0]])[:, 0], [-0.1, -0.29, -0.461])


def test_nesterov_worked_by_hand():
    # v as above, then theta += 0.9 v - 0.1 g: -0.19, -0.271, -0.1539
    np.testing.assert_allclose(run(SGD(0.9, nesterov=True), [[1], [1], [0]])[:, 0], [-0.19, -0.461, -0.6149])


def test_nesterov_without_momentum_is_plain():
    gradients = [[1.0, 2.0], [3.0, -1.0]]
    np.testing.assert_array_equal(run(SGD(0.0, nesterov=True), gradients), run(SGD(), gradients))


def test_adams_first_step_is_the_learning_rate_whatever_the_gradient():
    steps = run(Adam(), [[1e-3, 1, -1e3]])[0]
    np.testing.assert_allclose(steps, [-0.1, -0.1, 0.1], rtol=1e-3)  # epsilon matters at 1e-3


def test_adam_keeps_its_word_where_the_gradient_is_tiny():
    # at the first step m / (sqrt(v) + eps) = 0.1 g / (sqrt(0.001) g + eps)
    step = run(Adam(epsilon=1.0), [[2.0]], learning_rate=1.0)[0, 0]
    np.testing.assert_allclose(step, -np.sqrt(0.001) / 0.1 * 0.2 / (np.sqrt(0.001) * 2 + 1))


def test_adam_follows_the_textbook():
    gradients = np.random.default_rng(0).normal(size=(300, 5))
    expected, _ = textbook_adam(gradients, 0.01)
    np.testing.assert_allclose(run(Adam(), gradients, learning_rate=0.01), expected, rtol=1e-10)


def test_the_learning_rate_may_change_between_steps():
    theta = np.zeros(1)
    optimizer = SGD(0.5)
    state = optimizer.init(theta)
    optimizer.update(theta, np.ones(1), state, 1.0)  # v = -1
    optimizer.update(theta, np.ones(1), state, 0.1)  # v = -0.6: the old velocity keeps its size
    np.testing.assert_allclose(theta, [-1.6])


# vanished entries


@pytest.mark.parametrize(("dtype", "pause", "rtol"), [(np.float32, 1200, 2e-5), (np.float64, 8000, 1e-10)])
def test_flushing_vanished_means_changes_nothing_that_can_be_seen(dtype, pause, rtol):
    """A gradient that stays zero until the mean has decayed below the smallest number, then returns."""
    rng = np.random.default_rng(0)
    gradients = np.zeros((pause + 50, 3))
    gradients[:25], gradients[-25:] = rng.normal(size=(2, 25, 3))
    gradients[:, 2] = rng.normal(size=pause + 50)  # and one that never stops
    expected, means = textbook_adam(gradients, 0.01)
    assert np.abs(means[-26, :2]).max() < np.finfo(dtype).smallest_subnormal * 1e30  # long gone
    path = run(Adam(), gradients, learning_rate=0.01, dtype=dtype)
    np.testing.assert_allclose(path, expected, rtol=rtol, atol=rtol)


def test_vanished_entries_become_zero_at_the_64th_update_and_others_stay():
    optimizer, theta = Adam(), np.zeros(3, np.float32)
    state = optimizer.init(theta)
    for t in range(1, 65):
        state.memory["mean"][0] = 1e-31  # as if it had decayed so far
        state.memory["mean"][2] = state.memory["square"][2] = 1e-28  # and this one not quite
        optimizer.update(theta, np.array([0, 1e-3, 0], np.float32), state, 0.0)
        assert (state.memory["mean"][0] == 0) == (t == 64)
    assert (state.memory["mean"][1:] > [1e-4, 1e-29]).all()
    assert (state.memory["square"][1:] > [1e-9, 1e-29]).all()


@pytest.mark.parametrize("optimizer", [SGD(0.9), SGD(0.9, nesterov=True), Adam()])
def test_without_the_flush_there_would_be_denormals(optimizer, monkeypatch):
    """So that the test above tests something."""
    monkeypatch.setattr("glassnet.nn.optimizers.flush_decayed", lambda means, scratch, t: None)
    theta = np.zeros(1, np.float32)
    state = optimizer.init(theta)
    for t in range(1200):
        optimizer.update(theta, np.full(1, t < 5, np.float32), state, 0.01)
    decayed = state.memory["velocity" if isinstance(optimizer, SGD) else "mean"]
    assert 0 < abs(decayed[0]) < np.finfo(np.float32).tiny


@pytest.fixture(params=["numpy", "numba"])
def kernels(request):
    """Let each of the modules answer in turn."""
    before = ops.kernels
    if request.param == "numba":
        pytest.importorskip("numba")
        request.getfixturevalue("compiled_kernels")
    else:
        ops.use(ops.plain)
    yield
    ops.use(before)


@pytest.mark.usefixtures("kernels")
def test_adam_squares_no_gradient_into_a_denormal():
    """Dead units have such gradients for ever: the penalty on their weights, which shrink with it."""
    optimizer, theta = Adam(), np.array([1e-3, 1e-3, 1.0], np.float32)
    state = optimizer.init(theta)
    gradient = np.array([1e-20, -1e-22, 1e-12], np.float32)
    optimizer.update(theta, gradient.copy(), state, 0.2)
    assert state.memory["square"].tolist() == [0, 0, pytest.approx(1e-24, rel=1e-4)]
    np.testing.assert_array_equal(theta[:2], np.array([1e-3, 1e-3], np.float32))
    exact, wide = Adam(), np.zeros(1)
    state = exact.init(wide)
    exact.update(wide, np.array([1e-20]), state, 0.2)
    assert state.memory["square"][0] == pytest.approx(1e-40)  # no denormal of float64


def test_the_flush_does_not_hide_what_is_not_finite():
    optimizer, theta = Adam(), np.zeros(2)
    state = optimizer.init(theta)
    state.t = 63
    with np.errstate(invalid="ignore"):
        optimizer.update(theta, np.array([np.nan, np.inf]), state, 0.1)
    assert state.t == 64
    assert not np.isfinite(state.memory["mean"]).any()
