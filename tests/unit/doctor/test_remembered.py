"""What was measured of data is measured once for several models."""

from typing import Any

import numpy as np

import glassnet
from glassnet.doctor import Remembered, diagnose
from glassnet.doctor.measure import measured, reference

X = np.random.default_rng(0).normal(size=(200, 4))
Y = (X[:, 0] > 0).astype(int)


def network(rate):
    return glassnet.NeuralNetwork(N=1, A=[8], lr=rate, epochs=20, batch_size=20, random_state=0).fit(X, Y)


def test_it_changes_no_diagnosis(monkeypatch):
    models = [network(0.1), network(1e-4)]
    given: dict[str, Any] = {"X_test": X[150:], "y_test": Y[150:]}
    alone = [diagnose(model, X[:150], Y[:150], **given) for model in models]
    asked, fit = [], reference.fit_reference
    monkeypatch.setattr(measured, "fit_reference", lambda *data: asked.append(1) or fit(*data))
    remembered = Remembered()
    assert [diagnose(model, X[:150], Y[:150], **given, remembered=remembered) for model in models] == alone
    assert len(asked) == 1


def test_other_data_are_measured_anew():
    model, remembered = network(0.1), Remembered()
    unrelated = np.random.default_rng(1).permutation(Y)
    first = diagnose(model, X, Y, remembered=remembered)
    assert diagnose(model, X, unrelated, remembered=remembered) == diagnose(model, X, unrelated) != first
