"""The data sets of the library: MNIST, and Fashion-MNIST in part or whole.

Every file is checked against its SHA-256 when it is read. To add a data set is one load function and one
entry of `DATASETS`; whatever shows, trains on or tests data sets goes over that table.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import quoted
from glassnet.data.download import MAX_DOWNLOAD_BYTES, cache_folder, download_idx
from glassnet.data.idx import read_idx
from glassnet.errors import InvalidParameterError


class LabelledImages(NamedTuple):
    """Images with their labels; unpacks as ``images, labels = ...``."""

    images: NDArray[np.uint8]  # (n, height, width), 0 is the background
    labels: NDArray[np.int64]  # (n,), an index into the class names

    def draw(self, count: int, seed: int) -> "LabelledImages":
        """Return `count` of them drawn without replacement, or all when there are fewer, in their order."""
        n = len(self.labels)
        rows = np.sort(np.random.default_rng(seed).choice(n, min(count, n), replace=False))
        return LabelledImages(self.images[rows], self.labels[rows])


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ImageData:
    """A data set of labelled images in two or three parts.

    Parameters
    ----------
    name : str
        As people write it: ``"Fashion-MNIST"``.
    description : str
        One sentence.
    class_names : tuple of str
        What each label means; label ``k`` is ``class_names[k]``.
    licence : str
        The licence of the data, with the holders of the copyright.
    source : str
        Where the data are published.
    train, test : LabelledImages
        Images (n, height, width) of uint8, all of one size, and labels (n,) of int64; fresh arrays that may
        be written to.
    validation : LabelledImages or None
        None when the data set names no such part; `train_validation_split` makes one.
    """

    name: str
    description: str
    class_names: tuple[str, ...]
    licence: str
    source: str
    train: LabelledImages
    test: LabelledImages
    validation: LabelledImages | None = None

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}={len(part.labels)}" for name, part in self.parts.items())
        return f"ImageData({self.name!r}, {sizes})"

    @property
    def parts(self) -> dict[str, LabelledImages]:
        """The parts that there are, by their names: ``train``, perhaps ``validation``, ``test``."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in parts.items() if part is not None}

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Height and width of an image."""
        return self.train.images.shape[1:]


@dataclass(frozen=True, slots=True)
class Dataset:
    """An entry of `DATASETS`: how a data set is called, and how it is loaded.

    Parameters
    ----------
    name : str
        The key in the table and on the command line.
    load : callable
        Takes nothing and returns an `ImageData`, which says the rest: classes, licence, source.
    description : str
        One line for lists.
    may_download : bool
        Whether `load` reaches for the network when the files are not on this machine.
    """

    name: str
    load: Callable[[], ImageData]
    description: str
    may_download: bool = False


def load_mnist() -> ImageData:
    """Load MNIST, the 70,000 handwritten digits, from the copy inside the package.

    Returns
    -------
    ImageData
        60,000 images to train and 10,000 to test; no validation part.

    Raises
    ------
    DataFileError
        When the package's copy is missing or damaged.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 86 (1998), section III.A.

    Examples
    --------
    >>> data = load_mnist()
    >>> data
    ImageData('MNIST', train=60000, test=10000)
    >>> images, labels = data.test
    >>> images.shape, data.class_names[labels[0]]
    ((10000, 28, 28), '7')
    """
    read = partial(_read_embedded, "mnist")
    return ImageData(
        name="MNIST",
        description="Handwritten digits, 28 x 28 pixels in grey.",
        class_names=tuple("0123456789"),
        licence="CC BY-SA 3.0, Y. LeCun, C. Cortes, C. J. C. Burges",
        source="http://yann.lecun.com/exdb/mnist/",
        train=read("train"),
        test=read("t10k"),
    )


def load_fashion_mnist(
    subset: Literal["assignment", "full"] = "assignment", folder: str | os.PathLike[str] | None = None
) -> ImageData:
    """Load Fashion-MNIST, pictures of clothes that are harder to tell apart than digits.

    Parameters
    ----------
    subset : {"assignment", "full"}
        ``"assignment"`` is inside the package: the first 8,000 images of the training file to train, the
        next 2,000 to validate, the first 2,000 of the test file to test. ``"full"`` is all 70,000: 60,000
        to train and 10,000 to test.
    folder : path-like, optional
        Where the four files of the full set lie, under their published names, with or without ``.gz``.
        Unless given, they are looked for where the Debian package ``dataset-fashion-mnist`` puts them, then
        in the cache folder (``$GLASSNET_DATA``, else the user's), and downloaded into it when not there:
        over TLS, from their publisher's repository, each checked against its SHA-256.

    Returns
    -------
    ImageData

    Raises
    ------
    InvalidParameterError
        When `subset` is neither, or `folder` is given for the assignment's subset.
    FileError
        When the files are nowhere and cannot be downloaded; DataFileError when one is missing or damaged.

    References
    ----------
    H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
    Algorithms", arXiv:1708.07747 (2017).

    Examples
    --------
    >>> load_fashion_mnist()
    ImageData('Fashion-MNIST (assignment)', train=8000, validation=2000, test=2000)
    """
    if subset == "full":
        read = partial(read_part, _full_fashion_folder(folder), sha256=FASHION_SHA256)
        return _fashion("Fashion-MNIST", train=read("train"), test=read("t10k"))
    if subset != "assignment":
        raise InvalidParameterError(f"got subset={quoted(subset)}; expected 'assignment' or 'full'.")
    if folder is not None:
        raise InvalidParameterError(
            "got a folder for subset='assignment', which is inside the package; expected none. "
            "To read the 70,000 images from the folder, pass subset='full'."
        )
    read = partial(_read_embedded, "fashion-mnist-assignment")
    return _fashion(
        "Fashion-MNIST (assignment)", train=read("train"), validation=read("validation"), test=read("t10k")
    )


def read_part(folder: Path, part: str, sha256: Mapping[str, str]) -> LabelledImages:
    """Read the images and labels of one part of a data set published as MNIST is.

    Parameters
    ----------
    folder : Path
    part : str
        The beginning of the file names: ``"train"``, ``"validation"`` or ``"t10k"``.
    sha256 : mapping of str to str
        For each file, by its name without ``.gz``, the SHA-256 of its decompressed bytes.

    Returns
    -------
    LabelledImages

    Raises
    ------
    DataFileError
        When a file is missing, damaged, or another than expected.
    """
    images, labels = (
        read_idx(_idx_path(folder, name), sha256=sha256[name], max_bytes=MAX_DOWNLOAD_BYTES)
        for name in (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte")
    )
    return LabelledImages(images, labels.astype(np.int64))


def _read_embedded(name: str, part: str) -> LabelledImages:
    return read_part(EMBEDDED_FOLDER / name, part, EMBEDDED[name])


def _idx_path(folder: Path, name: str) -> Path:
    """Prefer the compressed file; an error about a missing one then names it as it is published."""
    plain, packed = folder / name, folder / f"{name}.gz"
    return plain if plain.exists() and not packed.exists() else packed


def _fashion(
    name: str, *, train: LabelledImages, test: LabelledImages, validation: LabelledImages | None = None
) -> ImageData:
    return ImageData(
        name=name,
        description="Pictures of Zalando's clothes, 28 x 28 pixels in grey.",
        class_names=FASHION_CLASS_NAMES,
        licence="MIT, Zalando SE",
        source="https://github.com/zalandoresearch/fashion-mnist",
        train=train,
        validation=validation,
        test=test,
    )


def _full_fashion_folder(folder: str | os.PathLike[str] | None) -> Path:
    """Choose the folder with all four files of the full set, after downloading what the cache lacks."""
    if folder is not None:
        return Path(folder).expanduser()
    if all(_idx_path(DEBIAN_FOLDER, name).exists() for name in FASHION_SHA256):
        return DEBIAN_FOLDER
    cache = cache_folder() / "fashion-mnist"
    for name, sha256 in FASHION_SHA256.items():
        if not _idx_path(cache, name).exists():
            download_idx(FASHION_URL + name + ".gz", cache / f"{name}.gz", sha256=sha256, hint=_OFFLINE_HINT)
    return cache


EMBEDDED_FOLDER = Path(__file__).parent / "embedded"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
FASHION_URL = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
_OFFLINE_HINT = (
    "Without a network, install the Debian package dataset-fashion-mnist, or get the four files elsewhere "
    "and name where they lie: load_fashion_mnist('full', folder=...)."
)

FASHION_CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

# SHA-256 of the decompressed files.
MNIST_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
FASHION_SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
FASHION_ASSIGNMENT_SHA256 = {  # as scripts/make_fashion_subset.py prints them
    "train-images-idx3-ubyte": "9ddac0dec83f58be1469bae68ccc841e9397247fc68ccee036d7fbdc71da3fa8",
    "train-labels-idx1-ubyte": "e37df6ecdd9dd86f8dc00c05dc24dbbc5ac9aa591c3b389d170f9c824c41a6b6",
    "validation-images-idx3-ubyte": "f9c5207041b920549a81d4e6dcf349ff79f86725e2fee1e357b61aea61eafc00",
    "validation-labels-idx1-ubyte": "4d714c095a8caa3bf7683cc6424f5e6ca7330609e4afc70a6aac6f43f53e9da2",
    "t10k-images-idx3-ubyte": "862035b0a96959b614c9574f4c2b0ae9584ca234813e8d6d7adb7838b12ca46b",
    "t10k-labels-idx1-ubyte": "aa3f574d30afaf0d4d9da084a6f8541771e20693d6a97fae6e9a4953fca8f078",
}

EMBEDDED: dict[str, Mapping[str, str]] = {
    "mnist": MNIST_SHA256,
    "fashion-mnist-assignment": FASHION_ASSIGNMENT_SHA256,
}
"""The folders inside the package, with the SHA-256 of each of their files."""

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset("mnist", load_mnist, "70,000 handwritten digits"),
        Dataset("fashion-mnist", load_fashion_mnist, "the assignment's 12,000 pictures of clothes"),
        Dataset(
            "fashion-mnist-full",
            partial(load_fashion_mnist, "full"),
            "all 70,000 pictures of clothes; downloaded when not on this machine",
            may_download=True,
        ),
    )
}
"""Every data set, by the name of the command line."""
