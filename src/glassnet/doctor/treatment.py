"""Try a cure: train again with it, under the same budget, and compare."""

import copy
import math
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import _safe_indexing

from glassnet._common.progress import say, showing
from glassnet._common.words import counted
from glassnet.doctor._diagnose import known_labels
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.findings import Cure, Finding
from glassnet.doctor.measure.probe import Probe
from glassnet.doctor.measure.reference import Task
from glassnet.doctor.scores.scores import wilson_interval
from glassnet.doctor.write._shown import Shown
from glassnet.doctor.write.document import ClosingLine, Document, Facts, LossCurves
from glassnet.errors import DivergedError, InvalidDataError, InvalidParameterError
from glassnet.models.neural_network import NeuralNetwork
from glassnet.models.view import View, view_of
from glassnet.nn.history import History
from glassnet.nn.threads import one_thread

Outcome = Literal["proven", "undecided", "withdrawn"]
"""What becomes of a prescription."""

HELD_OUT = 0.25
"""The share of the training data that trainings are scored on where there are no test data."""


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
    scores_before, scores_after : list of float
        Of the trainings from several seeds, seed by seed; those of `before` and `after` are the first. Minus
        infinity of a training that left no finite weights.
    reference : float or None
        What the best of some simple models scores on the same samples; None where there is none.
    scored_on : {"test", "held-out"}
    n_scored : int
        Samples that the scores are of. No training saw them.
    model : object
        The model after the cure, fitted.
    """

    finding: Finding
    cure: Cure
    before: Course
    after: Course
    scores_before: list[float]
    scores_after: list[float]
    reference: float | None
    scored_on: str
    n_scored: int
    is_classifier: bool
    model: Any

    @property
    def gain(self) -> float:
        """The mean score after, less the mean before."""
        return float(np.mean(self.scores_after) - np.mean(self.scores_before))

    @property
    def wins_back_half(self) -> bool:
        """Whether the mean score after wins back at least half of what was missing.

        Missing is what lies between the score before and the better of the reference and the score after.
        Where there is no reference, a gain beyond chance has to do.
        """
        before, after = float(np.mean(self.scores_before)), float(np.mean(self.scores_after))
        if not math.isfinite(after):
            return False
        if not math.isfinite(before):
            return self.reference is None or after > 0.5 * self.reference
        if self.reference is None:
            return self.gain > self.chance_error
        return after > before and self.gain >= 0.5 * (max(after, self.reference) - before)

    @property
    def is_proven(self) -> bool:
        """Whether the cure wins back at least half of what was missing, from every seed and beyond chance."""
        if not self.wins_back_half or not math.isfinite(np.mean(self.scores_before)):
            return self.wins_back_half
        every = all(a > b for a, b in zip(self.scores_after, self.scores_before, strict=True))
        return every and self.gain > self.chance_error

    @property
    def chance_error(self) -> float:
        """Half the 95 % interval of the score before, about."""
        before = float(np.mean(self.scores_before))
        if self.is_classifier:
            return wilson_interval(min(max(before, 0.0), 1.0), self.n_scored)[1] - before
        return max(0.02, 2 * Task(0).error(min(before, 1.0), self.n_scored))

    @property
    def outcome(self) -> Outcome:
        """What came of the prescription: undecided is what wins back half, but not surely."""
        if self.is_proven:
            return "proven"
        return "undecided" if self.wins_back_half else "withdrawn"

    @property
    def verdict(self) -> str:
        """The sentence for people that says `outcome`, with the scores."""
        before, after = (_text(float(np.mean(each))) for each in (self.scores_before, self.scores_after))
        n = len(self.scores_after)
        seeds = f" (means of {n} seeds)" if n > 1 else ""
        simple = "" if self.reference is None else f"; simple models score {self.reference:.4f}"
        measure = f"{self.scored_on} score {before} before, {after} after{seeds}{simple}"
        if self.outcome == "proven":
            return f"The prescription is proven: {measure}."
        if self.outcome == "undecided":
            return (
                f"The prescription is not decided: {measure}. It may well help, but not from every seed, or "
                "not by more than chance would."
            )
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

        def finite(scores: list[float]) -> list[float | None]:
            return [score if math.isfinite(score) else None for score in scores]

        return {
            "code": self.finding.code,
            "parameters": self.cure.parameters,
            "data": self.cure.data,
            "target": self.cure.target,
            "scored_on": self.scored_on,
            "reference": self.reference,
            "before": {
                "score": self.before.score,
                "scores": finite(self.scores_before),
                "history": self.before.history.to_json(),
            },
            "after": {
                "score": self.after.score,
                "scores": finite(self.scores_after),
                "history": self.after.history.to_json(),
            },
            "proven": self.is_proven,
            "outcome": self.outcome,
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
    seeds: int = 3,
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
        What the scores are of, less the samples of classes that no training sample has. Unless given, a
        quarter of the training data, which is then left out of every training.
    X_val, y_val : array-like, optional
        Validation data that a `NeuralNetwork` was fitted with.
    seeds : int
        From how many seeds the trainings with and without the cure are run.

    Returns
    -------
    Treatment

    Raises
    ------
    InvalidParameterError
        When no finding has a cure that can be tried, or there is no seed.
    InvalidDataError
        When the data do not do for the cure: a class of one sample leaves none to validate with.
    """
    finding = next((finding for finding in diagnosis.findings if finding.cure.can_be_tried), None)
    if finding is None:
        raise InvalidParameterError(
            "no finding has a cure that a training could prove: "
            + (", ".join(diagnosis.codes) or "nothing was found")
            + ". Follow the advice of the findings by hand."
        )
    if seeds < 1:
        raise InvalidParameterError(f"got seeds={seeds}; expected at least 1.")
    view = view_of(model, X, y)
    validation = None if X_val is None else (X_val, y_val)
    given = X_test is not None
    if given:
        X_test, y_test = _without_unseen(view, X_test, y_test)
    else:
        X, X_test, y, y_test = train_test_split(X, y, test_size=HELD_OUT, random_state=0)
    change = _Change(finding.cure, X, y)
    before, after = [], []
    for number in range(seeds):
        say(f"seed {number + 1} of {seeds}")
        kept = given and number == 0 and view.theta is not None
        before.append(model if kept else _train(_renew(model, Cure(""), number), X, y, validation))
        changed = None if validation is None else change(*validation)
        try:
            after.append(_train(_renew(model, finding.cure, number), *change(X, y), changed))
        except InvalidDataError as error:
            raise InvalidDataError(
                f"the cure of {finding.code} cannot be tried on these data: {error}"
            ) from error
    courses_before = [_assess(each, X_test, y_test) for each in before]
    courses_after = [_assess(each, *change(X_test, y_test)) for each in after]
    return Treatment(
        finding,
        finding.cure,
        courses_before[0],
        courses_after[0],
        [_score(course) for course in courses_before],
        [_score(course) for course in courses_after],
        _reference(view, X, y, X_test, y_test),
        "test" if given else "held-out",
        len(y_test),
        view.classes is not None,
        after[0],
    )


