"""The command line: help, lists, errors without traceback, and what a run prints."""

import json
import re
import shlex
import shutil
import struct
import threading
import time
from dataclasses import replace

import click
import numpy as np
import pytest
from outcomes import refused
from runs import results_at, timeless
from tiny_study import TINY, load_parts, tiny_study

import glassnet
from glassnet._common.environment import name_command
from glassnet._common.words import counted
from glassnet.cli import main
from glassnet.data import DATASETS, load_mnist
from glassnet.studies import STUDIES, RunFolder, StudyResult


def commands(command=main, words=()):
    """Yield every command and group with the words that call it."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), (*words, name))


EVERY = [pytest.param(words, command, id=" ".join(words) or "glassnet") for words, command in commands()]


# -- help -------------------------------------------------------------------------------------------


def test_there_are_the_commands_that_the_documents_name():
    assert {words for words, _ in commands()} >= {
        (),
        ("reproduce",),
        ("study",),
        ("study", "list"),
        ("study", "show"),
        ("study", "run"),
        ("data",),
        ("data", "list"),
        ("data", "show"),
    }


@pytest.mark.parametrize(("words", "command"), EVERY)
def test_help_tells_what_a_command_does_and_each_option(words, command, invoke):
    result = invoke(*words, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: {' '.join(('glassnet', *words))} ")
    assert command.help
    assert "\\b" not in result.stdout
    assert invoke(*words, "-h").stdout == result.stdout
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.name} has no help"
            for spelling in parameter.opts:
                assert re.search(rf"(?<![\w-]){spelling}(?![\w-])", result.stdout)
        else:
            assert parameter.make_metavar(click.Context(command)) in result.stdout
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            assert re.search(rf"^  {name} +\S[^.]*(\n    +[^.]*)?\.$", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize(("words", "command"), EVERY)
def test_help_is_never_cut_off_in_the_middle_of_a_sentence(words, command, width, invoke, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    result = invoke(*words, "--help")
    assert not re.search(r"\.\.\.$", result.stdout.split("\n", 1)[1], re.MULTILINE)
    if isinstance(command, click.Group):
        listed = result.stdout.partition("Commands:\n")[2]
        entries = re.split(r"\n  (?=\S)", listed.strip("\n"))
        assert len(entries) == len(command.list_commands(click.Context(command)))
        assert all(entry.endswith(".") for entry in entries)


def test_help_gives_examples_that_parse(invoke):
    """Every line of help that begins with `glassnet` is a command, with options that exist."""
    examples = []
    for words, _ in commands():
        examples += re.findall(r"^ +(glassnet \S.*?)(?:   .*)?$", invoke(*words, "-h").stdout, re.MULTILINE)
    assert len(examples) >= 4
    for example in examples:
        command: click.Command = main
        rest = shlex.split(example.partition(" > ")[0])[1:]  # what a shell does with the output is its own
        while isinstance(command, click.Group):
            command = command.get_command(click.Context(command), rest.pop(0))
        assert command is not None, example
        command.make_context(example, rest)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("reproduce",),
        ("study", "run"),
        ("study", "show"),
        ("data", "show"),
    ],
    ids=" ".join,
)
def test_commands_that_take_words_show_an_example(words, invoke):
    assert re.search(rf"^ +glassnet {' '.join(words)}", invoke(*words, "-h").stdout, re.MULTILINE)


def test_the_version_is_shown(invoke):
    assert invoke("--version").stdout == f"glassnet {glassnet.__version__}\n"


@pytest.mark.parametrize("words", [("nonsense",), ("study", "nonsense"), ("study", "run"), ("--nonsense",)])
def test_words_that_are_no_command_are_refused(words, invoke):
    refused(invoke(*words), code=2)


# -- studies ----------------------------------------------------------------------------------------


def test_studies_are_listed(invoke):
    result = invoke("study", "list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(STUDIES)
    assert "12 models, up to 100 epochs" in result.stdout


def test_a_study_is_shown(invoke):
    study = STUDIES["mnist-init"]
    result = invoke("study", "show", "mnist-init")
    assert result.exit_code == 0
    for part in (study.title, study.question, *study.settings, "256, 128, 64, 32", "0.002", "mnist"):
        assert part in result.stdout
    for spec in study.specs:
        assert spec.name in result.stdout
    assert "glassnet study run mnist-init" in result.stdout


@pytest.mark.parametrize("command", ["show", "run"])
def test_an_unknown_study_is_answered_with_the_nearest(command, invoke, tmp_path):
    result = invoke("study", command, "mnist-int")
    refused(result, "unknown study 'mnist-int'", "did you mean 'mnist-init'", f"Known: {', '.join(STUDIES)}")
    assert list(tmp_path.iterdir()) == []


def test_a_run_prints_what_it_does_and_writes_the_report(invoke, tiny, tmp_path):
    result = invoke("study", "run", "tiny", "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    folder = tmp_path / "runs" / "tiny"
    assert "Three tiny networks: 3 models, up to 6 epochs each, seed 0" in result.stdout
    for name in ("relu", "tanh", "sigmoid"):
        (line,) = re.findall(rf"^finished +{name} .*$", result.stdout, re.MULTILINE)
        assert re.search(r"epoch +6\b", line)
        assert re.search(r"loss 0\.\d{4}", line)
        assert "(all 6 epochs were run)" in line
    assert "has the lowest validation loss." in result.stdout
    assert "  - 3 models are finished." in result.stdout
    assert result.stdout.rstrip().endswith("Report: runs/tiny/report.html")
    assert "QUICK" not in result.stdout
    assert (folder / "report.html").read_text().lstrip().lower().startswith("<!doctype html>")
    assert RunFolder(folder).read_results().complete


def test_a_finished_run_only_prints_its_result_again(invoke, tiny, tmp_path):
    first = invoke("study", "run", "tiny", "--jobs", "1")
    made = (tmp_path / "runs/tiny/models/relu/result.json").stat().st_mtime_ns
    second = invoke("study", "run", "tiny", "--jobs", "1")
    assert second.exit_code == 0
    assert second.stdout.splitlines()[-3:] == first.stdout.splitlines()[-3:]
    assert (tmp_path / "runs/tiny/models/relu/result.json").stat().st_mtime_ns == made


def test_quiet_prints_where_the_report_is_and_nothing_else(invoke, tiny, tmp_path):
    result = invoke("study", "run", "tiny", "--jobs", "1", "--quiet", "--out", tmp_path / "here")
    assert result.exit_code == 0
    assert result.output == f"Report: {tmp_path / 'here' / 'report.html'}\n"
    assert (tmp_path / "here" / "report.html").exists()


@pytest.mark.parametrize("more", [(), ("--quick",), ("--quiet",)])
def test_json_prints_results_json_and_nothing_else(more, invoke, tiny, tmp_path):
    result = invoke("study", "run", "tiny", "--jobs", "1", "--json", "--out", "here", *more)
    assert result.exit_code == 0
    assert result.stderr == ""
    printed = json.loads(result.stdout)
    assert printed == json.loads((tmp_path / "here" / "results.json").read_text())
    assert StudyResult.from_json(printed).complete


def exchange(folder):
    """Put the weights of one model in the place of another's."""
    shutil.copy(folder / "models/relu/model.safetensors", folder / "models/tanh/model.safetensors")


