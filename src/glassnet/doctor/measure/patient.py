"""Take a model apart: what the doctor looks at, whatever class it is of. Nothing of the model is changed."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.neural_network import MLPClassifier as SklearnClassifier, MLPRegressor as SklearnRegressor
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from glassnet._common.arrays import Array
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models import MLPAutoencoder, MLPClassifier, MLPRegressor, validation
from glassnet.models._base import BaseMLP
from glassnet.models._fitted import KEPT_DTYPES
from glassnet.models._settings import make_optimizer
from glassnet.models.neural_network import USUAL_BATCH, NeuralNetwork
from glassnet.nn.history import History
from glassnet.nn.network import Architecture
from glassnet.nn.optimizers import Adam, Optimizer
from glassnet.nn.samples import Samples

NETWORK_NAMES = {
    "learning_rate": "lr",
    "activation": "activation",
    "weight_init": "weight_init",
    "epochs": "epochs",
    "hidden": "A",
}
ESTIMATOR_NAMES = {
    "learning_rate": "learning_rate_init",
    "activation": "activation",
    "weight_init": "weight_init",
    "epochs": "max_iter",
    "hidden": "hidden_layer_sizes",
    "tol": "tol",
    "early_stopping": "early_stopping",
}
SKLEARN_NAMES = {name: own for name, own in ESTIMATOR_NAMES.items() if name != "weight_init"}

TRIAL_OPTIMIZER = Adam()
TRIAL_RATE = 0.001
"""What trials use for a model that is not trained by steps, with L-BFGS."""


@dataclass(frozen=True)
class Patient:
    """Hold what a model is, in the engine's terms.

    Attributes
    ----------
    name : str
        Of its class.
    architecture : Architecture
    theta : ndarray or None
        A copy of its parameters; None when it was not fitted.
    initial_theta : ndarray
        Parameters drawn as the model draws them before training: the very same where its seed is a number
        and nothing else is drawn before.
    samples : Samples
        The training data.
    classes : ndarray or None
        The labels; None for a regression.
    history : History or None
    optimizer : Optimizer
    learning_rate : float
    steps_by_batch : bool
        Whether it is trained by steps at all; not with L-BFGS.
    batch_size, epochs : int
    alpha : float
    tol : float or None
    restores_best : bool
        Whether the weights in use are those of the best validation epoch.
    names : mapping
        How the class calls a parameter: ``{"learning_rate": "lr"}``.
    model : object
        The model itself.
    reader : object
        A model of glassnet's that reads data as this one does.
    """

    name: str
    architecture: Architecture
    theta: Array | None
    initial_theta: Array
    samples: Samples
    classes: NDArray[Any] | None
    history: History | None
    optimizer: Optimizer
    learning_rate: float
    steps_by_batch: bool
    batch_size: int
    epochs: int
    alpha: float
    tol: float | None
    restores_best: bool
    names: Mapping[str, str]
    model: Any
    reader: Any

    @property
    def n_steps(self) -> int:
        """How many steps its training takes, if all epochs are run."""
        return self.epochs * -(-len(self.samples) // self.batch_size)

    def encode(self, X: Any, y: Any, name: str = "X_test") -> Samples:
        """Return other labelled data as the model would be given them."""
        encode = _encode_for_network if isinstance(self.reader, NeuralNetwork) else _encode_for_estimator
        return encode(self.reader, X, y, self.classes, self.initial_theta.dtype, name)


def take_apart(model: Any, X: Any, y: Any) -> Patient:
    """Return the patient that a model is, with its training data.

    Parameters
    ----------
    model : NeuralNetwork, MLPClassifier, MLPRegressor or MLPAutoencoder
        glassnet's or scikit-learn's; fitted, untrained, or left behind by a training that failed.
    X : array-like of shape (n_samples, n_features)
    y : array-like
        As for its `fit`; None for an autoencoder.

    Raises
    ------
    InvalidParameterError
        When the model is of another class, or has a parameter that its `fit` would refuse.
    InvalidDataError
        When X or y cannot be what it is trained on.
    """
    if isinstance(model, NeuralNetwork):
        return _from_network(model, X, y)
    if isinstance(model, BaseMLP | SklearnClassifier | SklearnRegressor):
        return _from_estimator(model, X, y)
    raise InvalidParameterError(
        f"got a model of type {type(model).__name__}; expected a NeuralNetwork, or an MLPClassifier or "
        "MLPRegressor of glassnet or scikit-learn. Take the network out of a pipeline first, and give the X "
        "that it is trained on."
    )


def _from_network(model: NeuralNetwork, X: Any, y: Any) -> Patient:
    if y is None:
        raise InvalidDataError("got no y; expected the labels that the network is trained on.")
    X = validation.check_inputs(X, validation.check_dtype(model.dtype))
    y = validation.as_labels(y)
    validation.check_lengths(X, y)
    seed = 0 if model.random_state is None else copy.deepcopy(model.random_state)
    settings = {name: value for name, value in vars(model).items() if name in SETTINGS_OF_NETWORK}
    fresh = NeuralNetwork(**settings | {"random_state": seed}).initialize(X, y)
    is_fitted = hasattr(model, "parameters_")
    classes = model.classes_ if is_fitted else fresh.classes_
    if is_fitted:
        validation.check_width(X, model.n_features_in_)
    history = getattr(model, "history_", None)
    was_trained = model.is_trained
    return Patient(
        name=type(model).__name__,
        architecture=model.architecture_ if is_fitted else fresh.architecture_,
        theta=model.parameters_.theta.copy() if was_trained else None,
        initial_theta=fresh.parameters_.theta,
        samples=_encode_for_network(model, X, y, classes, fresh.parameters_.theta.dtype, "X"),
        classes=classes,
        history=history,
        optimizer=validation.resolve_optimizer(model.optimizer),
        learning_rate=float(model.lr),
        steps_by_batch=True,
        batch_size=min(model.batch_size or USUAL_BATCH, len(X)),
        epochs=int(model.epochs),
        alpha=float(model.alpha),
        tol=None,
        restores_best=bool(history and history.best_epoch is not None),
        names=NETWORK_NAMES,
        model=model,
        reader=model,
    )


SETTINGS_OF_NETWORK = (
    "N",
    "A",
    "lr",
    "activation",
    "activation_grad",
    "weight_init",
    "epochs",
    "batch_size",
    "random_state",
    "dtype",
    "loss",
    "optimizer",
    "dropout",
    "alpha",
    "class_weight",
)


def _encode_for_network(
    model: Any, X: Any, y: Any, classes: NDArray[Any] | None, dtype: np.dtype[Any], name: str
) -> Samples:
    assert classes is not None
    X = validation.check_inputs(X, dtype, name=name)
    y = validation.as_labels(y)
    validation.check_lengths(X, y, (name, name.replace("X", "y")))
    codes = validation.encode_labels(y, classes, name=name.replace("X", "y"))
    targets = np.eye(len(classes), dtype=dtype)[codes]
    return Samples(X, targets, dtype, 255.0 if X.dtype == np.uint8 else None)


def _own(model: Any) -> Any:
    """Return a model of scikit-learn as one of glassnet's, fitted or not; glassnet's as it is."""
    if not isinstance(model, SklearnClassifier | SklearnRegressor):
        return model
    cls = MLPClassifier if isinstance(model, SklearnClassifier) else MLPRegressor
    if hasattr(model, "coefs_"):
        return cls.from_sklearn(model)
    return cls(**model.get_params(deep=False))


def _from_estimator(model: BaseEstimator, X: Any, y: Any) -> Patient:
    own = _own(model)
    is_fitted = own.has_weights
    fresh = _draw_anew(own, X, y)
    samples = _encode_for_estimator(
        own if is_fitted else fresh, X, y, _classes_of(fresh), np.dtype(float), "X"
    )
    if is_fitted and own.architecture_.sizes[0] != samples.X.shape[1]:
        validation.check_width(samples.X, own.architecture_.sizes[0])
    is_sgd = own.solver != "lbfgs"
    n = len(samples)
    history = getattr(own, "history_", None)
    return Patient(
        name=type(model).__name__,
        architecture=own.architecture_ if is_fitted else fresh.architecture_,
        theta=own.parameters_.theta.copy() if is_fitted else None,
        initial_theta=fresh.parameters_.theta,
        samples=samples,
        classes=_classes_of(own if is_fitted else fresh),
        history=history,
        optimizer=make_optimizer(own.get_params(deep=False)) if is_sgd else TRIAL_OPTIMIZER,
        learning_rate=float(own.learning_rate_init) if is_sgd else TRIAL_RATE,
        steps_by_batch=is_sgd,
        batch_size=min(200 if own.batch_size == "auto" else int(own.batch_size), n),
        epochs=int(own.max_iter),
        alpha=float(own.alpha),
        tol=float(own.tol),
        restores_best=bool(own.early_stopping),
        names=ESTIMATOR_NAMES if model is own else SKLEARN_NAMES,
        model=model,
        reader=own if is_fitted else fresh,
    )


def _classes_of(own: Any) -> NDArray[Any] | None:
    """Return the labels of a classifier that gives each sample one of them."""
    is_classifier = isinstance(own, MLPClassifier) and own.has_single_labels
    return np.asarray(own.classes_) if is_classifier else None


def _draw_anew(own: BaseMLP, X: Any, y: Any) -> Any:
    """Return an unfitted copy of an estimator, with weights drawn for these data."""
    fresh: Any = clone(own)
    fresh._validate_params()
    X, y = _validate(fresh, X, y, reset=True)
    if isinstance(fresh, MLPClassifier):
        try:
            fresh._label_binarizer = LabelBinarizer().fit(y)
        except ValueError as error:
            raise InvalidDataError(f"y holds no labels that a classifier could learn: {error}") from error
        fresh.classes_ = fresh._label_binarizer.classes_
    seed = 0 if own.random_state is None else copy.deepcopy(own.random_state)
    fresh._initialize(X, y, check_random_state(seed))
    return fresh


def _validate(own: Any, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
    """Return X and y as the estimator's conventions want them; an autoencoder's y is X."""
    try:
        if not isinstance(own, MLPAutoencoder):
            X, y = own._validate(X, y, reset=reset)
            return X, y
        X = validate_data(own, X, accept_sparse=["csr", "csc"], dtype=KEPT_DTYPES, reset=reset)
        return X, X
    except (ValueError, TypeError) as error:
        raise InvalidDataError(f"the data are not those of this model: {error}") from error


def _encode_for_estimator(
    own: Any, X: Any, y: Any, classes: NDArray[Any] | None, dtype: np.dtype[Any], name: str
) -> Samples:
    X, y = _validate(own, X, y, reset=False)
    unknown = np.setdiff1d(y, classes) if classes is not None and np.ndim(y) == 1 else ()
    if len(unknown):
        raise InvalidDataError(
            f"{name.replace('X', 'y')} holds labels that are not among the training labels: "
            f"{list(unknown)[:5]}; expected only {list(classes if classes is not None else ())[:20]}."
        )
    made = own._make_samples(X)
    dtype = own.parameters_.theta.dtype
    return Samples(made.X, own._encode(y, dtype), dtype, made.divisor)
