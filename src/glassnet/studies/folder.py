"""A study's run folder: what lies where, written atomically and checked when read."""

import hashlib
import json
import math
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from glassnet._common.fields import build, without_twins
from glassnet._common.files import read_regular, remove_unfinished, write_atomically, write_json
from glassnet._common.locks import LOCK_FILE, HeldLock, lock_folder
from glassnet._common.quoting import listed, quoted, shown
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.errors import DamagedRunError, RunFolderError
from glassnet.nn.history import History
from glassnet.studies.base import DIGEST, RESULTS_VERSION, ModelResult, RunConfig, Study, StudyResult

Value = TypeVar("Value")

MODEL_FILE = "model.safetensors"
HISTORY_FILE = "history.json"
DIAGNOSIS_FILE = "diagnosis.json"
RESULT_FILE = "result.json"
MANIFEST_FILE = "manifest.json"
CONFIG_FILE = "config.json"
DEFINITION_FILE = "study.json"

MODEL_FILES = (MODEL_FILE, HISTORY_FILE, DIAGNOSIS_FILE, RESULT_FILE)
"""What a model's folder may hold beside its manifest."""
MANIFEST_VERSION = 1
MOST_INDENTED = 500
"""More models than these are written without line breaks, which takes a tenth of the time."""


@dataclass(frozen=True)
class Manifest:
    """Hold whose the files of a finished model are, and what they were when it was finished.

    Attributes
    ----------
    format_version : int
    model : str
        Its name.
    config : RunConfig
        Of the run that trained it.
    sha256 : dict of str to str
        Of each file, by its name.
    """

    format_version: int
    model: str
    config: RunConfig
    sha256: dict[str, str]


