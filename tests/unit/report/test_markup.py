"""Every page is sound: whole, easy on screen readers, and with nothing to fetch."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.findings import Cure, Finding, Severity
from glassnet.doctor.scores.claim_check import check_claims
from glassnet.report import render_report, write_overview
from glassnet.studies.assignment.mnist_init import MNIST_INIT
from glassnet.studies.folder import RunFolder

STATES: dict[str, Any] = {
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


SICK = Finding(
    "symmetric-units",
    Severity.HIGH,
    "All <equal>.",
    "0",
    "1e-6",
    "CS231n",
    "Why.",
    Cure("Draw.", {"weight_init": "he"}),
)
DIAGNOSES = {
    "relu-zero": Diagnosis("relu-zero", [SICK], {"initial loss": "2.3"}),
    "relu-normal": Diagnosis("relu-normal", [], {}),
}
KINDS = ("activations", "grid", "reconstruction", "hand")
OVERVIEWS = ("overview of nothing", "overview of a run", "overview of all")


@pytest.fixture(scope="module", params=[*STATES, *KINDS, *OVERVIEWS])
def page(request, make_result, make_any, images, read, tmp_path_factory, studies, exhibits):
    name, root = request.param, tmp_path_factory.mktemp("pages")
    if name in STATES:
        state = dict(STATES[name])
        specs = state.pop("specs", MNIST_INIT.specs)
        checked = check_claims(MNIST_INIT.claims([])) if name == "complete" else None
        diagnoses = DIAGNOSES if name == "complete" else None
        result, histories = make_result(**state)
        return read(
            render_report(
                result,
                histories,
                images,
                settings={"lr": 0.1},
                specs=specs,
                checked=checked,
                diagnoses=diagnoses,
            )
        )
    if name in KINDS:
        result, histories = make_any(name, exhibits=exhibits, claims=make_result()[0].conclusion.claims)
        return read(render_report(result, histories, images, specs=studies[name].specs))
    for count, study in enumerate({"nothing": [], "a run": KINDS[:2], "all": KINDS}[name[12:].strip()]):
        folder = RunFolder(root / study)
        result, _ = make_any(
            study, 3 if count and name.endswith("run") else None, claims=make_result()[0].conclusion.claims
        )
        folder.write_results(result)
        folder.report_path.write_text("there", encoding="utf-8")
    path = write_overview(root, [(study[0], studies[study]) for study in KINDS], quick=False)
    return read(path.read_text(encoding="utf-8"))


def test_every_element_is_closed(page):
    assert page.open == []
    assert page.html.startswith("<!DOCTYPE html>")


def test_nothing_is_fetched(page):
    assert not {tag for tag, _ in page.elements} & {"script", "link", "iframe", "object", "base"}
    for _, attrs in page.elements:
        for name in ("src", "href", "srcset", "xlink:href", "data", "poster", "action"):
            assert re.match(
                r"#|data:image/(png|svg\+xml);base64,|(\.\./)?[\w-]+(/report)?\.html", attrs.get(name, "#")
            )
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
