"""The catalog: where files are looked for, and what is said when they are not there."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from glassnet.data import (
    DATASETS,
    ImageData,
    LabelledImages,
    catalog,
    idx_sha256,
    load_fashion_mnist,
    write_idx,
)
from glassnet.data.download import download_idx
from glassnet.data.idx import read_idx
from glassnet.errors import DataFileError, FileError, InvalidParameterError


@pytest.fixture
def small_full_set(monkeypatch, tmp_path):
    """Stand four tiny files in for the full Fashion-MNIST, and hide the real ones of this machine."""
    folder = tmp_path / "published"
    rng = np.random.default_rng(0)
    for part, n in (("train", 6), ("t10k", 3)):
        images = rng.integers(256, size=(n, 28, 28), dtype=np.uint8)
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", rng.integers(10, size=n, dtype=np.uint8))
    digests = {name: idx_sha256(folder / f"{name}.gz") for name in catalog.FASHION_SHA256}
    monkeypatch.setattr(catalog, "FASHION_SHA256", digests)
    monkeypatch.setattr(catalog, "DEBIAN_FOLDER", tmp_path / "debian")
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def downloads(monkeypatch, small_full_set):
    """Answer downloads from the tiny files, and record what was asked for."""
    asked = []

    def download_idx(url, path, *, sha256, hint):
        asked.append(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((small_full_set / path.name).read_bytes())

    monkeypatch.setattr(catalog, "download_idx", download_idx)
    return asked


def test_the_full_set_is_read_from_the_folder_named(small_full_set, downloads):
    data = load_fashion_mnist("full", folder=str(small_full_set))
    assert repr(data) == "ImageData('Fashion-MNIST', train=6, test=3)"
    assert data.validation is None
    assert data.train.images.dtype == np.uint8
    assert data.train.labels.dtype == np.int64
    assert downloads == []


def test_files_without_gzip_are_read_as_well(small_full_set, downloads):
    name = "t10k-images-idx3-ubyte"
    write_idx(small_full_set / name, read_idx(small_full_set / f"{name}.gz"))
    (small_full_set / f"{name}.gz").unlink()
    assert len(load_fashion_mnist("full", folder=small_full_set).test.images) == 3


def test_a_folder_named_is_the_only_one_tried(small_full_set, downloads, tmp_path):
    with pytest.raises(DataFileError, match=r"there is no file .*nowhere.*train-images-idx3-ubyte\.gz"):
        load_fashion_mnist("full", folder=tmp_path / "nowhere")
    assert downloads == []


def test_the_debian_package_is_found_before_the_cache(small_full_set, downloads, tmp_path):
    small_full_set.rename(tmp_path / "debian")
    assert len(load_fashion_mnist("full").train.images) == 6
    assert downloads == []
    assert not (tmp_path / "cache").exists()


def test_the_cache_is_filled_once(downloads, tmp_path):
    assert len(load_fashion_mnist("full").train.images) == 6
    assert downloads == [f"{catalog.FASHION_URL}{name}.gz" for name in catalog.FASHION_SHA256]
    load_fashion_mnist("full")
    assert len(downloads) == 4
    (tmp_path / "cache/fashion-mnist/t10k-labels-idx1-ubyte.gz").unlink()
    load_fashion_mnist("full")
    assert downloads[4:] == [f"{catalog.FASHION_URL}t10k-labels-idx1-ubyte.gz"]


def test_another_file_under_a_published_name_is_refused(small_full_set):
    write_idx(small_full_set / "t10k-labels-idx1-ubyte.gz", np.zeros(3, dtype=np.uint8))
    with pytest.raises(DataFileError, match=r"t10k-labels.*not the file expected.*name the folder"):
        load_fashion_mnist("full", folder=small_full_set)


def test_without_a_network_the_message_says_what_to_do(small_full_set, monkeypatch):
    def download_without_network(url, path, *, sha256, hint):
        return real_download("http://127.0.0.1:9/a.gz", path, sha256=sha256, hint=hint, first_wait=0)

    real_download = download_idx
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(catalog, "download_idx", download_without_network)
    with pytest.raises(FileError, match=r"cannot download .*dataset-fashion-mnist.*folder=\.\.\."):
        load_fashion_mnist("full")


def test_an_unknown_subset_is_refused():
    with pytest.raises(InvalidParameterError, match="got subset='half'; expected 'assignment' or 'full'"):
        load_fashion_mnist("half")  # type: ignore[arg-type]


def test_a_folder_for_the_embedded_subset_is_refused(tmp_path):
    with pytest.raises(InvalidParameterError, match="pass subset='full'"):
        load_fashion_mnist(folder=tmp_path)


def test_the_table_loads_the_full_set(downloads):
    assert DATASETS["fashion-mnist-full"].load().name == "Fashion-MNIST"


def test_a_data_set_cannot_be_changed_by_mistake():
    part = LabelledImages(np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.int64))
    data = ImageData("Blank", "Nothing.", ("nothing",), "none", "nowhere", part, part, part)
    assert repr(data) == "ImageData('Blank', train=2, validation=2, test=2)"
    with pytest.raises(FrozenInstanceError):
        data.train = part  # type: ignore[misc]
