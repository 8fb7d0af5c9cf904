"""The data inside the package are the published ones, complete and with their licences."""

import numpy as np
import pytest

from glassnet.data import catalog, idx_sha256, load_fashion_mnist, load_mnist

FOLDER, EMBEDDED = catalog.EMBEDDED_FOLDER, catalog.EMBEDDED


@pytest.mark.parametrize(
    ("folder", "name", "sha256"),
    [(folder, name, sha256) for folder, table in EMBEDDED.items() for name, sha256 in table.items()],
)
def test_a_file_has_the_digest_of_the_table(folder, name, sha256):
    assert idx_sha256(FOLDER / folder / f"{name}.gz") == sha256


def test_the_table_has_every_folder():
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == set(EMBEDDED)


@pytest.mark.parametrize("folder", EMBEDDED)
def test_a_folder_holds_its_files_and_their_licence_and_nothing_else(folder):
    expected = {f"{name}.gz" for name in EMBEDDED[folder]} | {"LICENSE.txt"}
    assert {file.name for file in (FOLDER / folder).iterdir()} == expected


def test_the_licences_name_their_holders():
    mnist = (FOLDER / "mnist/LICENSE.txt").read_text()
    assert all(name in mnist for name in ("CC BY-SA 3.0", "LeCun", "Cortes", "Burges"))
    fashion = (FOLDER / "fashion-mnist-assignment/LICENSE.txt").read_text()
    assert "Copyright (c) 2017 Zalando SE" in fashion
    assert "Permission is hereby granted, free of charge" in fashion


@pytest.mark.parametrize(
    ("load", "sizes"),
    [
        (load_mnist, {"train": 60_000, "test": 10_000}),
        (load_fashion_mnist, {"train": 8_000, "validation": 2_000, "test": 2_000}),
    ],
)
def test_the_parts_have_their_sizes(load, sizes):
    data = load()
    assert data.image_shape == (28, 28)
    assert {name: len(part.labels) for name, part in data.parts.items()} == sizes


def test_every_call_gives_arrays_of_its_own():
    first, second = load_fashion_mnist(), load_fashion_mnist()
    first.train.images[:] = 0
    first.train.labels[:] = 0
    assert second.train.images.any()
    assert load_fashion_mnist().train.labels.any()


def test_mnist_begins_with_its_famous_digits():
    data = load_mnist()
    assert data.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


@pytest.mark.skipif(
    not catalog.DEBIAN_FOLDER.exists(), reason="the Debian package dataset-fashion-mnist is not installed"
)
def test_the_assignments_subset_is_cut_from_the_full_set():
    subset, full = load_fashion_mnist(), load_fashion_mnist("full", folder=catalog.DEBIAN_FOLDER)
    assert (len(full.train.labels), len(full.test.labels)) == (60_000, 10_000)
    cuts = [
        (subset.train, full.train, slice(0, 8_000)),
        (subset.validation, full.train, slice(8_000, 10_000)),
        (subset.test, full.test, slice(0, 2_000)),
    ]
    for part, whole, rows in cuts:
        np.testing.assert_array_equal(part.images, whole.images[rows])
        np.testing.assert_array_equal(part.labels, whole.labels[rows])