class RunFolder:
    """Name the files of a run folder, and read and write them.

    ::

        config.json                      what determines the numbers
        study.json                       what a person's study is, and the models that it trains
        results.json                     see docs/results.md; written anew as models finish
        report.html                      the page; likewise
        models/NAME/history.json         the epochs, written anew after each
        models/NAME/model.safetensors    the kept weights
        models/NAME/diagnosis.json       what the doctor found, of studies whose models he can look at
        models/NAME/result.json          what it came to
        models/NAME/manifest.json        written last: a model that has it is finished

    Whoever reads a run reads it here. The files of a finished model are those of its `Manifest`, or refused.

    Parameters
    ----------
    path : path-like
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._config: RunConfig | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what is sent to another process, which may stand in another folder than this one."""
        return {**vars(self), "path": self.path.absolute()}

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

    def list_begun(self) -> set[str]:
        """Return the models that have a folder: to ask one folder is faster than to ask for thousands."""
        try:
            return set(os.listdir(self.path / "models"))
        except FileNotFoundError:
            return set()

    def beside(self, study: str) -> "RunFolder":
        """Return the run of another study that belongs to this one and lies beside it.

        Beside ``runs/fashion-features-quick`` that is ``runs/fashion-reconstruction-quick``; beside a folder
        that is not named after its own study, ``runs/mine``, it is ``runs/mine-fashion-reconstruction``.
        """
        own = self.read_config().study
        if self.path.name.startswith(own):
            return RunFolder(self.path.with_name(study + self.path.name.removeprefix(own)))
        return RunFolder(self.path.with_name(f"{self.path.name}-{study}"))

    def claim(self, config: RunConfig, study: Study | None = None, *, repair: bool = False) -> None:
        """Make the folder the one of this config, or check that it already is.

        Parameters
        ----------
        config : RunConfig
        study : Study, optional
            What is run; that of a person is kept in the folder.
        repair : bool
            Write a damaged config.json anew. Models with another config are then found by their manifests.

        Raises
        ------
        FileError
            When the folder cannot be written.
        RunFolderError
            When it holds a run with other settings, or is damaged.
        """
        claim_folder(self.path, CONFIG_FILE, config, repair=repair)
        self._config = config
        if study is not None and study.definition:
            self._claim_definition(study, repair=repair)

    def _claim_definition(self, study: Study, *, repair: bool) -> None:
        """Write what a person's study is, or check that it is the same."""
        path = self.path / DEFINITION_FILE
        try:
            found = self.read_definition().get("definition", {})
        except DamagedRunError:
            if not repair:
                raise
            found = {}
        if found and found != study.definition:
            had, wanted = found.get("description", {}), study.definition["description"]
            keys = [key for key in wanted if had.get(key) != wanted[key]]
            raise RunFolderError(
                f"{shown(self.path)} holds a run of this study as it was before; now something else is said "
                f"of {listed(keys or ['its models'])}. Choose another folder with --out, or delete this one."
            )
        if not found:
            kept = ("title", "question", "dataset", "settings", "epochs", "quick_epochs", "seed")
            also = ("keeps_models", "origin", "definition")
            write_json(path, {name: getattr(study, name) for name in (*kept, *also)})

    def read_definition(self) -> dict[str, Any]:
        """Return what is kept of a person's study; nothing of one of the assignment."""
        path = self.path / DEFINITION_FILE
        return dict(_read(path, _parse)) if path.exists() else {}

    def read_beside(self, name: str, make: Callable[[Any], Value]) -> Value | None:
        """Return what a JSON file beside the models holds; None where there is none."""
        path = self.path / name
        return _read(path, lambda content: make(_parse(content))) if path.exists() else None

    def write_beside(self, name: str, value: Any) -> None:
        """Write a JSON file beside the models, of a backend that needs one."""
        self._write(self.path / name, value)

    def lock(self) -> AbstractContextManager[HeldLock]:
        """Keep other runs out of the folder, in a ``with``; see `lock_folder` for the errors."""
        return lock_folder(self.path)

    def check(self) -> None:
        """Raise `RunFolderError` when the folder is no longer the one that `claim` made."""
        check_claimed(self.path, CONFIG_FILE)

    def read_config(self) -> RunConfig:
        """Return the config of the run in this folder."""
        return _read(self.path / CONFIG_FILE, _config_of(RunConfig))

    def read_results(self) -> StudyResult:
        """Return what results.json holds.

        Raises
        ------
        RunFolderError
            When it is missing or damaged, was edited, or is of another run.
        """
        result = _read(self.results_path, _results_of)
        if (self.path / CONFIG_FILE).exists() and result.config != self.read_config():
            raise _damaged(self.results_path, f"it is of another run, {result.config}")
        return result

    def write_results(self, results: StudyResult) -> None:
        """Write results.json, with its own digest."""
        value = results.to_json()
        indent = 2 if len(results.models) <= MOST_INDENTED else None
        self._write(self.results_path, {**value, DIGEST: _digest_of(value)}, indent=indent)

    def forget_damaged_results(self) -> None:
        """Remove results.json if it cannot be read; the run writes it anew."""
        if not self.results_path.exists():
            return
        try:
            self.read_results()
        except DamagedRunError:
            self.results_path.unlink()

    def sweep(self) -> None:
        """Remove the halves of files that a run left which was killed; the lock is held."""
        for name in (CONFIG_FILE, DEFINITION_FILE, self.results_path.name, self.report_path.name):
            remove_unfinished(self.path, name)
        for name in self.list_begun():
            folder = self.model_path(name)
            if any(file.startswith(".") for file in os.listdir(folder)):  # of thousands, hardly one
                for file in (MANIFEST_FILE, *MODEL_FILES):
                    remove_unfinished(folder, file)

    def is_finished(self, name: str) -> bool:
        """Whether a model has the manifest that is written last."""
        return (self.model_path(name) / MANIFEST_FILE).exists()

    def check_model(self, name: str, *, has_weights: bool = True) -> ModelResult:
        """Return the result of a finished model, all of whose files are as its manifest says.

        Parameters
        ----------
        name : str
        has_weights : bool
            Whether it must have a model file.

        Raises
        ------
        RunFolderError
            When one is missing, damaged, of another model or of another run.
        """
        return self.read_finished(name, has_weights=has_weights)[0]

    def read_finished(self, name: str, *, has_weights: bool = True) -> tuple[ModelResult, History]:
        """Return result and epochs of a finished model, as `check_model` does: each file is read once."""
        folder = self.model_path(name)
        manifest = self._read_manifest(name)
        there = set(os.listdir(folder)) & set(MODEL_FILES)
        needed = {HISTORY_FILE, RESULT_FILE, *([MODEL_FILE] if has_weights else [])}
        if missing := (needed | manifest.sha256.keys()) - there:
            raise _damaged(folder, f"{listed(sorted(missing))} is missing")
        if strange := there - manifest.sha256.keys():
            raise _damaged(folder, f"{listed(sorted(strange))} is not in its {MANIFEST_FILE}")
        made = {HISTORY_FILE: _history_of, RESULT_FILE: _model_result_of}
        found = {
            file: self._read_file(name, file, made.get(file, _nothing_of), manifest)
            for file in MODEL_FILES
            if file in there
        }
        result, history = found[RESULT_FILE], found[HISTORY_FILE]
        assert isinstance(history, History)
        if not isinstance(result, ModelResult) or result.name != name:
            raise _damaged(folder / RESULT_FILE, f"it is not of the model {quoted(name)}")
        return result, history

    def forget_model(self, name: str) -> None:
        """Remove what a model left: first the manifest, so that it is not finished any more."""
        for file in (MANIFEST_FILE, *MODEL_FILES):
            (self.model_path(name) / file).unlink(missing_ok=True)

    def finish_model(self, result: ModelResult, config: RunConfig, *, durable: bool = True) -> None:
        """Write the result of a model, and last the manifest of all its files, which marks it as finished.

        `durable` forces them to the disk, before anybody relies on the model.
        """
        folder = self.model_path(result.name)
        self._write(folder / RESULT_FILE, asdict(result), durable=durable)
        digests = {
            file: hashlib.sha256(read_regular(folder / file)).hexdigest()
            for file in MODEL_FILES
            if (folder / file).exists()
        }
        manifest = Manifest(MANIFEST_VERSION, result.name, config, digests)
        self._write(folder / MANIFEST_FILE, asdict(manifest), durable=durable)

    def pack_model(self, name: str) -> dict[str, bytes]:
        """Return the files of a finished model by their names, for another machine."""
        folder = self.model_path(name)
        return {path.name: read_regular(path) for path in folder.iterdir() if path.is_file()}

    def unpack_model(self, name: str, files: dict[str, bytes]) -> None:
        """Write the files that `pack_model` returned elsewhere, the manifest last."""
        self.check()
        self.forget_model(name)
        for file in sorted(files, key=lambda file: file == MANIFEST_FILE):
            write_atomically(self.model_path(name) / file, files[file])

    def read_history(self, name: str) -> History | None:
        """Return the epochs of a model so far; None when it has not begun."""
        return self._read_file(name, HISTORY_FILE, _history_of)

    def forget_history(self, name: str) -> None:
        """Remove the epochs that an earlier run wrote of a model that it did not finish."""
        (self.model_path(name) / HISTORY_FILE).unlink(missing_ok=True)

    def write_history(self, name: str, history: History, *, durable: bool) -> None:
        """Write the epochs of a model; `durable` forces them to the disk."""
        self._write(self.model_path(name) / HISTORY_FILE, history.to_json(), durable=durable)

    def read_diagnosis(self, name: str) -> Diagnosis | None:
        """Return what the doctor found in a model; None when he did not look at it."""
        return self._read_file(name, DIAGNOSIS_FILE, lambda content: Diagnosis.from_json(_parse(content)))

    def write_diagnosis(self, name: str, diagnosis: Diagnosis) -> None:
        """Write what the doctor found in a model."""
        self._write(self.model_path(name) / DIAGNOSIS_FILE, diagnosis.to_json())

    def read_model_result(self, name: str) -> ModelResult | None:
        """Return the result of a finished model; None when it is not finished."""
        if not self.is_finished(name):
            return None
        return self._read_file(name, RESULT_FILE, _model_result_of)

    def lacks_manifest(self, name: str) -> bool:
        """Whether a model has a result, but no manifest: a run was ended just there, or is of 0.1."""
        return not self.is_finished(name) and (self.model_path(name) / RESULT_FILE).exists()

    def _read_manifest(self, name: str) -> Manifest:
        """Return the manifest of a finished model, which is this model's, and of this run."""
        path = self.model_path(name) / MANIFEST_FILE
        manifest = _read(path, lambda content: build(Manifest, _parse(content)))
        if manifest.format_version != MANIFEST_VERSION:
            raise _damaged(path, f"its version is {manifest.format_version}, not {MANIFEST_VERSION}")
        if manifest.model != name:
            raise _damaged(path, f"it is of the model {quoted(manifest.model)}, not of {quoted(name)}")
        config = self.read_config() if self._config is None else self._config
        if config != manifest.config:
            raise _damaged(path, f"its run has {manifest.config}, not {config}")
        return manifest

    def _read_file(
        self, name: str, file: str, make: Callable[[bytes], Value], manifest: Manifest | None = None
    ) -> Value | None:
        """Return what a file of a model holds, which is as its manifest says once there is one."""
        path = self.model_path(name) / file
        if not path.exists():
            return None
        if manifest is None and self.is_finished(name):
            manifest = self._read_manifest(name)
        digest = None if manifest is None else manifest.sha256.get(file)

        def check(content: bytes) -> Value:
            if digest is not None and hashlib.sha256(content).hexdigest() != digest:
                raise ValueError(f"it has not the SHA-256 that its {MANIFEST_FILE} says")
            return make(content)

        return _read(path, check)

    def _write(self, path: Path, value: Any, *, durable: bool = True, indent: int | None = 2) -> None:
        """Write a file of the run, not into a folder that was deleted since `claim`: half a run is none."""
        if self._config is not None:
            self.check()
        make_folder = self._config is None or path.parent != self.path  # that of a model is new
        write_json(path, value, durable=durable, make_folder=make_folder, indent=indent)


