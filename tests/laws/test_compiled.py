"""The two modules of kernels are one interface: the same names, signatures and numbers, to the last bit."""

import inspect

import numpy as np
import pytest

from glassnet.nn import ops
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.history import History
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.outputs import OUTPUTS
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training, shuffles, train

pytest.importorskip("numba")
from glassnet.nn.ops import numba as compiled, numpy as plain

pytestmark = pytest.mark.usefixtures("compiled_kernels")
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
shapes = pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1), (128, 33)])
COMPILED = [
    name
    for name, kernel in vars(plain).items()
    if inspect.isfunction(kernel) and not name.startswith("_") and getattr(compiled, name) is not kernel
]
SPLIT = {"add_entries", "entries_gradient"}
"""They add up in another order than NumPy; a training has split inputs or not, whoever answers."""


def with_and_without(compute):
    """Return what `compute` returns with the compiled kernels and with NumPy's."""
    with_them = compute()
    ops.use(plain)
    try:
        return with_them, compute()
    finally:
        ops.use(compiled)


def close(dtype):
    """Return tolerances for sums of some numbers of about 1 in another order."""
    return {"rtol": 8 * np.finfo(dtype).eps, "atol": 64 * np.finfo(dtype).eps}


def draw(shape, dtype, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


# the interface


def test_what_ops_offers_is_what_answers():
    for module in (plain, compiled):
        ops.use(module)
        assert {name: getattr(ops, name) for name in plain.__all__} == {
            name: getattr(module, name) for name in plain.__all__
        }
        assert ops.kernels is module


def test_the_compiled_module_has_every_kernel_and_no_other():
    functions = {name for name, value in vars(plain).items() if inspect.isfunction(value)}
    assert functions == {name for name in plain.__all__ if callable(getattr(plain, name))}
    others = {
        "compile_kernel",
        "warm_up",
        "is_on_disk",
        "is_same",
        "bias_below_top",
        "divide_rows",
        "find_top",
        "bias_half_below",
        "join_selu",
        "bias_below_40",
        "join_mish",
        "times_mish_slope",
    }
    own = {
        name
        for name, value in vars(compiled).items()
        if getattr(value, "__module__", "").startswith("glassnet.nn.ops") and name[0].islower()
    }
    assert own - others == functions


@pytest.mark.parametrize("name", COMPILED)
def test_signatures_are_the_same(name):
    ours, theirs = getattr(compiled, name), getattr(plain, name)
    ours = getattr(ours, "py_func", ours)
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


@pytest.mark.parametrize("value", OUTPUTS.values(), ids=lambda value: value.name)
def test_the_tables_name_kernels_that_there_are(value):
    named = {value.kernel, value.chain, getattr(value, "slope_kernel", None)} - {None}
    assert named <= set(plain.__all__)


# the numbers: arguments of every compiled kernel, and which of them it writes to


def of_bias(dtype, shape):
    z = draw(shape, dtype)
    return [z, draw(shape[1], dtype, seed=1), np.empty_like(z), np.empty_like(z)], [0, 2]


def of_chain(dtype, shape):
    return [draw(shape, dtype), draw(shape, dtype, seed=1), np.empty(shape, dtype)], [1]


def of_blend(dtype, shape):
    return [
        *(draw(shape, dtype, seed) for seed in (0, 1)),
        draw(shape[1], dtype, 2),
        np.empty(shape, dtype),
    ], [3]


def of_losses(dtype, shape):
    z = draw(shape, dtype)
    a = np.empty_like(z)
    plain.softmax(z, a)
    y = np.random.default_rng(2).dirichlet(np.ones(shape[1]), shape[0]).astype(dtype)
    return [z, a, y], []


def flat(dtype, shape, n):
    return [draw(shape[0] * shape[1], dtype, seed) for seed in range(n)]


def of_momentum(dtype, shape):
    theta, gradient, velocity, scratch = flat(dtype, shape, 4)
    return [theta, gradient, velocity, 0.1, 0.9, True, scratch], [0, 2]


def of_adam(dtype, shape):
    theta, gradient, mean, square, scratch = flat(dtype, shape, 5)
    return [theta, gradient, mean, square**2, (0.9, 0.999), 1e-6, 0.01, 0.99, 1e-11, scratch], [0, 2, 3]


def of_images(dtype, shape):
    images = np.random.default_rng(0).integers(0, 256, (50, shape[1])).astype(np.uint8)
    rows = np.random.default_rng(1).integers(0, 50, shape[0])
    return [images, rows, 255.0, np.empty(shape, dtype), np.empty(shape, np.uint8)], [3]


def entries(dtype, shape):
    """Return inputs of 60 rows as a CSR matrix has them, every fourth column empty, and rows of a batch."""
    used = np.random.default_rng(3).random((60, shape[1])) < 0.3
    used[:, ::4] = False  # columns without an entry
    pointers = np.concatenate([[0], np.cumsum(used.sum(axis=1))])
    indices = np.nonzero(used)[1].astype(np.int32)
    rows = np.random.default_rng(4).integers(0, 60, shape[0])
    return pointers, indices, draw(len(indices), dtype), rows


def of_add_entries(dtype, shape):
    return [*entries(dtype, shape), draw((shape[1], 9), dtype), draw((shape[0], 9), dtype, seed=1)], [5]


def of_sorting(dtype, shape):
    most = shape[0] * shape[1]
    buffers = np.zeros(shape[1] + 1, np.intp), np.zeros(most, np.int32), np.zeros(most, dtype)
    return [*entries(dtype, shape), *buffers], [4, 5, 6]


def of_gradient(dtype, shape):
    sorting, _ = of_sorting(dtype, shape)
    plain.sort_by_column(*sorting)
    delta, out = draw((shape[0], 9), dtype, seed=6), np.full((shape[1], 9), np.nan, dtype)
    return [*sorting[4:], delta, out], [4]


ARGUMENTS = {
    "bias_identity": of_bias,
    "bias_relu": of_bias,
    "bias_leaky_relu": of_bias,
    "bias_selu": of_bias,
    "bias_mish": of_bias,
    "bias_softmax": of_bias,
    "blend": of_blend,
    "softmax_losses": of_losses,
    "chain_relu": of_chain,
    "chain_leaky_relu": of_chain,
    "chain_selu": of_chain,
    "mish_slope": of_chain,
    "chain_sigmoid": of_chain,
    "chain_tanh": of_chain,
    "drop_vanished": lambda dtype, shape: ([draw(shape, dtype) * dtype(1e-29), 1e-23], [0]),
    "add_penalty": lambda dtype, shape: ([*flat(dtype, shape, 2), 0.3], [1]),
    "sgd": lambda dtype, shape: ([*flat(dtype, shape, 2), 0.1], [0]),
    "momentum": of_momentum,
    "adam": of_adam,
    "gather_scaled": of_images,
    "add_entries": of_add_entries,
    "sort_by_column": of_sorting,
    "entries_gradient": of_gradient,
}


@shapes
@both_dtypes
@pytest.mark.parametrize("name", COMPILED)
def test_numbers_are_the_same(name, dtype, shape):
    results = []
    for module in (compiled, plain):
        arguments, written = ARGUMENTS[name](dtype, shape)
        returned = getattr(module, name)(*arguments)
        results.append([np.zeros(0) if returned is None else returned, *(arguments[i] for i in written)])
    for ours, theirs in zip(*results, strict=True):
        assert ours.dtype == theirs.dtype
        if name in SPLIT:
            np.testing.assert_allclose(ours, theirs, **close(dtype))
        else:
            np.testing.assert_array_equal(ours, theirs)


@shapes
@both_dtypes
@pytest.mark.parametrize("layer", [*ACTIVATIONS.values(), *LOSSES.values()], ids=lambda layer: layer.name)
def test_out_may_be_z(layer, dtype, shape):
    def compute():
        z, bias = draw(shape, dtype), draw(shape[1], dtype, seed=1)
        layer.apply_with_bias(z, bias, z, np.empty_like(z))
        return z

    np.testing.assert_array_equal(*with_and_without(compute))


@both_dtypes
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_updates(optimizer, dtype):
    def compute():
        theta = draw(1001, dtype)
        state = optimizer.init(theta)
        for step in range(70):
            optimizer.update(theta, draw(1001, dtype, seed=step) ** 3, state, 0.01)
        return theta

    np.testing.assert_array_equal(*with_and_without(compute))


@both_dtypes
@pytest.mark.parametrize("divisor", [None, 255.0], ids=["numbers", "bytes"])
@pytest.mark.parametrize("head", ["softmax_cross_entropy", "sigmoid_cross_entropy", "squared_error"])
def test_a_whole_training_is_the_same_to_the_last_bit(
    head, divisor, dtype, draw_network, draw_targets, monkeypatch
):
    """So it may be decided by the work at hand, even in the middle of a training, which kernels answer."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (60, 7)).astype(np.uint8 if divisor else dtype)
    samples = Samples(X, draw_targets(head, rng, 60, 3, hard=True).astype(dtype), dtype, divisor)

    def compute():
        architecture, parameters = draw_network((7, 9, 5, 3), "relu", head, dtype=dtype)
        training = Training(architecture, parameters, OPTIMIZERS["adam"], 1e-3, 16, alpha=0.1)
        history, orders = History(), shuffles(60, np.random.default_rng(1))
        train(training, samples, samples, orders, history, max_epochs=20)
        losses = [(record.loss, record.validation_loss) for record in history.records]
        return np.array([*parameters.theta, *np.ravel(losses)])

    with_them = compute()
    monkeypatch.setenv("GLASSNET_FAST", "0")
    without = compute()
    assert ops.kernels is plain
    np.testing.assert_array_equal(with_them, without)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "identity"])
def test_what_is_not_a_number_stays_so(name):
    z = np.array([[np.nan, 1.0]])
    ACTIVATIONS[name].apply_with_bias(z, np.zeros(2), z, np.empty_like(z))
    assert np.isnan(z[0, 0])
    assert z[0, 1] == 1


def test_a_function_of_a_users_own_runs_as_it_is_given():
    own = Activation("relu", lambda z: np.where(z > 0, z, -7.0), ACTIVATIONS["relu"].gradient)
    z = np.array([[-1.0, 2.0]])
    own.apply_with_bias(z, np.zeros(2), z, np.empty_like(z))
    assert z.tolist() == [[-7, 2]]
