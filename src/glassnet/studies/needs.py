"""A study that reads the models of another can only run after it."""

from collections.abc import Sequence

from glassnet._common.naming import lookup
from glassnet.errors import StudyError
from glassnet.studies import STUDIES
from glassnet.studies.base import RunConfig
from glassnet.studies.folder import RunFolder


def check_needed(name: str, config: RunConfig, engines: Sequence[str], folder: RunFolder) -> None:
    """Check that another study has all models of these engines, in the same form and with the same seed.

    Parameters
    ----------
    name : str
        The study that is needed.
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
    needed = lookup(STUDIES, name, "study")
    form = " --quick" if config.quick else ""
    engine = engines[0] if len(engines) == 1 else "both"
    advice = (
        f"Run that first: glassnet study run {name}{form} --seed {config.seed} --engine {engine} "
        f"--out {folder.path}"
    )
    if not folder.results_path.exists():
        raise StudyError(
            f"{config.study} reads the models of {name}, which are not in {folder.path}. {advice}"
        )
    found = folder.read_results()
    if (found.study, found.config.quick, found.config.seed) != (name, config.quick, config.seed):
        raise StudyError(
            f"{config.study} reads the models of {name}; {folder.path} holds {found.study} with "
            f"quick {found.config.quick} and seed {found.config.seed}, expected quick {config.quick} "
            f"and seed {config.seed}. {advice}"
        )
    wanted = {spec.name for spec in needed.plan(found.config, engines)}
    missing = wanted - {model.name for model in found.models}
    if missing:
        raise StudyError(
            f"{config.study} reads the models of {name}; in {folder.path} these are not finished: "
            f"{', '.join(sorted(missing))}. {advice}"
        )
