"""``glassnet doctor``: what is wrong with a network, a run, or a table of scores."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from glassnet._common.files import write_atomically
from glassnet._common.progress import showing
from glassnet._common.quoting import shown
from glassnet._common.terminal import Console, echo
from glassnet.doctor.findings import Severity

if TYPE_CHECKING:
    from glassnet.doctor.diagnosis import Diagnosis
    from glassnet.doctor.findings import Finding
    from glassnet.doctor.write.document import Document

FIT_FILE = "fit.json"
"""What the folder of a table's fit has, and that of a study's run has not."""
COLOURS = {Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "blue"}
SHOWN_CODES = 4
"""How many findings a line names."""


@click.command(name="doctor")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--data", metavar="NAME|CSV", help="What the model file was trained on: a data set, or a table."
)
@click.option("--target", metavar="COLUMN", help="Of the CSV file: its labels.  [default: the last column]")
@click.option(
    "--claims",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Reported scores: CSV, YAML, TOML or JSON.",
)
@click.option("--reported", metavar="SCORE", help="The test accuracy that was reported for the model file.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="Of a run: examine this model.")
@click.option("--treat", is_flag=True, help="Try the first cure: train again with it, and compare.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON to standard output.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to this file.")
def group(
    path: Path | None,
    data: str | None,
    target: str | None,
    claims: Path | None,
    reported: str | None,
    models: tuple[str, ...],
    treat: bool,
    as_json: bool,
    html: Path | None,
) -> None:
    """Find out why a network does not learn, and why a score cannot be right.

    PATH is a model file, which needs --data, the run folder of a study, or the folder of a fit. Nothing of it
    is changed.

    \b
    Examples:
      glassnet doctor digits.safetensors --data mnist
      glassnet doctor wine.safetensors --data wine.csv --target cultivar --treat
      glassnet doctor runs/mnist-init
      glassnet doctor runs/mnist-init --model relu-zero --treat --html treated.html
      glassnet doctor --claims published.yaml

    \b
    Reported scores, published.yaml:
      splits:
        test: {labels: mnist/test}
      scores:
        - {model: relu, split: test, score: 0.8227}
    """
    if path is None and claims is None:
        raise click.UsageError("give a model file or a run folder as PATH, or scores with --claims.")
    if path is None and (treat or models):
        raise click.UsageError("--treat and --model need a PATH.")
    if reported is not None and (path is None or path.is_dir()):
        raise click.UsageError("--reported needs a model file as PATH.")
    visit = _Visit(talks=not as_json)
    if claims is not None:
        from glassnet.data import DATASETS

        visit.check(claims, data if path is None or data in DATASETS else None)
    if path is not None and (path / FIT_FILE).exists():
        visit.fit_folder(path, bool(models) or treat)
    elif path is not None and path.is_dir():
        visit.run_folder(path, models, treat)
    elif path is not None:
        visit.model_file(path, data, target, reported, treat)
    if html is not None:
        visit.write_page(html)
    if as_json:
        click.echo(json.dumps(visit.results, indent=2))


class _Visit:
    """Show what is found as it is found, and keep it for JSON and the page."""

    def __init__(self, *, talks: bool) -> None:
        self._talks = talks
        self._console = Console()
        self._documents: list[Document] = []
        self.results: dict[str, Any] = {}

    def check(self, claims: Path, data: str | None) -> None:
        """Check reported scores."""
        from glassnet.doctor.scores.claim_check import check_claims
        from glassnet.doctor.scores.claims import read_claims

        with showing("Checking the scores"):
            checked = check_claims(read_claims(claims, data))
        self._keep("claims", checked)

    def model_file(
        self, path: Path, data: str | None, target: str | None, reported: str | None, treat: bool
    ) -> None:
        """Examine a model file."""
        from glassnet.data import DATASETS
        from glassnet.doctor import diagnose
        from glassnet.doctor.files import load_data, load_model

        model = load_model(path)
        if data is None:
            raise click.UsageError("a model file needs --data: what the model was trained on.")
        X, y, X_test, y_test = load_data(data, model, target)
        names = DATASETS[data].load().class_names if data in DATASETS and hasattr(model, "classes_") else None
        diagnosis = diagnose(
            model,
            X,
            y,
            X_test=X_test,
            y_test=y_test,
            reported=reported,
            name=path.name,
            class_names=names,
        )
        self._keep("diagnosis", diagnosis)
        if treat:
            self._treat(diagnosis, model, (X, y), None, None if X_test is None else (X_test, y_test))

    def fit_folder(self, path: Path, wants_more: bool) -> None:
        """Show what was found in the network of a table when it was fitted."""
        from glassnet.tables import FitFolder

        if wants_more:
            raise click.UsageError(
                f"{shown(path)} holds the fit of a table: --model and --treat are not for it."
            )
        self._keep("diagnosis", FitFolder(path).read_diagnosis())

    def run_folder(self, path: Path, models: Sequence[str], treat: bool) -> None:
        """Examine the models of a run; in full those that were named."""
        from glassnet.studies.diagnosis import diagnose_run, load_patient

        run = diagnose_run(path, models or None, self._show_line)
        self.results["run"] = run.to_json()
        self._documents += run.documents
        if self._talks:
            for name, diagnosis in run.divided_twice.items():
                self._show_line(f"{name}, divided twice", diagnosis)
            if run.claims is not None:
                show(self._console, run.claims.document)
            for chosen in models:
                if chosen in run.models:
                    show(self._console, run.models[chosen].document)
        patient = models[0] if models else run.sickest
        if treat and patient is not None and patient in run.models:
            model, parts = load_patient(path, patient)
            self._treat(run.models[patient], model, *parts)

    def _treat(self, diagnosis: "Diagnosis", model: Any, train: Any, validation: Any, test: Any) -> None:
        from glassnet.doctor.treatment import treat

        if self._talks:
            self._console.print(f"\nTreating {diagnosis.name}: training with the first cure ...", style="dim")
        X_test, y_test = test or (None, None)
        X_val, y_val = validation or (None, None)
        treatment = treat(diagnosis, model, *train, X_test=X_test, y_test=y_test, X_val=X_val, y_val=y_val)
        self.results["treatment"] = treatment.to_json()
        self._documents.insert(0, treatment.document)
        if self._talks:
            show(self._console, treatment.document)

    def _keep(self, key: str, diagnosis: "Diagnosis") -> None:
        self.results[key] = diagnosis.to_json()
        self._documents.append(diagnosis.document)
        if self._talks:
            show(self._console, diagnosis.document)

    def _show_line(self, name: str, diagnosis: "Diagnosis") -> None:
        if self._talks:
            line = Text(f"{name:36} ")
            for finding in diagnosis.findings[:SHOWN_CODES]:
                line.append(f"{finding.code}  ", COLOURS[finding.severity])
            if len(diagnosis.findings) > SHOWN_CODES:
                line.append(f"and {len(diagnosis.findings) - SHOWN_CODES} more", "dim")
            if not diagnosis.findings:
                line.append("nothing found", "green")
            self._console.print(line, soft_wrap=True)

    def write_page(self, path: Path) -> None:
        """Write what was found as a page."""
        from glassnet.doctor.write.html import render_page

        write_atomically(path, render_page("What the doctor found", self._documents))
        if self._talks:
            echo(f"Page: {path}")


def show(console: Console, document: "Document") -> None:
    """Show a document; curves are left to the page."""
    from glassnet.doctor.findings import Finding
    from glassnet.doctor.write.document import ClosingLine, Facts, Rows

    console.print()
    console.print(Text(document.title, style="bold"))
    if document.summary:
        console.print(Text(document.summary, style="" if document.findings else "green"))
    number = 0
    for block in document.blocks:
        match block:
            case Facts(values):
                console.print(_list(values))
            case Finding():
                number += 1
                _show_finding(console, number, block)
            case Rows(columns=columns, rows=rows):
                console.print()
                console.print(_table(columns, rows))
            case ClosingLine(text, is_good):
                console.print(Text(text, style="bold green" if is_good else "bold yellow"))


def _show_finding(console: Console, number: int, finding: "Finding") -> None:
    console.print()
    title = Text(f"{number}. ", style="bold")
    title.append(f"{finding.severity} ", f"bold {COLOURS[finding.severity]}")
    title.append(finding.title).append(f"  {finding.code}", "not bold dim")
    console.print(title)
    console.print(Padding(Text(finding.text), (0, 0, 0, 3)))
    console.print(_list(finding.details, indent=3, important="cure"))


def _list(values: Mapping[str, str], indent: int = 0, important: str = "") -> RichTable:
    """Return names with their values beside them."""
    table = RichTable(box=None, show_header=False, padding=(0, 2, 0, indent))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in values.items():
        table.add_row(name, Text(value, style="bold" if name == important else ""))
    return table


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RichTable:
    table = RichTable(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for title in columns:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
