"""``glassnet data``: see what the networks look at."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from glassnet._common.files import write_atomically
from glassnet._common.naming import lookup
from glassnet._common.terminal import echo
from glassnet._common.words import counted
from glassnet.cli.groups import SentenceGroup
from glassnet.data import DATASETS, ImageData

PART_NAMES = {"train": "training", "validation": "validation", "test": "test"}
SHADES = " .:-=+*#%@"
CELLS = 14
"""The most cells of the terminal that an image is wide, and the room for its name."""


@click.group(name="data", cls=SentenceGroup)
def group() -> None:
    """See the data sets."""


@group.command(name="list")
def list_datasets() -> None:
    """List the data sets."""
    for dataset in DATASETS.values():
        echo(f"{dataset.name:20}{dataset.description}")


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
    sizes = ", ".join(f"{len(part.labels):,} {PART_NAMES[key]}" for key, part in data.parts.items())
    echo(f"{data.name}: {data.description} {sizes}.")
    echo(f"Licence: {data.licence}. Source: {data.source}\n")
    images, labels = data.train.draw(count, seed)
    click.echo(_in_terminal(data, images[:10], labels[:10]))
    path = out or Path(f"{name}-samples.png")
    titles = [data.class_names[label] for label in labels]
    write_atomically(path, image_grid(images, titles, columns=10))
    echo(f"{counted(len(images), 'sample')}: {path}")


def _in_terminal(
    data: ImageData, images: NDArray[np.uint8], labels: NDArray[np.int64], columns: int = 5
) -> str:
    """Draw images with half blocks in shades of grey, or with characters outside of a terminal."""
    draw: Callable[[NDArray[np.float64]], list[str]] = _half_blocks if sys.stdout.isatty() else _characters
    lines: list[str] = []
    for start in range(0, len(images), columns):
        pictures = [draw(_shrink(image)) for image in images[start : start + columns]]
        lines += ["  ".join(parts) for parts in zip(*pictures, strict=True)]
        names = [data.class_names[label][:CELLS] for label in labels[start : start + columns]]
        lines += ["  ".join(f"{name:^{CELLS}}" for name in names), ""]
    return "\n".join(lines)


def _shrink(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the means of square blocks, so that the image is `CELLS` wide at most and has an even height.

    An image that is not wide enough is put into the middle, on the background.
    """
    height, width = image.shape
    size = -(-width // CELLS)
    rows, columns = -(-height // (2 * size)) * 2, -(-width // size)
    padded = np.zeros((rows * size, columns * size))
    padded[:height, :width] = image
    small = padded.reshape(rows, size, columns, size).mean(axis=(1, 3))
    left = (CELLS - columns) // 2
    return np.pad(small, ((0, 0), (left, CELLS - columns - left)))


def _half_blocks(small: NDArray[np.float64]) -> list[str]:
    """Draw two rows of pixels in each line of the terminal, whose cells are twice as high as wide."""
    greys = small.astype(int)
    return [
        "".join(
            click.style("▀", fg=(above,) * 3, bg=(below,) * 3)
            for above, below in zip(upper, lower, strict=True)
        )
        for upper, lower in zip(greys[::2].tolist(), greys[1::2].tolist(), strict=True)
    ]


def _characters(small: NDArray[np.float64]) -> list[str]:
    rows = small.reshape(len(small) // 2, 2, -1).mean(axis=1)
    return ["".join(SHADES[int(value / 256 * len(SHADES))] for value in row) for row in rows.tolist()]
