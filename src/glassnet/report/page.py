"""Render a study's results as one page: everything is in the file, nothing is fetched."""

import shlex
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from glassnet.datasets import DATASETS, ImageData
from glassnet.files import write_atomically
from glassnet.history import History
from glassnet.naming import lookup
from glassnet.report import formats, parts
from glassnet.studies import STUDIES
from glassnet.studies.base import ModelSpec, RunConfig, StudyResult
from glassnet.studies.folder import RunFolder

REFRESH_SECONDS = 10
"""How often the page of an unfinished run loads itself anew."""


def render_report(
    result: StudyResult,
    histories: dict[str, History],
    images: ImageData,
    *,
    settings: dict[str, Any] | None = None,
    specs: Sequence[ModelSpec] = (),
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    result : StudyResult
        Complete, or with the models that are finished so far.
    histories : dict of str to History
        The epochs of each model that has begun, by its name.
    images : ImageData
        The study's data set; its test part is shown.
    settings : dict, optional
        What the models share, see `Study.settings`.
    specs : sequence of ModelSpec
        All models of the study, in its order. Without them the page shows the finished ones alone.

    Returns
    -------
    str
    """
    models = parts.list_models(result, specs, histories)
    columns = parts.count_columns(models)
    return (
        _environment()
        .get_template("report.html")
        .render(
            result=result,
            settings=settings or {},
            models=models,
            columns=columns,
            best=next((model for model in models if model.is_best), None),
            verdicts=parts.count_verdicts(result.conclusion.claims),
            claim_groups=parts.group_claims(result.conclusion.claims),
            samples=parts.sample_images(images),
            errors=parts.error_images(result.conclusion.best.get("confident_errors", []), images),
            confusion=parts.shade_confusion(result.conclusion.best.get("confusion", [])),
            images=images,
            command=command_of(result.config),
            refresh=None if result.complete else REFRESH_SECONDS,
        )
    )


def write_report(folder: RunFolder, *, images: ImageData | None = None) -> Path:
    """Write report.html of a run folder from its results.json and its histories.

    Parameters
    ----------
    folder : RunFolder
        Of a study in `STUDIES`.
    images : ImageData, optional
        The study's data set; unless given, it is loaded.

    Returns
    -------
    Path
        Where the page is.

    Raises
    ------
    FileError
        When the page cannot be written; RunFolderError when the folder holds no run or a damaged one.
    UnknownNameError
        When `STUDIES` has no such study.
    """
    result = folder.read_results()
    study = lookup(STUDIES, result.study, "study")
    histories = {
        spec.name: history for spec in study.specs if (history := folder.read_history(spec.name)) is not None
    }
    page = render_report(
        result,
        histories,
        images or lookup(DATASETS, study.dataset, "data set").load(),
        settings=study.settings,
        specs=study.specs,
    )
    write_atomically(folder.report_path, page, durable=result.complete)
    return folder.report_path


def command_of(config: RunConfig) -> str:
    """Return the command line that computes these results again."""
    quick = ["--quick"] if config.quick else []
    words = ["glassnet", "study", "run", config.study, *quick]
    return shlex.join([*words, "--seed", str(config.seed), "--epochs", str(config.epochs)])


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("glassnet.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=formats.number, duration=formats.duration, plain=formats.plain, readable=formats.readable
    )
    return environment
