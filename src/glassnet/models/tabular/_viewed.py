"""What a view shows of a model for tables, see `glassnet.models.View`."""

import copy
from functools import partial
from types import MappingProxyType
from typing import Any

from glassnet.errors import NotFittedError
from glassnet.models.tabular._base import TabularMLP
from glassnet.models.tabular._member import groups_of, optimizer_of
from glassnet.nn.architecture import Parameters
from glassnet.nn.schedules import SCHEDULES

TABULAR_NAMES = MappingProxyType(
    {
        "learning_rate": "learning_rate_init",
        "activation": "activation",
        "weight_init": "weight_init",
        "epochs": "max_iter",
        "hidden": "hidden_layer_sizes",
        "batch_size": "batch_size",
        "dropout": "dropout",
        "patience": "n_iter_no_change",
        "early_stopping": "early_stopping",
        "schedule": "learning_rate",
        "scaling": "numbers",
    }
)


def tabular_settings(model: TabularMLP, reader: TabularMLP, X: Any, y: Any) -> dict[str, Any]:
    """Return the fields of the view of a model for tables.

    Parameters
    ----------
    model : TabularMLP
    reader : TabularMLP
        The model itself where it has weights, else a copy that has.
    X, y
        What it was, or is to be, trained on; None where that is not known.
    """
    recipe, encoder = reader.recipe_, reader.encoder_

    columns = tuple(map(str, encoder.get_feature_names_out()))
    made_of = {output: column.name for column in encoder.columns_ for output in column.outputs}

    def draw() -> Parameters:
        if X is None:
            raise NotFittedError(
                f"the first weights of a {type(model).__name__} depend on its data; give view_of X and y too."
            )
        seeded = copy.copy(reader)
        if seeded.random_state is None:
            seeded.random_state = 0
        return seeded.draw_first(X, y)

    return {
        "is_trained": hasattr(model, "members_") and len(model.history_) > 0,
        "optimizer": optimizer_of(recipe),
        "learning_rate": float(recipe.learning_rate_init),
        "trains_by_steps": True,
        "batch_size": int(recipe.batch_size),
        "epochs": int(recipe.max_iter),
        "alpha": 0.0,
        "dropout": float(recipe.dropout),
        "max_gradient_norm": None,
        "shuffles": True,
        "schedule": SCHEDULES[recipe.learning_rate],
        "tol": None,
        "restores_best": bool(model.early_stopping),
        "frozen": (),
        "draw": draw,
        "columns": columns,
        "sources": tuple(made_of[column] for column in columns),
        "categories": tuple(column.categories for column in encoder.columns_ if column.coded),
        "fading": SCHEDULES[recipe.decay_schedule],
        "fits_first_weights": recipe.weight_init == "data",
        "groups_of": partial(groups_of, recipe),
        "n_networks": int(model.n_ensemble),
    }
