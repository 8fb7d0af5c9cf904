"""The folder of a table's fit: what lies where, written atomically."""

import json
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any

from glassnet._common.fields import build, without_twins
from glassnet._common.files import read_regular, remove_unfinished, write_json
from glassnet._common.locks import HeldLock, lock_folder
from glassnet._common.quoting import shown
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.errors import RunFolderError
from glassnet.nn.history import History
from glassnet.studies.folder import DIAGNOSIS_FILE, HISTORY_FILE, MODEL_FILE, claim_folder
from glassnet.tables.base import FitConfig, TableResult

CONFIG_FILE = "fit.json"
RESULTS_FILE = "results.json"
REPORT_FILE = "report.html"


class FitFolder:
    """Name the files of a folder that holds the fit of a table, and read and write them.

    ::

        fit.json              what determines the numbers
        model.safetensors     the model, which `glassnet.load` reads
        history.json          its epochs
        diagnosis.json        what the doctor found
        results.json          written last: a fit that has it is finished; see docs/results.md
        report.html           the page

    Parameters
    ----------
    path : path-like
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def model_path(self) -> Path:
        """Where the model is."""
        return self.path / MODEL_FILE

    @property
    def results_path(self) -> Path:
        """Where results.json is."""
        return self.path / RESULTS_FILE

    @property
    def report_path(self) -> Path:
        """Where report.html is."""
        return self.path / REPORT_FILE

    @property
    def is_finished(self) -> bool:
        """Whether the fit ended."""
        return self.results_path.exists()

    def claim(self, config: FitConfig) -> None:
        """Make the folder the one of this config, or check that it already is.

        Raises
        ------
        FileError
            When it cannot be written.
        RunFolderError
            When it holds a fit with other settings or anything else, or is damaged.
        """
        claim_folder(self.path, CONFIG_FILE, config)

    def lock(self) -> AbstractContextManager[HeldLock]:
        """Keep other runs out of the folder, in a ``with``; see `lock_folder` for the errors."""
        return lock_folder(self.path)

    def clear(self) -> None:
        """Remove what an earlier fit left, results first: from then on nothing looks finished."""
        names = (RESULTS_FILE, REPORT_FILE, DIAGNOSIS_FILE, HISTORY_FILE, MODEL_FILE)
        for name in names:
            (self.path / name).unlink(missing_ok=True)
        for name in (CONFIG_FILE, *names):
            remove_unfinished(self.path, name)

    def has(self, config: FitConfig) -> bool:
        """Tell whether the folder is that of a fit with this config."""
        try:
            return build(FitConfig, self._read(CONFIG_FILE)["config"]) == config
        except (RunFolderError, ValueError, KeyError, TypeError):
            return False

    def write_history(self, history: History) -> None:
        """Write the epochs of the model."""
        write_json(self.path / HISTORY_FILE, history.to_json(), make_folder=False)

    def read_history(self) -> History:
        """Return the epochs of the model."""
        return self._made(HISTORY_FILE, History.from_json)  # type: ignore[no-any-return]

    def write_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Write what the doctor found."""
        write_json(self.path / DIAGNOSIS_FILE, diagnosis.to_json(), make_folder=False)

    def read_diagnosis(self) -> Diagnosis:
        """Return what the doctor found."""
        return self._made(DIAGNOSIS_FILE, Diagnosis.from_json)  # type: ignore[no-any-return]

    def write_results(self, result: TableResult) -> None:
        """Write results.json, which marks the fit as finished."""
        write_json(self.results_path, result.to_json(), make_folder=False)

    def read_results(self) -> TableResult:
        """Return what results.json holds.

        Raises
        ------
        RunFolderError
            When it is missing or damaged.
        """
        return self._made(RESULTS_FILE, TableResult.from_json)  # type: ignore[no-any-return]

    def _read(self, name: str) -> Any:
        path = self.path / name
        try:
            return json.loads(read_regular(path), object_pairs_hook=without_twins)
        except FileNotFoundError:
            raise RunFolderError(
                f"there is no {shown(path)}; expected the folder of a fit, which `glassnet fit` makes."
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            raise self._damaged(path, error) from error

    def _made(self, name: str, make: Any) -> Any:
        value = self._read(name)
        try:
            return make(value)
        except (ValueError, TypeError, KeyError, AttributeError, LookupError) as error:
            raise self._damaged(self.path / name, error) from error

    @staticmethod
    def _damaged(path: Path, error: Exception) -> RunFolderError:
        return RunFolderError(
            f"{shown(path)} is damaged, or not what the fit wrote there: {shown(error)}. Delete the folder, "
            "and fit again."
        )


def choose_folder(wanted: Path, config: FitConfig) -> FitFolder:
    """Return the folder of this fit: the wanted one, or one beside it where that holds something else.

    Beside ``runs/price`` that is ``runs/price-2``.
    """
    for number in count(1):
        folder = FitFolder(wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}"))
        is_free = not folder.path.exists() or (folder.path.is_dir() and not any(folder.path.iterdir()))
        if is_free or folder.has(config):
            return folder
    raise AssertionError("there is a number for every folder")
