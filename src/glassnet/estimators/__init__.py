"""scikit-learn's multilayer perceptrons on glassnet's engine: the same models, faster, with more options."""

from glassnet.estimators.autoencoder import MLPAutoencoder
from glassnet.estimators.classifier import MLPClassifier
from glassnet.estimators.display import LossCurveDisplay
from glassnet.estimators.regressor import MLPRegressor

__all__ = ["LossCurveDisplay", "MLPAutoencoder", "MLPClassifier", "MLPRegressor"]
