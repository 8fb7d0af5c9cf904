"""A study that reads the models of others can only run after them."""

from collections.abc import Sequence

from glassnet.errors import StudyError
from glassnet.studies.base import Run, RunConfig, Study
from glassnet.studies.engines import name_engines
from glassnet.studies.folder import RunFolder


def plan_needed(run: Run) -> list[Run]:
    """Return the runs that have to be there before this one, in the same form and beside its folder.

    Raises
    ------
    FileError
        When its folder cannot be written; RunFolderError when it holds another run.
    """
    if not run.study.needs:
        return []
    config, folder = run.config, RunFolder(run.path)
    folder.claim(config)  # the folders beside it are named after what is in it
    own_epochs = config.epochs == run.study.config(quick=config.quick).epochs
    epochs = None if own_epochs else config.epochs
    return [
        Run(
            needed,
            needed.config(quick=config.quick, epochs=epochs, seed=config.seed),
            folder.beside(needed.name).path,
            run.engines,
        )
        for needed in run.study.needs
    ]


def check_needed(needed: Study, config: RunConfig, engines: Sequence[str] | None, folder: RunFolder) -> None:
    """Check that another study has all models of these engines, in the same form and with the same seed.

    Parameters
    ----------
    needed : Study
    config : RunConfig
        Of the study that needs it.
    engines : sequence of str, optional
        Unless given, what the study trains when no engines are named.
    folder : RunFolder
        Where the needed study has run.

    Raises
    ------
    StudyError
        When it has not run there, not to the end, or with other settings; RunFolderError when its folder is
        damaged.
    """
    form = " --quick" if config.quick else ""
    words = [f"--seed {config.seed}", *name_engines(engines), f"--out {folder.path}"]
    advice = f"Run that first: glassnet study run {needed.name}{form} {' '.join(words)}"
    reads = f"{config.study} reads the models of {needed.name}"
    if not folder.results_path.exists():
        raise StudyError(f"{reads}, which are not in {folder.path}. {advice}")
    found = folder.read_results()
    if (found.study, found.config.quick, found.config.seed) != (needed.name, config.quick, config.seed):
        raise StudyError(
            f"{reads}; {folder.path} holds {found.study} with quick {found.config.quick} and seed "
            f"{found.config.seed}, expected quick {config.quick} and seed {config.seed}. {advice}"
        )
    wanted = {spec.name for spec in needed.plan(engines)}
    missing = wanted - {model.name for model in found.models}
    if missing:
        raise StudyError(
            f"{reads}; in {folder.path} these are not finished: {', '.join(sorted(missing))}. {advice}"
        )
    for name in sorted(wanted):
        folder.check_model(name, has_weights=needed.keeps_models)
