"""Render the fit of a table as one page: everything is in the file, nothing is fetched."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet._common.environment import name_command
from glassnet._common.files import write_atomically
from glassnet._common.words import counted
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.nn.history import History
from glassnet.plots import answers_svg, loss_limits, loss_svg, reliability_svg
from glassnet.report import _pieces as pieces
from glassnet.report._facts import Fact
from glassnet.report._templating import render
from glassnet.report.exhibits import draw_exhibit
from glassnet.studies.base import Exhibit
from glassnet.studies.folder import MODEL_FILE
from glassnet.tables.base import Reliability, TableResult, Task
from glassnet.tables.contenders import CONTENDERS
from glassnet.tables.folder import FitFolder
from glassnet.tables.metrics import METRICS
from glassnet.tables.words import figure, interval, judge, most_important, own_standing, ranked

SHOWN_BARS = 20
MOST_CLASSES = 30
"""Of more classes the confusion matrix is not shown."""
MOST_COLUMNS = 200
"""Of more columns the table names the most important alone."""


@dataclass(frozen=True)
class Row:
    """Hold one model's row: its title and explanation, its figures with their intervals, its seconds."""

    title: str
    explanation: str
    cells: list[tuple[str, str]]
    seconds: float
    is_own: bool


def render_table_report(result: TableResult, history: History, diagnosis: Diagnosis, folder: Path) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    result : TableResult
    history : History
        The epochs of the model that was kept.
    diagnosis : Diagnosis
        What the doctor found in it.
    folder : Path
        Where the fit lies, for the commands.

    Returns
    -------
    str
    """
    target, *columns = result.columns
    important = most_important(result)
    if len(columns) > MOST_COLUMNS:
        columns = list(important[:MOST_COLUMNS])
    reliability, confusion = result.reliability, result.confusion
    return render(
        "table.html",
        result=result,
        links=(),
        refresh=None,
        facts=_list_facts(result),
        sentences=judge(result),
        metrics=[METRICS[name].title for name in result.standings[0].scores],
        metric=METRICS[result.metric].title,
        rows=_list_rows(result),
        loss=loss_svg(history, "loss", epochs=max(len(history), 1), limits=loss_limits([history])),
        answers=answers_svg(result.points, "answers") if result.points else "",
        confusion=pieces.shade_confusion(confusion) if len(confusion) <= MOST_CLASSES else [],
        class_names=result.classes,
        reliability=_draw_reliability(reliability),
        error=figure(reliability.error) if reliability else "",
        target=target,
        columns=columns,
        left_out=len(result.columns) - 1 - len(columns),
        bars=_draw_importance(result),
        diagnosis=diagnosis,
        run=_describe_run(result),
        command=command_of_fit(result),
        predict=f"{name_command()} predict {shlex.quote(str(folder))} TABLE > answers.csv\n"
        f"glassnet.load({str(folder / MODEL_FILE)!r}).predict(frame)",
        is_classification=result.task is Task.CLASSIFICATION,
    )


def write_table_report(folder: FitFolder) -> Path:
    """Write report.html of a folder from what the fit left in it; return where it is.

    Raises
    ------
    FileError
        When the page cannot be written; RunFolderError when the folder holds no fit or a damaged one.
    """
    page = render_table_report(
        folder.read_results(), folder.read_history(), folder.read_diagnosis(), folder.path
    )
    write_atomically(folder.report_path, page, make_folder=False)
    return folder.report_path


def command_of_fit(result: TableResult) -> str:
    """Return the command line that computes these figures again."""
    config = result.config
    words = ["fit", result.table, "--target", config.target]
    words += ["--test", result.test] if result.test else []
    words += ["--cv", str(config.folds)] if config.folds else []
    words += ["--task", config.task] if config.task else []
    for name in config.drop:
        words += ["--drop", name]
    words += ["--drop-gaps"] if config.drops_gaps else []
    words += ["--quick"] if config.quick else []
    words += ["--recipe", config.recipe, "--seed", str(config.seed)]
    return f"{name_command()} {shlex.join(words)}"


def _list_facts(result: TableResult) -> list[Fact]:
    score = own_standing(result).scores[result.metric]
    title = METRICS[result.metric].title
    best = ranked(result)[0]
    return [
        Fact(f"{title[:1].upper()}{title[1:]}", figure(score.value), interval(score)),
        Fact("The best of all", CONTENDERS[best.name].title),
        Fact(
            "Rows",
            f"{result.n_train:,}",
            f"and {result.n_test:,} to test on" if not result.config.folds else "",
        ),
        Fact("Columns", f"{len(result.columns) - 1:,}", counted(result.model["inputs"], "input")),
    ]


def _list_rows(result: TableResult) -> list[Row]:
    return [
        Row(
            CONTENDERS[standing.name].title,
            CONTENDERS[standing.name].explanation,
            [(figure(score.value), interval(score)) for score in standing.scores.values()],
            standing.seconds,
            standing.lead is None,
        )
        for standing in ranked(result)
    ]


def _draw_reliability(reliability: Reliability | None) -> str:
    if reliability is None:
        return ""
    ends = reliability.lower, reliability.upper
    return reliability_svg(reliability.confidence, reliability.share, ends, "reliability")


def _draw_importance(result: TableResult) -> str:
    shown = most_important(result)[:SHOWN_BARS]
    if not shown:
        return ""
    rows = [
        {
            "label": facts.name,
            "value": facts.importance,
            "text": f"{figure(facts.importance or 0)} ± {figure(facts.spread)}",
            "group": "",
        }
        for facts in shown
    ]
    data = {"rows": rows, "low": 0.0, "high": shown[0].importance}
    return draw_exhibit(Exhibit("bars", "importance", data), None)


def _describe_run(result: TableResult) -> dict[str, Any]:
    """Return what determined the figures, for the end of the page."""
    config = result.config
    run: dict[str, Any] = {"table": result.table, "SHA-256": config.table[:16]}
    run |= {"test": result.test, "SHA-256 of the test": config.test[:16]} if result.test else {}
    run |= {"task": f"{result.task}: {result.why_task}", "seed": config.seed}
    return run
