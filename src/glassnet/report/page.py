"""Render a study's results as one page: everything is in the file, nothing is fetched."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glassnet._common.claims import Verdict, count_verdicts
from glassnet._common.environment import name_command
from glassnet._common.files import write_atomically
from glassnet._common.naming import lookup
from glassnet.data import DATASETS, ImageData
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.nn.history import History
from glassnet.report import _formats as formats, _models as models, _pieces as pieces
from glassnet.report._facts import Fact
from glassnet.report._models import ShownModel
from glassnet.report._navigation import Link, Sections, list_links
from glassnet.report._templating import render
from glassnet.report.exhibits import draw_exhibit
from glassnet.studies.base import QUICK_CAVEAT, ModelSpec, RunConfig, Study, StudyResult
from glassnet.studies.engines import OWN, name_engines
from glassnet.studies.examination import check_scores
from glassnet.studies.finding import study_of
from glassnet.studies.folder import RunFolder

REFRESH_SECONDS = 10
"""How often the page of an unfinished run loads itself anew."""


def render_report(
    result: StudyResult,
    histories: dict[str, History],
    images: ImageData | None,
    *,
    settings: dict[str, Any] | None = None,
    specs: Sequence[ModelSpec] = (),
    links: Sequence[Link] = (),
    caveat: str | None = None,
    checked: Diagnosis | None = None,
    command: str = "",
    call: str = "",
    diagnoses: Mapping[str, Diagnosis] | None = None,
    studio: str = "",
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    result : StudyResult
        Complete, or with the models that are finished so far.
    histories : dict of str to History
        The epochs of each model that has begun, by its name.
    images : ImageData or None
        The study's data set; its test part is shown. None when the study has none.
    settings : dict, optional
        What the models share, see `Study.settings`.
    specs : sequence of ModelSpec
        All models of the study, in its order. Without them the page shows the finished ones alone.
    links : sequence of Link
        To the other pages of a report, see `list_links`.
    caveat : str, optional
        Why the run decides nothing, see `Study.caveat`; empty where it does. Unless given, that of a quick
        run, if it is one of models.
    checked : Diagnosis, optional
        What the doctor found in the scores that the study is about.
    command : str, optional
        The command line that computes the results again; unless given, it is made of the result alone.
    call : str, optional
        The call of Python that does so, of a study that no command can run.
    diagnoses : dict of str to Diagnosis, optional
        What he found in the models, by their names.
    studio : str
        The command line that opens one of the models in the studio.

    Returns
    -------
    str

    Raises
    ------
    InvalidDataError
        When an exhibit lacks what its kind asks for; UnknownNameError when there is no such kind.
    """
    shown = models.list_models(result, specs, histories)
    best = next((model for model in shown if model.is_best), None)
    conclusion = result.conclusion
    verdicts, not_judged = count_verdicts(claim.verdict for claim in conclusion.claims)
    return render(
        "report.html",
        result=result,
        links=links,
        facts=_list_facts(result, shown, best),
        run=_describe_run(result),
        settings=settings or {},
        models=shown,
        few=len(shown) <= models.FEW_MODELS,
        headings=models.list_headings([model.spec for model in shown]) or ["model"],
        columns=models.count_columns(shown),
        metrics=models.list_metrics(result.models),
        main_metric=models.main_metric(result.models),
        keeps_best=any(model.best_epoch is not None for model in result.models),
        engines=models.summarise_engines(shown),
        names={"splits": models.SPLITS, "metrics": models.METRICS},
        best=best,
        caveat=(QUICK_CAVEAT if result.config.quick and shown else "") if caveat is None else caveat,
        verdicts=verdicts,
        not_judged=not_judged,
        claim_groups=pieces.group_claims(conclusion.claims),
        findings=[
            (finding, [(exhibit.title, draw_exhibit(exhibit, images)) for exhibit in finding.exhibits])
            for finding in conclusion.findings
        ],
        checked=checked,
        diagnoses=diagnoses or {},
        samples=pieces.sample_images(images) if images else [],
        errors=pieces.error_images(conclusion.best.get("confident_errors", []), images) if images else [],
        confusion=pieces.shade_confusion(conclusion.best.get("confusion", [])),
        class_names=pieces.name_classes(len(conclusion.best.get("confusion", [])), images),
        images=images,
        command=command or command_of(result),
        call=call,
        studio=studio,
        refresh=None if result.complete else REFRESH_SECONDS,
    )


