"""The whole assignment reproduced: the studies of its chapters, and what all of them came to."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glassnet._common.claims import Verdict, count_verdicts
from glassnet._common.environment import describe_environment
from glassnet._common.files import remove_unfinished, write_json
from glassnet._common.locks import HeldLock, lock_folder
from glassnet.studies.base import Study, StudyResult
from glassnet.studies.engines import choose_engines
from glassnet.studies.folder import RunFolder, check_claimed, claim_folder
from glassnet.studies.table import STUDIES

ASSIGNMENT_VERSION = 2
"""Version of the assignment's results.json, see docs/results.md."""
CONFIG_FILE = "assignment.json"


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

    @property
    def run_name(self) -> str:
        """A name that differs for every config: ``"assignment-quick-seed1"``."""
        words = ["assignment"]
        words += ["quick"] if self.quick else []
        words += [] if self.seed is None else [f"seed{self.seed}"]
        return "-".join(words)


def list_chapters() -> list[str]:
    """Return the assignment's chapters in its order, and ``all``."""
    return [*dict.fromkeys(study.chapter for study in STUDIES.values() if study.chapter), "all"]


def list_studies(chapter: str) -> list[Study]:
    """Return the studies of a chapter, or of ``all``, in the assignment's order."""
    return [study for study in STUDIES.values() if study.chapter and chapter in (study.chapter, "all")]


def engines_of(study: Study, engine: str | None = None) -> tuple[str, ...] | None:
    """Return the engines that a study runs with; None leaves it to the study, as where it lacks that engine.

    Parameters
    ----------
    study : Study
    engine : str, optional
        A key of `ENGINES`, or `BOTH`.
    """
    asked = choose_engines(study, engine) or ()
    return tuple(one for one in study.engines if one in asked) or None


def list_waves(studies: Sequence[Study]) -> list[list[Study]]:
    """Return studies in the waves that they can run in, side by side: none needs one of its own wave."""
    waves: list[list[Study]] = []
    left = list(studies)
    while left:
        waves.append([study for study in left if not any(needed in left for needed in study.needs)])
        left = [study for study in left if study not in waves[-1]]
    return waves


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
        self._is_claimed = False

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

    def claim(self, config: AssignmentConfig, *, repair: bool = False) -> None:
        """Make the folder the one of this config, or check that it already is.

        With `repair` a damaged assignment.json is written anew, and damaged results of studies are
        removed: their runs write them again.

        Raises
        ------
        FileError
            When the folder cannot be written.
        RunFolderError
            When it holds a run with other settings or anything else, or is damaged.
        """
        claim_folder(self.path, CONFIG_FILE, config, repair=repair)
        self._is_claimed = True
        for folder in map(self.run_of, list_studies("all") if repair else ()):
            folder.forget_damaged_results()

    def lock(self) -> AbstractContextManager[HeldLock]:
        """Keep other runs out of the folder, in a ``with``; see `lock_folder` for the errors."""
        return lock_folder(self.path)

    def check(self) -> None:
        """Raise `RunFolderError` when the folder is no longer the one that `claim` made."""
        check_claimed(self.path, CONFIG_FILE)

    def sweep(self) -> None:
        """Remove the halves of files that a run left which was killed; the lock is held."""
        for path in (self.path / CONFIG_FILE, self.results_path, self.page_path):
            remove_unfinished(self.path, path.name)

    def list_shown(self, asked: Sequence[Study]) -> list[tuple[str, Study]]:
        """Return, with their labels, the studies that are asked for or have run here, in order."""
        return [
            (study.section, study)
            for study in list_studies("all")
            if study in asked or self.run_of(study).results_path.exists()
        ]

    def write_results(self, config: AssignmentConfig, studies: Sequence[Study]) -> dict[str, Any]:
        """Write results.json from the runs that have begun; return what it holds."""
        if self._is_claimed:
            self.check()
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
        write_json(self.results_path, value, make_folder=False)
        return value


def _describe(study: Study, result: StudyResult) -> dict[str, Any]:
    counts, not_judged = count_verdicts(claim.verdict for claim in result.conclusion.claims)
    return {
        "section": study.section,
        "study": study.name,
        "title": study.title,
        "config": asdict(result.config),
        "engines": result.engines,
        "complete": result.complete,
        "models": len(result.models),
        "verdicts": {verdict: counts.get(verdict, 0) for verdict in Verdict if verdict != Verdict.NOT_JUDGED},
        "not_judged": not_judged,
        "seconds": sum(model.seconds for model in result.models),
    }