def test_a_model_that_was_exchanged_is_refused_until_it_is_repaired(invoke, monkeypatch, tmp_path):
    parts = load_parts(0)
    monkeypatch.setitem(STUDIES, "tiny", replace(TINY, parts=lambda config, spec, folder: parts))
    command = ("study", "run", "tiny", "--jobs", "1", "--quick", "--quiet", "--out", "here")
    assert invoke(*command).exit_code == 0
    before = timeless(results_at(tmp_path / "here"))
    exchange(tmp_path / "here")
    refused(invoke(*command), "here/models/tanh/model.safetensors is damaged", "--repair")
    refused(invoke("doctor", "here", "--model", "tanh"), "here/models/tanh/model.safetensors", "--repair")
    result = invoke(*command, "--repair")
    assert result.exit_code == 0
    assert result.stderr.startswith("tanh trained anew: here/models/tanh/model.safetensors")
    assert result.stderr.count("\n") == 1
    assert timeless(results_at(tmp_path / "here")) == before
    again = invoke(*command, "--repair")
    assert (again.exit_code, again.stderr) == (0, "")


def test_models_of_an_earlier_version_are_named_and_trained_anew(invoke, tiny, tmp_path):
    command = ("study", "run", "tiny", "--jobs", "1", "--quick", "--quiet", "--out", "here")
    assert invoke(*command).exit_code == 0
    for file in (tmp_path / "here").rglob("manifest.json"):
        file.unlink()
    result = invoke(*command)
    assert result.exit_code == 0
    assert result.stderr.startswith("relu, tanh, sigmoid trained anew: there is no manifest.json")
    assert len(list((tmp_path / "here").rglob("manifest.json"))) == 3


