"""A model that was trained before, opened in a studio: from its file, or from the run of a study."""

from pathlib import Path

from glassnet.doctor.files import load_model
from glassnet.models.beginning import blank
from glassnet.studies.diagnosis import load_patient
from glassnet.studio.parts import Opened, given_data
from glassnet.studio.session import Session


def open_model(path: Path, data: Opened) -> Session:
    """Return a session on some data that begins with the weights of a model's file.

    Raises
    ------
    DataFileError
        When it cannot be read.
    InvalidParameterError
        When its weights are not for these data.
    """
    model = load_model(path)
    return Session(data, blank(model), theta=model.parameters_.theta.copy())


def open_run(folder: Path, name: str) -> Session:
    """Return a session on a model of a study's run, with its data, its parameters and its weights.

    Raises
    ------
    StudyError, RunFolderError, DataFileError
        When there is no such run or model, or it is damaged.
    """
    model, ((X, y), (X_val, y_val), _) = load_patient(folder, name)
    data = given_data(f"{folder.name}: {name}", X, y, X_val, y_val)
    return Session(data, blank(model), theta=model.parameters_.theta.copy())
