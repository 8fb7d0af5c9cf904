"""What a running study shows: sparklines, durations, the table and the plain lines."""

import io
from dataclasses import replace

import pytest
from tiny_study import TINY

from glassnet._common.terminal import Console
from glassnet.cli import progress
from glassnet.cli.progress import (
    BARS,
    SPARKLINE_WIDTH,
    LiveTable,
    PlainLines,
    Silence,
    format_seconds,
    progress_line,
    render,
    render_bar,
    sparkline,
)
from glassnet.nn.history import EpochRecord, History
from glassnet.studies import STUDIES
from glassnet.studies.base import Conclusion, StudyResult
from glassnet.studies.runner import ModelStatus, Snapshot


def status(spec, state, losses=(), reason=""):
    records = [
        EpochRecord(epoch, 2 * loss, 0.5, loss, 0.75 if loss is not None else None, seconds=1.0)
        for epoch, loss in enumerate(losses, start=1)
    ]
    return ModelStatus(spec, state, History(records, reason))


def snapshot(*models, kept=0, seconds_left=None, quick=False):
    config = TINY.config(quick=quick)
    results = StudyResult("tiny", "", "", config, ["glassnet"], False, [], Conclusion(), {})
    return Snapshot(config, list(models), results, kept, seconds_left)


RELU, TANH, SIGMOID = TINY.specs
RUNNING = snapshot(
    status(RELU, "finished", [0.8, 0.4, 0.2], "all 3 epochs were run"),
    status(TANH, "training", [0.8, 0.65]),
    status(SIGMOID, "waiting"),
    seconds_left=100.0,
)


def text_of(renderable, width=120):
    file = io.StringIO()
    Console(file=file, width=width).print(renderable)
    return file.getvalue()


# -- pieces -----------------------------------------------------------------------------------------


def test_a_sparkline_draws_a_bar_for_each_value():
    assert sparkline([], 1.0) == ""
    assert sparkline([0.0, 0.5, 1.0], 1.0) == "▁▅█"
    assert sparkline([i / 8 for i in range(8)], 1.0) == BARS
    assert sparkline([2.0], 1.0) == "█"  # above the ceiling
    assert sparkline([0.0], 0.0) == ""


@pytest.mark.parametrize("n", [1, 15, 16, 17, 100, 1000])
def test_a_sparkline_is_never_wider_than_its_column(n):
    falling = [1 - i / n for i in range(n)]
    line = sparkline(falling, 1.0)
    assert len(line) == min(n, SPARKLINE_WIDTH)
    assert list(line) == sorted(line, reverse=True)
    assert line[0] == "█"
    if n > 8:
        assert line[-1] == "▁"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.2, "1 s"),
        (40, "40 s"),
        (89, "89 s"),
        (90, "2 min"),
        (180, "3 min"),
        (181, "4 min"),
        (7200, "120 min"),
    ],
)
def test_durations_are_rounded_up(seconds, text):
    assert format_seconds(seconds) == text


def test_one_line_tells_how_far_the_run_is():
    assert progress_line(RUNNING) == "1 of 3 models finished, at most about 2 min left"
    waiting = [status(spec, "waiting") for spec in TINY.specs]
    assert progress_line(snapshot(*waiting)) == "0 of 3 models finished"
    ended = [status(RELU, "finished"), status(TANH, "diverged"), status(SIGMOID, "finished")]
    assert (
        progress_line(snapshot(*ended, kept=2, seconds_left=0.0))
        == "3 of 3 models finished (2 of them by an earlier run)"
    )


# -- the table --------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_model():
    lines = text_of(render(RUNNING)).splitlines()
    rows = {spec.name: next(line for line in lines if spec.name in line) for spec in TINY.specs}
    for part in ("finished", "3/6", "0.4000", "0.2000", "0.7500", "█▅▃"):
        assert part in rows["relu"]
    for part in ("training", "2/6", "1.3000", "0.6500", "█▇"):
        assert part in rows["tanh"]
    assert "waiting" in rows["sigmoid"]
    assert not any(character.isdigit() for character in rows["sigmoid"])
    assert lines[-1] == "1 of 3 models finished, at most about 2 min left"
    assert "QUICK" not in "\n".join(lines)


@pytest.mark.parametrize("width", [100, 80])
def test_the_table_of_the_longest_names_shows_its_numbers(width):
    specs = STUDIES["mnist-init"].specs
    losses = [1 / epoch for epoch in range(1, 101)]
    full = replace(
        snapshot(*(status(spec, "training", losses) for spec in specs), kept=3, seconds_left=5.0),
        config=STUDIES["mnist-init"].config(),
    )
    lines = text_of(render(full, width), width).splitlines()
    assert max(map(len, lines)) <= width
    for spec in specs:
        (line,) = [line for line in lines if line.strip().startswith(f"{spec.name} ")]
        for part in ("training", "100/100", "0.0200", "0.0100", "0.7500"):
            assert part in line


def test_the_table_warns_of_a_quick_run():
    quick = snapshot(status(RELU, "waiting"), quick=True)
    assert "QUICK RUN: part of the data, few epochs" in text_of(render(quick))


def test_the_table_can_do_without_losses():
    empty = snapshot(status(RELU, "waiting"), status(TANH, "diverged"))
    assert "diverged" in text_of(render(empty))
    no_validation = snapshot(
        ModelStatus(RELU, "training", History([EpochRecord(1, 0.3, None, None, None, 1.0)]))
    )
    assert "0.3000" in text_of(render(no_validation))


def test_the_live_table_ends_on_the_last_snapshot(monkeypatch):
    screen = io.StringIO()
    console = Console(file=screen, width=100, force_terminal=True)
    monkeypatch.setattr(progress, "Console", lambda: console)
    with LiveTable() as table:
        table.update(RUNNING)
    assert "1 of 3 models finished" in screen.getvalue()


