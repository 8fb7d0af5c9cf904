from . import tabular as tabular
from .adopted import from_keras as from_keras, from_torch as from_torch
from .autoencoder import MLPAutoencoder as MLPAutoencoder
from .calibration import apply_temperature as apply_temperature, fit_temperature as fit_temperature
from .classifier import MLPClassifier as MLPClassifier
from .converters import register_onnx_converters as register_onnx_converters
from .display import LossCurveDisplay as LossCurveDisplay
from .interval_display import PredictionIntervalDisplay as PredictionIntervalDisplay
from .intervals import conformal_correction as conformal_correction, score_quantiles as score_quantiles
from .loading import load as load
from .neural_network import NeuralNetwork as NeuralNetwork
from .regressor import MLPRegressor as MLPRegressor
from .reliability import expected_calibration_error as expected_calibration_error
from .reliability_display import ReliabilityDisplay as ReliabilityDisplay
from .tabular import TabularMLPClassifier as TabularMLPClassifier, TabularMLPRegressor as TabularMLPRegressor
from .view import View as View, view_of as view_of
