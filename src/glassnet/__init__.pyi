from . import (
    data as data,
    doctor as doctor,
    models as models,
    nn as nn,
    studies as studies,
    worked as worked,
)
from .data.catalog import load_fashion_mnist as load_fashion_mnist, load_mnist as load_mnist
from .data.idx import read_idx as read_idx, write_idx as write_idx
from .data.splits import (
    flatten as flatten,
    one_hot as one_hot,
    scale as scale,
    train_validation_split as train_validation_split,
)
from .data.streams import Stream as Stream
from .doctor import diagnose as diagnose
from .errors import DivergedError as DivergedError, GlassnetError as GlassnetError
from .gradients.activation import check_gradient as check_gradient
from .gradients.network import check_network_gradient as check_network_gradient
from .models.adopted import from_keras as from_keras, from_torch as from_torch
from .models.autoencoder import MLPAutoencoder as MLPAutoencoder
from .models.classifier import MLPClassifier as MLPClassifier
from .models.converters import register_onnx_converters as register_onnx_converters
from .models.display import LossCurveDisplay as LossCurveDisplay
from .models.interval_display import PredictionIntervalDisplay as PredictionIntervalDisplay
from .models.loading import load as load
from .models.neural_network import NeuralNetwork as NeuralNetwork
from .models.regressor import MLPRegressor as MLPRegressor
from .models.reliability_display import ReliabilityDisplay as ReliabilityDisplay
from .models.skops_types import skops_types as skops_types
from .models.tabular.classifier import TabularMLPClassifier as TabularMLPClassifier
from .models.tabular.encoder import TableEncoder as TableEncoder
from .models.tabular.regressor import TabularMLPRegressor as TabularMLPRegressor
from .models.trackers import (
    CsvLog as CsvLog,
    MlflowLog as MlflowLog,
    OptunaPruning as OptunaPruning,
    TensorBoardLog as TensorBoardLog,
)
from .nn.history import EpochRecord as EpochRecord, History as History, log_epoch as log_epoch
from .studies.own.study import Study as Study
from .studies.search.search import Search as Search
from .studio.embedding import EmbeddedStudio as EmbeddedStudio, open_studio as open_studio
from .studio.recorder import Recorder as Recorder
from .worked.grade.grade import grade as grade
from .worked.svm.solve import measure_margin as measure_margin, solve_svm as solve_svm
from .worked.tracing import trace as trace

__version__: str
