"""The systems that a network can be trained with, each as its own good users write it.

A builder takes a `Task` and returns a job that trains ``task.epochs`` passes over the data and goes on from
there when it is called again. What must be compiled is compiled before, and not timed. Every builder imports
its package when it is called, so that a peer that is not installed is missed only here.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from harness import Job, few_epochs, format_value, take_turns

from glassnet._common.environment import count_cores
from glassnet.data import one_hot
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import normal
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training, epochs, shuffles

LEARNING_RATE = 0.002
BATCH = 128


@dataclass(frozen=True)
class Task:
    """Describe what every system trains: a ReLU network with a softmax, on batches of 128.

    Attributes
    ----------
    X : ndarray of shape (n, n_features)
        In the dtype that a system is given; n is a multiple of 128.
    y : ndarray of shape (n,)
        Labels 0 ... k - 1.
    sizes : tuple of int
        Of the layers, inputs and outputs included.
    optimizer : {"sgd", "adam"}
    epochs : int
        Passes over the data in one call of a job.
    """

    X: np.ndarray
    y: np.ndarray
    sizes: tuple[int, ...]
    optimizer: str
    epochs: int = 1

    def given(self, X: np.ndarray) -> "Task":
        """Return the same task on the same inputs in another dtype."""
        return Task(X, self.y, self.sizes, self.optimizer, self.epochs)


def gemm_floor(task: Task) -> Job:
    """Multiply the matrices of each step, and nothing else: no network in NumPy can be faster."""
    rng = np.random.default_rng(0)
    a = [rng.random((BATCH, size), np.float32) for size in task.sizes]
    outputs = [np.empty_like(array) for array in a]
    weights = [rng.random(shape, np.float32) for shape in pairwise(task.sizes)]
    gradients = [np.empty_like(weight) for weight in weights]

    def job() -> None:
        for _ in range(task.epochs * (len(task.X) // BATCH)):
            for i, weight in enumerate(weights):
                np.matmul(a[i], weight, out=outputs[i + 1])
            for i in reversed(range(len(weights))):
                np.matmul(a[i].T, a[i + 1], out=gradients[i])
                if i > 0:
                    np.matmul(a[i + 1], weights[i].T, out=outputs[i])

    return job


def glassnet_engine(task: Task) -> Job:
    """Train with glassnet's loop, in float32, given float32 or bytes."""
    rng = np.random.default_rng(0)
    activations = (ACTIVATIONS["relu"],) * (len(task.sizes) - 2)
    architecture = Architecture(task.sizes, activations, LOSSES["softmax_cross_entropy"])
    parameters = Parameters.draw(architecture, normal, rng, np.float32)
    training = Training(architecture, parameters, OPTIMIZERS[task.optimizer], LEARNING_RATE, BATCH)
    divisor = 255.0 if task.X.dtype == np.uint8 else None
    samples = Samples(task.X, one_hot(task.y, task.sizes[-1]), np.float32, divisor=divisor)
    samples = samples.split(task.sizes[1])  # as `train` does
    records: Iterator[object] = epochs(training, samples, None, shuffles(len(task.X), rng))

    def job() -> None:
        for _ in range(task.epochs):
            next(records)

    return job


def estimator(classifier: Callable[..., Any], task: Task, **settings: Any) -> Job:
    """Fit a classifier with scikit-learn's parameters, its checks of the data included."""
    model = classifier(
        task.sizes[1:-1],
        solver=task.optimizer,
        momentum=0.0,
        learning_rate_init=LEARNING_RATE,
        batch_size=BATCH,
        max_iter=task.epochs,
        tol=0.0,
        n_iter_no_change=task.epochs + 1,
        alpha=0.0,
        random_state=0,
        **settings,
    )

    def job() -> None:
        with few_epochs():
            model.fit(task.X, task.y)

    return job


def scikit_learn(task: Task) -> Job:
    """Fit scikit-learn's MLPClassifier, which computes in the dtype that it is given."""
    from sklearn.neural_network import MLPClassifier

    return estimator(MLPClassifier, task)


def glassnet_estimator(task: Task, **settings: Any) -> Job:
    """Fit glassnet's MLPClassifier."""
    from glassnet import MLPClassifier

    return estimator(MLPClassifier, task, **settings)


def pytorch_layers(sizes: tuple[int, ...]) -> list[Any]:
    """Return the layers of a ReLU network, its last one linear."""
    import torch

    layers: list[Any] = []
    for shape in pairwise(sizes):
        layers += [torch.nn.Linear(*shape), torch.nn.ReLU()]
    return layers[:-1]


