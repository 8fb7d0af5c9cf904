"""``glassnet export``: a model file as other programs read it."""

from pathlib import Path

import click

from glassnet._common.quoting import shown
from glassnet._common.terminal import echo
from glassnet.models import load
from glassnet.studies.folder import MODEL_FILE


@click.command(name="export")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--onnx",
    "onnx_path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Write an ONNX file, which onnxruntime and many other programs run.",
)
def group(model: Path, onnx_path: Path) -> None:
    """Write a model for other programs.

    MODEL is a model file, or the folder that glassnet fit wrote. The file's input is called X; a network of
    a table takes the table as its encoder encodes it.

    \b
    Example:
      glassnet export runs/price --onnx price.onnx
    """
    load(model / MODEL_FILE if model.is_dir() else model).to_onnx(onnx_path)
    echo(f"{shown(model)} is written to {shown(onnx_path)}")
