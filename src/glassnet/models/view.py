"""A view of a model: what it is in the engine's terms, whatever class it is of. The model is never changed.

Whoever looks into a model (the doctor, a gradient check, a trace) looks through here.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._common.arrays import Array, as_array
from glassnet.data.streams import Stream
from glassnet.errors import InvalidParameterError, NotFittedError, StreamAsArrayError
from glassnet.models import resolving, validation
from glassnet.models._core import has_weights, is_trained
from glassnet.models._foreign_training import library_of, read_training
from glassnet.models.adopted import OutputUse
from glassnet.models.neural_network import USUAL_BATCH, NeuralNetwork
from glassnet.nn.activations import Activation
from glassnet.nn.history import History
from glassnet.nn.layers import Chain, Layer, LearnedActivation
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import Adam, Optimizer
from glassnet.nn.rates import Group
from glassnet.nn.samples import Samples
from glassnet.nn.schedules import SCHEDULES, Schedule

NETWORK_NAMES = MappingProxyType(
    {
        "learning_rate": "lr",
        "activation": "activation",
        "weight_init": "weight_init",
        "epochs": "epochs",
        "hidden": "A",
        "batch_size": "batch_size",
        "alpha": "alpha",
        "dropout": "dropout",
        "schedule": "schedule",
    }
)
ESTIMATOR_NAMES = MappingProxyType(
    {
        "learning_rate": "learning_rate_init",
        "activation": "activation",
        "weight_init": "weight_init",
        "epochs": "max_iter",
        "hidden": "hidden_layer_sizes",
        "batch_size": "batch_size",
        "alpha": "alpha",
        "dropout": "dropout",
        "max_gradient_norm": "max_grad_norm",
        "tol": "tol",
        "patience": "n_iter_no_change",
        "early_stopping": "early_stopping",
        "shuffle": "shuffle",
        "schedule": "learning_rate",
        "momentum": "momentum",
    }
)
ADDED_NAMES = ("weight_init", "dropout", "max_gradient_norm")
SKLEARN_NAMES = MappingProxyType(
    {name: own for name, own in ESTIMATOR_NAMES.items() if name not in ADDED_NAMES}
)

LBFGS_OPTIMIZER = Adam()
LBFGS_RATE = 0.001
"""What stands in for the optimiser of a model that is trained with L-BFGS, for whoever tries steps on it."""


def _learned(layer: Layer | None) -> list[LearnedActivation]:
    """Return the learned activation among what stands in front of a layer, if there is one."""
    layers = layer.layers if isinstance(layer, Chain) else (layer,)
    return [each for each in layers if isinstance(each, LearnedActivation)]


def _bent_by(layer: Layer | None, activation: Activation) -> Layer | None:
    """Return what stands in front of a layer, its learned activation with another function."""
    if isinstance(layer, Chain):
        return Chain(tuple(_bent_by(each, activation) or each for each in layer.layers))
    return replace(layer, activation=activation) if isinstance(layer, LearnedActivation) else layer


def _no_groups(architecture: Architecture) -> tuple[Group, ...]:
    return ()


@dataclass(frozen=True)
class View:
    """Show what a model is, in the engine's terms. Make one with `view_of`.

    Attributes
    ----------
    name : str
        Of its class.
    model : object
        The model itself.
    reader : NeuralNetwork or estimator of glassnet
        A model that has weights and reads data as this one does; the model itself where it can.
    architecture : Architecture
    theta : ndarray of shape (n_parameters,) or None
        A copy of its weights and biases; None when it has none yet.
    is_trained : bool
        Whether training has changed them since they were drawn.
    classes : ndarray or None
        The labels, where each sample has one of them.
    history : History or None
    optimizer : Optimizer
    learning_rate : float
    trains_by_steps : bool
        Whether it is trained batch by batch. With L-BFGS it is not, and optimiser and learning rate are
        Adam's usual ones.
    batch_size : int
        Samples a step, where there are as many.
    epochs : int
    alpha : float
        Strength of the L2 penalty.
    dropout : float
        Probability with which a hidden unit is dropped in a step.
    max_gradient_norm : float or None
        The norm to which longer gradients are scaled down.
    shuffles : bool
        Whether every epoch takes the samples in another order.
    schedule : Schedule
        How the learning rate changes in training.
    tol : float or None
    restores_best : bool
        Whether the weights in use are those of the best validation epoch.
    frozen : tuple of str
        Weights and biases that training leaves as they are, see `Architecture.places_of`.
    names : mapping of str to str
        How the class calls a parameter: ``{"learning_rate": "lr"}``. A name that is missing is one of a
        parameter that the class has not.
    columns : tuple of str or None
        The names of the columns as the network is given them; None where they have none.
    categories : tuple of tuple
        The last columns hold codes of categories, one for each tuple: what the codes 1, 2, ... stand for. ()
        where all columns are numbers.
    sources : tuple of str
        The name of the user's column that each of the columns was made of; () where they are the user's.
    fading : Schedule
        How dropout and the weight decay change in training.
    fits_first_weights : bool
        Whether the first weights are fitted to the data, whatever these's scale.
    groups_of : callable
        Returns the factors on the learning rate of the parts of theta of an architecture, see
        `glassnet.nn.rates`; () without any.
    draw : callable
        Returns new parameters, as the model draws them before training.
    n_networks : int
        How many networks answer together; all else is of the first.
    library : str or None
        Which other library the network is of: "torch", "keras".
    output_use : OutputUse
        How the loss of that library meets the network's outputs.
    kept_gradient : ndarray or None
        The gradient that a module of PyTorch still holds, laid out as theta.
    alpha_unit : float
        What the user's own setting was multiplied with to be `alpha`.
    """

    name: str
    model: Any
    reader: Any
    architecture: Architecture
    theta: Array | None
    is_trained: bool
    classes: NDArray[Any] | None
    history: History | None
    optimizer: Optimizer
    learning_rate: float
    trains_by_steps: bool
    batch_size: int
    epochs: int
    alpha: float
    dropout: float
    max_gradient_norm: float | None
    shuffles: bool
    schedule: Schedule
    tol: float | None
    restores_best: bool
    frozen: tuple[str, ...]
    names: Mapping[str, str]
    draw: Callable[[], Parameters]
    columns: tuple[str, ...] | None = None
    categories: tuple[tuple[Any, ...], ...] = ()
    sources: tuple[str, ...] = ()
    fading: Schedule = SCHEDULES["constant"]
    fits_first_weights: bool = False
    groups_of: Callable[[Architecture], tuple[Group, ...]] = _no_groups
    n_networks: int = 1
    library: str | None = None
    output_use: OutputUse = OutputUse.FITS
    kept_gradient: Array | None = None
    alpha_unit: float = 1.0

    def __repr__(self) -> str:
        return f"<View of {self.name}: {self.architecture!r}{'' if self.is_trained else ', not trained'}>"

    @property
    def dtype(self) -> np.dtype[Any]:
        """What the model computes with."""
        dtype: np.dtype[Any] = self.reader.parameters_.theta.dtype
        return dtype

    @property
    def last_learning_rate(self) -> float:
        """The learning rate that training ended with, as the schedule and the losses made it.

        Of a schedule over time it is that of the last step, the one before its end at most.
        """
        from glassnet.models._stopping import ToleranceWatch, last_rate

        records = [] if self.history is None else self.history.records
        if self.schedule == SCHEDULES["constant"] or not records:
            return self.learning_rate
        if self.schedule.over_time:
            return self.learning_rate if records[-1].learning_rate is None else records[-1].learning_rate
        scores = getattr(self.model, "validation_scores_", None)
        watch = ToleranceWatch(
            tol=self.tol or 0.0,
            patience=self.model.n_iter_no_change,
            score=(lambda record: scores[record.epoch - 1]) if scores else None,
            schedule=self.schedule,
            first_rate=self.learning_rate,
            n_samples=int(self.model.t_) // len(records),
        )
        return last_rate(watch, records)

    @property
    def mean_factor(self) -> float:
        """What the schedule multiplies the learning rate with over all of a training, on average."""
        return float(np.mean([self.schedule(t) for t in np.linspace(0, 1, 101).tolist()]))

    @cached_property
    def initial_theta(self) -> Array:
        """Parameters drawn as the model draws them before training, shape (n_parameters,).

        They are the very same where its seed is a number and nothing else is drawn before.
        """
        return np.asarray(self.draw().theta)

    @property
    def activations(self) -> tuple[Activation, ...]:
        """What bends behind each hidden layer: where units learn how much of it they use, that function."""
        behind = self.architecture.in_front[1:]
        return tuple(
            learned[0].activation if (learned := _learned(layer)) else activation
            for activation, layer in zip(self.architecture.activations, behind, strict=True)
        )

    def architecture_with(self, activation: Activation) -> Architecture:
        """Return the architecture with another function behind each hidden layer, learned as before."""
        architecture, behind = self.architecture, self.architecture.in_front[1:]
        own = tuple(
            known if _learned(layer) else activation
            for known, layer in zip(architecture.activations, behind, strict=True)
        )
        before = (architecture.in_front[0], *(_bent_by(layer, activation) for layer in behind))
        return replace(architecture, activations=own, before=before if architecture.before else ())

    @property
    def prepares(self) -> bool:
        """Whether the model itself makes its columns of the user's, and scales them."""
        return bool(self.sources)

    @property
    def n_numbers(self) -> int:
        """How many of the columns, the first, are numbers and not codes."""
        return self.architecture.sizes[0] - len(self.categories)

    def samples(self, X: Any, y: Any = None, *, dtype: DTypeLike | None = None, name: str = "X") -> Samples:
        """Return labelled data as the model is given them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like
            As for its `fit`; left out for an autoencoder.
        dtype : dtype, optional
            Of inputs and targets, the model's own unless given.
        name : str
            What messages call X; y is called alike.

        Raises
        ------
        InvalidDataError
            When X or y do not fit the model, or X is a `Stream`.
        """
        _refuse_stream(X, name)
        if self.library:
            X, y = as_array(X), self._as_targets(y)
        samples: Samples = self.reader.make_samples(X, y, dtype=dtype, name=name)
        return samples

    def _as_targets(self, y: Any) -> Any:
        """Return targets as PyTorch and Keras have them as glassnet does: single columns are rows."""
        targets = as_array(y)
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = targets[:, 0]
        if self.classes is not None and targets.dtype.kind == "f" and (targets == np.floor(targets)).all():
            return targets.astype(np.int64)
        return targets


