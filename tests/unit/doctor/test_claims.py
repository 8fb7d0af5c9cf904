"""Reported scores are read from files, and the impossible ones are found and explained."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier

from glassnet.doctor.scores.claim_check import check_claims
from glassnet.doctor.scores.claims import Claims, ReportedRow, Split, as_codes, claims_of_search, read_claims
from glassnet.doctor.scores.reported import Reported
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
    "copied-scores": Claims(
        "table",
        tuple(
            ReportedRow(Reported(name, split, text))
            for name, text in {"a": "0.9132", "b": "0.7423", "c": "0.6551"}.items()
            for split in ("validation", "test")
        ),
        {"validation": Split("validation", size=5000), "test": Split("test", size=10_000)},
    ),
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
        ("c.yaml", "scores: [{model: a, split: test, score: good}]", "'good' is no share"),
        ("c.yaml", "scores: []", "holds no scores"),
        ("c.csv", "model,split,score\na,test,973\n", "write 97.3 % as 0.973"),
        ("c.csv", "model,split,score\na,test,181%\n", "'181%' is no share"),
        ("c.csv", "model,split,score\na,test,-0.1\n", "is no share"),
        ("c.csv", "model,split,score\na,test,nan\n", "is no share"),
        ("c.csv", "model,split,score,seeds\na,test,0.5,2.5\n", "got runs '2.5'"),
        (
            "c.yaml",
            "scores: [{model: a, split: t, score: 1, probabilities: [[2, -1]]}]",
            "expected numbers from 0 to 1",
        ),
        ("c.yaml", "scores: [{model: a, split: t, score: 1, confusion: [[2, 1]]}]", "a row for each class"),
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


def test_the_folds_of_a_search_are_in_their_order_and_nothing_else_is_a_fold():
    scores = {f"split{fold}_test_score": [fold / 100] for fold in range(11)}
    others = {"split_test_score": [1], "split0_train_score": [1], "mean_test_score": [0.5]}
    claims = claims_of_search({"params": [{"alpha": 1}], **others, **scores})
    assert claims.split_names == [f"split{fold}" for fold in range(11)]
    assert [row.score.value for row in claims.rows] == [fold / 100 for fold in range(11)]


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


# -- what a score is, from what the file holds ------------------------------------------------------

RNG = np.random.default_rng(5)
TRUTH = RNG.permutation(np.repeat(np.arange(4), [120, 80, 60, 40]))
P = RNG.dirichlet(np.full(4, 0.4), 300) + 0.9 * np.eye(4)[TRUTH]
P /= P.sum(axis=1, keepdims=True)
ANSWERS = P.argmax(axis=1)
RIGHT = metrics.accuracy_score(TRUTH, ANSWERS)


def write_claims(folder, rows, splits=None, arrays=None, **settings):
    """Write a claims file with labels and answers beside it, and check it."""
    for name, array in {"labels": TRUTH, "answers": ANSWERS, **(arrays or {})}.items():
        np.savetxt(folder / name, array, fmt="%s")
    content = {"splits": splits or {"test": {"labels": "labels"}}, "scores": rows, **settings}
    path = folder / "claims.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return check_claims(read_claims(path))


def first_high(checked):
    (finding,) = (f for f in checked.findings[:1] if f.severity == "high")
    return finding


def row_with(score, **more):
    return {"model": "mlp", "split": "test", "score": str(score), "answers": "answers"} | more


SLIPPED: dict[str, Any] = {
    "element-wise accuracy of one-hot rows": lambda: (np.eye(4)[TRUTH] == np.eye(4)[ANSWERS]).mean(),
    "error rate": lambda: metrics.zero_one_loss(TRUTH, ANSWERS),
    "macro F1": lambda: metrics.f1_score(TRUTH, ANSWERS, average="macro"),
    "weighted F1": lambda: metrics.f1_score(TRUTH, ANSWERS, average="weighted"),
    "balanced accuracy": lambda: metrics.balanced_accuracy_score(TRUTH, ANSWERS),
    "macro precision": lambda: metrics.precision_score(TRUTH, ANSWERS, average="macro"),
    "accuracy with the rows off by one": lambda: metrics.accuracy_score(TRUTH[1:], ANSWERS[:-1]),
    "accuracy with the class numbers off by one": lambda: metrics.accuracy_score(TRUTH, ANSWERS + 1),
    "accuracy divided by 100": lambda: RIGHT / 100,
    "top-2 accuracy": lambda: metrics.top_k_accuracy_score(TRUTH, P, k=2),
    "subset accuracy": lambda: metrics.accuracy_score(np.eye(4)[TRUTH], P > 0.5),
    "cross-entropy loss": lambda: metrics.log_loss(TRUTH, P),
}


@pytest.mark.parametrize("name", list(SLIPPED))
def test_a_slip_is_named_from_labels_and_answers(tmp_path, name):
    value = f"{SLIPPED[name]():.5f}"
    checked = write_claims(tmp_path, [row_with(value, probabilities="p")], arrays={"p": P})
    finding = first_high(checked)
    assert finding.code == "score-slip"
    assert f"it is the {name}" in finding.title
    assert f"{RIGHT:.4f}" in finding.title
    assert not checked.judgements[0].possible
    assert write_claims(tmp_path, [row_with(f"{RIGHT:.5f}")]).codes == []


def test_training_and_validation_accuracies_are_named_counted_or_reported(tmp_path):
    splits = {"test": {"labels": "labels"}, "train": {"labels": "train"}, "val": {"size": 77}}
    arrays = {"train": TRUTH, "fits": np.where(np.arange(300) < 7, TRUTH + 1, TRUTH)}
    others = [
        row_with("0.97667", split="train", answers="fits"),
        {"model": "mlp", "split": "val", "score": "0.92208"},
    ]
    for value, name in (("0.97667", "training accuracy"), ("0.92208", "validation accuracy")):
        checked = write_claims(tmp_path, [row_with(value), *others], splits, arrays)
        assert f"it is the {name}" in first_high(checked).title
    # without answers, and no share of the test samples
    rows = [{"model": "mlp", "split": "test", "score": "0.92208"}, others[1]]
    finding = first_high(write_claims(tmp_path, rows, {"test": {"size": 101}, "val": {"size": 77}}))
    assert finding.code == "impossible-score"
    assert "0.92208 is the validation accuracy" in finding.title


def test_the_best_epoch_on_the_test_samples_is_named_and_the_last_is_not(tmp_path):
    history = [0.5, 0.7, 0.83, 0.94667, 0.84, float(RIGHT)]
    checked = write_claims(tmp_path, [row_with("0.94667", history=history)])
    assert "best epoch" in first_high(checked).title
    assert write_claims(tmp_path, [row_with(f"{RIGHT:.5f}", history=history)]).codes == []
    alone = {"model": "mlp", "split": "test", "score": "0.947", "history": history}
    assert "best epoch" in first_high(write_claims(tmp_path, [alone], {"test": {"size": 300}})).title


def test_the_accuracy_of_another_model_is_named(tmp_path):
    other = np.where(np.arange(300) < 41, (TRUTH + 1) % 4, TRUTH)
    rows = [row_with(f"{1 - 41 / 300:.5f}"), row_with(f"{1 - 41 / 300:.5f}", model="b", answers="other")]
    assert "the accuracy of “b”" in first_high(write_claims(tmp_path, rows, arrays={"other": other})).title


def test_a_confusion_matrix_is_as_good_as_answers_but_has_no_order(tmp_path):
    counts = metrics.confusion_matrix(TRUTH, ANSWERS).tolist()
    row = {"model": "mlp", "split": "test", "confusion": counts}
    value = f"{metrics.f1_score(TRUTH, ANSWERS, average='macro'):.5f}"
    assert "it is the macro F1" in first_high(write_claims(tmp_path, [row | {"score": value}])).title
    assert write_claims(tmp_path, [row | {"score": f"{RIGHT:.4f}"}]).codes == []
    shifted = f"{metrics.accuracy_score(TRUTH[1:], ANSWERS[:-1]):.5f}"
    assert "rows off by one" not in first_high(write_claims(tmp_path, [row | {"score": shifted}])).title


def test_precision_and_recall_of_two_classes_are_named(tmp_path):
    two, answered = (TRUTH > 0).astype(int), (ANSWERS > 0).astype(int)
    for name, figure in {"precision": metrics.precision_score, "recall": metrics.recall_score}.items():
        checked = write_claims(
            tmp_path, [row_with(f"{figure(two, answered):.5f}")], arrays={"labels": two, "answers": answered}
        )
        assert f"{name} of one class" in first_high(checked).title


@pytest.mark.parametrize("names", [["ant", "bee", "cow", "dog"], ["1", "2", "3", "4"], ["-1", "0", "3", "7"]])
def test_classes_have_any_names_and_an_answer_that_is_missing_moves_no_other(tmp_path, names):
    words, answers = np.array(names)[TRUTH], np.where(ANSWERS == 1, 0, ANSWERS)
    arrays = {"labels": words, "answers": np.array(names)[answers]}
    right = f"{(answers == TRUTH).mean():.4f}"
    assert write_claims(tmp_path, [row_with(right)], arrays=arrays).codes == []
    value = f"{1 - 2 * (1 - (answers == TRUTH).mean()) / 4:.5f}"  # of four classes, however they are called
    assert "element-wise" in first_high(write_claims(tmp_path, [row_with(value)], arrays=arrays)).title
    constant = {"model": "a", "split": "test", "score": "0.40000"}
    finding = first_high(write_claims(tmp_path, [constant], arrays={"labels": words}))
    assert f"always “{names[0]}”" in finding.text


def test_a_figure_that_fits_by_accident_is_no_more_than_a_maybe(tmp_path):
    """Two digits of the accuracy's neighbourhood: one of so many figures lies there anyhow."""
    weak = np.where(np.arange(300) % 3 == 0, TRUTH // 2, TRUTH)
    value = f"{metrics.balanced_accuracy_score(TRUTH, weak):.2f}"
    (finding, *_) = write_claims(tmp_path, [row_with(value)], arrays={"answers": weak}).findings
    assert "it may be the" in finding.title
    assert "by accident" in finding.text


def test_several_scores_that_are_one_figure_are_surer_than_one(tmp_path):
    rows, arrays = [], {}
    for i, name in enumerate("abcde"):
        arrays[name] = np.where(RNG.random(300) < 0.1 * (i + 1), (TRUTH + 1) % 4, TRUTH)
        rows.append(
            row_with(f"{metrics.balanced_accuracy_score(TRUTH, arrays[name]):.3f}", model=name, answers=name)
        )
    assert "they are the balanced accuracy" in first_high(write_claims(tmp_path, rows, arrays=arrays)).title


def test_a_score_that_nothing_gives_is_said_to_be_none_of_the_answers(tmp_path):
    finding = first_high(write_claims(tmp_path, [row_with("0.43217")]))
    assert finding.title == f"The score 0.43217 is not the accuracy of the answers, {RIGHT:.4f}."
    assert "top-k accuracy" in finding.text


def test_a_score_below_any_guess_is_the_error_rate():
    finding = first_high(check_claims(claims_of({"a": "0.047"})))
    assert "the error rate" in finding.title


# -- honest scores ----------------------------------------------------------------------------------


def severities(checked):
    return {finding.code: finding.severity for finding in checked.findings}


def sized(scores, n, split="test", **more):
    rows = tuple(ReportedRow(Reported(f"m{i}", split, text), **more) for i, text in enumerate(scores))
    return Claims("table", rows, {split: Split(split, size=n)} if n else {})


def test_perfect_scores_of_easy_data_are_no_alarm():
    assert check_claims(sized(["1.0"] * 6 + ["0.98"], 50)).codes == []
    assert "equal-scores" not in check_claims(sized(["1.0"] * 6, 50)).codes
    assert "equal-scores" not in check_claims(sized(["0.98", "0.98", "0.98", "1.00"], 50)).codes


@pytest.mark.parametrize("n", [200, None])
def test_many_candidates_on_few_rows_share_scores_by_coincidence(n):
    """27 candidates on 200 images: twelve or so values for all of them."""
    hits = RNG.binomial(200, 0.8, 27) // 4 + 120
    claims = sized([f"{h / 200:.3f}" for h in hits], n)
    assert max(np.bincount(hits)) >= 3
    assert "equal-scores" not in check_claims(claims).codes


def test_equal_scores_on_many_rows_are_no_coincidence():
    claims = sized(["0.8227"] * 6 + ["0.9731"], 10_000)
    assert severities(check_claims(claims))["equal-scores"] == "high"
    assert severities(check_claims(sized(["0.8227"] * 6, None)))["equal-scores"] == "high"


def test_models_whose_answers_are_known_to_differ_may_have_equal_scores(tmp_path):
    rows, arrays = [], {}
    for i, name in enumerate("abcdefgh"):
        wrong = np.arange(300) % 8 == i
        arrays[name] = np.where(wrong & (np.cumsum(wrong) <= 30), (TRUTH + 1) % 4, TRUTH)
        rows.append(row_with("0.90000", model=name, answers=name))
    assert "equal-scores" not in write_claims(tmp_path, rows, arrays=arrays).codes
    same = [row | {"answers": "a"} for row in rows]
    assert severities(write_claims(tmp_path, same, arrays=arrays))["equal-scores"] == "high"


def test_the_share_of_a_class_that_all_models_have_is_the_constant_answer():
    codes = severities(check_claims(claims_of({"a": "0.300", "b": "0.300", "c": "0.300"})))
    assert codes["constant-score"] == codes["equal-scores"] == "high"
    beside_others = severities(check_claims(claims_of({"a": "0.300", "b": "0.742"})))
    assert beside_others["constant-score"] == "medium"  # a baseline


def test_the_mean_of_five_seeds_is_no_impossible_score():
    checked = check_claims(sized(["0.8740"], 100))
    assert severities(checked) == {"impossible-score": "low"}
    assert checked.judgements[0].possible
    assert "5 " in checked.findings[0].measured
    assert check_claims(sized(["0.8740"], 100, runs=5)).codes == []
    assert severities(check_claims(sized(["0.8740"], 100, runs=3)))["impossible-score"] == "high"
    assert severities(check_claims(sized(["0.87437"], 100)))["impossible-score"] == "high"


def test_the_mean_of_folds_of_unequal_sizes_is_no_impossible_score():
    X, y = load_iris(return_X_y=True)
    folds = cross_val_score(GaussianNB(), X[:-2], y[:-2], cv=5)  # 30, 30, 30, 29 and 29 samples
    claims = sized([repr(float(folds.mean()))], 148, "cv", runs=5)
    assert not claims.rows[0].score.can_be_share_of(5 * 148)
    assert check_claims(claims).codes == []


def test_the_mean_of_seeds_may_stand_beside_the_answers_of_one(tmp_path):
    mean = f"{RIGHT + 0.004:.4f}"
    assert write_claims(tmp_path, [row_with(mean, runs=5)]).codes == []
    assert "high" not in severities(write_claims(tmp_path, [row_with(mean)])).values()
    far = f"{RIGHT - 0.2:.4f}"
    assert severities(write_claims(tmp_path, [row_with(far, runs=5)]))["score-slip"] == "high"


def test_scores_printed_from_single_precision_are_shares():
    text = repr(float(np.float32(137 / 150)))
    assert not Reported("a", "test", "0.91333335").can_be_share_of(151)
    assert Reported("a", "test", text).can_be_share_of(150)
    assert check_claims(sized([text], 150)).codes == []


def test_percentages_are_read_as_shares(tmp_path):
    for text in ("91.3%", "91.3 %", "91.3"):
        score = Reported.read("a", "test", text)
        assert (score.text, score.written) == ("0.913", text)
    assert check_claims(sized(["0.913"], 1000)).codes == []
    right = f"{100 * RIGHT:.2f}%"
    assert write_claims(tmp_path, [row_with(right)]).codes == []


def test_a_score_that_was_cut_off_is_of_low_severity(tmp_path):
    answers = np.where(np.arange(300) < 100, (TRUTH + 1) % 4, TRUTH)  # right in 0.66666...
    checked = write_claims(tmp_path, [row_with("0.6666")], arrays={"answers": answers})
    assert severities(checked) == {"score-slip": "low"}


def test_an_honest_model_with_the_score_of_a_constant_answer_is_known_by_its_answers(tmp_path):
    weak = np.where(RNG.random(300) < 0.75, RNG.integers(0, 4, 300), TRUTH)
    value = f"{(weak == TRUTH).mean():.4f}"
    assert (
        "high" not in severities(write_claims(tmp_path, [row_with(value)], arrays={"answers": weak})).values()
    )
    constant = np.zeros(300, int)
    checked = write_claims(tmp_path, [row_with("0.4000")], arrays={"answers": constant})
    assert severities(checked)["constant-score"] == "high"


def test_parameters_that_change_nothing_on_easy_data_are_not_idle():
    rows = tuple(
        ReportedRow(Reported(f"{a}-{b}", "test", "1.0"), {"a": str(a), "b": str(b)})
        for a in (1, 2)
        for b in (1, 2)
    )
    assert check_claims(Claims("search", rows, {})).codes == []


def test_a_loss_that_is_a_number_is_compared_and_one_that_is_a_word_is_a_parameter(tmp_path):
    finding = first_high(write_claims(tmp_path, [row_with("0.48123", loss=0.48123)]))
    assert "it is the loss" in finding.title
    path = tmp_path / "c.csv"
    path.write_text("model,split,score,loss\na,test,0.5,hinge\n", encoding="utf-8")
    assert dict(read_claims(path).rows[0].parameters) == {"loss": "hinge"}


def test_numbers_stand_in_files_with_headings_in_cells_or_in_lists(tmp_path):
    (tmp_path / "p.csv").write_text("zero,one\n0.2,0.8\n0.7,0.3\n", encoding="utf-8")
    path = tmp_path / "c.csv"
    path.write_text(
        'model,split,score,probabilities,history\na,test,0.5,p.csv,"0.4, 0.5"\nb,test,0.5,,\n',
        encoding="utf-8",
    )
    first, second = read_claims(path).rows
    assert first.probabilities.tolist() == [[0.2, 0.8], [0.7, 0.3]]
    assert first.history == (0.4, 0.5)
    assert second.probabilities is None
    (tmp_path / "p.txt").write_text("0.8\n0.3\n", encoding="utf-8")  # of the second class
    path.write_text("model,split,score,probabilities\na,test,0.5,p.txt\n", encoding="utf-8")
    np.testing.assert_allclose(read_claims(path).rows[0].probabilities, [[0.2, 0.8], [0.7, 0.3]])


def test_probabilities_have_a_row_for_each_sample_and_a_column_for_each_class(tmp_path):
    for p in (P[:-1], P[:, :3]):
        with pytest.raises(InvalidDataError, match="a column for each class, 4 at least"):
            write_claims(tmp_path, [row_with("0.43217", probabilities="p")], arrays={"p": p})


def test_a_split_of_which_nothing_is_known_is_refused(tmp_path):
    path = tmp_path / "scores.yaml"
    path.write_text("splits: {test: {samples: 50}}\nscores:\n- {model: a, split: test, score: 0.5}\n")
    with pytest.raises(DataFileError, match="for the split test; expected its labels or its size"):
        read_claims(path)
