"""Try a cure: train again with it, under the same budget, and compare."""

import copy
import math
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from glassnet._common.progress import showing
from glassnet._common.words import counted
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.findings import Cure, Finding
from glassnet.doctor.scores.scores import wilson_interval
from glassnet.doctor.write._shown import Shown
from glassnet.doctor.write.document import ClosingLine, Document, Facts, LossCurves
from glassnet.errors import DivergedError, InvalidParameterError
from glassnet.models.neural_network import NeuralNetwork
from glassnet.models.view import view_of
from glassnet.nn.history import History

Outcome = Literal["proven", "withdrawn"]
"""What becomes of a prescription."""


@dataclass(frozen=True)
class Course:
    """Hold how a training went.

    Attributes
    ----------
    history : History
    score : float or None
        Accuracy, or R squared, on the test data; on the training data where there are none. None when the
        network has no finite weights.
    """

    history: History
    score: float | None

    @property
    def epochs(self) -> int:
        """How many were run."""
        return len(self.history)

    def __str__(self) -> str:
        losses = self.history.column("loss")
        ends = f"loss {losses[0]:.4g} to {losses[-1]:.4g}, " if losses else ""
        return f"{counted(self.epochs, 'epoch')}, {ends}score {_text(self.score)}"


@dataclass(frozen=True, repr=False)
class Treatment(Shown):
    """Hold what a cure did; ``print`` it.

    Attributes
    ----------
    finding : Finding
        The one whose cure was tried.
    cure : Cure
    before, after : Course
        With the same data, seed and number of epochs.
    scored_on : {"test", "training"}
    n_scored : int
        Samples that the scores are of.
    model : object
        The model after the cure, fitted.
    """

    finding: Finding
    cure: Cure
    before: Course
    after: Course
    scored_on: str
    n_scored: int
    model: Any

    @property
    def is_proven(self) -> bool:
        """Whether the score is better by more than chance: above the 95 % interval of the one before."""
        if self.after.score is None:
            return False
        if self.before.score is None or not 0 <= self.before.score <= 1:
            return True if self.before.score is None else self.after.score > self.before.score
        return self.after.score > wilson_interval(self.before.score, self.n_scored)[1]

    @property
    def outcome(self) -> Outcome:
        """What came of the prescription."""
        return "proven" if self.is_proven else "withdrawn"

    @property
    def verdict(self) -> str:
        """The sentence for people that says `outcome`, with the scores."""
        before, after = (_text(course.score) for course in (self.before, self.after))
        measure = f"{self.scored_on} score {before} before, {after} after"
        if self.outcome == "proven":
            return f"The prescription is proven: {measure}."
        return (
            f"The prescription is withdrawn: {measure}. The finding may still be right; its cure is not "
            "enough."
        )

    @property
    def document(self) -> Document:
        """All of it, as it is shown."""
        courses = {"before": self.before, "after": self.after}
        facts = {"cure": str(self.cure)} | {name: str(course) for name, course in courses.items()}
        curves = {
            f"{name}: {self.scored_on} score {_text(course.score)}, "
            f"{counted(course.epochs, 'epoch')}": course.history
            for name, course in courses.items()
        }
        return Document(
            f"Treated: {self.finding.title} ({self.finding.code})",
            blocks=(Facts(facts, width=8), LossCurves(curves), ClosingLine(self.verdict, self.is_proven)),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the treatment as values that JSON can hold."""
        return {
            "code": self.finding.code,
            "parameters": self.cure.parameters,
            "data": self.cure.data,
            "scored_on": self.scored_on,
            "before": {"score": self.before.score, "history": self.before.history.to_json()},
            "after": {"score": self.after.score, "history": self.after.history.to_json()},
            "proven": self.is_proven,
        }


@showing("Training with the cure")
def treat(
    diagnosis: Diagnosis,
    model: Any,
    X: Any,
    y: Any,
    *,
    X_test: Any = None,
    y_test: Any = None,
    X_val: Any = None,
    y_val: Any = None,
) -> Treatment:
    """Apply the first cure that can be tried, train again, and compare.

    Parameters
    ----------
    diagnosis : Diagnosis
        Of this model.
    model : NeuralNetwork, MLPClassifier or MLPRegressor
        glassnet's or scikit-learn's; it is left as it is. One that was not fitted is fitted, as a copy.
    X, y : array-like
        The training data.
    X_test, y_test : array-like, optional
        What the scores are of; the training data unless given.
    X_val, y_val : array-like, optional
        Validation data that a `NeuralNetwork` was fitted with.

    Returns
    -------
    Treatment

    Raises
    ------
    InvalidParameterError
        When no finding has a cure that can be tried.
    """
    finding = next((finding for finding in diagnosis.findings if finding.cure.can_be_tried), None)
    if finding is None:
        raise InvalidParameterError(
            "no finding has a cure that a training could prove: "
            + (", ".join(diagnosis.codes) or "nothing was found")
            + ". Follow the advice of the findings by hand."
        )
    cure = finding.cure
    validation = None if X_val is None else (X_val, y_val)
    scored = (X, y) if X_test is None else (X_test, y_test)
    before = (
        model if view_of(model, X, y).theta is not None else _train(_renew(model, Cure("")), X, y, validation)
    )
    treated, scale = _renew(model, cure), _Scale(cure, X)
    after = _train(
        treated, scale(X), y, None if validation is None else (scale(validation[0]), validation[1])
    )
    return Treatment(
        finding,
        cure,
        _assess(before, *scored),
        _assess(after, scale(scored[0]), scored[1]),
        "training" if X_test is None else "test",
        len(scored[1]),
        after,
    )


class _Scale:
    """Do with the inputs what a cure says."""

    def __init__(self, cure: Cure, X: Any) -> None:
        self._scaler = StandardScaler().fit(np.asarray(X, np.float64)) if cure.data else None

    def __call__(self, X: Any) -> Any:
        return X if self._scaler is None else self._scaler.transform(np.asarray(X, np.float64))


def _renew(model: Any, cure: Cure) -> Any:
    """Return an unfitted copy of the model, with the parameters of the cure."""
    settings = copy.deepcopy(model.get_params(deep=False))
    if "activation" in cure.parameters and "activation_grad" in settings:
        settings["activation_grad"] = None
    return type(model)(**settings | cure.parameters)


def _train(model: Any, X: Any, y: Any, validation: tuple[Any, Any] | None) -> Any:
    with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
        warnings.simplefilter("ignore")  # not converged within the budget is an answer too
        try:
            if isinstance(model, NeuralNetwork) and validation is not None:
                return model.fit(X, y, *validation)
            return model.fit(X, y)
        except DivergedError:
            return model
        except ValueError:  # scikit-learn's own classes have no error of their own for it
            theta = view_of(model, X, y).theta
            if theta is None or np.isfinite(theta).all():
                raise
            return model


def _assess(model: Any, X: Any, y: Any) -> Course:
    history = view_of(model, X, y).history or History()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            score = float(model.score(X, y))
        except ValueError:  # weights that are not finite
            return Course(history, None)
    return Course(history, score if math.isfinite(score) else None)


def _text(score: float | None) -> str:
    return "none" if score is None else f"{score:.4f}"
