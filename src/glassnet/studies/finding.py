"""Which study a run folder is of: one of the table, or a person's, of which the folder keeps what it is."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from glassnet._common.fields import build
from glassnet._common.naming import lookup
from glassnet._common.quoting import shown
from glassnet.errors import DamagedRunError, StudyError
from glassnet.studies.base import Conclusion, ModelResult, ModelSpec, PartsFunction, RunConfig, Study
from glassnet.studies.folder import DEFINITION_FILE, RunFolder
from glassnet.studies.own.candidates import Plan
from glassnet.studies.own.description import Description
from glassnet.studies.own.importing import is_import_path
from glassnet.studies.own.published import published_claims
from glassnet.studies.own.reading import ESTIMATOR
from glassnet.studies.own.training import Task, parts_of
from glassnet.studies.search.finals import final_parts
from glassnet.studies.table import STUDIES


def study_of(folder: RunFolder, name: str) -> Study:
    """Return the study of a run, to be shown; nothing is imported that a person's study names.

    Parameters
    ----------
    folder : RunFolder
    name : str
        Of the study, as its results say.

    Raises
    ------
    UnknownNameError
        When it is no known study; DamagedRunError when what the folder keeps of it is damaged.
    """
    kept = folder.read_definition()
    if not kept:
        return lookup(STUDIES, name, "study")
    try:
        description = build(Description, kept["definition"]["description"])
        plan = build(Plan, kept["definition"]["plan"])
        return Study(
            name=name,
            specs=plan.specs,
            train=_cannot_train,
            conclude=_cannot_conclude,
            parts=_parts_of(description, plan, str(kept["origin"])),
            claims=partial(published_claims, description, plan) if description.published else None,
            **kept,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedRunError(f"{shown(folder.path / DEFINITION_FILE)} is damaged: {shown(error)}") from error


def _parts_of(description: Description, plan: Plan, origin: str) -> PartsFunction | None:
    """Return what gives the doctor the samples; None where code of a person's own would be imported."""
    imported = [description.data.source, description.estimator]
    imported += [str(one.get(ESTIMATOR, "")) for one in plan.candidates.values()]
    if any(map(is_import_path, imported)) or "arrays" in description.data.sha256:
        return None
    task = Task(description, str(Path(origin).resolve().parent) if origin else "")
    return partial(parts_of if description.search is None else final_parts, task)


def _cannot_train(config: RunConfig, spec: ModelSpec, folder: Path, on_epoch: Any) -> ModelResult:
    raise StudyError(f"{config.study} was read from its run folder; expected its file, to train models.")


def _cannot_conclude(config: RunConfig, results: Sequence[ModelResult], folder: Path) -> Conclusion:
    return Conclusion()
