"""Recipes: all settings of a strong network for tables, which were tuned together."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from glassnet.models.tabular._scaling import NumbersName
from glassnet.nn.schedules import ScheduleName

RecipeName = Literal["realmlp", "realmlp-s", "plain"]


@dataclass(frozen=True)
class Recipe:
    """Hold the settings of a network for tables; each is a parameter of the estimators, of the same name.

    Attributes
    ----------
    numbers : str
        How numbers are scaled, see `TableEncoder`.
    max_one_hot : int or None
        Up to how many values a category becomes flags; above, it is embedded.
    embedding_size : int
        Outputs of the embedding of a category.
    numeric_embedding : "periodic" or None
        What numbers go through, see `glassnet.nn.layers.Periodic`.
    scaling_layer : bool
        Whether a factor for each input is learned, see `glassnet.nn.layers.Scaling`.
    hidden_layer_sizes : tuple of int
    activation : str
        Of the hidden layers, see `glassnet.nn.ACTIVATIONS`.
    learned_activation : bool
        Whether each unit learns how much of it it uses, see `glassnet.nn.layers.LearnedActivation`.
    weight_init : str
        "data", see `glassnet.nn.from_data`; "normal": variance 1 / fan_in, biases standard normal, and the
        output layer all 0; or a name in `glassnet.nn.INITIALIZERS`, with biases of 0.
    rate_factors : bool
        Whether parts have learning rates of their own: 1 / sqrt(fan_in) for weights, 0.1 for biases, numeric
        embeddings and learned activations, 6 for the scaling layer; and biases do not decay.
    learning_rate_init : float
    learning_rate : str
        A schedule, see `glassnet.nn.SCHEDULES`.
    beta_2 : float
        Of Adam.
    weight_decay, dropout : float
        Both follow `decay_schedule`.
    decay_schedule : str
    label_smoothing : float
        Of classes; off where the metric is a loss.
    batch_size, max_iter : int
    clamp : bool
        Whether predicted numbers are cut at the least and the largest target of the training.
    n_iter_no_change : int or None
        Epochs without a better validation score after which training ends; None runs all of them.
    """

    numbers: NumbersName = "robust"
    max_one_hot: int | None = 9
    embedding_size: int = 8
    numeric_embedding: Literal["periodic"] | None = "periodic"
    scaling_layer: bool = True
    hidden_layer_sizes: tuple[int, ...] = (256, 256, 256)
    activation: str = "selu"
    learned_activation: bool = True
    weight_init: str = "data"
    rate_factors: bool = True
    learning_rate_init: float = 0.04
    learning_rate: ScheduleName = "coslog4"
    beta_2: float = 0.95
    weight_decay: float = 0.02
    dropout: float = 0.15
    decay_schedule: ScheduleName = "flat_cos"
    label_smoothing: float = 0.1
    batch_size: int = 256
    max_iter: int = 256
    clamp: bool = True
    n_iter_no_change: int | None = None

    def with_settings(self, settings: Mapping[str, Any]) -> "Recipe":
        """Return the recipe with the settings that are not "auto"."""
        names = {field.name for field in fields(self)} & settings.keys()
        return replace(self, **{name: settings[name] for name in names if not is_auto(settings[name])})


def is_auto(value: Any) -> bool:
    """Return whether a setting is left to the recipe."""
    return isinstance(value, str) and value == "auto"


_SMALL = Recipe(
    max_one_hot=None,
    numeric_embedding=None,
    learned_activation=False,
    weight_init="normal",
    weight_decay=0.0,
    dropout=0.0,
    decay_schedule="constant",
    clamp=False,
)
_PLAIN = Recipe(
    numbers="standard",
    max_one_hot=None,
    numeric_embedding=None,
    scaling_layer=False,
    hidden_layer_sizes=(100,),
    activation="relu",
    learned_activation=False,
    weight_init="glorot_uniform",
    rate_factors=False,
    learning_rate_init=0.001,
    learning_rate="constant",
    beta_2=0.999,
    weight_decay=0.0,
    dropout=0.0,
    decay_schedule="constant",
    label_smoothing=0.0,
    batch_size=200,
    max_iter=200,
    clamp=False,
    n_iter_no_change=10,
)

RECIPES: dict[str, dict[str, Recipe]] = {
    "realmlp": {
        "classes": Recipe(),
        "numbers": Recipe(activation="mish", learning_rate_init=0.2, label_smoothing=0.0),
    },
    "realmlp-s": {
        "classes": _SMALL,
        "numbers": replace(_SMALL, activation="mish", learning_rate_init=0.07, label_smoothing=0.0),
    },
    "plain": {"classes": _PLAIN, "numbers": _PLAIN},
}
"""The recipes by name, for targets that are classes, and for those that are numbers.

References
----------
Holzmüller, Grinsztajn, Steinwart (2024), Better by default: strong pre-tuned MLPs and boosted trees on
tabular data, arXiv 2407.04491: RealMLP-TD and RealMLP-TD-S. "plain" is scikit-learn's network
with early stopping.
"""
