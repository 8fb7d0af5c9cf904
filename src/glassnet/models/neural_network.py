"""NeuralNetwork: the assignment's class, a friendly face on the engine."""

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from numbers import Integral
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from glassnet._common.arrays import Array
from glassnet._common.progress import RowProgress
from glassnet.data.streams import Stream
from glassnet.errors import InvalidParameterError
from glassnet.exchange import GraphSymbol, write_layers
from glassnet.models import resolving, validation
from glassnet.models._attributes import check_attributes
from glassnet.models._class_weights import class_weights
from glassnet.models._core import has_weights
from glassnet.models._features import Features, check_scale_uint8
from glassnet.models._labelled import LabelledNetwork, classes_of
from glassnet.models._protocol import PlainClassifier
from glassnet.models._state import ModelState
from glassnet.models._streaming import (
    StreamedSamples,
    count_rows,
    over_streams,
    part_rows,
    refuse,
    refuse_arrays,
)
from glassnet.models._survey import survey_labels
from glassnet.models.beginning import Begun
from glassnet.nn.activations import Activation
from glassnet.nn.course import Course
from glassnet.nn.evaluation import evaluate
from glassnet.nn.history import EpochRecord, History
from glassnet.nn.initializers import Initializer
from glassnet.nn.losses import is_usual, softmax
from glassnet.nn.network import Architecture, Dropout, Parameters
from glassnet.nn.optimizers import Optimizer
from glassnet.nn.samples import Samples, Source
from glassnet.nn.schedules import SCHEDULES, Schedule
from glassnet.nn.training import EarlyStopping, Training, steps

USUAL_BATCH = 128
"""Samples a step where the user has not said how many, and there are as many."""

ActivationFunction = Callable[[Array], Array]


