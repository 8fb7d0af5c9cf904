"""Data sets: reading the IDX format, loading MNIST and Fashion-MNIST, preparing them for a network."""

from glassnet.datasets.catalog import (
    DATASETS,
    Dataset,
    ImageData,
    LabelledImages,
    load_fashion_mnist,
    load_mnist,
)
from glassnet.datasets.download import cache_folder
from glassnet.datasets.idx import idx_sha256, read_idx, write_idx
from glassnet.datasets.splits import flatten, one_hot, scale, train_validation_split

__all__ = [
    "DATASETS",
    "Dataset",
    "ImageData",
    "LabelledImages",
    "cache_folder",
    "flatten",
    "idx_sha256",
    "load_fashion_mnist",
    "load_mnist",
    "one_hot",
    "read_idx",
    "scale",
    "train_validation_split",
    "write_idx",
]
