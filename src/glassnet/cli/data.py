"""``glassnet data``: see what the networks look at."""

import sys
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from glassnet._common.files import write_atomically
from glassnet._common.naming import lookup
from glassnet.data import DATASETS, ImageData

SHADES = " .:-=+*#%@"


@click.group(name="data")
def group() -> None:
    """See the data sets."""


@group.command(name="list")
def list_datasets() -> None:
    """List the data sets."""
    for dataset in DATASETS.values():
        click.echo(f"{dataset.name:20}{dataset.description}")


@group.command()
@click.argument("name")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Picture file.  [default: NAME-samples.png]",
)
@click.option("--count", type=click.IntRange(1, 200), default=30, show_default=True, help="How many samples.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Which samples.")
def show(name: str, out: Path | None, count: int, seed: int) -> None:
    """Show samples of a data set, in the terminal and as a PNG picture.

    \b
    Example:
      glassnet data show fashion-mnist --count 50 --out clothes.png
    """
    from glassnet.plots import image_grid

    data = lookup(DATASETS, name, "data set").load()
    parts = {"training": data.train, "validation": data.validation, "test": data.test}
    sizes = ", ".join(f"{len(part.labels):,} {key}" for key, part in parts.items() if part is not None)
    click.echo(f"{data.name}: {data.description} {sizes}.")
    click.echo(f"Licence: {data.licence}. Source: {data.source}\n")
    rows = np.sort(np.random.default_rng(seed).choice(len(data.train.labels), count, replace=False))
    images, labels = data.train.images[rows], data.train.labels[rows]
    click.echo(_in_terminal(data, images[:10], labels[:10]))
    path = out or Path(f"{name}-samples.png")
    titles = [data.class_names[label] for label in labels]
    write_atomically(path, image_grid(images, titles, columns=10))
    click.echo(f"{count} samples: {path}")


def _in_terminal(
    data: ImageData, images: NDArray[np.uint8], labels: NDArray[np.int64], columns: int = 5
) -> str:
    """Draw images at half their size with half blocks in shades of grey, or with characters elsewhere."""
    draw = _half_blocks if sys.stdout.isatty() else _characters
    lines: list[str] = []
    for start in range(0, len(images), columns):
        pictures = [draw(image) for image in images[start : start + columns]]
        lines += ["  ".join(parts) for parts in zip(*pictures, strict=True)]
        names = [data.class_names[label][:14] for label in labels[start : start + columns]]
        lines += ["  ".join(f"{name:^14}" for name in names), ""]
    return "\n".join(lines)


def _half_size(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the means of 2 x 2 pixels, (14, 14)."""
    blocks = image.reshape(image.shape[0] // 2, 2, image.shape[1] // 2, 2)
    return np.asarray(blocks.mean(axis=(1, 3)))


def _half_blocks(image: NDArray[np.uint8]) -> list[str]:
    small = _half_size(image).astype(int)
    return [
        "".join(
            click.style("▀", fg=(above,) * 3, bg=(below,) * 3)
            for above, below in zip(upper, lower, strict=True)
        )
        for upper, lower in zip(small[::2].tolist(), small[1::2].tolist(), strict=True)
    ]


def _characters(image: NDArray[np.uint8]) -> list[str]:
    rows = _half_size(image).reshape(7, 2, 14).mean(axis=1)
    return ["".join(SHADES[int(value / 256 * len(SHADES))] for value in row) for row in rows.tolist()]
