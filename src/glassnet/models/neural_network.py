"""NeuralNetwork: the assignment's class, a friendly face on the engine."""

import sys
from collections.abc import Callable, Sequence
from inspect import signature
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet.data import train_validation_split
from glassnet.errors import InvalidDataError
from glassnet.models import validation
from glassnet.models._core import FittedNetwork
from glassnet.models._state import ModelState
from glassnet.nn.activations import Activation
from glassnet.nn.evaluation import evaluate
from glassnet.nn.history import EpochRecord, History
from glassnet.nn.initializers import Initializer
from glassnet.nn.losses import LOSSES, softmax
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import Optimizer
from glassnet.nn.samples import Samples
from glassnet.nn.training import EarlyStopping, Training, shuffles, steps, train


class NeuralNetwork(FittedNetwork):
    """Classify with a multilayer perceptron, trained by gradient descent on batches.

    The names are those of a university assignment; everything below them is the one engine of glassnet.

    Parameters
    ----------
    N : int
        Number of hidden layers, at least 1.
    A : sequence of int
        Units of each hidden layer; N positive numbers.
    lr : float
        Learning rate, positive.
    activation : str, callable or Activation
        Of the hidden layers: a name from `glassnet.nn.ACTIVATIONS`, one of the functions there,
        or any function of the pre-activations z, an array of shape (n, units), that returns its like.
    activation_grad : callable, optional
        Derivative of the activation as a function of z. Needed with a function of your own; the library
        knows that of its own activations.
    weight_init : str or callable
        A name from `glassnet.nn.INITIALIZERS`, or any ``f(rng, fan_in, fan_out)`` that returns
        weights of shape (fan_in, fan_out), with `rng` a `numpy.random.Generator`. Biases start at zero.
    epochs : int
        Maximum number of passes over the training data.
    batch_size : int
        Samples a step; not more than there are training samples.
    random_state : int, Generator or None
        Seed of the initial weights, the validation split and the order of the samples; None differs
        every time.
    dtype : {"float32", "float64"}
        What is computed with.
    loss : str
        A name from `glassnet.nn.LOSSES`; it brings its output activation along.
    optimizer : str or Optimizer
        A name from `glassnet.nn.OPTIMIZERS`, or a value such as ``SGD(momentum=0.5)``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted; output k is that of ``classes_[k]``.
    history_ : History
        Loss and accuracy of every epoch, and why training ended.
    weights_, biases_ : list of ndarray
        Of each layer, shapes (fan_in, fan_out) and (fan_out,): views of the parameters in use.
    n_features_in_ : int

    Notes
    -----
    X of dtype uint8 is taken as images with pixels from 0 to 255: each batch is divided by 255 when it is
    used, in training and prediction alike. Other numbers are used as they are.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 2))
    >>> y = np.where(X[:, 0] * X[:, 1] > 0, "same", "different")
    >>> network = NeuralNetwork(N=1, A=[16], lr=0.5, epochs=60, batch_size=32, random_state=0)
    >>> network.fit(X, y).score(X, y) > 0.9
    True
    >>> network.predict([[1.0, 1.0], [-1.0, 1.0]])
    array(['same', 'different'], dtype='<U9')
    """

    def __init__(
        self,
        N: int,
        A: Sequence[int],
        lr: float = 0.002,
        activation: str | Callable[[Array], Array] | Activation = "relu",
        activation_grad: Callable[[Array], Array] | None = None,
        weight_init: str | Initializer = "normal",
        epochs: int = 100,
        batch_size: int = 128,
        *,
        random_state: int | np.random.Generator | None = None,
        dtype: DTypeLike = "float32",
        loss: str = "softmax_cross_entropy",
        optimizer: str | Optimizer = "sgd",
    ) -> None:
        self.N = N
        self.A = A
        self.lr = lr
        self.activation = activation
        self.activation_grad = activation_grad
        self.weight_init = weight_init
        self.epochs = epochs
        self.batch_size = batch_size
        self.random_state = random_state
        self.dtype = dtype
        self.loss = loss
        self.optimizer = optimizer

    def __repr__(self) -> str:
        shown = ("N", "A", "lr", "activation", "weight_init", "epochs", "batch_size")
        return f"NeuralNetwork({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's parameters by name; `deep` is for scikit-learn, and means nothing here."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    # -- training -----------------------------------------------------------------------------------

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        *,
        early_stopping: bool = True,
        patience: int = 5,
        validation_fraction: float = 0.2,
        restore_best: bool = True,
        verbose: bool = False,
        on_epoch: Callable[[EpochRecord], object] | None = None,
    ) -> Self:
        """Train from new weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels: integers, strings, or one-hot rows.
        X_val, y_val : array-like, optional
            Own validation data. Without them, early stopping holds a part of X back.
        early_stopping : bool
            Stop when the validation loss has not been below its best for `patience` epochs.
        patience : int
        validation_fraction : float
            The part of X to hold back, stratified by class.
        restore_best : bool
            Where there are validation data: keep the weights of the epoch with the lowest validation loss.
        verbose : bool
            Print a line per epoch.
        on_epoch : callable, optional
            Called with the `EpochRecord` of every epoch; training stops when it returns True.

        Returns
        -------
        self

        Raises
        ------
        InvalidParameterError, InvalidDataError
            Before training starts.
        DivergedError
            When the loss becomes NaN or infinite. `history_` holds the epochs until then, and with
            `restore_best` the network the best weights until then.
        KeyboardInterrupt
            On Ctrl-C, with the network usable as trained so far.
        """
        validation.check_count("patience", patience)
        rng = self._rng()
        X_train, y_train = validation.check_inputs(X, self._dtype()), validation.as_labels(y)
        if (X_val is None) != (y_val is None):
            raise InvalidDataError("got one of X_val and y_val; expected both, or neither.")
        classes = validation.find_classes(y_train, len(X_train))
        codes = validation.encode_labels(y_train, classes)
        held_out: tuple[NDArray[Any], NDArray[np.intp]] | None = None
        if X_val is not None:
            X_held_out = validation.check_inputs(X_val, self._dtype(), name="X_val")
            validation.check_width(X_held_out, X_train.shape[1], name="X_val")
            validation.check_lengths(X_held_out, validation.as_labels(y_val, "y_val"), ("X_val", "y_val"))
            held_out = (
                X_held_out,
                validation.encode_labels(validation.as_labels(y_val, "y_val"), classes, name="y_val"),
            )
        elif early_stopping:
            X_train, X_held_out, codes, codes_held_out = train_validation_split(
                X_train, codes, validation_fraction=validation_fraction, random_state=rng
            )
            held_out = X_held_out, codes_held_out
        validation.check_batch_size(self.batch_size, len(X_train))
        max_epochs = validation.check_count("epochs", self.epochs)
        training = self._initialize(X_train.shape[1], classes, rng)
        self.history_ = History()

        def report(record: EpochRecord) -> object:
            if verbose:
                sys.stdout.write(f"{record}\n")
            return on_epoch(record) if on_epoch is not None else None

        train(
            training,
            self._samples(X_train, codes),
            self._samples(*held_out) if held_out else None,
            shuffles(len(X_train), rng),
            self.history_,
            max_epochs=max_epochs,
            watch=EarlyStopping(patience if early_stopping else None, restore_best=restore_best)
            if held_out
            else None,
            on_epoch=report,
        )
        return self

    def initialize(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Draw new weights for data like X and y, without training.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_classes)

        Returns
        -------
        self
        """
        X, y = validation.check_inputs(X, self._dtype()), validation.as_labels(y)
        self._initialize(X.shape[1], validation.find_classes(y, len(X)), self._rng())
        return self

    def draw_parameters(self, architecture: Architecture, dtype: DTypeLike) -> Parameters:
        """Return new weights and biases for an architecture, as training draws them first.

        Nothing but a `random_state` that is a generator is changed.
        """
        return self._draw(architecture, dtype, self._rng())

    def make_samples(
        self, X: ArrayLike, y: ArrayLike | None = None, *, dtype: DTypeLike | None = None, name: str = "X"
    ) -> Samples:
        """Return labelled data as the engine of `glassnet.nn` takes them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
        dtype : {"float32", "float64"}, optional
            Of inputs and targets; what the network computes with, unless given.
        name : str
            What messages call X.

        Raises
        ------
        InvalidDataError
            When X or y do not fit the network, or y holds labels that it has not learnt.
        """
        y_name = name.replace("X", "y")
        X = self._checked(X, dtype, name)
        labels = validation.as_labels(y, y_name)
        validation.check_lengths(X, labels, (name, y_name))
        return self._samples(X, validation.encode_labels(labels, self.classes_, y_name), dtype)

    def backward_propagation(self, X: ArrayLike, y: ArrayLike) -> float:
        """Compute the gradients on one batch and update weights and biases once.

        A network that was neither fitted nor initialised is initialised for this X and y first.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_classes)

        Returns
        -------
        float
            The loss of the batch before the update.
        """
        if not self.has_weights:
            self.initialize(X, y)
        samples = self.make_samples(X, y)
        training = self._training
        assert training is not None
        training.batch_size = len(samples)
        training.learning_rate = validation.check_positive("lr", self.lr)
        losses = [step.loss for step in steps(training, samples, np.arange(len(samples)))]
        return losses[0]

    # -- answers ------------------------------------------------------------------------------------

    def forward_propagation(self, X: ArrayLike) -> Array:
        """Return the output of the last layer, shape (n_samples, n_classes)."""
        return self._outputs(X)

    def predict_prob(self, X: ArrayLike) -> Array:
        """Return the probability of each class, shape (n_samples, n_classes); columns as in `classes_`.

        With ``loss="sigmoid_cross_entropy"`` each class has its own probability, and a row need not sum to 1;
        with ``loss="squared_error"`` these are the raw outputs, which are no probabilities.
        """
        return self.forward_propagation(X)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of each sample, shape (n_samples,)."""
        answers = self.forward_propagation(X).argmax(axis=1)
        return np.asarray(self.classes_[answers])

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Return the accuracy: the share of samples whose label is predicted rightly."""
        return self.evaluate(X, y)[1]

    def evaluate(self, X: ArrayLike, y: ArrayLike) -> tuple[float, float]:
        """Return mean loss and accuracy on labelled data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
        """
        samples = self.make_samples(X, y)
        return evaluate(self.architecture_, self.parameters_, samples)

    @staticmethod
    def _softmax(z: ArrayLike) -> Array:
        """Return exp(z) / sum(exp(z)) along the last axis, stable for any finite z."""
        return softmax(np.asarray(z))

    @property
    def has_single_labels(self) -> bool:
        """Whether each sample has one label: always."""
        return True

    @property
    def weights_(self) -> list[Array]:
        """The weights of each layer, shape (fan_in, fan_out)."""
        self._require_weights()
        return self.parameters_.weights

    @property
    def biases_(self) -> list[Array]:
        """The biases of each layer, shape (fan_out,)."""
        self._require_weights()
        return self.parameters_.biases

    # -- files --------------------------------------------------------------------------------------

    _fitted_names: ClassVar[tuple[str, ...]] = ("n_features_in_", "classes_")

    def _plain_parameters(self) -> dict[str, Any]:
        """Return the parameters that the network was made with, which may have been set anew since."""
        hidden = list(self.architecture_.sizes[1:-1])
        is_seed = isinstance(self.random_state, Integral)
        return self.get_params() | {
            "N": len(hidden),
            "A": hidden,
            "dtype": self.parameters_.theta.dtype.name,
            "loss": self.architecture_.head.name,
            "random_state": self.random_state if is_seed else None,
        }

    def _restore(self, state: ModelState) -> None:
        classes, theta = state.fitted["classes_"], state.theta
        made = self._architecture(state.architecture.sizes[0], len(classes))
        if (made.sizes, made.head) != (state.architecture.sizes, state.architecture.head):
            raise ValueError(f"layers of {made.sizes} units, and weights of {state.architecture.sizes}")
        if theta.dtype != self._dtype():
            raise ValueError(f"weights of {theta.dtype}, and dtype={self.dtype}")
        self._take_over(state.architecture, Parameters(state.architecture, theta), classes)
        if state.history is not None:
            self.history_ = state.history

    # -- what the settings mean to the engine -------------------------------------------------------

    def _initialize(self, n_features: int, classes: NDArray[Any], rng: np.random.Generator) -> Training:
        architecture = self._architecture(n_features, len(classes))
        return self._take_over(architecture, self._draw(architecture, self._dtype(), rng), classes)

    def _architecture(self, n_features: int, n_classes: int) -> Architecture:
        sizes = (n_features, *validation.check_hidden_sizes(self.N, self.A), n_classes)
        activations = validation.resolve_activations(self.activation, self.activation_grad, self.N)
        return Architecture(sizes, activations, lookup(LOSSES, self.loss, "loss"))

    def _take_over(
        self, architecture: Architecture, parameters: Parameters, classes: NDArray[Any]
    ) -> Training:
        """Take over new parameters; whatever may be refused is refused before anything changes."""
        training = Training(
            architecture,
            parameters,
            validation.resolve_optimizer(self.optimizer),
            validation.check_positive("lr", self.lr),
            validation.check_count("batch_size", self.batch_size),
        )
        self._install(architecture, parameters)
        self._training = training
        self.classes_ = classes
        self.n_features_in_ = architecture.sizes[0]
        return training

    def _rng(self) -> np.random.Generator:
        return validation.check_random_state(self.random_state)

    def _dtype(self) -> np.dtype[Any]:
        return validation.check_dtype(self.dtype)

    def _checked(self, X: ArrayLike, dtype: DTypeLike | None = None, name: str = "X") -> NDArray[Any]:
        self._require_weights()
        X = validation.check_inputs(X, validation.check_dtype(dtype or self.dtype), name)
        validation.check_width(X, self.n_features_in_, name)
        return X

    def _draw(self, architecture: Architecture, dtype: DTypeLike, rng: np.random.Generator) -> Parameters:
        return Parameters.draw(architecture, validation.resolve_initializer(self.weight_init), rng, dtype)

    def _inputs(self, X: Any) -> Samples:
        return self._samples(self._checked(X))

    def _samples(
        self, X: NDArray[Any], codes: NDArray[np.intp] | None = None, dtype: DTypeLike | None = None
    ) -> Samples:
        dtype, y = validation.check_dtype(dtype or self.dtype), None
        if codes is not None:
            y = np.zeros((len(codes), len(self.classes_)), dtype)
            y[np.arange(len(codes)), codes] = 1
        return Samples(X, y, dtype, divisor=255.0 if X.dtype == np.uint8 else None)
