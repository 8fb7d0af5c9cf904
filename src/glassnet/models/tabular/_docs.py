"""What the docstrings of the two estimators share, written once."""

from inspect import cleandoc
from typing import TypeVar

from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.schedules import SCHEDULES

Class = TypeVar("Class", bound=type)

PARAMETERS = cleandoc(
    """
    recipe : {"realmlp", "realmlp-s", "plain"}
        Where all settings come from that are "auto", see `glassnet.models.tabular.RECIPES`: RealMLP; its
        small variant, which is faster; or scikit-learn's network with early stopping.
    numbers : {"robust", "standard", "none", "auto"}
        How numbers are scaled, see `TableEncoder`.
    max_one_hot : int, "auto" or None
        Up to how many values a category becomes flags; None: however many there are.
    embedding_size : int or "auto"
        Outputs of the embedding of a category with more than `max_one_hot` values.
    numeric_embedding : {"periodic", "auto"} or None
        What numbers go through first, see `glassnet.nn.layers.Periodic`.
    scaling_layer : bool or "auto"
        Whether a factor for each input is learned, see `glassnet.nn.layers.Scaling`.
    hidden_layer_sizes : int, sequence of int, or "auto"
    activation : str
        Of the hidden layers: "auto" or one of %(activations)s.
    learned_activation : bool or "auto"
        Whether each unit learns how much of it it uses, see `glassnet.nn.layers.LearnedActivation`.
    weight_init : str
        "auto"; "data", so that every unit bends among the rows, see `glassnet.nn.from_data`; "normal" with
        variance 1 / fan_in, normal biases and outputs that begin at 0; or a name of
        `glassnet.nn.INITIALIZERS`.
    rate_factors : bool or "auto"
        Whether parts have learning rates of their own: 1 / sqrt(fan_in) for weights, 0.1 for biases, numeric
        embeddings and learned activations, 6 for the scaling layer.
    learning_rate_init : float or "auto"
    learning_rate : str
        The schedule: "auto" or one of %(schedules)s.
    beta_2 : float or "auto"
        Of Adam.
    weight_decay, dropout : float or "auto"
        Both follow `decay_schedule`.
    decay_schedule : str
        As `learning_rate`.
    batch_size, max_iter : int or "auto"
        Rows of a step; epochs.
    n_iter_no_change : int, "auto" or None
        Epochs without a better one after which training ends; None runs all of them, which a schedule wants.
    early_stopping : bool
        Hold `validation_fraction` of the rows back, and keep the epoch that is best on them, the last of
        equal ones. Without, all rows are trained on and the last epoch is kept.
    validation_fraction : float
    n_ensemble : int
        How many networks there are; their answers are averaged.
    ensemble : {"seeds", "folds", "tabm"}
        Whether each network holds back rows of its own drawing, or they share the rows out among them. With
        "tabm" they are trained as one: they share all weights but those of the last layer, and see the inputs
        through factors of their own (TabM-mini, arXiv 2410.24210, whose authors take 32; see
        `glassnet.nn.members`). The dense layers then cost `n_ensemble` times as much, embeddings do not: with
        20 columns "realmlp" takes 4 times as long for 8 and 14 times for 32, "realmlp-s" 8 and 30 times.
    n_jobs : int, optional
        Processes for the networks, with one BLAS thread each; "tabm" is trained in this one.
    random_state : int, RandomState, Generator or None
    dtype : {"float32", "float64"}
        What is computed with.
    verbose : bool
        Print a line for every epoch.
    on_epoch : callable, optional
        Called with the `EpochRecord` of every epoch; a return value of True ends the training. The networks
        of an ensemble are then trained one after the other.
    """
)

ATTRIBUTES = cleandoc(
    """
    encoder_ : TableEncoder
        How each column is encoded: ``encoder_.columns_``.
    members_ : list of Member
        The networks: `parameters` and `history` of each. With "tabm" it is one, in which all are.
    history_, best_epoch_, n_iter_
        Of the first network: losses of every epoch, the epoch that was kept, how many there were.
    n_features_in_, feature_names_in_
        As in scikit-learn.
    """
)


def documented(cls: Class) -> Class:
    """Put the shared parts into a class's docstring, where it says ``%(parameters)s`` or the like."""
    schedules = ["constant", *(name for name, schedule in SCHEDULES.items() if schedule.over_time)]
    parameters = PARAMETERS % {
        "activations": ", ".join(f'"{name}"' for name in ACTIVATIONS),
        "schedules": ", ".join(f'"{name}"' for name in schedules),
    }
    cls.__doc__ = cleandoc(cls.__doc__ or "") % {"parameters": parameters, "attributes": ATTRIBUTES}
    return cls
