"""Render the opening page of the whole assignment from the run folders that are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet._common.claims import Claim, Verdict, count_verdicts
from glassnet._common.environment import name_command
from glassnet._common.files import write_atomically
from glassnet.report import _pieces as pieces
from glassnet.report._navigation import Sections, list_links
from glassnet.report._templating import render
from glassnet.report.page import REFRESH_SECONDS
from glassnet.studies.base import ModelResult, Study, StudyResult
from glassnet.studies.comparison import pair_engines
from glassnet.studies.engines import OWN, PEER
from glassnet.studies.folder import RunFolder


@dataclass(frozen=True)
class ShownSection:
    """Hold one section as the opening page shows it.

    Attributes
    ----------
    label : str
        Of the assignment: ``"C2"``.
    study : Study
    page : str
        Where its page is, seen from the opening page; empty as long as there is none.
    result : StudyResult or None
        None until its run has begun.
    planned : int
        How many models its run has.
    state : {"waiting", "running", "complete"}
    seconds : dict of str to float
        What training took with each engine, summed over the models.
    claim_groups : list of list of Claim
        Neighbours with one explanation and one verdict.
    """

    label: str
    study: Study
    page: str
    result: StudyResult | None
    planned: int
    state: str
    seconds: dict[str, float]
    claim_groups: list[list[Claim]]


@dataclass(frozen=True)
class Race:
    """Hold what the models that two engines have both trained took with each."""

    label: str
    title: str
    models: int
    seconds: dict[str, float]
    ratio: float


def write_overview(root: Path, sections: Sections, *, quick: bool, command: str | None = None) -> Path:
    """Write index.html, which opens the report of the whole assignment.

    It is there from the first result on: a section without a run folder is shown as waiting.

    Parameters
    ----------
    root : Path
        The folder of the report; the run of each study lies in ``root/<study>``.
    sections : sequence of (str, Study)
        The assignment's sections in its order, each with the study that reproduces it.
    quick : bool
        Whether this is the short form, which the page then says.
    command : str, optional
        What computes the report again, without ``--quick``; unless given, that of the whole assignment.

    Returns
    -------
    Path
        Where the page is.

    Raises
    ------
    FileError
        When the page cannot be written; RunFolderError when a results.json is damaged.
    """
    shown = [_read_section(Path(root), label, study) for label, study in sections]
    claims = [claim for section in shown if section.result for claim in section.result.conclusion.claims]
    verdicts, not_judged = count_verdicts(claim.verdict for claim in claims)
    command = command or f"{name_command()} reproduce all"
    complete = all(section.state == "complete" for section in shown)
    page = render(
        "overview.html",
        sections=shown,
        links=list_links(sections),
        quick=quick,
        verdicts=verdicts,
        not_judged=not_judged,
        all_verdicts=list(Verdict),
        claims=claims,
        races=[race for section in shown if (race := _race(section)) is not None],
        environment=_environment(shown),
        command=f"{command} --quick" if quick else command,
        refresh=None if complete else REFRESH_SECONDS,
    )
    path = Path(root) / "index.html"
    write_atomically(path, page, durable=complete, make_folder=False)
    return path


def _read_section(root: Path, label: str, study: Study) -> ShownSection:
    folder = RunFolder(root / study.name)
    if not folder.results_path.exists():
        return ShownSection(label, study, "", None, 0, "waiting", {}, [])
    result = folder.read_results()
    return ShownSection(
        label=label,
        study=study,
        page=f"{study.name}/report.html" if folder.report_path.exists() else "",
        result=result,
        planned=len(result.models) + len(result.waiting),
        state="complete" if result.complete else "running",
        seconds=_sum_seconds(result.models),
        claim_groups=pieces.group_claims(result.conclusion.claims, by_verdict=True),
    )


def _sum_seconds(results: Sequence[ModelResult]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for model in results:
        seconds[model.engine] = seconds.get(model.engine, 0.0) + model.seconds
    return seconds


def _race(section: ShownSection) -> Race | None:
    """Compare the engines on the models that both have trained."""
    pairs = pair_engines(section.result.models if section.result else [])
    seconds = _sum_seconds([model for pair in pairs for model in pair])
    if not pairs or not seconds[OWN]:
        return None
    ratio = seconds[PEER] / seconds[OWN]
    return Race(section.label, section.study.title, len(pairs), seconds, ratio)


def _environment(shown: Sequence[ShownSection]) -> dict[str, Any]:
    return next((section.result.environment for section in shown if section.result), {})