def check_claimed(folder: Path, name: str) -> None:
    """Raise `RunFolderError` when a folder has lost the file that `claim_folder` wrote into it."""
    if not (folder / name).exists():
        raise RunFolderError(
            f"{shown(folder)} was deleted or moved while it was written to: {shown(folder / name)} is gone. "
            "Run the same command again; to go on with a folder that was moved, name it with --out."
        )


def claim_folder(folder: Path, name: str, config: Any, *, repair: bool = False) -> None:
    """Make a folder the one of a config, a dataclass that its file `name` holds, or check that it is.

    With `repair` a damaged file is written anew, where the folder is that of a run.

    Raises
    ------
    FileError
        When the folder cannot be written.
    RunFolderError
        When it holds a run with other settings or anything else, or is damaged.
    """
    path = folder / name
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"{shown(folder)} is a file. Choose a folder with --out.")
    if path.exists():
        try:
            found = _read(path, _config_of(type(config)))
        except DamagedRunError:
            if not (repair and _is_run(folder)):
                raise
            found = config
        if found != config:
            wanted, had = asdict(config), asdict(found)
            differing = [key for key in wanted if wanted[key] != had[key]]
            raise RunFolderError(
                f"{shown(folder)} holds a run with other settings: "
                + ", ".join(f"{key} is {quoted(had[key])} there, now {wanted[key]!r}" for key in differing)
                + ". Choose another folder with --out, or delete this one."
            )
    elif folder.exists() and any(folder.iterdir()) and not _is_left_over(folder, name):
        raise RunFolderError(
            f"{shown(folder)} is not empty and not a run folder: it has no {name}. Nothing was written. "
            "Choose another folder with --out."
        )
    write_json(path, {"format_version": RESULTS_VERSION, "config": asdict(config)})


