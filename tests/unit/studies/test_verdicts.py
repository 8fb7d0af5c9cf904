"""Verdicts: computed from figures, none in a quick run, and none that the figures seem to speak against."""

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import glassnet
from glassnet._common.claims import Claim, Verdict, count_verdicts, judge
from glassnet.report import write_report
from glassnet.studies import STUDIES, RunFolder, StudyResult
from glassnet.studies.assignment import fashion_activations, fashion_features, fashion_grid, mnist_init
from glassnet.studies.assignment.fashion import name_one_answer
from glassnet.studies.base import Conclusion, Insight
from glassnet.studies.engines import make_result
from glassnet.studies.runner import run_study
from glassnet.worked.svm.check import check_answer
from glassnet.worked.svm.points import make_points
from glassnet.worked.svm.solve import measure_margin

SOURCE = Path(glassnet.__file__).parent


@pytest.mark.parametrize(
    ("agrees", "is_refuted", "verdict"),
    [
        (True, False, "confirmed"),
        (True, True, "confirmed"),
        (False, True, "wrong"),
        (False, False, "not reproducible"),
    ],
)
def test_a_verdict_follows_from_what_agrees_and_what_is_refuted(agrees, is_refuted, verdict):
    assert judge(agrees=agrees, is_refuted=is_refuted) == verdict


