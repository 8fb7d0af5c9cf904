"""The estimators' weights before training, drawn as scikit-learn draws them."""

from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from glassnet.models._attributes import derived_attributes
from glassnet.models._fitted import TargetArray
from glassnet.models._settings import as_random_state, hidden_sizes
from glassnet.models._targets import TargetedNetwork
from glassnet.models.resolving import resolve_activations, resolve_initializer
from glassnet.nn.network import Architecture, Parameters


class InitialNetwork(TargetedNetwork):
    """Draw new weights, and set the attributes that training goes on from."""

    _dropout_rng: np.random.Generator | None

    def initialize(self, X: Any, y: Any = None) -> Self:
        """Draw new weights for data like X and y, without training.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            As for `fit`.

        Returns
        -------
        self
        """
        self._validate_params()
        X, y = self._checked(X, y, reset=True)
        self._learn_targets(y)
        self._initialize(X, y, as_random_state(self.random_state))
        return self

    def _hidden_sizes(self) -> list[int]:
        return hidden_sizes(self.hidden_layer_sizes)

    def _count_outputs(self, y: TargetArray) -> int:
        """Return how many outputs a network for such targets has."""
        return int(self._encode(y[:1], np.dtype(np.float64)).shape[1])

    def _initialize(self, X: Any, y: TargetArray, random_state: np.random.RandomState) -> None:
        """Draw weights and biases in the order in which scikit-learn draws them; forget what was before."""
        hidden = self._hidden_sizes()
        dtype = np.dtype(self.dtype or (X.dtype if X.dtype == np.float32 else np.float64))
        sizes = (X.shape[1], *hidden, self._count_outputs(y))
        architecture = Architecture(
            sizes, resolve_activations(self.activation, None, len(hidden)), self._head()
        )
        self._install(architecture, draw_parameters(self, architecture, dtype, random_state))
        if self.dropout:
            self._dropout_rng = np.random.default_rng(random_state.randint(2**31))
        self.n_iter_, self.t_, self.stopped_ = 0, 0, False
        for name, value in derived_attributes(architecture).items():
            setattr(self, name, value)
        self.validation_loss_curve_ = []
        if self.solver != "lbfgs":
            self.loss_curve_ = []
            self.validation_scores_ = [] if self.early_stopping else None
            self.best_loss_ = None if self.early_stopping else np.inf
            self.best_validation_score_ = -np.inf if self.early_stopping else None


def draw_parameters(
    model: Any, architecture: Architecture, dtype: DTypeLike, random_state: np.random.RandomState
) -> Parameters:
    """Return new weights and biases for the network of an estimator, as training draws them first."""
    parameters = Parameters.zeros(architecture, dtype)
    own = None if model.weight_init is None else resolve_initializer(model.weight_init)
    # scikit-learn scales the weights by the activation that they lead to; the outputs' by the last one's
    activations = architecture.activations or resolve_activations(model.activation, None, 1)
    leads_to = [*architecture.activations, activations[-1]]
    for weight, bias, activation in zip(parameters.weights, parameters.biases, leads_to, strict=True):
        if own is not None:
            weight[...] = own(random_state, *weight.shape)  # type: ignore[arg-type]  # it draws alike
        else:
            bound = np.sqrt(activation.glorot_factor / sum(weight.shape))
            weight[...] = random_state.uniform(-bound, bound, weight.shape)
            bias[...] = random_state.uniform(-bound, bound, len(bias))
    return parameters