@pytest.mark.parametrize("width", [100, 80])
@pytest.mark.parametrize(
    "name", [name for name, study in STUDIES.items() if 0 < len(study.specs) <= progress.MANY_MODELS]
)
def test_the_table_of_every_study_fits_a_terminal(name, width):
    study = STUDIES[name]
    full = replace(
        snapshot(*(status(spec, "training", [0.5] * 100) for spec in study.specs)), config=study.config()
    )
    lines = text_of(render(full, width), width).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width
    for spec in study.specs:
        (line,) = [line for line in lines if line.startswith(f"{spec.name} ")]
        for part in (f"100/{study.epochs}", "1.0000", "0.5000", "0.7500"):
            assert part in line


def test_a_regression_has_no_column_of_accuracies():
    records = [EpochRecord(1, 0.04, None, 0.05, None, 1.0)]
    text = text_of(render(snapshot(ModelStatus(RELU, "training", History(records)))))
    assert "accuracy" not in text
    assert "0.0500" in text


# -- the bar ----------------------------------------------------------------------------------------


def many(done, training=2, *, epochs=False, quick=False):
    specs = [replace(RELU, name=f"adam-0.00002-256-fold{i}-glassnet") for i in range(81)]
    losses = [0.5] if epochs else []
    models = [
        status(spec, "finished" if i < done else "training" if i < done + training else "waiting", losses)
        for i, spec in enumerate(specs)
    ]
    full = snapshot(*models, seconds_left=33.0, quick=quick)
    best = {"name": "adam", "reason": "adam has the highest mean accuracy, 0.85."} if done else {}
    return replace(full, results=replace(full.results, conclusion=Conclusion(best=best), complete=done == 81))


@pytest.mark.parametrize("width", [100, 80])
def test_the_bar_tells_how_far_many_models_are(width):
    lines = text_of(render_bar(many(40), 83.2), width).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width
    assert "40 of 81, 84 s so far" in lines[0]
    assert 0.4 < lines[0].count("━") / (width - len("40 of 81, 84 s so far")) <= 0.55
    assert [line.split()[-1] for line in lines[1:3]] == [
        "adam-0.00002-256-fold40-glassnet",
        "adam-0.00002-256-fold41-glassnet",
    ]
    assert lines[1].startswith("in training")
    assert lines[3].rstrip().endswith("adam has the highest mean accuracy, 0.85.")
    assert lines[4] == "40 of 81 models finished, about 33 s left"
    assert len(lines) == 5


def test_the_bar_names_a_few_of_the_models_in_training():
    text = text_of(render_bar(many(0, training=60, epochs=True, quick=True), 1.0))
    assert text.count("loss 1.0000") == 4
    assert "and 56 more" in text
    assert "QUICK RUN" in text
    assert "best so far" not in text


@pytest.mark.parametrize(("height", "has_rows"), [(90, True), (40, False)])
def test_a_row_for_each_model_needs_a_line_for_each(height, has_rows, monkeypatch):
    screen = io.StringIO()
    console = Console(file=screen, width=100, height=height, force_terminal=True)
    monkeypatch.setattr(progress, "Console", lambda: console)
    with LiveTable() as table:
        table.update(many(40))
    assert ("fold80" in screen.getvalue()) == has_rows
    assert ("so far" in screen.getvalue()) != has_rows


# -- plain lines ------------------------------------------------------------------------------------


def test_silence_shows_nothing(capsys):
    with Silence() as display:
        display.update(RUNNING)
    assert capsys.readouterr() == ("", "")


def test_a_line_is_printed_once_for_each_model_that_ends(capsys):
    with PlainLines() as display:
        display.update(RUNNING)
        (line,) = capsys.readouterr().out.splitlines()
        assert " ".join(line.split()) == (
            "finished relu epoch 3 loss 0.4000 validation loss 0.2000 accuracy 0.7500 (all 3 epochs were run)"
        )
        display.update(RUNNING)
        assert capsys.readouterr().out == ""
        diverged = status(TANH, "diverged", [0.8], "diverged: the loss became nan")
        display.update(snapshot(RUNNING.models[0], diverged, RUNNING.models[2]))
        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith("diverged  tanh")
        assert line.endswith("(diverged: the loss became nan)")


def test_in_between_a_sign_of_life_is_printed(capsys, monkeypatch):
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with PlainLines() as display:
        display.update(RUNNING)
        capsys.readouterr()
        now += 9
        display.update(RUNNING)
        assert capsys.readouterr().out == ""
        now += 2
        display.update(RUNNING)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith("training  tanh")
        assert lines[1].strip() == "1 of 3 models finished, at most about 2 min left"
        assert len(lines) == 2
        display.update(RUNNING)
        assert capsys.readouterr().out == ""


def test_a_model_that_ended_before_its_first_epoch_has_a_line_too(capsys):
    with PlainLines() as display:
        display.update(snapshot(status(RELU, "diverged", reason="diverged: at once")))
    assert capsys.readouterr().out == "diverged  relu (diverged: at once)\n"


def test_many_models_have_one_line_every_ten_seconds_and_one_in_the_end(capsys, monkeypatch):
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with PlainLines() as display:
        for done in range(40):
            now += 1
            display.update(many(done))
        lines = capsys.readouterr().out.splitlines()
        assert lines == [
            f"{done} of 81 models finished, about 33 s left; best so far adam" for done in (9, 19, 29, 39)
        ]
        display.update(many(81))
        display.update(many(81))
        assert capsys.readouterr().out == "81 of 81 models finished; best so far adam\n"
