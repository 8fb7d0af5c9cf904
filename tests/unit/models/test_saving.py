"""Estimators to files and back, and their pictures in notebooks."""

import numpy as np
import pytest

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor
from glassnet.errors import DataFileError, InvalidParameterError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

LABELS = {
    "text": np.array(["ash", "elm", "oak"]),
    "two words": np.array(["a b", "ü"]),
    "whole": np.array([3, 1, 2]),
    "two": np.array([-1, 1]),
    "floating": np.array([0.5, 1.5, 2.5]).round(),
    "truth": np.array([False, True]),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_a_classifier_comes_back_with_its_labels(flowers, labels, path):
    y = labels[np.unique(flowers[1], return_inverse=True)[1] % len(labels)]
    model = MLPClassifier((6, 3), ["tanh", "gelu"], max_iter=3, random_state=0).fit(flowers[0], y)
    model.save(path)
    back = MLPClassifier.load(path)
    np.testing.assert_array_equal(back.predict(flowers[0]), model.predict(flowers[0]))
    np.testing.assert_array_equal(back.predict_proba(flowers[0]), model.predict_proba(flowers[0]))
    assert back.classes_.dtype == model.classes_.dtype
    assert back.get_params() == model.get_params()
    assert (back.loss_curve_, back.n_iter_, back.t_) == (model.loss_curve_, model.n_iter_, model.t_)
    assert back.history_ == model.history_


def test_several_labels_a_sample_come_back(flowers, path):
    y = np.column_stack([flowers[1] == "ash", flowers[0][:, 0] > 0]).astype(int)
    model = MLPClassifier((6,), max_iter=3).fit(flowers[0], y)
    model.save(path)
    np.testing.assert_array_equal(MLPClassifier.load(path).predict(flowers[0]), model.predict(flowers[0]))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", ["squared_error", "poisson", "huber"])
def test_a_regressor_comes_back_in_its_precision(curve, dtype, loss, path):
    X, y = curve
    model = MLPRegressor(loss, (6,), dtype=dtype, max_iter=3, early_stopping=True).fit(X, y**2)
    model.save(path)
    back = MLPRegressor.load(path)
    np.testing.assert_array_equal(back.predict(X), model.predict(X))
    assert back.predict(X).dtype == dtype
    assert back.best_validation_score_ == model.best_validation_score_


def test_an_autoencoder_comes_back(curve, path):
    model = MLPAutoencoder((5, 2), symmetric=True, max_iter=3).fit(curve[0])
    model.save(path)
    back = MLPAutoencoder.load(path)
    np.testing.assert_array_equal(back.transform(curve[0]), model.transform(curve[0]))
    np.testing.assert_array_equal(back.inverse_transform([[1, 2]]), model.inverse_transform([[1, 2]]))


def test_names_of_features_come_back(flowers, path):
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame(flowers[0], columns=list("abcd"))
    MLPClassifier((3,), max_iter=2).fit(X, flowers[1]).save(path)
    back = MLPClassifier.load(path)
    assert back.feature_names_in_.tolist() == list("abcd")
    back.predict(X)


def test_what_comes_back_goes_on_from_its_weights(curve, path):
    model = MLPRegressor(hidden_layer_sizes=(5,), max_iter=3, random_state=0, warm_start=True).fit(*curve)
    model.save(path)
    back = MLPRegressor.load(path)
    np.testing.assert_array_equal(back.fit(*curve).coefs_[0], model.fit(*curve).coefs_[0])


def test_the_loss_curve_goes_on_too(curve, path):
    model = MLPRegressor(hidden_layer_sizes=(5,), max_iter=3, random_state=0, warm_start=True).fit(*curve)
    model.save(path)
    back = MLPRegressor.load(path)
    assert back.fit(*curve).loss_curve_ == model.fit(*curve).loss_curve_
    assert back.t_ == model.t_


def test_early_stopping_in_partial_fit_goes_on_after_loading(flowers, path):
    X, y = flowers
    model = MLPClassifier((3,), early_stopping=True)
    model.partial_fit(X, y, classes=["ash", "elm", "oak"], X_val=X, y_val=y).save(path)
    assert not MLPClassifier.load(path).partial_fit(X, y, X_val=X, y_val=y).stopped_


def test_class_weights_by_number_come_back(flowers, path):
    y = (flowers[1] == "ash").astype(int)
    MLPClassifier((3,), class_weight={0: 1.0, 1: 2.0}, max_iter=1).fit(flowers[0], y).save(path)
    assert MLPClassifier.load(path).class_weight == {0: 1.0, 1: 2.0}


def test_an_activation_of_ones_own_is_asked_for(curve, path):
    pair = (np.tanh, lambda z: 1 - np.tanh(z) ** 2)
    model = MLPRegressor(hidden_layer_sizes=(5,), activation=pair, max_iter=2).fit(*curve)
    model.save(path)
    with pytest.raises(InvalidParameterError, match="a file holds no functions"):
        MLPRegressor.load(path)
    back = MLPRegressor.load(path, activation=pair)
    np.testing.assert_array_equal(back.predict(curve[0]), model.predict(curve[0]))


def test_a_file_of_another_class_is_refused(curve, path):
    MLPRegressor(hidden_layer_sizes=(5,), max_iter=2).fit(*curve).save(path)
    with pytest.raises(DataFileError):
        MLPClassifier.load(path)


def test_a_file_that_is_not_there_is_refused(path):
    with pytest.raises(DataFileError):
        MLPClassifier.load(path)


def test_only_a_fitted_estimator_is_saved(path):
    with pytest.raises(ValueError, match="not fitted"):
        MLPClassifier().save(path)
    assert not path.exists()


# -- notebooks -------------------------------------------------------------------------------------------


def test_a_notebook_shows_layers_and_losses(flowers):
    model = MLPClassifier((6, 3), ["tanh", "gelu"], max_iter=3, random_state=0).fit(*flowers)
    html = model._repr_html_()
    for text in ("4 → 6", "6 → 3", "3 → 3", "tanh", "gelu", "softmax", "all 3 epochs were run", "<svg"):
        assert text in html


def test_a_notebook_shows_what_is_not_fitted_as_scikit_learn_does():
    html = MLPClassifier()._repr_html_()
    assert "MLPClassifier" in html
    assert "<svg" not in html.split("</style>")[-1]


def test_the_losses_are_one_call_away(flowers):
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    model = MLPClassifier((3,), max_iter=3, alpha=0).fit(*flowers)
    assert model.plot_losses(axes) is axes
    np.testing.assert_allclose(np.asarray(axes.get_lines()[0].get_ydata()), np.asarray(model.loss_curve_))
