"""What the three estimators' docstrings share, written once."""

from collections.abc import Iterable
from inspect import cleandoc
from typing import TypeVar

from glassnet.models._settings import REGRESSION_LOSSES
from glassnet.models.resolving import ACTIVATION_ALIASES
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.schedules import SCHEDULES

Class = TypeVar("Class", bound=type)

PARAMETERS = cleandoc(
    """
    hidden_layer_sizes : int or sequence of int
        Units of each hidden layer.
    activation : str, pair of callables, or list of these
        Of the hidden layers, one of:
        %(activations)s;
        a tuple (f, f') of a function of the pre-activation and its derivative; a list has one entry for each
        hidden layer.
    solver : %(solvers)s
        "sgd", "adam" and "adamw" take their settings from the parameters below; the others are as
        `glassnet.nn.OPTIMIZERS` has them.
    alpha : float
        Strength of the L2 penalty; a batch of n samples adds alpha / 2n * sum(W^2) to its loss.
    batch_size : int or "auto"
        "auto" is min(200, n_samples). L-BFGS takes all samples at once.
    learning_rate : %(schedules)s, or callable
        Schedule of the solver "sgd": learning_rate_init; learning_rate_init / (n + 1)^power_t after n
        samples; or divided by 5 whenever training would stop, until it is below 1e-6. The other schedules are
        for every solver but "lbfgs": functions of t, the share done of `max_iter` epochs, from 0 to 1, that
        return before every step what learning_rate_init is multiplied with. They are described where
        `glassnet.nn.SCHEDULES` is; a value such as ``OneCycle(warmup=0.1)`` will do, and any function of t.
        t starts anew with every `fit`, and knows nothing of an early stop; `partial_fit` has no end, and
        takes none of them.
    learning_rate_init : float
    power_t : float
    max_iter : int
        Maximum number of epochs; with L-BFGS, of iterations.
    shuffle : bool
        Take the samples in a new order in every epoch.
    random_state : int, RandomState, Generator or None
        Of initial weights, validation split and order, drawn in this order as by scikit-learn; from a
        `numpy.random.Generator` by ``RandomState(generator.bit_generator)``, which moves it on.
    tol : float
        Training stops when loss or score has not improved by `tol` for more than `n_iter_no_change` epochs.
    verbose : bool
        Print the loss of every epoch; of a `Stream`, show a progress bar in a terminal at once.
    warm_start : bool
        Go on from the weights of the last fit.
    momentum, nesterovs_momentum : float, bool
        Of the solver "sgd".
    early_stopping : bool
        Watch a validation score instead of the training loss, and bring the best weights back in the end. The
        validation data are `X_val` and `y_val` of fit, or else a part of X.
    validation_fraction : float
    beta_1, beta_2, epsilon : float
        Of the solvers "adam" and "adamw".
    n_iter_no_change : int
    max_fun : int
        Maximum number of evaluations of L-BFGS.
    scoring : str, callable or None
        What early stopping watches: None is the estimator's own score; "loss", the validation loss; the name
        of any scorer of scikit-learn, or a callable ``(estimator, X, y)``.
    weight_init : str, callable or None
        None draws as scikit-learn does. A name of `glassnet.nn.INITIALIZERS`, "zero" included, or
        ``f(rng, fan_in, fan_out)``; biases then start at zero.
    dropout : float
        Probability with which a hidden unit is dropped in a training step.
    weight_decay : float
        Of the solver "adamw".
    max_grad_norm : float or None
        A gradient whose Euclidean norm is larger is scaled down to it.
    dtype : {"float32", "float64"} or None
        What is computed with; None keeps float32 X and takes float64 for any other.
    scale_uint8 : bool
        Divide X of dtype uint8 by 255, batch by batch: images need no copy in floating point.
    keep_optimizer_state : bool
        With `warm_start`, go on with the optimiser's running means too; scikit-learn begins them anew.
    on_epoch : callable or None
        Called with the `EpochRecord` of every epoch; training stops when it returns True.
    """
)


def _choice(names: Iterable[str]) -> str:
    return "{" + ", ".join(f'"{name}"' for name in names) + "}"


PARAMETERS %= {
    "activations": ", ".join([*ACTIVATION_ALIASES, *ACTIVATIONS]),
    "solvers": _choice(["lbfgs", *OPTIMIZERS]),
    "schedules": _choice(SCHEDULES),
}

ATTRIBUTES = cleandoc(
    """
    coefs_, intercepts_ : list of ndarray
        Weights (fan_in, fan_out) and biases (fan_out,) of each layer: views of the parameters in use. What
        is assigned to them, or to an item, is copied in: numbers of the same shapes, in the network's dtype.
    loss_, best_loss_, loss_curve_ : float, float or None, list of float
        Training loss of the last epoch, the lowest, and of every epoch. L-BFGS has no loss curve, but
        `history_`.
    validation_scores_, best_validation_score_ : list of float or None, float or None
        With early stopping.
    validation_loss_curve_ : list of float
        Validation loss of every epoch; empty without validation data.
    stopped_ : bool
        Whether training has ended; after ``partial_fit`` with early stopping, whether it has stopped.
    architecture_, parameters_ : Architecture, Parameters
        The network, as `glassnet.nn` computes with it.
    history_ : History
        All of that as rows, and why training stopped.
    n_iter_, t_ : int
        Epochs (iterations) of the last fit; training samples seen by the solver.
    n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_
        As in scikit-learn.
    """
)


def documented(cls: Class) -> Class:
    """Put the shared parts into a class's docstring, where it says ``%(parameters)s`` or the like."""
    cls.__doc__ = cleandoc(cls.__doc__ or "") % {
        "parameters": PARAMETERS,
        "attributes": ATTRIBUTES,
        "losses": _choice(REGRESSION_LOSSES),
    }
    return cls