def view_of(model: Any, X: Any = None, y: Any = None, **training: Any) -> View:
    """Return the view of a model.

    Parameters
    ----------
    model : NeuralNetwork, MLPClassifier, MLPRegressor, MLPAutoencoder or a model for tables
        glassnet's or scikit-learn's; fitted, initialised, untrained, or left behind by a training that
        failed. Or a module of PyTorch, or a Sequential model of Keras, as `from_torch` takes them.
    X, y : array-like, optional
        What it is to be trained on; needed where it has no weights yet, and for the first weights of a model
        for tables. Not used otherwise.
    **training : object
        Of a module or a model of Keras alone, how it is trained: `loss`, `optimizer`, `learning_rate`,
        `batch_size`, `epochs`; `losses`, those of the epochs so far; `initial`, a copy of it from before
        training; and `trained`, whether it is, where its gradients do not tell. `optimizer` may be the
        library's own, which tells the learning rate.

    Raises
    ------
    InvalidParameterError
        When the model is of another class, or has no weights and a parameter that its `fit` would refuse.
    NotFittedError
        When it has no weights, and no X is given.
    InvalidDataError
        When it has no weights, and X or y cannot be what it is trained on.

    Examples
    --------
    >>> view = view_of(NeuralNetwork(N=1, A=[3]), X=[[0.0], [1.0]], y=["a", "b"])
    >>> view.architecture.sizes, view.theta is None, view.initial_theta.shape
    ((1, 3, 2), True, (14,))
    """
    if library_of(model):
        foreign, settings = read_training(model, **training)
        return replace(view_of(foreign), **settings)
    if training:
        raise InvalidParameterError(
            f"got {', '.join(training)} for a {type(model).__name__}, which knows itself how it is trained; "
            "only modules of PyTorch and models of Keras are told."
        )
    own = _own(model)
    _refuse_stream(X, "X")
    is_tabular = _is_tabular(own)
    drawn = hasattr(own, "members_") if is_tabular else has_weights(own)
    if not drawn and X is None:
        raise NotFittedError(
            f"this {type(model).__name__} has no weights yet; call fit (or initialize) first."
        )
    reader = own if drawn else _without_weights(own).initialize(X, y)
    names: Mapping[str, str]
    if is_tabular:
        from glassnet.models.tabular._viewed import TABULAR_NAMES, tabular_settings

        settings, names = tabular_settings(own, reader, X, y), TABULAR_NAMES
    elif isinstance(own, NeuralNetwork):
        settings, names = _network_settings(own), NETWORK_NAMES
    else:
        settings, names = _estimator_settings(own), ESTIMATOR_NAMES if own is model else SKLEARN_NAMES
    if not is_tabular:
        architecture, dtype, known = (
            reader.architecture_,
            reader.parameters_.theta.dtype,
            _column_names(model),
        )
        settings["draw"] = lambda: _draw(_without_weights(reader), architecture, dtype)
        settings |= {"columns": known, "is_trained": drawn and is_trained(own)}
    return View(
        name=type(model).__name__,
        model=model,
        reader=reader,
        architecture=reader.architecture_,
        theta=reader.parameters_.theta.copy() if drawn else None,
        history=getattr(own, "history_", None),
        classes=_single_labels(reader),
        names=names,
        **settings,
    )


