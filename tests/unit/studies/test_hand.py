"""The study hand: section A, worked out and checked."""

from glassnet.studies import STUDIES, RunFolder
from glassnet.studies.runner import run_study

HAND = STUDIES["hand"]


def conclusion(tmp_path):
    *_, last = run_study(HAND, HAND.config(), tmp_path / "hand")
    assert last.results.complete
    assert last.results.models == []
    assert RunFolder(tmp_path / "hand").read_results() == last.results
    return last.results.conclusion


def test_every_known_slip_of_section_a_is_found_and_nothing_else(tmp_path):
    wrong = {claim.quantity for claim in conclusion(tmp_path).claims if claim.verdict == "wrong"}
    assert wrong == {
        "A1, sample 2: (a2-y)^2",
        "A1, sample 2: b1",
        "A1, sample 2: b2",
        "A1, sample 3: z1",
        "A1, sample 3: dL/dw2",
        "A1, sample 3: b1",
        "A1, sample 3: b2",
        "A3: equation A",
        "A3: support vector D",
    }


def test_the_reproduced_numbers_are_those_worked_out_by_hand(tmp_path):
    claims = {claim.quantity: claim.reproduced for claim in conclusion(tmp_path).claims}
    assert claims["A1, sample 2: b1"] == "0.0392"
    assert claims["A1, sample 2: b2"] == "0.0388"
    assert claims["A1, sample 3: w1"] == "1.1078"
    assert claims["A1, sample 3: w2"] == "1.1088"
    assert claims["A1, sample 3: b1"] == "0.0557"
    assert claims["A1, sample 3: b2"] == "0.0544"
    assert claims["A2: margin"] == "1/||w|| = 1/2"
    assert claims["A3: w and b"] == "w = (-2, -2), b = 3"


def test_explanations_are_sentences_that_keep_the_names_of_quantities(tmp_path):
    explained = {claim.quantity: claim.explanation for claim in conclusion(tmp_path).claims}
    assert explained["A1, sample 2: b1"].startswith("dL/db1 and dL/db2 are swapped")
    assert explained["A1, sample 2: (a2-y)^2"] == "One digit is wrong."


def test_findings_name_the_swap_and_show_the_work(tmp_path):
    steps, margin, plane = conclusion(tmp_path).findings
    assert "in sample 2 two gradients are swapped" in steps.title
    assert "z1 = w1*x + b1 = 1.02*2 + 0.02 = 2.06" in steps.exhibits[0].data["text"]
    assert "= 0.0392   [published: 0.0389]" in steps.exhibits[0].data["text"]
    assert [exhibit.kind for exhibit in margin.exhibits] == ["drawing", "text"]
    assert plane.title == "A3: 9 of 11 statements on the best hyperplane are right."
