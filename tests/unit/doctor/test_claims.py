"""Reported scores are read from files, and the impossible ones are found and explained."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

from glassnet.doctor.scores.claim_check import check_claims
from glassnet.doctor.scores.claims import Claims, ReportedRow, Split, as_codes, claims_of_search, read_claims
from glassnet.doctor.scores.scores import Reported
from glassnet.doctor.scores.search import idle_parameters
from glassnet.doctor.scores.table import CLAIM_CHECKS
from glassnet.errors import DataFileError, InvalidDataError, UnknownNameError

MODELS = [f"{a}-{i}" for a in ("sigmoid", "tanh", "relu", "leaky-relu") for i in ("zero", "random", "normal")]
PUBLISHED = {"train": "0.8225833", "validation": "0.8220333", "test": "0.8227"}
LABELS = np.repeat(np.arange(4), [300, 250, 250, 200])


def section_b():
    """Return the published table of section B as a YAML text."""
    rows = [
        f"  - {{model: {model}, split: {split}, score: {score}}}"
        for model in MODELS
        for split, score in PUBLISHED.items()
    ]
    head = [
        "n_classes: 10",
        "splits:",
        "  train: {size: 48000, of: mnist/train}",
        "  validation: {size: 12000, of: mnist/train}",
        "  test: {labels: mnist/test}",
        "scores:",
    ]
    return "\n".join([*head, *rows])


def claims_of(scores, labels=LABELS, parameters=None):
    rows = tuple(
        ReportedRow(Reported(name, "test", text), (parameters or {}).get(name, {}))
        for name, text in scores.items()
    )
    return Claims("table", rows, {"test": Split("test", labels)}, n_classes=4)


GOOD = claims_of({"a": "0.913", "b": "0.742", "c": "0.655"})
SICK = {
    "equal-scores": claims_of({"a": "0.913", "b": "0.913", "c": "0.913"}),
    "score-slip": claims_of({"a": "0.65", "b": "0.91"}),  # 1 - 2 (1 - 0.3) / 4
    "impossible-score": claims_of({"a": "0.91234", "b": "0.742"}),
    "constant-score": claims_of({"a": "0.30", "b": "0.742"}),
    "small-difference": claims_of({"a": "0.913", "b": "0.910"}),
    "idle-parameters": claims_of(
        {"a": "0.913", "b": "0.913", "c": "0.655"},
        parameters={"a": {"s": "x", "lr": "1"}, "b": {"s": "x", "lr": "2"}, "c": {"s": "y", "lr": "1"}},
    ),
}


@pytest.mark.parametrize("code", list(CLAIM_CHECKS))
def test_a_check_finds_its_fault_and_nothing_in_good_scores(code):
    assert code in check_claims(SICK[code]).codes
    assert code not in check_claims(GOOD).codes


def test_good_scores_can_be_right():
    checked = check_claims(GOOD)
    assert checked.codes == []
    assert all(judgement.possible for judgement in checked.judgements)


def test_the_table_of_section_b_is_one_constant_answer(tmp_path):
    path = tmp_path / "b.yaml"
    path.write_text(section_b(), encoding="utf-8")
    checked = check_claims(read_claims(path))
    assert checked.codes == ["equal-scores", "score-slip"]
    equal, slip = checked.findings
    assert equal.title.startswith("12 different models")
    assert "always" not in slip.title
    assert "constant answer “1”" in slip.title
    assert "5,420 and 1,322" in slip.text
    assert "together 6,742; the data hold 6,742" in slip.text
    assert len(checked.judgements) == 36
    assert not any(judgement.possible for judgement in checked.judgements)
    json.dumps(checked.to_json(), allow_nan=False)


def test_a_slip_must_fit_the_whole_that_the_splits_are_drawn_from(tmp_path):
    """With one image less the implied ones are no longer those of the file."""
    path = tmp_path / "b.yaml"
    path.write_text(section_b().replace("0.8220333", "0.8220500"), encoding="utf-8")
    assert "score-slip" not in check_claims(read_claims(path)).codes


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".toml", ".csv"])
def test_every_format_gives_the_same_claims(tmp_path, suffix):
    rows = [{"model": "a", "split": "test", "score": "0.8220", "lr": "0.1"}]
    texts = {
        ".json": '{"scores": [{"model": "a", "split": "test", "score": 0.8220, "lr": 0.1}]}',
        ".yaml": "scores:\n  - {model: a, split: test, score: 0.8220, lr: 0.1}\n",
        ".toml": "scores = [{model = 'a', split = 'test', score = 0.8220, lr = 0.1}]",
        ".csv": "model,split,score,lr\na,test,0.8220,0.1\n",
    }
    path = tmp_path / f"claims{suffix}"
    path.write_text(texts[suffix], encoding="utf-8")
    claims = read_claims(path)
    assert claims.rows[0].score.text == "0.8220"  # the last digit counts
    assert dict(claims.rows[0].parameters) == {"lr": rows[0]["lr"]}


def test_a_table_takes_its_splits_from_a_data_set(tmp_path):
    path = tmp_path / "b.csv"
    path.write_text(
        "model,split,score,samples\na,train,0.8225833,48000\na,test,0.8227,10000\n", encoding="utf-8"
    )
    claims = read_claims(path, "mnist")
    assert claims.splits["test"].n == 10_000
    assert claims.splits["train"].pool_name == "mnist/train"
    assert "score-slip" in check_claims(claims).codes


def test_labels_are_read_from_a_file_beside_the_table(tmp_path):
    (tmp_path / "labels.txt").write_text("cat\ndog\ncat\ncat\n", encoding="utf-8")
    path = tmp_path / "c.yaml"
    path.write_text(
        "splits: {test: {labels: labels.txt}}\nscores: [{model: a, split: test, score: 0.75}]",
        encoding="utf-8",
    )
    claims = read_claims(path)
    assert claims.splits["test"].labels.tolist() == [0, 1, 0, 0]
    assert check_claims(claims).codes == ["constant-score"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.txt", "", "ends in .toml"),
        ("c.json", "{", "not in the format"),
        ("c.yaml", "scores: [{model: a, split: test}]", "KeyError 'score'"),
        ("c.yaml", "scores: [{model: a, split: test, score: good}]", "not a table of scores"),
        ("c.yaml", "scores: []", "holds no scores"),
        ("c.csv", "model,split,score\na,test,97.3\n", "write 97.3 % as 0.973"),
        ("c.csv", "model,split,score\na,test,81%\n", "'81%' is no share"),
        ("c.csv", "a,b\n1,2\n", "KeyError 'model'"),
        (
            "c.yaml",
            "splits: {t: {labels: none.txt}}\nscores: [{model: a, split: t, score: 1}]",
            "there is no file of labels",
        ),
    ],
)
def test_other_files_are_refused(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError, match=message):
        read_claims(path)


def test_an_unknown_part_of_a_data_set_is_refused(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(
        "splits: {t: {labels: mnist/tset}}\nscores: [{model: a, split: t, score: 1}]", encoding="utf-8"
    )
    with pytest.raises(UnknownNameError, match="did you mean 'test'"):
        read_claims(path)


def test_idle_parameters_are_found_where_they_are_idle():
    rows = [
        ReportedRow(Reported(f"{solver}-{batch}", "test", score), {"solver": solver, "batch": batch})
        for solver, scores in (("lbfgs", ("0.8", "0.8")), ("adam", ("0.7", "0.75")))
        for batch, score in zip(("64", "128"), scores, strict=True)
    ]
    assert [str(idle) for idle in idle_parameters(rows)] == ["batch where solver=lbfgs"]
    assert idle_parameters(rows[2:]) == []


def test_models_that_differ_in_idle_parameters_alone_are_not_reported_as_equal():
    rows = tuple(
        ReportedRow(Reported(f"{solver}-{batch}", "test", score), {"solver": solver, "batch": batch})
        for solver, score in (("lbfgs", "0.8"), ("adam", None))
        for batch, score in (("32", score or "0.6"), ("64", score or "0.7"), ("128", score or "0.75"))
    )
    assert check_claims(Claims("search", rows, {})).codes == ["idle-parameters"]


def test_labels_become_classes_from_zero():
    assert as_codes(["b", "a", "b"]).tolist() == [1, 0, 1]
    assert as_codes([3, 0, 1]).tolist() == [3, 0, 1]
    assert as_codes(["7", "2"]).tolist() == [7, 2]


def test_a_search_of_scikit_learn_is_checked():
    X, y = load_iris(return_X_y=True)
    grid = {"solver": ["lbfgs"], "learning_rate_init": [0.1, 0.001], "alpha": [1e-4, 30.0]}
    model = MLPClassifier((4,), max_iter=2000, random_state=0)
    search = GridSearchCV(model, grid, cv=2).fit(X, y)
    (finding,) = (f for f in check_claims(claims_of_search(search.cv_results_)).findings if "idle" in f.code)
    assert finding.measured == "learning_rate_init"
    with pytest.raises(InvalidDataError, match="cv_results_"):
        claims_of_search({"mean": [1]})


def test_answers_say_whether_two_models_differ(tmp_path):
    """Of two models one of which is right wherever the other is, twelve samples are no chance; two are."""
    path = tmp_path / "c.yaml"
    for name, wrong in {"labels": 0, "a": 100, "b": 112, "c": 102}.items():
        answers = np.where(np.arange(1000) < wrong, (LABELS + 1) % 4, LABELS)
        (tmp_path / name).write_text("\n".join(map(str, answers)), encoding="utf-8")
    text = (
        "splits: {{test: {{labels: labels}}}}\nscores:\n"
        "  - {{model: a, split: test, score: 0.900, answers: a}}\n"
        "  - {{model: {0}, split: test, score: {1}, answers: {0}}}\n"
    )
    path.write_text(text.format("b", "0.888"), encoding="utf-8")
    assert check_claims(read_claims(path)).codes == []
    path.write_text(text.format("c", "0.898"), encoding="utf-8")
    (finding,) = check_claims(read_claims(path)).findings
    assert (finding.code, finding.measured.rpartition("; ")[2]) == (
        "small-difference",
        "McNemar's test p = 0.5",
    )
    (tmp_path / "c").write_text("0\n1\n", encoding="utf-8")
    with pytest.raises(InvalidDataError, match="got 2 answers of c"):
        check_claims(read_claims(path))
