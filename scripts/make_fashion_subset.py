"""Write the part of Fashion-MNIST that the assignment uses, as the package embeds it.

    python scripts/make_fashion_subset.py FOLDER

FOLDER holds the four published files, for example /usr/share/datasets/fashion-mnist where the Debian package
dataset-fashion-mnist puts them. Prints the SHA-256 of each file written, for the table in
src/glassnet/data/catalog.py.
"""

import argparse
from pathlib import Path

import numpy as np

from glassnet.data import LabelledImages, idx_sha256, load_fashion_mnist, write_idx

EMBEDDED = Path(__file__).parent.parent / "src/glassnet/data/embedded/fashion-mnist-assignment"


def write_part(name: str, part: LabelledImages, rows: slice, output: Path) -> None:
    """Write the images and labels of `rows` and print the digests of the two files."""
    files = {
        f"{name}-images-idx3-ubyte": part.images[rows],
        f"{name}-labels-idx1-ubyte": part.labels[rows].astype(np.uint8),
    }
    for stem, array in files.items():
        path = output / f"{stem}.gz"
        write_idx(path, array)
        print(f'    "{stem}": "{idx_sha256(path)}",')


def main() -> None:
    """Read the arguments and write the three parts."""
    parser = argparse.ArgumentParser(description="Write the assignment's part of Fashion-MNIST.")
    parser.add_argument("folder", type=Path, help="where the four published files lie")
    parser.add_argument("--output", type=Path, default=EMBEDDED, help="where to write (default: the package)")
    arguments = parser.parse_args()
    full = load_fashion_mnist("full", folder=arguments.folder)
    write_part("train", full.train, slice(0, 8_000), arguments.output)
    write_part("validation", full.train, slice(8_000, 10_000), arguments.output)
    write_part("t10k", full.test, slice(0, 2_000), arguments.output)


if __name__ == "__main__":
    main()
