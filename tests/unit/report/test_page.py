"""The page of a study, parsed: whole, and honest about what is missing."""

import re
import shlex
import shutil
from dataclasses import replace
from functools import cache

import pytest

from glassnet._common.claims import Claim, Verdict
from glassnet._common.environment import name_command
from glassnet.errors import FileError, RunFolderError, UnknownNameError
from glassnet.report import render_report, write_report
from glassnet.report.page import command_of
from glassnet.studies.assignment.mnist_init import MNIST_INIT
from glassnet.studies.base import Insight, ModelSpec, StudyResult
from glassnet.studies.folder import RunFolder

SETTINGS = {"hidden layers": [256, 128], "learning rate": 0.002}


@pytest.fixture(scope="module")
def render(make_result, images, read):
    @cache
    def render(*args, specs=MNIST_INIT.specs, **kwargs):
        result, histories = make_result(*args, **kwargs)
        return read(render_report(result, histories, images, settings=SETTINGS, specs=specs))

    return render


def test_complete_page_is_small(render):
    page = render()
    assert len(page.html.encode()) < 400_000
    assert len(re.findall(r"<svg viewBox=.0 0 340", page.html)) == 12


def test_complete_page_says_what_came_out(render):
    page = render()
    assert "Best: leaky relu · normal. leaky-relu-normal has the lowest validation loss" in page.text.replace(
        " .", "."
    )
    assert "2 are not reproducible, 1 is wrong and 1 is confirmed" in page.text
    assert "0.9500" in page.text  # accuracy on the test data
    assert "5 min 12 s" in page.text
    for finding in ("A network that starts at zero cannot learn.", "A finding may have no table."):
        assert page.text.count(finding) == 2  # in the summary, and with its evidence
    assert {"0.0e+00", "2.4.6", "256, 128", "0.002"} <= set(page.texts)
    assert "QUICK RUN" not in page.text
    assert not [meta for meta in page.all("meta") if meta.get("http-equiv") == "refresh"]


def test_every_claim_stands_with_both_figures_and_its_explanation(render, make_result):
    result, _ = make_result()
    page = render()
    for claim in result.conclusion.claims:
        for text in (claim.quantity, claim.published, claim.reproduced, claim.explanation):
            assert text in page.texts
        assert claim.verdict in page.text
    assert page.text.count("No seed was published.") == 1  # neighbours share their explanation
    assert [attrs["rowspan"] for attrs in page.all("td") if "rowspan" in attrs] == ["1", "2", "1"]


def test_best_row_is_marked_by_words_too(render):
    assert render().text.count("★ best") == 2  # at its plot, and in the table


def test_errors_are_shown_and_those_without_an_image_left_out(render):
    page = render()
    alternatives = [attrs["alt"] for attrs in page.all("img")]
    assert len(alternatives) == 11
    assert alternatives[-1] == "Test image 11, labelled 1, answered 7"
    assert "0.9999" in page.text


def test_quick_run_says_so(render):
    page = render(quick=True)
    assert "QUICK RUN:" in page.texts
    assert "these are not the study’s numbers" in page.text
    assert f"{name_command()} study run mnist-init --quick --seed 3 --epochs 100" in page.texts


def test_unfinished_run_says_how_far_it_is_and_loads_itself_anew(render):
    page = render(5, training=2)
    assert "5 of 12 models finished so far." in page.texts
    assert {"http-equiv": "refresh", "content": "10"} in page.all("meta")
    assert page.text.count("… epoch 7 of 100") == 2
    assert page.text.count("waiting for its turn") == 5
    assert "Best so far:" in page.text


def test_history_of_an_earlier_run_is_not_shown_for_a_model_not_begun(make_result, images, read):
    result, histories = make_result(5)
    histories["leaky-relu-normal"] = make_result()[1]["leaky-relu-normal"]
    page = read(render_report(result, histories, images, specs=MNIST_INIT.specs))
    assert page.text.count("waiting for its turn") == 7


def test_diverged_model_shows_why_it_stopped_and_no_scores(render):
    page = render(diverged=("leaky-relu-random",))
    assert "the loss became NaN in epoch 1" in page.texts
    assert "✗ diverged" in page.texts
    assert page.texts.count("–") == 7