def verdicts_written_out(path):
    """Return the lines in which a claim is made with a verdict that stands there as a word."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Claim"):
            for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
                for part in ast.walk(value):
                    if isinstance(part, ast.Attribute) and getattr(part.value, "id", "") == "Verdict":
                        yield f"{path.name}:{node.lineno}"


def test_no_claim_is_made_with_a_verdict_that_was_not_computed():
    files = [path for room in ("studies", "worked") for path in (SOURCE / room).rglob("*.py")]
    assert len(files) > 50
    assert [place for path in files for place in verdicts_written_out(path)] == []


def fabricate(spec, scores, **changes):
    losses = {split: {"loss": 0.5, "accuracy": score} for split, score in scores.items()}
    evidence = {"gradient_norms": [1.0] * 5, "unit_spread": [1.0] * 4, "answers": [0, 10_000] + [0] * 8}
    result = make_result(spec, "finished", 100, "", 1.0, losses, evidence)
    return replace(result, **{"best_epoch": 100} | changes)


def claims_of_mnist(scores, monkeypatch):
    monkeypatch.setattr(
        mnist_init, "_best", lambda scored, test, folder: {"name": "relu-normal", "reason": ""}
    )
    results = [fabricate(spec, scores) for spec in mnist_init.SPECS]
    found = mnist_init.conclude(mnist_init.MNIST_INIT.config(), results, Path()).claims
    return {claim.quantity: claim for claim in found}


def test_models_that_reach_the_published_accuracy_confirm_it(monkeypatch):
    claims = claims_of_mnist(mnist_init.PUBLISHED_ACCURACY, monkeypatch)
    for quantity in (
        "test accuracy of each of the 12 models",
        "relu-normal: accuracy (training / validation / test)",
    ):
        assert claims[quantity].verdict == "confirmed"


def test_models_that_do_not_are_set_beside_what_the_figure_is(monkeypatch):
    claims = claims_of_mnist({"train": 0.98, "validation": 0.97, "test": 0.96}, monkeypatch)
    whole = claims["test accuracy of each of the 12 models"]
    assert (whole.published, whole.reproduced, whole.verdict) == ("0.8227", "0.9600", "wrong")
    assert "“always 1”" in whole.published_is
    assert "its accuracy is 0.1135" in whole.explanation


def test_a_figure_that_nothing_explains_is_not_called_wrong(monkeypatch):
    monkeypatch.setattr(mnist_init, "explain_by_slip", lambda claims: None)
    claims = claims_of_mnist({"train": 0.98, "validation": 0.97, "test": 0.96}, monkeypatch)
    assert claims["test accuracy of each of the 12 models"].verdict == "not reproducible"
    assert claims["relu-zero: accuracy (training / validation / test)"].verdict == "not reproducible"


@pytest.mark.parametrize(
    ("train", "verdict"), [(0.96, "wrong"), (1.0, "wrong"), (0.9, "wrong"), (0.99, "confirmed")]
)
def test_overfitting_is_judged_by_the_gap(train, verdict, monkeypatch):
    test = 0.93 if verdict == "confirmed" else train
    claims = claims_of_mnist({"train": train, "validation": test, "test": test}, monkeypatch)
    (claim,) = [claim for quantity, claim in claims.items() if "overfit" in quantity]
    assert claim.verdict == verdict


def test_a_diverged_model_does_not_confirm_that_it_ran_to_the_end():
    spec = next(spec for spec in mnist_init.SPECS if spec.name == "relu-normal")
    none = dict.fromkeys(("train", "validation", "test"))
    result = fabricate(spec, none, state="diverged", stopped_epoch=3, best_epoch=None)
    result = replace(result, **{split: {"loss": None, "accuracy": None} for split in none})
    claims = mnist_init.conclude(mnist_init.MNIST_INIT.config(), [result], Path()).claims
    (claim,) = [claim for claim in claims if "early stop" in claim.quantity]
    assert (claim.published, claim.reproduced, claim.verdict) == (
        "none",
        "diverged in epoch 4",
        "not reproducible",
    )


@pytest.mark.parametrize("study", [fashion_activations, fashion_features])
def test_the_published_scores_of_fashion_are_within_one_answers_reach(study):
    for published in study.PUBLISHED_ACCURACY.values():
        assert name_one_answer(published).endswith("0.0940 to 0.1095")
    assert name_one_answer(0.1096) == ""


def test_a_support_vector_off_the_margin_is_not_shown_as_the_same():
    svm = measure_margin([-2, 0], 5, make_points([[2, 3], [3, 3], [1, 3]]))
    claims = check_answer(svm, {"support_vector": [{"x": [1, 3], "side": "+"}]})
    assert claims[0].verdict == "wrong"
    assert claims[0].reproduced.endswith("on the side +, not on the margin")


def test_equal_figures_are_confirmed_and_only_those_of_section_a():
    conclusion = STUDIES["hand"].conclude(STUDIES["hand"].config(), [], Path())
    for claim in conclusion.claims:
        assert claim.published != claim.reproduced or claim.verdict == "confirmed"


# -- quick runs -------------------------------------------------------------------------------------


def test_a_short_run_keeps_the_figures_and_gives_up_verdict_and_headline():
    rests = Claim("q", "1", "1", Verdict.CONFIRMED, "They agree.", "what it is")
    stands = replace(rests, needs_full_run=False)
    found = Insight("The answer is 42.", "It was computed.", topic="The answer")
    proven = replace(found, needs_full_run=False)
    whole = Conclusion({"name": "relu"}, [rests, stands], [found, proven, Insight("Another.", "")])
    short = whole.without_verdicts("It was short.")
    assert short.claims == [replace(rests, verdict=Verdict.NOT_JUDGED, explanation="It was short."), stands]
    assert [finding.title for finding in short.findings][:2] == ["The answer", "The answer is 42."]
    assert short.headlines == ["The answer is 42."]
    assert whole.headlines == ["The answer is 42.", "The answer is 42.", "Another."]
    assert short.best == whole.best


def test_what_is_not_judged_is_in_no_total():
    assert count_verdicts([Verdict.WRONG, Verdict.NOT_JUDGED, "wrong", Verdict.CONFIRMED]) == (
        {"wrong": 2, "confirmed": 1},
        1,
    )


def fold(spec, accuracy=0.75):
    return make_result(
        spec, "finished", 4, "", 0.1, {"validation": {"accuracy": accuracy}}, {"training_loss": 1.0}
    )


@pytest.mark.parametrize("quick", [True, False])
def test_the_page_of_a_quick_search_prints_nothing_of_its_equal_scores(quick, tmp_path):
    """On 200 images two candidates often answer as many rightly; it says nothing of them."""
    study = fashion_grid.FASHION_GRID
    config = study.config(quick=quick)
    results = [fold(spec) for spec in study.specs if spec.engine == "glassnet"]
    conclusion = study.conclude(config, results, tmp_path)
    if quick:
        conclusion = conclusion.without_verdicts("A quick run.")
    folder = RunFolder(tmp_path)
    folder.write_results(
        StudyResult(study.name, study.title, "?", config, ["glassnet"], True, results, conclusion, {})
    )
    page = write_report(folder).read_text(encoding="utf-8")
    assert ("cores of the grid search" in page) is not quick
    assert ("equal-scores" in page) <= (not quick)
    assert ("not judged in a quick run" in page) is quick
    assert "27 candidates are 19 distinct ones" in page  # by their parameters, whatever they score


@pytest.mark.parametrize(
    "name", [name for name in STUDIES if not STUDIES[name].needs and STUDIES[name].specs]
)
def test_every_finding_that_rests_on_training_has_a_topic(name, tmp_path):
    """That is its title in a quick run; nothing of the figures stands in it."""
    study = STUDIES[name]
    one = replace(study, specs=study.specs[:1])
    *_, last = run_study(one, study.config(quick=True, epochs=1), tmp_path, jobs=1)
    conclusion = last.results.conclusion
    assert {claim.verdict for claim in conclusion.claims} <= {Verdict.NOT_JUDGED}
    for finding in conclusion.findings:
        if finding.needs_full_run:
            assert finding.title == finding.topic
            assert not finding.topic.startswith("What this short run shows")
    assert Counter(map(bool, conclusion.headlines)) == ({True: 1} if name == "mnist-init" else {})
