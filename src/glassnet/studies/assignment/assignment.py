"""The assignment: which studies reproduce which of its parts, and what all of them came to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glassnet._common.claims import Verdict
from glassnet._common.environment import describe_environment
from glassnet._common.files import write_json
from glassnet.studies import STUDIES
from glassnet.studies.base import Study, StudyResult
from glassnet.studies.folder import RunFolder, claim_folder

PARTS: dict[str, tuple[str, ...]] = {
    "hand": ("hand",),
    "mnist": ("mnist-init",),
    "fashion": ("fashion-activations", "fashion-grid", "fashion-reconstruction", "fashion-features"),
}
"""The studies of each part, in the order in which they run."""

WITH_BOTH_ENGINES = ("fashion-activations", "fashion-reconstruction", "fashion-features")
"""Studies that run with each of their engines unless told otherwise; the others run with their first."""

ASSIGNMENT_VERSION = 1
"""Version of the assignment's results.json, see docs/results.md."""


@dataclass(frozen=True)
class AssignmentConfig:
    """Hold what determines the numbers of the whole assignment.

    Attributes
    ----------
    quick : bool
        Whether every study runs in its short form.
    seed : int or None
        Of every study; None takes each study's own.
    """

    quick: bool
    seed: int | None


def list_parts() -> list[str]:
    """Return the parts that have a study, and ``all``."""
    return [*(part for part in PARTS if list_studies(part)), "all"]


def list_studies(part: str) -> list[Study]:
    """Return the studies of a part, or of ``all``, in the assignment's order."""
    names = [name for key, names in PARTS.items() if part in (key, "all") for name in names]
    return [STUDIES[name] for name in names if name in STUDIES]


def engines_of(study: Study, engine: str | None = None) -> tuple[str, ...]:
    """Return the engines that a study runs with.

    Parameters
    ----------
    study : Study
    engine : {"glassnet", "sklearn", "both"}, optional
        Of all studies that have it; a study of one engine keeps its own.
    """
    if engine == "both" or (engine is None and study.name in WITH_BOTH_ENGINES):
        return study.engines
    return (engine,) if engine in study.engines else study.engines[:1]


class AssignmentFolder:
    """Name the files of a folder that holds runs of the assignment's studies, and write them.

    ::

        assignment.json       what determines the numbers
        results.json          the claims of all studies, see docs/results.md
        index.html            the opening page
        STUDY/                the run folder of each study

    Parameters
    ----------
    path : path-like
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def results_path(self) -> Path:
        """Where results.json is."""
        return self.path / "results.json"

    @property
    def page_path(self) -> Path:
        """Where index.html is."""
        return self.path / "index.html"

    def run_of(self, study: Study) -> RunFolder:
        """Return the run folder of a study."""
        return RunFolder(self.path / study.name)

    def claim(self, config: AssignmentConfig) -> None:
        """Make the folder the one of this config, or check that it already is.

        Raises
        ------
        FileError
            When the folder cannot be written.
        RunFolderError
            When it holds a run with other settings or anything else, or is damaged.
        """
        claim_folder(self.path, "assignment.json", config)

    def list_shown(self, asked: Sequence[Study]) -> list[tuple[str, Study]]:
        """Return, with their labels, the studies that are asked for or have run here, in order."""
        return [
            (study.section, study)
            for study in list_studies("all")
            if study in asked or self.run_of(study).results_path.exists()
        ]

    def write_results(self, config: AssignmentConfig, studies: Sequence[Study]) -> dict[str, Any]:
        """Write results.json from the runs that have begun; return what it holds."""
        folders = [self.run_of(study) for study in studies]
        found = [folder.read_results() if folder.results_path.exists() else None for folder in folders]
        value = {
            "format_version": ASSIGNMENT_VERSION,
            "config": asdict(config),
            "complete": all(result is not None and result.complete for result in found),
            "sections": [
                _describe(study, result) for study, result in zip(studies, found, strict=True) if result
            ],
            "claims": [
                {"section": study.section, "study": study.name, **asdict(claim)}
                for study, result in zip(studies, found, strict=True)
                if result
                for claim in result.conclusion.claims
            ],
            "environment": describe_environment(),
        }
        write_json(self.results_path, value)
        return value


def _describe(study: Study, result: StudyResult) -> dict[str, Any]:
    counts = Counter(claim.verdict for claim in result.conclusion.claims)
    return {
        "section": study.section,
        "study": study.name,
        "title": study.title,
        "config": asdict(result.config),
        "engines": result.engines,
        "complete": result.complete,
        "models": len(result.models),
        "verdicts": {verdict: counts[verdict] for verdict in Verdict},
        "seconds": sum(model.seconds for model in result.models),
    }
