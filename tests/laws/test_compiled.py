"""The two modules of kernels are one interface: the same names, signatures and numbers."""

import inspect

import numpy as np
import pytest

from glassnet.nn import ops
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.outputs import OUTPUTS

pytest.importorskip("numba")
from glassnet.nn.ops import numba as compiled, numpy as plain

pytestmark = pytest.mark.usefixtures("compiled_kernels")
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
shapes = pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1), (128, 33)])
COMPILED = [name for name in plain.__all__ if hasattr(getattr(compiled, name), "py_func")]


def with_and_without(compute):
    """Return what `compute` returns with the compiled kernels and with NumPy's."""
    with_them = compute()
    ops.use(plain)
    try:
        return with_them, compute()
    finally:
        ops.use(compiled)


def close(dtype):
    """Return tolerances for numbers of about 1 and sums of some; their order may differ."""
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
    others = {"warm_up", "compile_kernel", "is_same", "njit"}
    own = {name for name, value in vars(compiled).items() if callable(value) and name[0].islower()}
    assert own - others == functions


@pytest.mark.parametrize("name", COMPILED)
def test_signatures_are_the_same(name):
    ours, theirs = getattr(compiled, name).py_func, getattr(plain, name)
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


@pytest.mark.parametrize("value", OUTPUTS.values(), ids=lambda value: value.name)
def test_the_tables_name_kernels_that_there_are(value):
    named = {value.kernel, value.chain} - {None}
    assert named <= set(plain.__all__)


# the numbers: arguments of every compiled kernel, and which of them it writes to


def of_bias(dtype, shape):
    z = draw(shape, dtype)
    return [z, draw(shape[1], dtype, seed=1), np.empty_like(z), np.empty_like(z)], [0, 2]


def of_chain(dtype, shape):
    return [draw(shape, dtype), draw(shape, dtype, seed=1), np.empty(shape, dtype)], [1]


def of_losses(dtype, shape):
    z, y = draw(shape, dtype), np.eye(shape[1], dtype=dtype)
    a = np.empty_like(z)
    plain.softmax(z, a)
    return [z, a, y[np.random.default_rng(2).integers(0, shape[1], shape[0])]], []


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
    """Return inputs of 60 rows as a CSR matrix has them, without every fourth column, and rows of a batch."""
    used = np.random.default_rng(3).random((60, shape[1])) < 0.3
    used[:, ::4] = False  # these are kept as a matrix
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
    kept = draw((len(range(0, shape[1], 4)), 9), dtype, seed=5)
    delta, out = draw((shape[0], 9), dtype, seed=6), np.full((shape[1], 9), np.nan, dtype)
    return [*sorting[4:], delta, np.arange(0, shape[1], 4), kept, out], [6]


ARGUMENTS = {
    "bias_identity": of_bias,
    "bias_relu": of_bias,
    "bias_leaky_relu": of_bias,
    "bias_softmax": of_bias,
    "softmax_losses": of_losses,
    "chain_relu": of_chain,
    "chain_leaky_relu": of_chain,
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
        np.testing.assert_allclose(ours, theirs, **close(dtype))


@shapes
@both_dtypes
@pytest.mark.parametrize("layer", [*ACTIVATIONS.values(), *LOSSES.values()], ids=lambda layer: layer.name)
def test_out_may_be_z(layer, dtype, shape):
    def compute():
        z, bias = draw(shape, dtype), draw(shape[1], dtype, seed=1)
        layer.apply_with_bias(z, bias, z, np.empty_like(z))
        return z

    np.testing.assert_allclose(*with_and_without(compute), **close(dtype))


@both_dtypes
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_updates(optimizer, dtype):
    def compute():
        theta = draw(1001, dtype)
        state = optimizer.init(theta)
        for step in range(70):
            optimizer.update(theta, draw(1001, dtype, seed=step) ** 3, state, 0.01)
        return theta

    with_them, without = with_and_without(compute)
    np.testing.assert_allclose(with_them, without, rtol=300 * np.finfo(dtype).eps, atol=1e-6)


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


# who answers


def test_only_work_that_repays_it_loads_the_compiled_kernels():
    ops.use(plain)
    assert not ops.ready(np.float32, ops.WORK_TO_LOAD / 2)
    assert ops.kernels is plain
    assert ops.ready(np.float32, ops.WORK_TO_LOAD)
    assert ops.kernels is compiled
    assert ops.ready(np.float32, 1)  # they are there