def _column_names(model: Any) -> tuple[str, ...] | None:
    names = getattr(model, "feature_names_in_", None)
    return None if names is None else tuple(map(str, names))


def _refuse_stream(X: Any, name: str) -> None:
    if isinstance(X, Stream):
        raise StreamAsArrayError(
            f"got a Stream as {name}; whoever looks into a model needs arrays, some rows of it: "
            "batch = stream.first(), and then batch.X and batch.y in the place of the stream."
        )


def _network_settings(model: NeuralNetwork) -> dict[str, Any]:
    history = getattr(model, "history_", None)
    return {
        "optimizer": resolving.resolve_optimizer(model.optimizer),
        "learning_rate": float(model.lr),
        "trains_by_steps": True,
        "batch_size": USUAL_BATCH if model.batch_size is None else int(model.batch_size),
        "epochs": int(model.epochs),
        "alpha": float(model.alpha),
        "dropout": float(model.dropout),
        "max_gradient_norm": None,
        "shuffles": True,
        "schedule": resolving.resolve_network_schedule(model.schedule),
        "tol": None,
        "restores_best": bool(history and history.best_epoch is not None),
        "frozen": resolving.resolve_frozen(model.frozen),
    }


def _estimator_settings(model: Any) -> dict[str, Any]:
    from glassnet.models._settings import AUTO_BATCH, make_optimizer, make_schedule

    by_steps = model.solver != "lbfgs"
    return {
        "optimizer": make_optimizer(model.get_params(deep=False)) if by_steps else LBFGS_OPTIMIZER,
        "learning_rate": float(model.learning_rate_init) if by_steps else LBFGS_RATE,
        "trains_by_steps": by_steps,
        "batch_size": AUTO_BATCH if model.batch_size == "auto" else int(model.batch_size),
        "epochs": int(model.max_iter),
        "alpha": float(model.alpha),
        "dropout": float(model.dropout),
        "max_gradient_norm": None if model.max_grad_norm is None else float(model.max_grad_norm),
        "shuffles": bool(model.shuffle),
        "schedule": make_schedule(model.get_params(deep=False)),
        "tol": float(model.tol),
        "restores_best": bool(model.early_stopping),
        "frozen": (),
    }