def _list_facts(result: StudyResult, shown: Sequence[ShownModel], best: ShownModel | None) -> list[Fact]:
    """Return what the page has to say in four figures; a study without models has fewer."""
    facts, conclusion = [], result.conclusion
    so_far = "" if result.complete else " so far"
    if shown:
        named = conclusion.best.get("name", formats.MISSING)
        facts.append(Fact(f"Best model{so_far}", best.label if best else named))
    metric = models.main_metric(result.models)
    if metric and best and best.result:
        split, name = metric
        score = getattr(best.result, split).get(name)
        named = f"Its {models.SPLITS[split]} {models.METRICS.get(name, name)}"
        facts.append(Fact(named, formats.number(score)))
    if shown:
        facts.append(Fact("Models finished", str(len(result.models)), f"of {len(shown)}"))
    verdicts, _ = count_verdicts(claim.verdict for claim in conclusion.claims)
    if verdicts:
        confirmed = verdicts.get(Verdict.CONFIRMED, 0)
        facts.append(Fact("Published figures confirmed", str(confirmed), f"of {sum(verdicts.values())}"))
    if not shown and conclusion.findings:
        facts.append(Fact("Findings", str(len(conclusion.findings))))
    return facts


def _describe_run(result: StudyResult) -> dict[str, Any]:
    """Return what determined the numbers, for the end of the page."""
    run: dict[str, Any] = {"study": result.study, "form": "quick" if result.config.quick else "full"}
    if result.engines:
        run |= {"epochs at most": result.config.epochs, "seed": result.config.seed}
    return run


def write_report(folder: RunFolder, *, images: ImageData | None = None, nav: Sections = ()) -> Path:
    """Write report.html of a run folder from its results.json and its histories.

    Parameters
    ----------
    folder : RunFolder
        Of a study in `STUDIES`, or of a person's.
    images : ImageData, optional
        The study's data set; unless given, it is loaded.
    nav : sequence of (str, Study)
        The sections of the report that the page belongs to, see `write_overview`: the page then begins with
        links to them.

    Returns
    -------
    Path
        Where the page is.

    Raises
    ------
    FileError
        When the page cannot be written; RunFolderError when the folder holds no run or a damaged one.
    UnknownNameError
        When it is no known study, or an exhibit is of no known kind.
    InvalidDataError
        When an exhibit lacks what its kind asks for.
    """
    result = folder.read_results()
    study = study_of(folder, result.study)
    specs = study.specs_of(result)
    if len(specs) <= models.FEW_MODELS:
        named = [spec.name for spec in specs]
    else:  # of many, nothing is drawn
        named = sorted(folder.list_begun().intersection(result.waiting))
    histories = {name: history for name in named if (history := folder.read_history(name)) is not None}
    diagnoses = {name: found for name in histories if (found := folder.read_diagnosis(name)) is not None}
    if images is None and study.dataset:
        images = lookup(DATASETS, study.dataset, "data set").load()
    caveat = study.caveat(result.config)
    page = render_report(
        result,
        histories,
        images,
        settings=study.settings,
        specs=specs,
        links=list_links(nav, study.name) if nav else (),
        caveat=caveat,
        command=command_of(result, study),
        call=call_of(study, result.config, folder.path),
        checked=check_scores(study, () if caveat else result.models),  # of a search only when it is whole
        diagnoses=diagnoses,
        studio="" if study.parts is None else studio_command_of(result, folder.path),
    )
    write_atomically(folder.report_path, page, durable=result.complete, make_folder=False)
    return folder.report_path


def studio_command_of(result: StudyResult, folder: Path) -> str:
    """Return the command line that opens a model in the studio; empty where no finished one can be opened.

    It is the best model where that is a classifier of glassnet's own, else the first that is one.
    """
    names = [model.name for model in result.models if model.engine == OWN and "accuracy" in model.validation]
    if not names:
        return ""
    best = result.conclusion.best.get("name")
    words = ["studio", "--run", str(folder), "--model", best if best in names else names[0]]
    return f"{name_command()} {shlex.join(words)}"


def call_of(study: Study, config: RunConfig, folder: Path) -> str:
    """Return the call that goes on with a study that was described in Python; empty where a command does."""
    if not study.definition or study.origin or "command" in study.definition:
        return ""
    kind = "Study" if study.definition["description"].get("search") is None else "Search"
    quick = ", quick=True" if config.quick else ""
    return f"glassnet.{kind}({study.name!r}, ...).run({str(folder)!r}{quick})"


def command_of(result: StudyResult, study: Study | None = None) -> str:
    """Return the command line that computes these results again; without the `study` it names the engines."""
    config, engines = result.config, None if result.engines in ([], [OWN]) else result.engines
    if study is not None and study.definition.get("command"):  # a search that no file describes
        budget = result.conclusion.best.get("budget", {})
        given = [text for name, value in budget.items() if value for text in (f"--{name}", f"{value:g}")]
        return f"{name_command()} {shlex.join([*study.definition['command'], *given])}"
    if study is not None and (study.definition or study.specs_of(result) == study.plan()):
        engines = None
    words = ["study", "run", study.origin or config.study if study else config.study]
    words += ["--quick"] if config.quick else []
    words += name_engines(engines)
    if result.engines:  # else nothing is trained
        words += ["--seed", str(config.seed), "--epochs", str(config.epochs)]
    return f"{name_command()} {shlex.join(words)}"