def test_edited_results_are_refused_by_the_doctor(invoke, tiny, tmp_path):
    assert invoke("study", "run", "tiny", "--jobs", "1", "--quick", "--out", "here").exit_code == 0
    results = results_at(tmp_path / "here")
    results["models"][0]["test"]["accuracy"] = 0.1234
    (tmp_path / "here/results.json").write_text(json.dumps(results))
    refused(invoke("doctor", "here"), "here/results.json is damaged", "SHA-256")


def test_a_quick_run_says_that_its_numbers_are_not_the_studys(invoke, tiny, tmp_path):
    result = invoke("study", "run", "tiny", "--jobs", "1", "--quick")
    assert result.stdout.count("QUICK RUN") == 2  # before and after
    assert "not the study’s numbers" in result.stdout
    assert RunFolder(tmp_path / "runs" / "tiny-quick").read_config().epochs == 2


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        ((), "tiny"),
        (("--quick",), "tiny-quick"),
        (("--seed", 3), "tiny-seed3"),
        (("--epochs", 1), "tiny-epochs1"),
        (("--epochs", 6), "tiny"),
        (("--quick", "--epochs", 1, "--seed", 2), "tiny-quick-epochs1-seed2"),
    ],
)
def test_runs_that_differ_have_folders_that_differ(words, folder, invoke, monkeypatch, tmp_path):
    monkeypatch.setitem(STUDIES, "tiny", tiny_study("relu"))
    assert invoke("study", "run", "tiny", "--jobs", "1", "--quiet", *words).exit_code == 0
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [folder]


@pytest.fixture
def pair(monkeypatch):
    """Put a study of two engines into the table, and one that reads its models."""
    pair = tiny_study("relu", "tanh", "relu-sklearn", name="pair")
    monkeypatch.setitem(STUDIES, "pair", pair)
    heir = replace(tiny_study("sigmoid", "sigmoid-sklearn", name="heir"), needs=(pair,))
    monkeypatch.setitem(STUDIES, "heir", heir)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), ["relu", "tanh"]),
        (("--engine", "glassnet"), ["relu", "tanh"]),
        (("--engine", "sklearn"), ["relu-sklearn"]),
        (("--engine", "both"), ["relu", "tanh", "relu-sklearn"]),
    ],
)
def test_the_engine_is_chosen(words, names, invoke, pair, tmp_path):
    result = invoke("study", "run", "pair", "--jobs", 1, *words)
    assert result.exit_code == 0, result.output
    assert [model.name for model in RunFolder(tmp_path / "runs/pair").read_results().models] == names
    assert f"Three tiny networks: {counted(len(names), 'model')} of " in result.stdout