def pytorch(task: Task, threads: int, compiled: bool) -> Job:
    """Train with PyTorch: fused optimiser, batches by index_select, the loss compiled or not."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(threads)
    network = torch.nn.Sequential(*pytorch_layers(task.sizes))
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[task.optimizer]
    update = make(network.parameters(), lr=LEARNING_RATE, fused=True)
    inputs, labels = torch.from_numpy(task.X), torch.from_numpy(task.y)

    def loss_of(X: Any, y: Any) -> Any:
        return torch.nn.functional.cross_entropy(network(X), y)

    if compiled:
        import torch._dynamo

        # one process compiles many networks, each of which counts as a recompilation of the same code
        torch._dynamo.config.recompile_limit = 10_000  # noqa: SLF001 - PyTorch has no other name for it
        loss_of = torch.compile(loss_of, dynamic=False, options={"cpp.threads": threads})

    def train(n_epochs: int) -> None:
        torch.set_num_threads(threads)
        for _ in range(n_epochs):
            for rows in torch.randperm(len(inputs)).split(BATCH):
                update.zero_grad()
                loss_of(inputs.index_select(0, rows), labels.index_select(0, rows)).backward()
                update.step()

    train(1)  # compiles
    return lambda: train(task.epochs)


def jax(task: Task) -> Job:
    """Train with JAX: one compiled function for a whole epoch, a scan over its steps, its buffers donated."""
    import jax
    import jax.numpy as jnp

    update = {"sgd": _jax_sgd, "adam": _jax_adam}[task.optimizer]

    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, key: Any, X: Any, y: Any) -> Any:
        def step(state: Any, rows: Any) -> Any:
            loss, gradient = jax.value_and_grad(_jax_loss)(state[0], X[rows], y[rows])
            return update(state, gradient), loss

        order = jax.random.permutation(key, len(X)).reshape(-1, BATCH)
        return jax.lax.scan(step, state, order)[0]

    shapes = list(pairwise(task.sizes))
    keys = jax.random.split(jax.random.key(0), len(shapes))
    parameters = [
        (jax.random.normal(key, shape) * (2 / shape[0]) ** 0.5, jnp.zeros(shape[1]))
        for key, shape in zip(keys, shapes, strict=True)
    ]
    n_moments = 2 if task.optimizer == "adam" else 0
    moments = [jax.tree.map(jnp.zeros_like, parameters) for _ in range(n_moments)]
    state = (parameters, jnp.zeros(()), *moments)
    key = jax.random.key(1)
    inputs, labels = jnp.asarray(task.X), jnp.asarray(task.y)

    def train(n_epochs: int) -> None:
        nonlocal state, key
        for _ in range(n_epochs):
            key, own = jax.random.split(key)
            state = epoch(state, own, inputs, labels)
        jax.block_until_ready(state)

    train(1)  # compiles
    return lambda: train(task.epochs)


def _jax_loss(parameters: Any, X: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    for weight, bias in parameters[:-1]:
        X = jax.nn.relu(X @ weight + bias)
    weight, bias = parameters[-1]
    log_probabilities = jax.nn.log_softmax(X @ weight + bias)
    return -jnp.take_along_axis(log_probabilities, y[:, None], 1).mean()


def _jax_sgd(state: Any, gradient: Any) -> Any:
    import jax

    parameters, t = state
    return jax.tree.map(lambda p, g: p - LEARNING_RATE * g, parameters, gradient), t


def _jax_adam(state: Any, gradient: Any) -> Any:
    import jax
    import jax.numpy as jnp

    parameters, t, mean, square = state
    t = t + 1
    mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
    square = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, square, gradient)
    rate = LEARNING_RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    moved = jax.tree.map(lambda p, m, s: p - rate * m / (jnp.sqrt(s) + 1e-8), parameters, mean, square)
    return moved, t, mean, square


def best_of_threads(
    build: Callable[[int], Job], *, repeats: int = 3, calls: int = 1, name: str = "PyTorch"
) -> tuple[Job, str]:
    """Return a job with the number of threads at which it is fastest, and a sentence about that."""
    jobs = {str(threads): build(threads) for threads in sorted({1, count_cores()})}
    seconds = {threads: min(own) for threads, own in take_turns(jobs, repeats, calls=calls).items()}
    best = min(seconds, key=seconds.__getitem__)
    tried = ", ".join(f"{threads}: {format_value(own, 's')}" for threads, own in seconds.items())
    return jobs[best], f"{name} runs with its better number of threads, {best} (least time with {tried})."


def add_peers(task: Task, jobs: dict[str, Job], notes: list[str], *, quick: bool) -> None:
    """Add PyTorch and JAX to the jobs of a float32 task, and to the notes what is to be said of them."""
    modes = ["eager"]
    if shutil.which(os.environ.get("CXX", "g++")) or shutil.which("clang++"):
        modes.append("compile")
    else:
        notes.append("PyTorch compile takes no part: it needs a C++ compiler, g++ or clang++.")
    try:
        for mode in modes:
            name = f"PyTorch {mode}"
            build = partial(pytorch, task, compiled=mode == "compile")
            jobs[name], note = best_of_threads(build, repeats=1 if quick else 3, name=name)
            notes.append(note)
    except ImportError:
        notes.append("PyTorch is not installed and takes no part: pip install torch==2.13.0")
    try:
        jobs["JAX jit + scan"] = jax(task)
    except ImportError:
        notes.append("JAX is not installed and takes no part: pip install 'glassnet[bench]'")