def _is_run(folder: Path) -> bool:
    """Return whether a folder holds a finished model, or the run of a study."""
    return any(folder.glob(f"models/*/{MANIFEST_FILE}")) or any(folder.glob(f"*/{CONFIG_FILE}"))


def _is_left_over(folder: Path, name: str) -> bool:
    """Return whether a folder holds only what runs leave that were killed or lost their folder.

    That is half of the file `name`, of a run that was killed as it began, the lock's file, or what a worker
    still wrote after the folder was deleted: models which are not finished, and are trained anew.
    """
    files = [path.relative_to(folder).parts for path in folder.rglob("*") if not path.is_dir()]
    return bool(files) and all(
        _is_beginning(parts, name)
        or (
            len(parts) in (3, 4)  # models/NAME/FILE, in the folder of a study
            and parts[-3] == "models"
            and parts[-1].lstrip(".").startswith((MODEL_FILE, HISTORY_FILE))  # or a temporary file of them
        )
        for parts in files
    )


def _is_beginning(parts: tuple[str, ...], name: str) -> bool:
    """Return whether a file is the lock's, or half of the file `name`, which a run writes first."""
    return len(parts) == 1 and (parts[0] == LOCK_FILE or parts[0].startswith(f".{name}."))


def _read(path: Path, make: Callable[[bytes], Value]) -> Value:
    """Return what `make` makes of a file; all that it finds wrong is told with the file's name."""
    try:
        return make(read_regular(path))
    except FileNotFoundError as error:
        raise RunFolderError(
            f"there is no {shown(path)}; expected the folder of a study's run, which `glassnet study run` "
            "makes."
        ) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise _damaged(path, f"{kind}{shown(error)}") from error


def _damaged(path: Path, why: str) -> DamagedRunError:
    return DamagedRunError(f"{shown(path)} is damaged, or not what the run wrote there: {why}")


def _parse(content: bytes) -> Any:
    """Return the values of a JSON text, of which no number is NaN or infinite and no name there twice."""
    return json.loads(content, parse_constant=_finite, parse_float=_finite, object_pairs_hook=without_twins)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{quoted(text)} is no finite number")
    return value


def _config_of(kind: type[Value]) -> Callable[[bytes], Value]:
    return lambda content: build(kind, _parse(content)["config"])


def _history_of(content: bytes) -> History:
    return History.from_json(_parse(content))


def _model_result_of(content: bytes) -> ModelResult:
    return ModelResult.from_json(_parse(content))


def _nothing_of(content: bytes) -> None:
    """Take a file as it is: its digest is all that is asked."""


def _results_of(content: bytes) -> StudyResult:
    value = _parse(content)
    digest = value.pop(DIGEST, None)
    if type(version := value["format_version"]) is int and version != RESULTS_VERSION:
        other = "a newer" if version > RESULTS_VERSION else "an older"
        raise ValueError(f"it is of version {version}, which {other} glassnet wrote")
    if digest != _digest_of(value):
        raise ValueError("it has not the SHA-256 that was written with it, or is of glassnet 0.1")
    return StudyResult.from_json(value)


def _digest_of(value: Any) -> str:
    """Return the SHA-256 of values of JSON, however they are indented."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