def test_a_study_without_models_only_concludes(invoke, monkeypatch, tmp_path):
    monkeypatch.setitem(STUDIES, "tiny", replace(tiny_study(), dataset=""))
    assert "Three tiny networks: nothing to train" in invoke("study", "list").stdout
    shown = invoke("study", "show", "tiny").stdout
    assert not re.search("^ +(data|epochs)|Models", shown, re.MULTILINE)
    result = invoke("study", "run", "tiny")
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 3  # what it is, and twice where the report is
    assert RunFolder(tmp_path / "runs/tiny").read_results().complete


def test_an_engine_that_a_study_does_not_have_is_refused(invoke, tiny):
    refused(invoke("study", "run", "tiny", "--engine", "sklearn"), "sklearn", "Known: glassnet")


@pytest.mark.parametrize(
    ("words", "beside", "heir"),
    [
        (("--quick",), "runs/pair-quick", "runs/heir-quick"),
        (("--seed", 2, "--engine", "both"), "runs/pair-seed2", "runs/heir-seed2"),
        (("--epochs", 1), "runs/pair-epochs1", "runs/heir-epochs1"),
        (("--out", "mine"), "mine-pair", "mine"),
    ],
)
def test_what_a_study_needs_is_run_first(words, beside, heir, invoke, pair, tmp_path):
    result = invoke("study", "run", "heir", "--jobs", 1, *words)
    assert result.exit_code == 0, result.output
    assert "heir reads the models of pair; they come first." in result.stdout
    needed = RunFolder(tmp_path / beside).read_results()
    done = RunFolder(tmp_path / heir).read_results()
    assert needed.study == "pair"
    assert needed.complete
    assert done.complete
    assert needed.engines == done.engines
    for name in ("quick", "seed", "epochs"):
        assert getattr(needed.config, name) == getattr(done.config, name)
    made = (tmp_path / beside / "models/relu/result.json").stat().st_mtime_ns
    assert invoke("study", "run", "heir", "--jobs", 1, *words).exit_code == 0
    assert (tmp_path / beside / "models/relu/result.json").stat().st_mtime_ns == made


def test_json_of_a_study_that_needs_another_is_its_own(invoke, pair):
    result = invoke("study", "run", "heir", "--jobs", 1, "--json")
    assert json.loads(result.stdout)["study"] == "heir"
    assert result.stderr == ""


def test_a_folder_of_other_settings_is_refused(invoke, tiny, tmp_path):
    assert invoke("study", "run", "tiny", "--jobs", "1", "--quick", "--out", "here").exit_code == 0
    result = invoke("study", "run", "tiny", "--jobs", "1", "--out", "here")
    refused(result, "other settings", "quick is True there, now False", "--out")


