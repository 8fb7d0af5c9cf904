"""``glassnet export``: a model file as other programs read it."""

from pathlib import Path

import click

from glassnet._common.quoting import shown
from glassnet._common.terminal import echo
from glassnet.exchange import name_in_c
from glassnet.models import load
from glassnet.studies.folder import MODEL_FILE

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(name="export")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--onnx", type=FILE, help="Write an ONNX file, which onnxruntime and many other programs run.")
@click.option(
    "--c", "header", type=FILE, help="Write a header of C without dependencies: NAME.h has NAME_predict."
)
def group(model: Path, onnx: Path | None, header: Path | None) -> None:
    """Write a model for other programs.

    MODEL is a model file, or the folder that glassnet fit wrote. The input of an ONNX file is called X; a
    network of a table takes the table as its encoder encodes it. A header of C is for networks of dense
    layers.

    \b
    Examples:
      glassnet export runs/price --onnx price.onnx
      glassnet export digits.safetensors --c digits.h
    """
    if onnx is None and header is None:
        raise click.UsageError("Nothing to write: give --onnx FILE or --c FILE.")
    loaded = load(model / MODEL_FILE if model.is_dir() else model)
    if onnx is not None:
        loaded.to_onnx(onnx)
        echo(f"{shown(model)} is written to {shown(onnx)}")
    if header is not None:
        name = name_in_c(header.stem)
        loaded.to_c(header, name=name)
        echo(f"{shown(model)} is written to {shown(header)}; call {name}_predict(x, out)")