def _without_unseen(view: View, X_test: Any, y_test: Any) -> tuple[Any, Any]:
    """Leave out test samples of classes that no training sample has: no training helps them."""
    known, _, unseen = known_labels(view, y_test)
    if not unseen:
        return X_test, y_test
    rows = np.flatnonzero(known)
    return _safe_indexing(X_test, rows), _safe_indexing(y_test, rows)


def _reference(view: View, X: Any, y: Any, X_test: Any, y_test: Any) -> float | None:
    """Return what the best simple model scores on the samples that treatments are scored on."""
    probe = Probe(view, view.samples(X, y), view.samples(X_test, y_test, name="X_test"))
    return None if probe.test_facts is None else probe.test_facts.score


def _score(course: Course) -> float:
    return -math.inf if course.score is None else course.score


class _Change:
    """Do with inputs and targets what a cure says. R squared is the same in any units of the targets."""

    def __init__(self, cure: Cure, X: Any, y: Any) -> None:
        self._inputs = StandardScaler().fit(np.asarray(X, np.float64)) if cure.data else None
        targets = np.asarray(y, np.float64) if cure.target else None
        self._mean = None if targets is None else targets.mean(axis=0)
        self._std = None if targets is None else np.where(targets.std(axis=0) > 0, targets.std(axis=0), 1.0)

    def __call__(self, X: Any, y: Any) -> tuple[Any, Any]:
        if self._inputs is not None:
            X = self._inputs.transform(np.asarray(X, np.float64))
        if self._mean is not None:
            y = (np.asarray(y, np.float64) - self._mean) / self._std
        return X, y


def _renew(model: Any, cure: Cure, number: int) -> Any:
    """Return an unfitted copy of the model, with the parameters of the cure, and a seed of its own."""
    settings = copy.deepcopy(model.get_params(deep=False))
    if number:
        own = settings["random_state"]
        settings["random_state"] = number + (own if isinstance(own, int) else 0)
    if "activation" in cure.parameters and "activation_grad" in settings:
        settings["activation_grad"] = None
    return type(model)(**settings | cure.parameters)


def _train(model: Any, X: Any, y: Any, validation: tuple[Any, Any] | None) -> Any:
    with warnings.catch_warnings(), one_thread():
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
    return "none" if score is None or not math.isfinite(score) else f"{score:.4f}"
