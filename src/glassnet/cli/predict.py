"""``glassnet predict``: what a network of a table answers to the rows of another one."""

import io
import sys
from pathlib import Path
from typing import BinaryIO

import click

from glassnet._common.files import writing_atomically
from glassnet._common.quoting import shown
from glassnet._common.terminal import echo
from glassnet._common.words import counted
from glassnet.tables.prediction import Predictor


@click.command(name="predict")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--proba", is_flag=True, help="Write the probability of each class too.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, whole or not at all.  [default: standard output]",
)
def group(model: Path, table: Path, proba: bool, out: Path | None) -> None:
    """Predict the rows of a table, and write the answers as CSV.

    MODEL is the folder that glassnet fit wrote, or a model file. TABLE is a CSV, Parquet or Feather file of
    any length, which has the columns that the model was trained with, in any order; others are left alone.
    The answers are a column with the target's name, and with --proba one for each class beside it. Texts
    that were not there in training count as unknown, gaps as missing.

    \b
    Examples:
      glassnet predict runs/price houses.csv > prices.csv
      glassnet predict runs/species birds.parquet --proba --out answers.csv
    """
    predictor = Predictor(model, probabilities=proba)
    if out is None:
        _write(predictor, table, sys.stdout.buffer)
    else:
        with writing_atomically(out) as file:
            n_rows = _write(predictor, table, file)
        echo(f"{counted(n_rows, 'answer')} in {shown(out)}", err=True)
    for name, oddities in predictor.oddities.items():
        if oddities.count:
            echo(f"{shown(name)}: {oddities.describe()}", err=True)


def _write(predictor: Predictor, table: Path, out: BinaryIO) -> int:
    """Write the answers as text in UTF-8, whatever the system's encoding is; return how many there are."""
    text = io.TextIOWrapper(out, "utf-8", newline="")
    try:
        return predictor.write(table, text)
    finally:
        text.detach()  # flushes it, and leaves the file open
