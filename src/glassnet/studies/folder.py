"""A study's run folder: what lies where, written atomically and checked when read."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from glassnet._common.files import read_regular, write_json
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.errors import RunFolderError
from glassnet.nn.history import History
from glassnet.studies.base import RESULTS_VERSION, ModelResult, RunConfig, StudyResult

Value = TypeVar("Value")

MODEL_FILE = "model.safetensors"
CONFIG_FILE = "config.json"


class RunFolder:
    """Name the files of a run folder, and read and write them.

    ::

        config.json                      what determines the numbers
        results.json                     see docs/results.md; written anew as models finish
        report.html                      the page; likewise
        models/NAME/history.json         the epochs, written anew after each
        models/NAME/model.safetensors    the kept weights
        models/NAME/diagnosis.json       what the doctor found, of studies whose models he can look at
        models/NAME/result.json          written last: a model that has it is finished

    Parameters
    ----------
    path : path-like
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._is_claimed = False

    @property
    def results_path(self) -> Path:
        """Where results.json is."""
        return self.path / "results.json"

    @property
    def report_path(self) -> Path:
        """Where report.html is."""
        return self.path / "report.html"

    def model_path(self, name: str) -> Path:
        """Return the folder of one model."""
        return self.path / "models" / name

    def beside(self, study: str) -> "RunFolder":
        """Return the run of another study that belongs to this one and lies beside it.

        Beside ``runs/fashion-features-quick`` that is ``runs/fashion-reconstruction-quick``; beside a folder
        that is not named after its own study, ``runs/mine``, it is ``runs/mine-fashion-reconstruction``.
        """
        own = self.read_config().study
        if self.path.name.startswith(own):
            return RunFolder(self.path.with_name(study + self.path.name.removeprefix(own)))
        return RunFolder(self.path.with_name(f"{self.path.name}-{study}"))

    def claim(self, config: RunConfig) -> None:
        """Make the folder the one of this config, or check that it already is.

        Raises
        ------
        FileError
            When the folder cannot be written.
        RunFolderError
            When it holds a run with other settings, or is damaged.
        """
        claim_folder(self.path, CONFIG_FILE, config)
        self._is_claimed = True

    def check(self) -> None:
        """Raise `RunFolderError` when the folder is no longer the one that `claim` made."""
        check_claimed(self.path, CONFIG_FILE)

    def read_config(self) -> RunConfig:
        """Return the config of the run in this folder."""
        return _read(self.path / CONFIG_FILE, lambda value: RunConfig(**value["config"]))

    def read_results(self) -> StudyResult:
        """Return what results.json holds."""
        return _read(self.results_path, StudyResult.from_json)

    def write_results(self, results: StudyResult) -> None:
        """Write results.json."""
        self._write(self.results_path, results.to_json())

    def read_history(self, name: str) -> History | None:
        """Return the epochs of a model so far; None when it has not begun."""
        path = self.model_path(name) / "history.json"
        return _read(path, History.from_json) if path.exists() else None

    def forget_history(self, name: str) -> None:
        """Remove what an earlier run wrote of a model that it did not finish."""
        (self.model_path(name) / "history.json").unlink(missing_ok=True)

    def write_history(self, name: str, history: History, *, durable: bool) -> None:
        """Write the epochs of a model; `durable` forces them to the disk."""
        self._write(self.model_path(name) / "history.json", history.to_json(), durable=durable)

    def read_diagnosis(self, name: str) -> Diagnosis | None:
        """Return what the doctor found in a model; None when he did not look at it."""
        path = self.model_path(name) / "diagnosis.json"
        return _read(path, Diagnosis.from_json) if path.exists() else None

    def write_diagnosis(self, name: str, diagnosis: Diagnosis) -> None:
        """Write what the doctor found in a model."""
        self._write(self.model_path(name) / "diagnosis.json", diagnosis.to_json())

    def read_model_result(self, name: str) -> ModelResult | None:
        """Return the result of a finished model; None when it is not finished."""
        path = self.model_path(name) / "result.json"
        return _read(path, lambda value: ModelResult(**value)) if path.exists() else None

    def write_model_result(self, result: ModelResult) -> None:
        """Write the result of a model, which marks it as finished."""
        self._write(self.model_path(result.name) / "result.json", asdict(result))

    def _write(self, path: Path, value: Any, *, durable: bool = True) -> None:
        """Write a file of the run, not into a folder that was deleted since `claim`: half a run is none."""
        if self._is_claimed:
            self.check()
        write_json(path, value, durable=durable)


def check_claimed(folder: Path, name: str) -> None:
    """Raise `RunFolderError` when a folder has lost the file that `claim_folder` wrote into it."""
    if not (folder / name).exists():
        raise RunFolderError(
            f"{folder} was deleted or moved while it was written to: {folder / name} is gone. "
            "Run the same command again; to go on with a folder that was moved, name it with --out."
        )


def claim_folder(folder: Path, name: str, config: Any) -> None:
    """Make a folder the one of a config, a dataclass that its file `name` holds, or check that it is.

    Raises
    ------
    FileError
        When the folder cannot be written.
    RunFolderError
        When it holds a run with other settings or anything else, or is damaged.
    """
    path = folder / name
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"{folder} is a file. Choose a folder with --out.")
    if path.exists():
        found = _read(path, lambda value: type(config)(**value["config"]))
        if found != config:
            wanted, had = asdict(config), asdict(found)
            differing = [key for key in wanted if wanted[key] != had[key]]
            raise RunFolderError(
                f"{folder} holds a run with other settings: "
                + ", ".join(f"{key} is {had[key]!r} there, now {wanted[key]!r}" for key in differing)
                + ". Choose another folder with --out, or delete this one."
            )
    elif folder.exists() and any(folder.iterdir()) and not _is_left_over(folder):
        raise RunFolderError(
            f"{folder} is not empty and not a run folder: it has no {name}. Nothing was written. "
            "Choose another folder with --out."
        )
    write_json(path, {"format_version": RESULTS_VERSION, "config": asdict(config)})


def _is_left_over(folder: Path) -> bool:
    """Return whether a folder holds only what a worker still wrote after the folder of its run was deleted.

    That is models which are not finished: they are trained anew, whoever's they are.
    """
    files = [path.relative_to(folder).parts for path in folder.rglob("*") if not path.is_dir()]
    return bool(files) and all(
        len(parts) in (3, 4)  # models/NAME/FILE, in the folder of a study
        and parts[-3] == "models"
        and parts[-1].lstrip(".").startswith((MODEL_FILE, "history.json"))  # or a temporary file of them
        for parts in files
    )


def _read(path: Path, build: Callable[[Any], Value]) -> Value:
    try:
        return build(json.loads(read_regular(path)))
    except FileNotFoundError as error:
        raise RunFolderError(
            f"there is no {path}; expected the folder of a study's run. `glassnet study run` makes one."
        ) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunFolderError(
            f"{path} is damaged: {type(error).__name__}: {error}. "
            f"Delete {path.parent} and run the study again: what was in it is done anew."
        ) from error