def test_a_long_entry_of_the_evidence_may_wrap(make_result, images, read):
    words = "a list of many candidates, " * 5
    result, histories = make_result(
        findings=[Insight("a", "b", {"columns": ["c", "d"], "rows": [[words, "short"]]})]
    )
    page = read(render_report(result, histories, images, specs=MNIST_INIT.specs))
    assert "long whole" in [attributes.get("class") for attributes in page.all("th")]
    assert not [attributes for attributes in page.all("td") if "long" in attributes.get("class", "")]


def test_text_of_a_study_is_never_taken_for_html(make_result, images, read):
    evil = "<script>alert('&')</script>"
    result, histories = make_result(
        claims=[Claim(evil, evil, evil, Verdict.WRONG, evil)],
        findings=[Insight(evil, evil, {"columns": [evil, evil], "rows": [[evil, evil]]})],
    )
    value = result.to_json()
    for part in (value, value["environment"], value["models"][-1], value["conclusion"]["best"]):
        part |= {
            name: evil
            for name in ("title", "question", "python", "stopping_reason", "reason")
            if name in part
        }
    result = StudyResult.from_json(value)
    specs = [ModelSpec(evil, evil, evil)]
    html = render_report(result, {evil: histories["relu-zero"]}, images, settings={evil: evil}, specs=specs)
    assert "<script" not in html
    assert "alert('&')" not in html
    assert read(html).text.count(evil) > 10


def test_write_report_reads_the_run_folder(tmp_path, make_result, read):
    folder = RunFolder(tmp_path / "run")
    result, histories = make_result(5, training=1)
    folder.write_results(result)
    for name, history in histories.items():
        folder.write_history(name, history, durable=False)
    path = write_report(folder)
    assert path == folder.report_path
    page = read(path.read_text(encoding="utf-8"))
    assert "5 of 12 models finished so far." in page.texts
    assert "patience" in page.text
    assert "Handwritten digits" in page.text
    assert not list(folder.path.glob(".*"))  # no temporary file is left behind


def test_write_report_takes_images_that_are_loaded_already(tmp_path, make_result, images):
    folder = RunFolder(tmp_path)
    folder.write_results(make_result(0, best=False)[0])
    assert "Made up." in write_report(folder, images=images).read_text(encoding="utf-8")


def test_a_report_does_not_make_a_folder_anew_that_was_deleted(tmp_path, make_result, images, monkeypatch):
    """Else the same command would find a folder that is no run's, and refuse it."""
    folder = RunFolder(tmp_path / "run")
    folder.write_results(make_result(0, best=False)[0])

    def render(*args, **settings):
        shutil.rmtree(folder.path)
        return "a page"

    monkeypatch.setattr("glassnet.report.page.render_report", render)
    with pytest.raises(FileError, match="cannot write"):
        write_report(folder, images=images)
    assert not folder.path.exists()


def test_write_report_refuses_a_folder_without_results(tmp_path):
    with pytest.raises(RunFolderError, match=r"results\.json"):
        write_report(RunFolder(tmp_path))


def test_write_report_refuses_a_study_that_it_does_not_know(tmp_path, make_result):
    value = make_result()[0].to_json() | {"study": "mnist-int"}
    folder = RunFolder(tmp_path)
    folder.write_results(StudyResult.from_json(value))
    with pytest.raises(UnknownNameError, match="did you mean 'mnist-init'"):
        write_report(folder)


def test_a_model_of_the_run_is_opened_in_the_studio(tmp_path, make_result, images, read):
    folder = RunFolder(tmp_path / "a run")
    result, _ = make_result()
    folder.write_results(result)
    page = read(write_report(folder, images=images).read_text(encoding="utf-8"))
    best = result.conclusion.best["name"]
    command = next(text for text in page.texts if "glassnet studio" in text)
    assert shlex.split(command)[1:] == ["studio", "--run", str(folder.path), "--model", best]
    folder.write_results(make_result(0, best=False)[0])  # before the first model is finished
    assert "glassnet studio" not in write_report(folder, images=images).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("engines", "config", "command"),
    [
        (["glassnet"], {}, "glassnet study run mnist-init --seed 3 --epochs 100"),
        ([], {}, "glassnet study run mnist-init"),  # nothing to train
        (["sklearn"], {}, "glassnet study run mnist-init --engine sklearn --seed 3 --epochs 100"),
        (["glassnet", "sklearn"], {}, "glassnet study run mnist-init --engine both --seed 3 --epochs 100"),
    ],
)
def test_command_computes_the_same_models_again(make_result, engines, config, command):
    result, _ = make_result()
    result = replace(result, engines=engines, config=replace(result.config, **config))
    assert command_of(result) == command.replace("glassnet", name_command(), 1)