def test_a_damaged_folder_is_named(invoke, tiny, tmp_path):
    assert invoke("study", "run", "tiny", "--jobs", "1", "--quick", "--out", "here").exit_code == 0
    (tmp_path / "here/models/tanh/result.json").write_text("{")
    refused(invoke("study", "run", "tiny", "--quick", "--out", "here"), "here/models/tanh/result.json")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--epochs", "0"), "--epochs"),
        (("--epochs", "many"), "--epochs"),
        (("--jobs", "0"), "--jobs"),
        (("--seed", "-1"), "--seed"),
        (("--out", "file"), "--out"),
    ],
)
def test_values_out_of_range_are_refused(words, part, invoke, tiny, tmp_path):
    (tmp_path / "file").touch()
    refused(invoke("study", "run", "tiny", *words), part, code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_cannot_be_made_is_told(invoke, tiny, tmp_path):
    (tmp_path / "file").touch()
    refused(invoke("study", "run", "tiny", "--out", "file/run"), "cannot write", "file/run")


def test_a_diverged_model_is_told(invoke, monkeypatch):
    monkeypatch.setitem(STUDIES, "tiny", tiny_study("diverges", "relu"))
    result = invoke("study", "run", "tiny", "--jobs", "1")
    assert result.exit_code == 0
    assert re.search(r"^diverged +diverges", result.stdout, re.MULTILINE)
    assert "Diverged: diverges; the report says where." in result.stdout


def test_ctrl_c_ends_with_a_word_on_how_to_go_on(invoke, tiny, monkeypatch):
    def interrupted(*arguments, **settings):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("glassnet.cli.following.run_studies", interrupted)
    result = invoke("study", "run", "tiny")
    assert result.exit_code == 130
    assert "Finished models are kept in runs/tiny; the same command goes on" in result.stderr
    assert "Traceback" not in result.output


# -- data sets --------------------------------------------------------------------------------------


def test_data_sets_are_listed(invoke):
    result = invoke("data", "list")
    assert result.exit_code == 0
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert list(lines) == list(DATASETS)
    assert "70,000 handwritten digits" in lines["mnist"]


def png_size(path):
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", content[16:24])


def test_samples_are_shown_and_drawn(invoke, tmp_path):
    result = invoke("data", "show", "mnist", "--count", 12)
    assert result.exit_code == 0
    assert "60,000 training" in result.stdout
    assert "10,000 test" in result.stdout
    assert "CC BY-SA 3.0" in result.stdout
    assert "12 samples: mnist-samples.png" in result.stdout
    width, height = png_size(tmp_path / "mnist-samples.png")
    assert width > 500
    assert 100 < height < width
    pictures = [
        line for line in result.stdout.splitlines() if set(line) <= set(" .:-=+*#%@") and line.strip()
    ]
    assert len(pictures) >= 10
    assert max(map(len, pictures)) < 80
    assert "\x1b" not in result.stdout  # no colours outside of a terminal
    rows = np.sort(np.random.default_rng(0).choice(60_000, 12, replace=False))
    labels = [str(label) for label in load_mnist().train.labels[rows][:10]]
    named = [line.split() for line in result.stdout.splitlines() if re.fullmatch(r"[\d ]+", line)]
    assert [label for line in named for label in line] == labels


def test_the_seed_chooses_the_samples(invoke, tmp_path):
    shown = {
        seed: invoke("data", "show", "fashion-mnist", "--count", 3, "--seed", seed, "--out", f"{name}.png")
        for seed, name in ((0, "a"), (1, "b"))
    }
    again = invoke("data", "show", "fashion-mnist", "--count", 3, "--seed", 1, "--out", "c.png")
    assert all(result.exit_code == 0 for result in (*shown.values(), again))
    contents = {name: (tmp_path / f"{name}.png").read_bytes() for name in "abc"}
    assert contents["a"] != contents["b"]
    assert contents["b"] == contents["c"]
    assert shown[1].stdout.replace("b.png", "c.png") == again.stdout
    assert "2,000 validation" in again.stdout


def test_an_unknown_data_set_is_answered_with_the_nearest(invoke, tmp_path):
    refused(invoke("data", "show", "minst"), "unknown data set 'minst'", "did you mean 'mnist'")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [0, 201, "x"])
def test_a_number_of_samples_out_of_range_is_refused(count, invoke):
    refused(invoke("data", "show", "mnist", "--count", count), "--count", code=2)


def test_a_picture_that_cannot_be_written_is_told(invoke, tmp_path):
    (tmp_path / "file").touch()
    refused(invoke("data", "show", "mnist", "--count", 1, "--out", "file/picture.png"), "cannot write")


# -- what works as it stands ------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("study", "run", "tiny", "--quick"), ("study", "run", "tiny")])
def test_the_end_of_a_run_names_a_command_that_works_as_it_stands(words, invoke, tiny, tmp_path):
    result = invoke(*words, "--jobs", 1)
    (line,) = re.findall(r"^Next: +(.*)$", result.stdout, re.MULTILINE)
    assert (
        line
        == f"{name_command()} doctor {tmp_path.joinpath('runs').name}/tiny{'-quick' * ('--quick' in words)}"
    )
    shown = invoke("study", "show", "tiny").stdout
    assert f"{name_command()} study run tiny " in shown


