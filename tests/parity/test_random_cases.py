"""Random parameters and data beside scikit-learn: the quick form of ``make peers``, and how it judges."""

import re
from pathlib import Path

import numpy as np
import pytest
from beside_sklearn.cases import draw_case
from beside_sklearn.comparing import judge, judge_many, meanings
from beside_sklearn.differences import DIFFERENCES, TESTED_ELSEWHERE

import glassnet

PAGE = Path(__file__).parents[2] / "docs" / "scikit-learn.md"


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_every_case_is_the_same_or_its_difference_has_a_name(first):
    verdicts = list(judge_many(seed=0, numbers=range(first, first + 100), jobs=1))
    assert not [verdict.report for verdict in verdicts if verdict.ending == "different"]
    assert {verdict.ending for verdict in verdicts} <= set(meanings())
    assert sum(verdict.ending in ("equal", "rounding") for verdict in verdicts) > 30


def test_a_case_is_the_same_whenever_it_is_drawn(tmp_path):
    for number in range(50):
        drawn = [
            re.sub(" at 0x[0-9A-Fa-f]+", "", draw_case(7, number, tmp_path).describe()) for _ in range(2)
        ]
        assert drawn[0] == drawn[1]


def test_names_are_those_of_the_page():
    table = (
        PAGE.read_text(encoding="utf-8").split("## Where the results differ, and why")[1].split("\n## ")[0]
    )
    names = re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE)
    assert len(set(names)) == len(names) == len(re.findall(r"^\| (?!name |---)", table, re.MULTILINE))
    assert set(names) == {difference.name for difference in DIFFERENCES} | set(TESTED_ELSEWHERE)
    assert not set(TESTED_ELSEWHERE) & {difference.name for difference in DIFFERENCES}


PLAIN = 11  # a case of the seed 0 in which nothing is odd, and both are equal


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("predict", lambda answer: answer[::-1]),
        ("predict_proba", lambda answer: answer * (1 + 1e-9)),
        ("predict_proba", lambda answer: answer.astype(np.float32)),
        ("predict_proba", lambda answer: 1 / 0),
        ("fit", lambda model: setattr(model, "loss_", model.loss_ + 1e-9) or model),
        ("fit", lambda model: model.coefs_[0].__imul__(1 + 1e-9) is None or model),
        ("fit", lambda model: setattr(model, "n_iter_", model.n_iter_ + 1) or model),
        ("fit", lambda model: print("Iteration") or model),
    ],
)
def test_what_is_wrong_is_found(monkeypatch, tmp_path, name, wrong):
    assert judge(0, PLAIN, tmp_path).ending == "equal"
    right = getattr(glassnet.MLPClassifier, name)
    monkeypatch.setattr(
        glassnet.MLPClassifier, name, lambda self, *args, **named: wrong(right(self, *args, **named))
    )
    assert judge(0, PLAIN, tmp_path).ending == "different"
