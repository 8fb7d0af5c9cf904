"""The right answer to every question, worked out again by others: complex steps, scikit-learn."""

import numpy as np
import pytest
from by_hand import work_by_hand
from handed_out import handed_out
from sklearn import metrics

from glassnet.classroom.template import TEMPLATES

NETWORKS = [name for name, template in TEMPLATES.items() if template.kind == "network"]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_what_complex_steps_make_of_it(name):
    for one in handed_out(name):
        by_hand = work_by_hand(one.task.settings)
        asked = {(q.quantity.step, q.label): q.value for q in one.task.questions}
        assert asked == pytest.approx({key: by_hand[key] for key in asked}, rel=1e-9, abs=1e-12)


def test_a_slip_is_the_figure_of_scikit_learn_that_has_the_score():
    for one in handed_out("slip"):
        counts = np.array(one.task.settings["scores"][0]["confusion"])
        truth, answers = np.array([pair for pair in np.ndindex(3, 3) for _ in range(counts[pair])]).T
        precision, recall, _, _ = metrics.precision_recall_fscore_support(truth, answers)
        values = {q.label: q.value for q in one.task.questions if not q.choices}
        assert values == pytest.approx(
            {
                "right": counts.trace(),
                "total": counts.sum(),
                "accuracy": metrics.accuracy_score(truth, answers),
                **{f"recall_{k + 1}": recall[k] for k in range(3)},
                **{f"precision_{k + 1}": precision[k] for k in range(3)},
            }
        )
        figures = {
            "error rate": 1 - metrics.accuracy_score(truth, answers),
            "macro F1": metrics.f1_score(truth, answers, average="macro"),
            "balanced accuracy": metrics.balanced_accuracy_score(truth, answers),
            "macro precision": metrics.precision_score(truth, answers, average="macro"),
            "weighted precision": metrics.precision_score(truth, answers, average="weighted"),
            "element-wise accuracy of one-hot rows": np.mean(np.eye(3)[truth] == np.eye(3)[answers]),
            "accuracy up to one class (off by one counts as right)": np.mean(abs(truth - answers) <= 1),
        }
        (question,) = one.task.choices
        score = float(one.task.settings["scores"][0]["score"])
        fitting = [name for name in question.choices if abs(figures[name] - score) < 5.1e-5]
        assert fitting == [question.answer]