@pytest.fixture(scope="module")
def render_any(make_any, studies, images, read):
    def render(name, *args, **kwargs):
        result, histories = make_any(name, *args, **kwargs)
        shown = images if studies[name].dataset else None
        return read(render_report(result, histories, shown, specs=studies[name].specs))

    return render


def test_models_of_two_engines_stand_side_by_side(render_any):
    page = render_any("activations")
    labels = [attrs["aria-label"] for attrs in page.all("div") if attrs.get("role") == "img"]
    assert [re.match("Losses of (.*) over", label)[1] for label in labels] == [
        "tanh · glassnet",
        "tanh · scikit-learn",
        "relu · glassnet",
        "relu · scikit-learn",
    ]
    assert "plots losses columns-2" in {attrs.get("class") for attrs in page.all("div")}
    assert "glassnet 2 2 0 4.0 s scikit-learn 2 2 0 10.0 s" in page.text  # models, finished, diverged, time


def test_columns_are_what_differs_and_what_was_scored(render_any):
    page = render_any("activations")
    assert "activation engine state epochs training validation test time why it stopped" in page.text
    assert "initialisation" not in page.text  # all models have the same
    assert "best epoch" not in page.text  # no model kept the weights of one
    page = render_any("reconstruction")
    assert "accuracy" not in page.text
    assert page.texts.count("MSE") == 3
    assert "Its test MSE" in page.texts


def test_dozens_of_models_are_counted_and_not_listed(render_any):
    page = render_any("grid")
    assert "glassnet 27 27 0 54.0 s" in page.text
    assert "lbfgs · size 64 · fold 1" in page.text  # the best
    assert "lbfgs · size 64 · fold 2" not in page.text
    assert "Its validation accuracy" in page.texts
    assert len(page.all("tr")) < 5


def test_sections_without_content_are_left_out(render_any, make_result):
    headings = {
        name: set(
            re.findall(r'<h2 id="(\w+)"', render_any(name, claims=make_result()[0].conclusion.claims).html)
        )
        for name in ("activations", "grid", "hand")
    }
    always = {"summary", "claims", "findings", "reproduce"}
    assert headings["hand"] == always
    assert headings["grid"] == always | {"samples", "scores"}
    assert headings["activations"] == always | {"samples", "scores", "losses"}


def test_study_without_models_has_facts_of_its_own(render_any, make_result):
    page = render_any("hand", claims=make_result()[0].conclusion.claims)
    assert "Published figures confirmed 1 of 4 Findings 1" in page.text
    assert "best" not in page.text.lower().replace("best combination", "")


def test_exhibits_stand_with_their_finding(render_any, exhibits):
    page = render_any("activations", exhibits=exhibits)
    places = [page.html.index(f"<figcaption>{exhibit.title}</figcaption>") for exhibit in exhibits]
    assert places == sorted(places)
    assert places[0] > page.html.index('id="finding-1"')


def test_page_of_a_report_has_links_to_the_others(tmp_path, make_result, read, studies):
    folder = RunFolder(tmp_path / "mnist-init")
    folder.write_results(make_result(0, best=False)[0])
    sections = [("A", studies["hand"]), ("B", MNIST_INIT)]
    page = read(write_report(folder, nav=sections).read_text(encoding="utf-8"))
    links = [attrs for attrs in page.all("a") if not attrs["href"].startswith("#")]
    assert [attrs["href"] for attrs in links] == [
        "../index.html",
        "../hand/report.html",
        "../mnist-init/report.html",
    ]
    assert [attrs.get("aria-current") for attrs in links] == [None, None, "page"]
    assert "<nav" not in write_report(folder).read_text(encoding="utf-8")
