"""The opening page: every claim, every section's state, from whatever is there."""

import re
from dataclasses import replace

import pytest

from glassnet._common.claims import Claim, Verdict
from glassnet._common.environment import name_command
from glassnet.errors import FileError, RunFolderError
from glassnet.report import write_overview
from glassnet.studies.folder import RunFolder

SECTIONS = {"A": "hand", "C2": "activations", "C3": "grid", "C4": "reconstruction"}


@pytest.fixture
def write(tmp_path, studies, read):
    """Return a function that writes results into their folders and reads the opening page."""

    def write(results=(), *, page=True, **options):
        for result in results:
            folder = RunFolder(tmp_path / result.study)
            folder.write_results(result)
            if page:
                folder.report_path.write_text("there", encoding="utf-8")
        sections = [(label, studies[name]) for label, name in SECTIONS.items()]
        path = write_overview(tmp_path, sections, **({"quick": False} | options))
        assert path == tmp_path / "index.html"
        return read(path.read_text(encoding="utf-8"))

    return write


def claims(*verdicts):
    return [
        Claim(f"quantity {k}", f"{k}.1", f"{k}.2", Verdict(verdict), "Why.")
        for k, verdict in enumerate(verdicts)
    ]


def refreshes(page):
    return {"http-equiv": "refresh", "content": "10"} in page.all("meta")


def test_page_is_there_before_any_result(write):
    page = write()
    assert page.texts.count("· waiting") == 4
    assert "Sections complete 0 of 4" in page.text
    assert "No published figure can be judged yet." in page.texts
    assert {attrs["href"] for attrs in page.all("a")} >= {"index.html", "grid/report.html"}
    assert refreshes(page)


def test_unfinished_section_says_how_far_it_is(write, make_any):
    page = write([make_any("activations", 3)[0]])
    assert "… running · 3 of 4 models finished · glassnet 4.0 s · scikit-learn 5.0 s" in page.text
    assert page.texts.count("· waiting") == 3
    assert refreshes(page)


def test_complete_report_does_not_load_itself_anew(write, make_any):
    page = write([make_any(name)[0] for name in SECTIONS.values()])
    assert "Sections complete 4 of 4" in page.text
    assert page.texts.count("✓ complete") == 4
    assert not refreshes(page)


def test_all_claims_stand_in_one_table_with_their_section_and_are_counted(write, make_any):
    hand = make_any("hand", claims=claims("wrong", "confirmed"))[0]
    grid = make_any("grid", claims=claims("wrong", "not reproducible", "wrong"))[0]
    page = write([hand, grid])
    assert "Of 5 published figures, 3 are wrong, 1 is confirmed and 1 is not reproducible." in page.text
    assert len([attrs for attrs in page.all("table") if "claims" in attrs["class"]]) == 1
    table = page.text[page.text.index("section quantity published reproduced verdict why") :]
    assert "A quantity 0 0.1 0.2 ✗ wrong Why. A quantity 1 1.1 1.2 ✓ confirmed Why. C3 quantity 0" in table


def test_claims_are_filtered_by_verdict_without_a_script(write, make_any):
    page = write([make_any("hand", claims=claims("wrong", "not reproducible", "confirmed"))[0]])
    choices = {attrs["id"] for attrs in page.all("input")}
    assert choices == {"show-all", "show-wrong", "show-not-reproducible", "show-confirmed"}
    bodies = [attrs["class"] for attrs in page.all("tbody") if "class" in attrs]
    assert bodies == ["wrong", "not-reproducible", "confirmed"]
    for verdict in bodies:
        assert f"section:has(#show-{verdict}:checked) .claims.all tbody:not(.{verdict})" in page.html


def test_headlines_lead_to_their_finding_where_there_is_a_page(write, make_any):
    result = make_any("grid")[0]
    assert "grid/report.html#finding-1" in {attrs["href"] for attrs in write([result]).all("a")}


def test_headlines_stand_without_a_link_where_there_is_no_page_yet(write, make_any):
    page = write([make_any("grid")[0]], page=False)
    assert "Insight of grid." in page.text
    assert "grid/report.html#finding-1" not in page.html


def test_speed_is_compared_on_the_models_that_both_engines_have_trained(write, make_any):
    page = write([make_any("activations", 3)[0], make_any("reconstruction")[0], make_any("grid")[0]])
    table = page.text[page.text.index("section models scikit-learn glassnet ratio") :]
    assert (
        "C2 Title of activations 1 5.0 s 2.0 s 2.5 × C4 Title of reconstruction 2 10.0 s 4.0 s 2.5 ×" in table
    )
    assert "Title of grid" not in table  # one engine


def test_no_speed_is_compared_with_one_engine(write, make_any):
    assert "The two engines" not in write([make_any("grid")[0]]).texts


def test_quick_run_says_so_and_its_command_too(write, make_any):
    page = write([make_any("hand", quick=True)[0]], quick=True)
    assert "QUICK RUN:" in page.texts
    assert f"{name_command()} reproduce all --quick" in page.texts
    assert "QUICK" not in write([make_any("hand")[0]]).text


def test_command_and_environment_are_shown(write, make_any):
    page = write([make_any("hand")[0]], command="glassnet reproduce fashion")
    assert {"glassnet reproduce fashion", "3.11.7"} <= set(page.texts)


def test_damaged_results_are_refused(write, tmp_path):
    (tmp_path / "grid").mkdir()
    (tmp_path / "grid" / "results.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunFolderError, match="is damaged"):
        write()


def test_text_of_a_study_is_never_taken_for_html(write, make_any):
    evil = "<script>alert('&')</script>"
    result = make_any("hand", claims=[Claim(evil, evil, evil, Verdict.WRONG, evil)])[0]
    finding = replace(result.conclusion.findings[0], title=evil)
    conclusion = replace(result.conclusion, findings=[finding])
    page = write([replace(result, conclusion=conclusion)])
    assert not re.search("<script", page.html)
    assert page.text.count(evil) >= 5


def test_an_overview_does_not_make_a_folder_anew_that_was_deleted(tmp_path):
    with pytest.raises(FileError, match="cannot write"):
        write_overview(tmp_path / "deleted", [], quick=False)
    assert not (tmp_path / "deleted").exists()
