from . import tabular as tabular
from .autoencoder import MLPAutoencoder as MLPAutoencoder
from .classifier import MLPClassifier as MLPClassifier
from .display import LossCurveDisplay as LossCurveDisplay
from .loading import load as load
from .neural_network import NeuralNetwork as NeuralNetwork
from .regressor import MLPRegressor as MLPRegressor
from .view import View as View, view_of as view_of