def _is_tabular(model: Any) -> bool:
    if isinstance(model, NeuralNetwork):  # asks for nothing of scikit-learn
        return False
    from glassnet.models.tabular._base import TabularMLP

    return isinstance(model, TabularMLP)


def _own(model: Any) -> Any:
    """Return a model of scikit-learn as one of glassnet's, with or without weights; glassnet's as it is."""
    if isinstance(model, NeuralNetwork) or _is_tabular(model):
        return model
    from sklearn.neural_network import MLPClassifier as TheirClassifier, MLPRegressor as TheirRegressor

    from glassnet.models._base import BaseMLP
    from glassnet.models.classifier import MLPClassifier
    from glassnet.models.regressor import MLPRegressor

    if isinstance(model, BaseMLP):
        return model
    if not isinstance(model, TheirClassifier | TheirRegressor):
        raise InvalidParameterError(
            f"got a model of type {type(model).__name__}; expected a NeuralNetwork, an MLPClassifier or "
            "MLPRegressor of glassnet or scikit-learn, or a TabularMLPClassifier or TabularMLPRegressor. "
            "Take the network out of a pipeline first, and give "
            "the X that it is trained on."
        )
    cls = MLPClassifier if isinstance(model, TheirClassifier) else MLPRegressor
    if hasattr(model, "coefs_"):
        return cls.from_sklearn(model)
    return cls(**model.get_params(deep=False))


def _single_labels(reader: Any) -> NDArray[Any] | None:
    """Return the labels of a classifier, unless a sample may have several of them."""
    architecture = reader.architecture_
    has_one_each = architecture.head.output == "softmax" or architecture.sizes[-1] == 1
    if isinstance(reader, NeuralNetwork) or (hasattr(reader, "classes_") and has_one_each):
        return np.asarray(reader.classes_)
    return None


def _draw(own: Any, architecture: Architecture, dtype: DTypeLike) -> Parameters:
    """Return weights and biases as the model draws them first."""
    if isinstance(own, NeuralNetwork):
        initializer = resolving.resolve_initializer(own.weight_init)
        return Parameters.draw(
            architecture, initializer, validation.check_random_state(own.random_state), dtype
        )
    from glassnet.models._initial import draw_parameters
    from glassnet.models._settings import as_random_state

    return draw_parameters(own, architecture, dtype, as_random_state(own.random_state))


def _without_weights(own: Any) -> Any:
    """Return a copy with the same parameters and a seed: drawing from it leaves the model's alone."""
    seed = 0 if own.random_state is None else copy.deepcopy(own.random_state)
    return type(own)(**own.get_params(deep=False) | {"random_state": seed})
