"""How a file holds a model for tables: the encoder as JSON, the networks as one array, never pickle."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet.models._state import (
    NOT_A_NETWORK,
    THETA_DTYPES,
    from_json,
    join_fitted,
    keep_plain,
    not_a_network,
    part_fitted,
)
from glassnet.models.model_file import read_model, write_model
from glassnet.models.tabular.encoder import TableEncoder
from glassnet.nn.history import History


@dataclass(frozen=True)
class TabularState:
    """Hold what makes a model for tables.

    Attributes
    ----------
    kind : str
        The name of its class.
    parameters : mapping
        Those of the constructor, by name.
    encoder : TableEncoder
    thetas : ndarray of shape (n_networks, n_parameters)
    histories : list of History
    fitted : mapping
        The other attributes that fitting sets, by name: plain values, and arrays of one axis.
    """

    kind: str
    parameters: Mapping[str, Any]
    encoder: TableEncoder
    thetas: Array
    histories: list[History]
    fitted: Mapping[str, Any] = field(default_factory=dict)


def write_tabular(path: str | os.PathLike[str], state: TabularState) -> None:
    """Write a model to one file, atomically; functions among its parameters are left out.

    Raises
    ------
    FileError
        When the file cannot be written.
    """
    arrays, plain = part_fitted(state.fitted)
    metadata = {
        "kind": state.kind,
        "parameters": keep_plain(state.parameters),
        "encoder": state.encoder.to_dict(),
        "histories": [history.to_json() for history in state.histories],
        "fitted": plain,
    }
    write_model(path, {"theta": state.thetas, **arrays}, metadata)


def read_tabular(path: str | os.PathLike[str], kind: str, given: Mapping[str, Any]) -> TabularState:
    """Read what `write_tabular` wrote.

    Parameters
    ----------
    path : path-like
    kind : str
        The name of the class that is wanted.
    given : mapping
        Parameters that take the place of those in the file.

    Raises
    ------
    DataFileError
        When the file is missing, damaged, of another class, or describes no model.
    """
    arrays, header = read_model(path, kind)
    try:
        thetas = arrays.pop("theta")
        if thetas.dtype not in THETA_DTYPES or thetas.ndim != 2 or not len(thetas):
            raise ValueError(f"weights of {thetas.dtype} in an array of shape {thetas.shape}")
        if not np.isfinite(thetas).all():
            raise ValueError("weights that are NaN or infinite")
        histories = [History.from_json(history) for history in header["histories"]]
        if len(histories) != len(thetas):
            raise ValueError(f"{len(histories)} histories of {len(thetas)} networks")
        fitted = join_fitted(arrays, header["fitted"])
        parameters = {name: from_json(value) for name, value in header["parameters"].items()}
        encoder = TableEncoder.from_dict(header["encoder"])
    except NOT_A_NETWORK as error:
        raise not_a_network(path, error) from error
    return TabularState(kind, parameters | dict(given), encoder, thetas, histories, fitted)
