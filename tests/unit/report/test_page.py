"""The page, parsed: whole, honest about what is missing, and with nothing to fetch."""

import re
import time
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from glassnet.errors import RunFolderError, UnknownNameError
from glassnet.report import render_report, write_report
from glassnet.report.page import command_of
from glassnet.studies.base import Claim, Finding, ModelSpec, StudyResult
from glassnet.studies.folder import RunFolder
from glassnet.studies.mnist_init import MNIST_INIT

SETTINGS = {"hidden layers": [256, 128], "learning rate": 0.002}
VOID = {"meta", "img", "br", "link", "input", "hr", "path", "rect", "use", "circle"}


class Page(HTMLParser):
    """Read a page: its elements with their attributes, and its text."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.html, self.elements, self.texts, self.open = html, [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.texts.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))

    def all(self, name):
        return [attrs for tag, attrs in self.elements if tag == name]


@pytest.fixture(scope="module")
def render(make_result, images):
    specs = MNIST_INIT.specs

    def render(*args, specs=specs, **kwargs):
        result, histories = make_result(*args, **kwargs)
        return Page(render_report(result, histories, images, settings=SETTINGS, specs=specs))

    return render


STATES = {
    "complete": {},
    "quick": {"quick": True},
    "begun": {"finished": 0, "training": 2, "best": False, "claims": [], "findings": []},
    "not begun": {"finished": 0, "best": False, "claims": [], "findings": []},
    "half": {"finished": 5, "training": 2},
    "one diverged": {"diverged": ("leaky-relu-random",)},
    "all diverged": {"diverged": tuple(spec.name for spec in MNIST_INIT.specs), "best": False},
    "without specs": {"finished": 5, "specs": ()},
    "nothing at all": {"finished": 0, "specs": (), "best": False, "claims": [], "findings": []},
}


@pytest.fixture(params=STATES)
def page(request, render):
    return render(**STATES[request.param])


def test_every_element_is_closed(page):
    assert page.open == []
    assert page.html.startswith("<!DOCTYPE html>")


def test_nothing_is_fetched(page):
    assert not {tag for tag, _ in page.elements} & {"script", "link", "iframe", "object", "base"}
    for _, attrs in page.elements:
        for name in ("src", "href", "srcset", "xlink:href", "data", "poster", "action"):
            assert re.match(r"#|data:image/png;base64,", attrs.get(name, "#"))
    assert not re.search(r"@import|url\((?!#)", page.html)


def test_ids_are_unique_and_every_reference_has_its_target(page):
    ids = Counter(attrs["id"] for _, attrs in page.elements if "id" in attrs)
    assert set(ids.values()) <= {1}
    wanted = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)|aria-labelledby="([^"]+)"', page.html)
    assert {name for names in wanted for name in names if name} <= set(ids)


def test_images_have_alternatives_and_tables_captions_and_scopes(page):
    assert all(attrs["alt"] for attrs in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all("scope" in attrs for attrs in page.all("th"))
    assert all(attrs.get("aria-label") for _, attrs in page.elements if attrs.get("role") == "img")


def test_headings_descend_in_single_steps(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_complete_page_is_small_and_quickly_rendered(render):
    render()
    start = time.perf_counter()
    page = render()
    assert time.perf_counter() - start < 3
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
    assert "glassnet study run mnist-init --quick --seed 3 --epochs 100" in page.texts


def test_unfinished_run_says_how_far_it_is_and_loads_itself_anew(render):
    page = render(5, training=2)
    assert "5 of 12 models finished so far." in page.texts
    assert {"http-equiv": "refresh", "content": "10"} in page.all("meta")
    assert page.text.count("… epoch 7 of 100") == 2
    assert page.text.count("waiting for its turn") == 5
    assert "Best so far:" in page.text


def test_history_of_an_earlier_run_is_not_shown_for_a_model_not_begun(make_result, images):
    result, histories = make_result(5)
    histories["leaky-relu-normal"] = make_result()[1]["leaky-relu-normal"]
    page = Page(render_report(result, histories, images, specs=MNIST_INIT.specs))
    assert page.text.count("waiting for its turn") == 7


def test_diverged_model_shows_why_it_stopped_and_no_scores(render):
    page = render(diverged=("leaky-relu-random",))
    assert "the loss became NaN in epoch 1" in page.texts
    assert "✗ diverged" in page.texts
    assert page.texts.count("–") == 7


def test_text_of_a_study_is_never_taken_for_html(make_result, images):
    evil = "<script>alert('&')</script>"
    result, histories = make_result(
        claims=[Claim(evil, evil, evil, "wrong", evil)],
        findings=[Finding(evil, evil, {"columns": [evil], "rows": [[evil, evil]]})],
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
    assert Page(html).text.count(evil) > 10


def test_write_report_reads_the_run_folder(tmp_path, make_result):
    folder = RunFolder(tmp_path / "run")
    result, histories = make_result(5, training=1)
    folder.write_results(result)
    for name, history in histories.items():
        folder.write_history(name, history, durable=False)
    path = write_report(folder)
    assert path == folder.report_path
    page = Page(path.read_text(encoding="utf-8"))
    assert "5 of 12 models finished so far." in page.texts
    assert "patience" in page.text
    assert "Handwritten digits" in page.text
    assert not list(folder.path.glob(".*"))  # no temporary file is left behind


def test_write_report_takes_images_that_are_loaded_already(tmp_path, make_result, images):
    folder = RunFolder(tmp_path)
    folder.write_results(make_result(0, best=False)[0])
    assert "Made up." in write_report(folder, images=images).read_text(encoding="utf-8")


def test_write_report_refuses_a_folder_without_results(tmp_path):
    with pytest.raises(RunFolderError, match=r"results\.json"):
        write_report(RunFolder(tmp_path))


def test_write_report_refuses_a_study_that_it_does_not_know(tmp_path, make_result):
    value = make_result()[0].to_json() | {"study": "mnist-int"}
    folder = RunFolder(tmp_path)
    folder.write_results(StudyResult.from_json(value))
    with pytest.raises(UnknownNameError, match="did you mean 'mnist-init'"):
        write_report(folder)


@pytest.mark.parametrize(
    ("engines", "config", "command"),
    [
        (["glassnet"], {}, "glassnet study run mnist-init --seed 3 --epochs 100"),
        (["sklearn"], {}, "glassnet study run mnist-init --engine sklearn --seed 3 --epochs 100"),
        (["glassnet", "sklearn"], {}, "glassnet study run mnist-init --engine both --seed 3 --epochs 100"),
        (["glassnet"], {"dedupe": True}, "glassnet study run mnist-init --dedupe --seed 3 --epochs 100"),
    ],
)
def test_command_computes_the_same_models_again(make_result, engines, config, command):
    result, _ = make_result()
    result = replace(result, engines=engines, config=replace(result.config, **config))
    assert command_of(result) == command
