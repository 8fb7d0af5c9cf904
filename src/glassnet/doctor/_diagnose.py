"""`diagnose`: measure a model, judge it, and say what to change."""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet._common.progress import showing
from glassnet._common.quoting import quoted
from glassnet.doctor._judging import run_checks
from glassnet.doctor.checks.table import CHECKS
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.measure.measured import Remembered, take_rows
from glassnet.doctor.measure.probe import Probe
from glassnet.doctor.measure.reference import NAMES
from glassnet.doctor.scores.reported import Reported
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models.view import View, view_of
from glassnet.nn.threads import one_thread


@showing("Examining the network")
def diagnose(
    model: Any,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    reported: str | float | None = None,
    name: str | None = None,
    class_names: Sequence[str] | None = None,
    remembered: Remembered | None = None,
    **training: Any,
) -> Diagnosis:
    """Find out why a network does not learn, or why its score cannot be right.

    Parameters
    ----------
    model : NeuralNetwork, MLPClassifier, MLPRegressor, MLPAutoencoder or a model for tables
        glassnet's or scikit-learn's own; fitted, untrained, or left behind by a training that failed. It is
        not changed: everything runs on copies. Or a ``torch.nn.Module`` or ``keras.Sequential`` of dense
        layers, as `glassnet.from_torch` takes them.
    X : array-like of shape (n_samples, n_features)
        The training data, as they were given to ``fit``. Of a `TabularMLPClassifier` or `TabularMLPRegressor`
        the columns are judged as its `encoder_` encodes them, and of several networks the first.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        As they were given to ``fit``; not for an autoencoder.
    X_test, y_test : array-like, optional
        Labelled data that the model was not trained on; without them the checks of the evaluation are left
        out.
    reported : str or float, optional
        The test accuracy that was reported: if it is not that of the model's answers, the known slips are
        searched for one that gives it to its last digit. Give text to keep the digits: ``"0.8220"``.
    name : str, optional
        What to call the model; its class unless given.
    class_names : sequence of str, optional
        What the labels 0, 1 ... mean, where they are such numbers: findings then name classes so.
    remembered : Remembered, optional
        Give one ``Remembered()`` to all models of the same data: what is measured of the data alone, the
        simple models among it, is then measured once. It keeps some megabytes.
    **training : object
        Of a module of PyTorch or a model of Keras, how it is trained: ``loss=``, ``optimizer=``,
        ``learning_rate=``, ``batch_size=``, ``epochs=``, ``losses=``, ``initial=``, ``trained=``, see
        `glassnet.models.view_of`.

    Returns
    -------
    Diagnosis
        ``print`` it; in a notebook it shows itself.

    Raises
    ------
    InvalidParameterError
        When the model is of another class, or estimates quantiles other than the median.
    InvalidDataError
        When the data do not fit the model.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet import NeuralNetwork
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 2))
    >>> y = (X[:, 0] > X[:, 1]).astype(int)
    >>> network = NeuralNetwork(N=1, A=[8], lr=0.5, weight_init="zero", epochs=20, batch_size=32)
    >>> diagnose(network.fit(X, y), X, y).first.code
    'symmetric-units'
    """
    if (X_test is None) != (y_test is None) and y is not None:
        raise InvalidDataError("got one of X_test and y_test; expected both, or neither.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # what overflows in a sick network is a finding
        # scikit-learn's remark that arrays have no names of features
        warnings.filterwarnings("ignore", category=UserWarning, module=r"sklearn\.utils\.validation")
        view = view_of(model, X, y, **training)
        if view.architecture.head.quantiles not in ((), (0.5,)):
            raise InvalidParameterError(
                f"got a {view.name} of the quantiles {view.architecture.head.quantiles}; the doctor compares "
                "with simple models that estimate means. Fit the same network with loss='squared_error', or "
                "quantiles=0.5, and diagnose that."
            )
        if reported is not None and view.n_networks > 1:
            raise InvalidParameterError(
                f"got a reported score and a {view.name} of {view.n_networks} networks; the doctor looks "
                "into the first of them, and compares a score with its answers. Give a model of one network, "
                "or no score."
            )
        if reported is None:  # else every test sample counts
            known, y_test, unseen = known_labels(view, y_test)
        else:
            known, unseen = np.zeros(0, bool), {}
        if class_names is not None and view.classes is not None:
            view = replace(view, classes=_name_classes(view.classes, class_names))
        samples = view.samples(X, y)
        test = None if X_test is None else view.samples(X_test, y_test, name="X_test")
        if test is not None and unseen:
            test = take_rows(test, np.flatnonzero(known))
        score = None if reported is None else _read(reported, view.name)
        with one_thread():  # more would wait for each other at every short step
            probe = Probe(view, samples, test, score, unseen, remembered)
            findings = run_checks(CHECKS.values(), probe)
            return Diagnosis(name or view.name, findings, describe(probe))


def known_labels(view: View, y_test: Any) -> tuple[NDArray[np.bool_], Any, dict[str, int]]:
    """Tell test labels that the model knows from others.

    Returns
    -------
    known : ndarray of bool, shape (n,)
    y_test : array-like
        With some class that the model knows in the place of the others.
    unseen : dict of str to int
        How often each of the others is there.
    """
    if y_test is None or view.classes is None:
        return np.zeros(0, bool), y_test, {}
    labels = np.asarray(y_test)
    known = np.isin(labels, view.classes)
    if known.all() or not known.any() or labels.ndim != 1 or labels.dtype.kind not in "iufbUSO":
        return known, y_test, {}
    unseen = Counter(map(str, labels[~known].tolist()))
    return known, np.where(known, labels, view.classes[0]), dict(sorted(unseen.items()))


def _name_classes(labels: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
    if labels.dtype.kind not in "iu" or not 0 <= labels.min() <= labels.max() < len(names):
        raise InvalidDataError(
            f"got {len(names)} names for the labels {', '.join(map(str, labels[:10]))}; expected a name for "
            "each label, which is a whole number from 0."
        )
    return np.array([names[label] for label in labels])


def _read(reported: str | float, name: str) -> Reported:
    text = reported.strip() if isinstance(reported, str) else repr(float(reported))
    is_percentage = text.endswith("%")
    try:
        if is_percentage or 0 <= float(text) <= 1:
            return Reported.read(name, "test", text)
    except ValueError:
        pass
    raise InvalidDataError(
        f"got the reported accuracy {quoted(reported)}; expected a number from 0 to 1, '0.8227', or a "
        "percentage "
        "with its sign, '82.27%'."
    )


def describe(probe: Probe) -> dict[str, str]:
    """Return what was measured, for people."""
    architecture, history = probe.view.architecture, probe.view.history
    sizes = " - ".join(map(str, architecture.sizes))
    activations = ", ".join(dict.fromkeys(a.name for a in probe.view.activations)) or "none"
    facts = {
        "network": f"{sizes}, {activations}, {architecture.head.label.replace('_', ' ')}",
        "training samples": f"{len(probe.samples):,}",
        "loss of the best constant answer": f"{probe.base_loss:.4f}",
        "initial loss": f"{probe.initial.loss:.4f}",
    }
    if history is not None and len(history):
        facts["epochs"] = f"{len(history)}; {history.stopping_reason}"
    for part, answers in (("training", probe.train), ("test", probe.test)):
        if answers is not None:
            measure = "accuracy" if probe.n_classes else "R²"
            score = "" if probe.is_autoencoder else f", {measure} {answers.score:.4f}"
            facts[f"{part} data"] = f"loss {answers.loss:.4f}{score}"
    if probe.reference is not None:
        facts["simple models"] = ", ".join(
            f"{NAMES[name]} {score:.4f}" for name, score in probe.reference.scores.items()
        )
    return facts
