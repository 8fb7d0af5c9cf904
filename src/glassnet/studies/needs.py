"""A study that reads the models of others can only run after them."""

from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.errors import StudyError
from glassnet.studies.base import RunConfig, Study
from glassnet.studies.engines import name_engines
from glassnet.studies.folder import RunFolder


@dataclass(frozen=True)
class NeededRun:
    """Hold a run whose models another one reads: of which study, with what config, where."""

    study: Study
    config: RunConfig
    folder: RunFolder


def plan_needed(study: Study, config: RunConfig, folder: RunFolder) -> list[NeededRun]:
    """Return the runs that have to be there before this one, in the same form and beside its folder.

    Raises
    ------
    FileError
        When `folder` cannot be written; RunFolderError when it holds another run.
    """
    if not study.needs:
        return []
    folder.claim(config)  # the folders beside it are named after what is in it
    own_epochs = config.epochs == study.config(quick=config.quick).epochs
    epochs = None if own_epochs else config.epochs
    return [
        NeededRun(
            needed,
            needed.config(quick=config.quick, epochs=epochs, seed=config.seed),
            folder.beside(needed.name),
        )
        for needed in study.needs
    ]


def check_needed(needed: Study, config: RunConfig, engines: Sequence[str], folder: RunFolder) -> None:
    """Check that another study has all models of these engines, in the same form and with the same seed.

    Parameters
    ----------
    needed : Study
    config : RunConfig
        Of the study that needs it.
    engines : sequence of str
    folder : RunFolder
        Where the needed study has run.

    Raises
    ------
    StudyError
        When it has not run there, not to the end, or with other settings; RunFolderError when its folder is
        damaged.
    """
    form = " --quick" if config.quick else ""
    advice = (
        f"Run that first: glassnet study run {needed.name}{form} --seed {config.seed} "
        f"--engine {name_engines(engines)} --out {folder.path}"
    )
    reads = f"{config.study} reads the models of {needed.name}"
    if not folder.results_path.exists():
        raise StudyError(f"{reads}, which are not in {folder.path}. {advice}")
    found = folder.read_results()
    if (found.study, found.config.quick, found.config.seed) != (needed.name, config.quick, config.seed):
        raise StudyError(
            f"{reads}; {folder.path} holds {found.study} with quick {found.config.quick} and seed "
            f"{found.config.seed}, expected quick {config.quick} and seed {config.seed}. {advice}"
        )
    wanted = {spec.name for spec in needed.plan(found.config, engines)}
    missing = wanted - {model.name for model in found.models}
    if missing:
        raise StudyError(
            f"{reads}; in {folder.path} these are not finished: {', '.join(sorted(missing))}. {advice}"
        )
    for name in sorted(wanted):
        folder.check_model(name, has_weights=needed.keeps_models)
