"""What skops may trust: glassnet's own types and functions that a model holds, and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import FunctionType
from typing import Any

from glassnet.models._stopping import ToleranceWatch
from glassnet.models.autoencoder import MLPAutoencoder
from glassnet.models.classifier import MLPClassifier
from glassnet.models.neural_network import NeuralNetwork
from glassnet.models.regressor import MLPRegressor
from glassnet.models.tabular._encoding import Encoding
from glassnet.models.tabular._member import Member
from glassnet.models.tabular._scaling import Scaling
from glassnet.models.tabular.classifier import TabularMLPClassifier
from glassnet.models.tabular.columns import EncodedColumn, ScaledNumber, TableLayout
from glassnet.models.tabular.encoder import TableEncoder
from glassnet.models.tabular.regressor import TabularMLPRegressor
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.architecture import Architecture, Parameters, Place
from glassnet.nn.course import Course
from glassnet.nn.history import EpochRecord, History
from glassnet.nn.layers import LAYERS
from glassnet.nn.layers.chain import Chain
from glassnet.nn.layers.columns import Columns
from glassnet.nn.losses import LOSSES
from glassnet.nn.members import SharedHead
from glassnet.nn.network import Dropout
from glassnet.nn.optimizers import OPTIMIZERS, OptimizerState
from glassnet.nn.outputs import OUTPUTS
from glassnet.nn.quantiles import LevelCut, LevelLosses, LevelQuantiles
from glassnet.nn.rates import Group
from glassnet.nn.schedules import SCHEDULES
from glassnet.nn.training import EarlyStopping, Training

_MODELS = (
    *(NeuralNetwork, MLPClassifier, MLPRegressor, MLPAutoencoder),
    *(TabularMLPClassifier, TabularMLPRegressor, TableEncoder),
)
_STATE = (
    *(Architecture, Parameters, Place, Training, OptimizerState, Dropout, Course, Group, SharedHead),
    *(History, EpochRecord, ToleranceWatch, EarlyStopping, LevelCut, LevelLosses, LevelQuantiles),
    *(Chain, Columns, Encoding, Member, Scaling, EncodedColumn, ScaledNumber, TableLayout),
)
"""What a model holds beside the values of the tables."""


def skops_types() -> list[str]:
    """Return the types and functions of glassnet that a file of skops may name, for ``trusted``.

    They are those that a model of this library holds: its classes, their state, and the values of the tables
    of activations, losses, optimisers, schedules and layers. A function of one's own is not among them.

    Returns
    -------
    list of str
        Sorted.

    Examples
    --------
    >>> import skops.io
    >>> from glassnet import MLPClassifier
    >>> model = MLPClassifier(solver="lbfgs", random_state=0).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    >>> again = skops.io.loads(skops.io.dumps(model), trusted=skops_types())
    """
    tables: tuple[Mapping[str, Any], ...] = (ACTIVATIONS, OUTPUTS, LOSSES, OPTIMIZERS, SCHEDULES, LAYERS)
    held = [value for table in tables for value in table.values()]
    held += [field.default for state in _STATE if is_dataclass(state) for field in fields(state)]
    found = [*_MODELS, *_STATE, *(part for value in held for part in _parts(value))]
    return sorted({f"{part.__module__}.{part.__name__}" for part in found})


def _parts(value: Any) -> Iterator[type | FunctionType]:
    """Yield the types and functions of glassnet that a value is made of."""
    if isinstance(value, FunctionType):
        yield value
    elif isinstance(value, tuple):
        if type(value) is not tuple:
            yield type(value)
        for each in value:
            yield from _parts(each)
    elif is_dataclass(value) and not isinstance(value, type):
        yield type(value)
        for field in fields(value):
            yield from _parts(getattr(value, field.name))