def test_a_study_of_many_models_is_shown_by_what_its_models_differ_in(invoke):
    shown = invoke("study", "show", "fashion-grid").stdout
    assert "120 models, some of the combinations of these:" in shown
    for values in ("lbfgs, sgd, adam", "0.2, 0.002, 2e-05", "64, 128, 256", "1, 2, 3", "glassnet, sklearn"):
        assert re.search(rf"^  \w+ +{values}$", shown, re.MULTILINE)
    assert len(shown.splitlines()) < 25
    assert "fold2" not in shown


# -- quick runs -------------------------------------------------------------------------------------


def test_a_quick_run_ends_without_a_verdict_or_a_headline(invoke, tiny, tmp_path):
    result = invoke("study", "run", "tiny", "--jobs", 1, "--quick")
    assert "Best in this quick run: " in result.stdout
    assert "  - " not in result.stdout
    conclusion = RunFolder(tmp_path / "runs/tiny-quick").read_results().conclusion
    assert [claim.verdict for claim in conclusion.claims] == ["not judged in a quick run"]
    assert conclusion.headlines == []


def test_a_run_of_fewer_epochs_decides_nothing_either(invoke, tiny, tmp_path):
    result = invoke("study", "run", "tiny", "--jobs", 1, "--epochs", 1)
    assert result.stdout.count("at most 1 epoch of the study’s 6") == 2
    conclusion = RunFolder(tmp_path / "runs/tiny-epochs1").read_results().conclusion
    assert [claim.verdict for claim in conclusion.claims] == ["not judged in a quick run"]


def test_what_trains_nothing_is_judged_in_a_quick_run_too(invoke, tmp_path):
    quick, full = (invoke("study", "run", "hand", *words) for words in (["--quick"], []))
    assert "QUICK" not in quick.stdout
    assert quick.stdout.replace("hand-quick", "hand") == full.stdout
    page = (tmp_path / "runs/hand-quick/report.html").read_text()
    assert "QUICK" not in page
    assert "Nothing is trained here: these are the numbers of the full run too." in page
    results = [RunFolder(tmp_path / "runs" / name).read_results() for name in ("hand-quick", "hand")]
    assert results[0].conclusion == results[1].conclusion
    assert len(results[0].conclusion.headlines) == 3


# -- a folder that goes away ------------------------------------------------------------------------


def has_begun(history):
    """Return whether a model has finished an epoch."""
    return history.exists() and '"epoch": 1' in history.read_text()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_folder_that_is_deleted_while_it_is_written_to_ends_the_run(jobs, invoke, monkeypatch, tmp_path):
    gate = tmp_path / "gate"
    gate.write_text("2")
    monkeypatch.setitem(STUDIES, "tiny", tiny_study("held-relu", "held-tanh", gate=gate))
    out = tmp_path / "runs" / "gone"

    def delete():
        held = ["relu", "tanh"][:jobs]
        while not all(has_begun(out / f"models/held-{name}/history.json") for name in held):
            time.sleep(0.01)
        shutil.rmtree(out, ignore_errors=True)
        while out.exists():  # a file was written between
            shutil.rmtree(out, ignore_errors=True)
        gate.unlink()

    thread = threading.Thread(target=delete)
    thread.start()
    result = invoke("study", "run", "tiny", "--jobs", jobs, "--out", str(out))
    thread.join()
    assert result.exit_code == 2
    assert "gone was deleted or moved while it was written to" in result.stderr
    assert not (out / "results.json").exists()
    monkeypatch.setitem(STUDIES, "tiny", tiny_study("relu"))
    again = invoke("study", "run", "tiny", "--jobs", jobs, "--out", str(out))
    assert again.exit_code == 0, again.output  # whatever a worker still wrote