class NeuralNetwork(PlainClassifier, LabelledNetwork):
    """Classify with a multilayer perceptron, trained by gradient descent on batches.

    The names are those of a university assignment; everything below them is the one engine of glassnet.

    Parameters
    ----------
    N : int
        Number of hidden layers; with 0 of them the inputs lead straight to the outputs.
    A : sequence of int
        Units of each hidden layer; N positive numbers.
    lr : float
        Learning rate, positive.
    activation : str, callable, Activation, pair of callables, or list of these
        Of the hidden layers: a name from `glassnet.nn.ACTIVATIONS` ("logistic" is another one of "sigmoid"),
        one of the functions there, or any function of the pre-activations z, an array of shape (n, units),
        that returns its like. A tuple (f, f') brings its derivative along. A list has one entry for each
        hidden layer.
    activation_grad : callable, optional
        Derivative of the activation as a function of z. Needed with a single function of your own; the
        library knows that of its own activations.
    weight_init : str or callable
        A name from `glassnet.nn.INITIALIZERS`, or any ``f(rng, fan_in, fan_out)`` that returns
        weights of shape (fan_in, fan_out), with `rng` a `numpy.random.Generator`. Biases start at zero.
    epochs : int
        Maximum number of passes over the training data.
    batch_size : int, optional
        Samples a step; not more than there are training samples. Unless given, 128, or all where there are
        fewer.
    random_state : int, Generator, RandomState or None
        Seed of all that is drawn: the initial weights, the validation split, the order of the samples, the
        units dropped. None differs every time. A `numpy.random.Generator` is drawn from as it is; of a
        `numpy.random.RandomState` one number is drawn whenever a seed is needed.
    dtype : {"float32", "float64"}
        What is computed with.
    loss : str
        A name from `glassnet.nn.LOSSES` that makes a classifier: "softmax_cross_entropy",
        "sigmoid_cross_entropy", "squared_error" or "hinge". Of a sample it is the sum over the outputs, the
        squared error with a factor of 1/2; of a batch the mean over the samples.
    optimizer : str or Optimizer
        A name from `glassnet.nn.OPTIMIZERS`, or a value such as ``SGD(momentum=0.5)``.
    dropout : float
        Probability, from 0 up to 1, with which each hidden unit is dropped in a step.
    alpha : float
        Strength of the L2 penalty; a batch of n samples adds alpha / 2n * sum(W^2) to its loss.
    class_weight : dict, "balanced" or None
        Weight of each label in the loss, 1 where a dict has none; "balanced" makes all classes weigh the
        same. It is multiplied with the weights of samples.
    scale_uint8 : bool or "auto"
        Whether X of dtype uint8 is divided by 255, see the notes.
    output_activation : str or None
        A name from `glassnet.nn.OUTPUTS` that makes sense with the loss: "sigmoid" with "squared_error",
        say. None is the one that belongs to the loss: softmax, sigmoid, and the identity for the other two.
    frozen : sequence of str
        Weights and biases that training leaves as they are: ``["b1", "W2"]`` are the biases of the first
        layer and the weights of the second. The last layer is that of the outputs.
    schedule : str or callable
        How the learning rate changes from step to step of `fit`: "constant", another name of
        `glassnet.nn.SCHEDULES` that is a function of t, a value such as ``OneCycle(warmup=0.1)``, or any
        function of t that returns what `lr` is multiplied with. t is the share done of `epochs`, from 0 to 1,
        whenever training stops. `partial_fit` knows no end, and takes "constant" alone.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted; output k is that of ``classes_[k]``.
    history_ : History
        Loss and accuracy of every epoch, and why training ended.
    weights_, biases_ : list of ndarray
        Of each layer, shapes (fan_in, fan_out) and (fan_out,): views of the parameters in use. What is
        assigned to them, or to an item, is copied in: numbers of the same shapes.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        The names of the columns, where X was a DataFrame in which all are text. Later DataFrames must have
        the same, in the same order.
    scales_uint8_ : bool
        Whether X of dtype uint8 is divided by 255.

    Notes
    -----
    X of dtype uint8 whose maximum is above 127 is taken as images: each batch is divided by 255 when it is
    used. Other bytes, such as 0 and 1 or levels from 0 to 16, are used as they are, with a warning where the
    maximum is from 64 to 127, which dark images have too. X that is no bytes tells what bytes will mean in
    prediction: images, where its values lie between 0 and 1 and are not only 0 and 1. `scale_uint8` says
    True or False instead. The choice is made when weights are drawn (by `fit`, `initialize`, the first
    `partial_fit`; of a `Stream` from its first batch), is kept in ``scales_uint8_`` and in model files, and
    printed with ``verbose=True``.

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

    _generator: np.random.Generator | None = None
    """What the training that goes on draws from."""

    def __init__(
        self,
        N: int,
        A: Sequence[int],
        lr: float = 0.002,
        activation: str
        | ActivationFunction
        | Activation
        | tuple[ActivationFunction, ActivationFunction]
        | Sequence[Any] = "relu",
        activation_grad: ActivationFunction | None = None,
        weight_init: str | Initializer = "normal",
        epochs: int = 100,
        batch_size: int | None = None,
        *,
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
        dtype: DTypeLike = "float32",
        loss: str = "softmax_cross_entropy",
        optimizer: str | Optimizer = "sgd",
        dropout: float = 0.0,
        alpha: float = 0.0,
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
        scale_uint8: bool | Literal["auto"] = "auto",
        output_activation: str | None = None,
        frozen: Sequence[str] = (),
        schedule: str | Callable[[float], float] = "constant",
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
        self.dropout = dropout
        self.alpha = alpha
        self.class_weight = class_weight
        self.scale_uint8 = scale_uint8
        self.output_activation = output_activation
        self.frozen = frozen
        self.schedule = schedule

    def __repr__(self) -> str:
        shown = ("N", "A", "lr", "activation", "weight_init", "epochs", "batch_size")
        return f"NeuralNetwork({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def _repr_html_(self) -> str | None:
        """Return the layers and the losses for a notebook; None before there are any."""
        from glassnet.models.display import network_html  # not before a notebook asks

        return network_html(self, repr(self)) if has_weights(self) else None

    # -- training -----------------------------------------------------------------------------------

    def fit(
        self,
        X: Any,
        y: ArrayLike | None = None,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
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
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels: integers, strings, or one-hot rows. Left out with a `Stream`, which brings its own.
        X_val, y_val : optional
            Own validation data, arrays or a `Stream` alone. Without them, early stopping holds a part of X
            back; of a `Stream` it cannot.
        sample_weight : array-like of shape (n_samples,), optional
            Of each sample in the loss, at least 0.
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
            Before training starts; what is wrong with a batch of a stream, when it is read.
        DivergedError
            When the loss becomes NaN or infinite. `history_` holds the epochs until then, and with
            `restore_best` the network the best weights until then.
        KeyboardInterrupt
            On Ctrl-C, with the network usable as trained so far.
        """
        validation.check_callback("on_epoch", on_epoch)
        begun = self.begin(
            X,
            y,
            X_val,
            y_val,
            sample_weight=sample_weight,
            early_stopping=early_stopping,
            patience=patience,
            validation_fraction=validation_fraction,
            restore_best=restore_best,
            verbose=verbose,
        )
        self._train(begun, verbose=verbose, on_epoch=on_epoch)
        return self

    def begin(
        self,
        X: Any,
        y: ArrayLike | None = None,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        early_stopping: bool = True,
        patience: int = 5,
        validation_fraction: float = 0.2,
        restore_best: bool = True,
        verbose: bool = False,
    ) -> Begun:
        """Draw new weights, and return the training that `fit` would run, before its first step.

        Parameters
        ----------
        X, y, X_val, y_val, sample_weight
            As for `fit`.
        early_stopping, patience, validation_fraction, restore_best, verbose
            As for `fit`.

        Returns
        -------
        Begun
        """
        patience = validation.check_count("patience", patience)
        max_epochs = validation.check_count("epochs", self.epochs)
        schedule = resolving.resolve_network_schedule(self.schedule)
        rng = self._rng()
        samples: Samples | StreamedSamples
        if isinstance(X, Stream):
            refuse(X, None, y, sample_weight)
            if early_stopping and X_val is None:
                raise InvalidParameterError(
                    "early_stopping=True cannot hold rows of a stream back; give validation data, "
                    "fit(stream, X_val=..., y_val=...), arrays or another Stream; or early_stopping=False."
                )
            survey = survey_labels(X, at_once=verbose)
            classes = classes_of(survey.example)
            weigh = self._weigher(classes, survey.counts_of(classes))
            features = self._features_of(X)
            held_out = self._held_out(X_val, y_val, classes, features)
            self._initialize(features, classes, rng)
            samples = self._stream_samples(X, weigh)
        else:
            data = self._labelled(X, y)
            held_out = self._held_out(X_val, y_val, data.classes, data.features)
            data = self._weighed(data, sample_weight)
            if held_out is None and early_stopping:
                data, held_out = data.hold_out(validation_fraction, rng)
            if self.batch_size is not None:
                validation.check_batch_size(self.batch_size, data.n_samples)
            self._initialize(data.features, data.classes, rng)
            samples = self._samples(data)
        watch = EarlyStopping(patience if early_stopping else None, restore_best=restore_best)
        self.history_ = History()
        return self._begun(
            samples,
            self._source(held_out),
            max_epochs=max_epochs,
            schedule=schedule,
            watch=None if held_out is None else watch,
        )

    def partial_fit(
        self,
        X: Any,
        y: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given data, from where training is.

        A number of calls with the same data are as many epochs of `fit` with ``early_stopping=False``.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
            Of any number of rows; where there are fewer than `batch_size`, they are one step.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Left out with a `Stream`.
        classes : array-like of shape (n_classes,), optional
            All labels that there will be; needed where there are no weights yet.
        sample_weight : array-like of shape (n_samples,), optional
            Of each sample in the loss, at least 0.

        Returns
        -------
        self

        Raises
        ------
        InvalidParameterError, InvalidDataError
            Before training starts; what is wrong with a batch of a stream, when it is read.
        DivergedError
            When the loss becomes NaN or infinite.
        """
        resolving.refuse_endless(resolving.resolve_network_schedule(self.schedule), "schedule", self.schedule)
        known = self._known_classes(classes)
        features = self._features() if has_weights(self) else None
        samples: Samples | StreamedSamples
        if isinstance(X, Stream):
            refuse(X, None, y, sample_weight, incremental=True)
            weigh = self._weigher(known, None)
            if features is None:
                self._initialize(self._features_of(X), known, self._rng())
            samples = self._stream_samples(X, weigh)
        else:
            data = self._weighed(self._labelled(X, y, known, features), sample_weight)
            if features is None:
                self._initialize(data.features, known, self._rng())
            samples = self._samples(data)
        if not hasattr(self, "history_"):
            self.history_ = History()
        self.history_.best_epoch = None  # its weights are not those in use from now on
        self._train(self._begun(samples, None, max_epochs=1))
        return self

    @classmethod
    def load(cls, path: str | os.PathLike[str], **parameters: Any) -> Self:
        """Read a network that `save` wrote; `glassnet.load` reads any class.

        Parameters
        ----------
        path : path-like
        **parameters : object
            Of the constructor, in place of those in the file: such as functions, which it cannot hold. None
            for `activation`, `activation_grad` or `weight_init` leaves the file's.

        Raises
        ------
        DataFileError
            When the file is missing, damaged, or of another class.
        InvalidParameterError
            When the network had an activation of its maker's own and none is given.
        """
        functions = ("activation", "activation_grad", "weight_init")
        given = {
            name: value for name, value in parameters.items() if value is not None or name not in functions
        }
        return super().load(path, **given)

    def initialize(self, X: Any, y: ArrayLike) -> Self:
        """Draw new weights for data like X and y, without training.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_classes)

        Returns
        -------
        self
        """
        data = self._labelled(X, y)
        self._initialize(data.features, data.classes, self._rng())
        return self

    def backward_propagation(self, X: Any, y: ArrayLike) -> float:
        """Compute the gradients on one batch and update weights and biases once.

        A network that was neither fitted nor initialised is initialised for this X and y first.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_classes)

        Returns
        -------
        float
            The loss of the batch before the update, without the penalty.
        """
        if not has_weights(self):
            self.initialize(X, y)
        data = self._labelled(X, y, self.classes_, self._features())
        samples = self._samples(self._weighed(data, None))
        training = self._ready_training(len(samples))
        losses = [step.loss for step in steps(training, samples, np.arange(len(samples)))]
        return losses[0]

    # -- answers ------------------------------------------------------------------------------------

    @over_streams
    def forward_propagation(self, X: Any) -> Array:
        """Return the output of the last layer, shape (n_samples, n_classes)."""
        return self._outputs(X)

    def predict_prob(self, X: Any) -> Array:
        """Return the probability of each class, shape (n_samples, n_classes); columns as in `classes_`.

        With ``loss="sigmoid_cross_entropy"`` each class has its own probability, and a row need not sum to 1;
        with ``loss="squared_error"`` or "hinge" these are the raw outputs, which are no probabilities unless
        the `output_activation` makes them some.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        """
        return self.forward_propagation(X)

    def predict_proba(self, X: Any) -> Array:
        """Return `predict_prob`, by the name that scikit-learn's scores ask for."""
        return self.predict_prob(X)

    @over_streams
    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of each sample, shape (n_samples,); X as for `predict_prob`."""
        answers = self.forward_propagation(X).argmax(axis=1)
        return np.asarray(self.classes_[answers])

    def score(self, X: Any, y: ArrayLike | None = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy: the share of samples, or of their weight, whose label is predicted rightly.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Left out with a `Stream`.
        sample_weight : array-like of shape (n_samples,), optional
        """
        if sample_weight is None:
            return self.evaluate(X, y)[1]
        if isinstance(X, Stream):
            refuse_arrays(y, sample_weight)
        self._require_weights()
        data = self._labelled(X, y, self.classes_, self._features())
        weight = validation.check_sample_weight(sample_weight, data.n_samples)
        answers = self._outputs(data.X).argmax(axis=1)
        return float(np.average(answers == data.codes, weights=weight))

    def evaluate(self, X: Any, y: ArrayLike | None = None) -> tuple[float, float]:
        """Return mean loss and accuracy on labelled data, all samples weighing the same.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Left out with a `Stream`.
        """
        samples = self.make_samples(X, y)
        return evaluate(self.architecture_, self.parameters_, samples)

    @staticmethod
    def _softmax(z: ArrayLike) -> Array:
        """Return exp(z) / sum(exp(z)) along the last axis, stable for any finite z."""
        return softmax(np.asarray(z))

    @property
    def weights_(self) -> list[Array]:
        """The weights of each layer, shape (fan_in, fan_out); what is assigned is copied in."""
        self._require_weights()
        return self.parameters_.weights

    @weights_.setter
    def weights_(self, arrays: Sequence[ArrayLike]) -> None:
        self._changeable("weights_").weights[:] = arrays

    @property
    def biases_(self) -> list[Array]:
        """The biases of each layer, shape (fan_out,); what is assigned is copied in."""
        self._require_weights()
        return self.parameters_.biases

    @biases_.setter
    def biases_(self, arrays: Sequence[ArrayLike]) -> None:
        self._changeable("biases_").biases[:] = arrays

    # -- files --------------------------------------------------------------------------------------

    _fitted_names: ClassVar[tuple[str, ...]] = (
        "n_features_in_",
        "feature_names_in_",
        "scales_uint8_",
        "classes_",
    )

    def outline(self, x: GraphSymbol) -> dict[str, GraphSymbol]:
        """Return what is answered, written down, by the names that scikit-learn's converters give it."""
        outputs = write_layers(self.parameters_, x)[-1]
        return {"label": outputs.argmax().labelled(self.classes_), "probabilities": outputs}

    def _plain_parameters(self) -> dict[str, Any]:
        """Return the parameters that the network was made with, which may have been set anew since."""
        hidden = list(self.architecture_.sizes[1:-1])
        is_seed, head = isinstance(self.random_state, Integral), self.architecture_.head
        return self.get_params() | {
            "N": len(hidden),
            "A": hidden,
            "dtype": self.parameters_.theta.dtype.name,
            "loss": head.name,
            "output_activation": None if is_usual(head) else head.output,
            "random_state": self.random_state if is_seed else None,
        }

    def _check_parameters(self, names: Collection[str]) -> None:
        checks: dict[str, Callable[[], object]] = {
            "epochs": lambda: validation.check_count("epochs", self.epochs),
            "random_state": self._rng,
            "weight_init": lambda: resolving.resolve_initializer(self.weight_init),
            "scale_uint8": lambda: check_scale_uint8(self.scale_uint8),
            "class_weight": lambda: self._check_class_weight(),
            "schedule": lambda: resolving.resolve_network_schedule(self.schedule),
        }
        for name in names & checks.keys():
            checks[name]()

    def _check_class_weight(self) -> None:
        if self.class_weight is not None:
            class_weights(self.class_weight, self.classes_, np.ones(len(self.classes_), np.intp))

    def _restore(self, state: ModelState) -> None:
        check_attributes(state.fitted, self._fitted_names, state.architecture)
        classes, theta = state.fitted["classes_"], state.theta
        names = state.fitted.get("feature_names_in_")
        features = Features(
            state.architecture.sizes[0],
            None if names is None else names.astype(object),
            bool(state.fitted.get("scales_uint8_", True)),  # files without it divided all bytes
        )
        made = self._architecture(features.n, len(classes))
        if (made.sizes, made.head) != (state.architecture.sizes, state.architecture.head):
            raise ValueError(f"layers of {made.sizes} units, and weights of {state.architecture.sizes}")
        if theta.dtype != self._dtype():
            raise ValueError(f"weights of {theta.dtype}, and dtype={self.dtype}")
        self._take_over(state.architecture, Parameters(state.architecture, theta), features, classes)
        if state.history is not None:
            self.history_ = state.history

    # -- what the settings mean to the engine -------------------------------------------------------

    def _initialize(self, features: Features, classes: NDArray[Any], rng: np.random.Generator) -> None:
        architecture = self._architecture(features.n, len(classes))
        self._take_over(architecture, self._draw(architecture, self._dtype(), rng), features, classes, rng)

    def _architecture(self, n_features: int, n_classes: int) -> Architecture:
        sizes = (n_features, *validation.check_hidden_sizes(self.N, self.A), n_classes)
        activations = resolving.resolve_activations(self.activation, self.activation_grad, self.N)
        return Architecture(
            sizes, activations, resolving.resolve_classifier_head(self.loss, self.output_activation)
        )

    def _take_over(
        self,
        architecture: Architecture,
        parameters: Parameters,
        features: Features,
        classes: NDArray[Any],
        rng: np.random.Generator | None = None,
    ) -> None:
        """Take over new parameters; whatever may be refused is refused before anything changes."""
        optimizer = resolving.resolve_optimizer(self.optimizer)
        rate, alpha, _ = self._step_settings()
        frozen = resolving.resolve_frozen(self.frozen)
        training = Training(
            architecture, parameters, optimizer, rate, self._batch_size(), alpha=alpha, frozen=frozen
        )
        self._install(architecture, parameters)
        self._training, self._generator = training, rng
        self.classes_ = classes
        self.n_features_in_, self.scales_uint8_ = features.n, features.scales_uint8
        self.__dict__.pop("feature_names_in_", None)
        if features.names is not None:
            self.feature_names_in_ = features.names

    def _step_settings(self) -> tuple[float, float, float]:
        """Return learning rate, strength of the penalty, and probability of dropping."""
        return (
            validation.check_positive("lr", self.lr),
            validation.check_not_negative("alpha", self.alpha),
            validation.check_share("dropout", self.dropout),
        )

    def _batch_size(self) -> int:
        """Return the samples of a step, where there are as many."""
        return (
            USUAL_BATCH if self.batch_size is None else validation.check_count("batch_size", self.batch_size)
        )

    def _ready_training(self, batch_size: int) -> Training:
        """Return the training that goes on, with the settings of now."""
        training = self._training
        assert training is not None
        if self._generator is None:  # of a network from a file
            self._generator = self._rng()
        training.parameters = self.parameters_  # they may have been set
        training.batch_size = batch_size
        training.learning_rate, training.alpha, dropout = self._step_settings()
        training.dropout = Dropout(dropout, self._generator) if dropout else None
        training.freeze(resolving.resolve_frozen(self.frozen))
        training.follow(None)
        return training

    def _begun(
        self,
        samples: Samples | StreamedSamples,
        held_out: Source | None,
        *,
        max_epochs: int,
        schedule: Schedule = SCHEDULES["constant"],
        watch: EarlyStopping | None = None,
    ) -> Begun:
        """Return the training of the weights there are."""
        batch_size = self._batch_size()
        if isinstance(samples, Samples):
            batch_size = min(batch_size, len(samples))
        training = self._ready_training(batch_size)
        if schedule.over_time:
            n_rows = len(samples) if isinstance(samples, Samples) else count_rows(samples.X)
            training.follow(Course(training.count_steps(n_rows) * max_epochs, rate=schedule))
        assert self._generator is not None
        return Begun(
            self,
            training,
            samples,
            held_out,
            self._generator.permutation,
            {"all": self._generator},
            self.history_,
            max_epochs,
            watch,
        )

    def _train(
        self,
        begun: Begun,
        *,
        verbose: bool = False,
        on_epoch: Callable[[EpochRecord], object] | None = None,
    ) -> None:
        samples = begun.samples
        is_bytes = getattr(samples.X, "dtype", None) == np.uint8
        if verbose and is_bytes:
            meaning = "divided by 255" if self.scales_uint8_ else "used as it is"
            sys.stdout.write(f"X of dtype uint8 is {meaning}; scale_uint8={self.scale_uint8!r}\n")

        def report(record: EpochRecord) -> object:
            if verbose:
                lines = [begun.history.news, str(record)]
                sys.stdout.write("".join(f"{line}\n" for line in lines if line))
            return on_epoch(record) if on_epoch is not None else None

        with RowProgress("epoch", getattr(samples.X, "n_rows", None), at_once=verbose) as progress:

            def note_part(epoch: int, rows: int, loss: float) -> None:
                if isinstance(samples, StreamedSamples):
                    progress.update(rows, epoch, loss)

            begun.train(on_epoch=report, on_part=note_part)

    def _stream_samples(
        self, stream: Stream, weigh: Callable[[NDArray[np.intp]], Array] | None
    ) -> StreamedSamples:
        return self._streamed(stream, part_rows(stream, self._batch_size(), self._row_bytes()), weigh)

    def _known_classes(self, classes: ArrayLike | None) -> NDArray[Any]:
        """Return the classes that there are to be in `partial_fit`."""
        if classes is None:
            if not has_weights(self):
                raise InvalidParameterError(
                    "got no classes in the first call of partial_fit; expected all labels that there will be."
                )
            return self.classes_
        given = np.ravel(validation.as_labels(classes, "classes"))
        found = validation.find_classes(given, len(given))
        if has_weights(self) and not np.array_equal(found, self.classes_):
            raise InvalidParameterError(
                f"got classes={found.tolist()[:20]}; the network was made for {self.classes_.tolist()[:20]}."
            )
        return found

    def _rng(self) -> np.random.Generator:
        return validation.check_random_state(self.random_state)

    def _draw(self, architecture: Architecture, dtype: DTypeLike, rng: np.random.Generator) -> Parameters:
        return Parameters.draw(architecture, resolving.resolve_initializer(self.weight_init), rng, dtype)
