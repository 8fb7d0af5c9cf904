"""The script that compares two folders of runs: what counts as a difference and what does not."""

import importlib.util
import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "compare_runs.py"
RESULT = {
    "study": "tiny",
    "models": [{"name": "relu", "seconds": 1.5, "test": {"loss": 0.25}, "evidence": {"score_seconds": 2.0}}],
    "findings": [
        {
            "title": "Both engines give the same numbers; scikit-learn takes 2.50 times as long.",
            "text": "Training took 1.5 s with glassnet.",
            "table": {"columns": ["model", "loss", "seconds, glassnet"], "rows": [["relu", "0.2500", "1.5"]]},
        }
    ],
    "environment": {"cores": 2},
}


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("compare_runs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def compare(script, tmp_path, monkeypatch, capsys):
    """Return a function that compares two texts of results.json: the exit code and what was printed."""

    def run(one, other, *options):
        for name, text in (("one", one), ("other", other)):
            (tmp_path / name).mkdir(exist_ok=True)
            if text is not None:
                (tmp_path / name / "results.json").write_text(text)
        monkeypatch.setattr(
            "sys.argv", ["compare_runs.py", *map(str, (tmp_path / "one", tmp_path / "other")), *options]
        )
        return script.main(), capsys.readouterr().out

    return run


def changed(**replaced):
    text = json.dumps(RESULT)
    for old, new in replaced.values():
        assert old in text
        text = text.replace(old, new)
    return text


def test_what_was_timed_and_the_machine_are_left_out(compare):
    other = changed(
        seconds=('"seconds": 1.5', '"seconds": 9.75'),
        scoring=('"score_seconds": 2.0', '"score_seconds": 3'),
        title=("takes 2.50 times", "takes 0.75 times"),
        text=("took 1.5 s with", "took 12.25 s with"),
        cell=('"1.5"', '"9.8"'),
        machine=('"cores": 2', '"cores": 64'),
    )
    assert compare(json.dumps(RESULT), other)[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"loss": 0.25', '"loss": 0.2500000000000001', "models[0].test.loss: 0.25, then 0.2500000000000001"),
        ('"loss": 0.25', '"loss": null', "models[0].test.loss"),
        ('"0.2500"', '"0.2501"', "findings[0].table.rows[0][1]"),
        ("the same numbers", "different numbers", "findings[0].title"),
        ('"study": "tiny"', '"study": "tiny", "new": 1', "new: only in the second"),
    ],
)
def test_everything_else_has_to_be_equal(old, new, place, compare):
    code, printed = compare(json.dumps(RESULT), changed(it=(old, new)))
    assert code == 1
    assert f"results.json: {place}" in printed


def test_new_keys_can_be_ignored(compare):
    other = changed(it=('"study": "tiny"', '"study": "tiny", "new": 1'))
    assert compare(json.dumps(RESULT), other, "--ignore", "new")[0] == 0


def test_a_missing_file_is_a_difference_and_an_empty_folder_no_run(compare, tmp_path):
    assert compare(json.dumps(RESULT), None)[0] == 2
    (tmp_path / "other" / "more.json").write_text("{}")
    code, printed = compare(json.dumps(RESULT), None)
    assert code == 1
    assert "results.json: only in the first folder" in printed
