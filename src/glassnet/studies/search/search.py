"""`Search`: settings of a model searched for on one's own data, described in Python or in a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from glassnet._common.places import Place, in_python
from glassnet._common.words import counted
from glassnet.errors import InvalidParameterError
from glassnet.studies.base import RunConfig, Study as BaseStudy, StudyResult
from glassnet.studies.own.concluding import title_of
from glassnet.studies.own.description import Description, SearchPart
from glassnet.studies.own.handed import describe_handed
from glassnet.studies.own.reading import read_description
from glassnet.studies.own.study import Study, begin, read_task, run_to_end, shared_fields, with_digests
from glassnet.studies.own.training import Task
from glassnet.studies.search.finals import plan_finals, train_final
from glassnet.studies.search.journal import Rules
from glassnet.studies.search.learning import Learnt, conclude
from glassnet.studies.search.running import run_search
from glassnet.studies.search.spaces import Space, default_settings, find_space

QUICK_TRIALS = 8
Function = Callable[..., Any]


class Search:
    """A search for settings: candidates drawn by what earlier ones came to, the best beside the defaults.

    ``glassnet search table.csv --target y`` runs one, and ``glassnet study run my-search.toml`` one that is
    described in a file; see docs/searches.md. It needs Optuna: ``pip install "glassnet[search]"``.

    Parameters
    ----------
    name : str
        A word: the run folder is called so.
    data, model, target, settings, metrics, test, validation, folds : object
        As for `Study`. There has to be a test part; the first metric chooses.
    seed, epochs, title, question : object
        As for `Study`.
    space : mapping, optional
        What is tried of which parameter: a list of values, or ``{"low": 1e-4, "high": 0.1, "log": True}``.
        The networks of glassnet have a default space.
    trials : int
        How many candidates are tried at most.
    minutes : float, optional
        How long the search takes at most.
    prune : bool
        Whether trainings end early that fall behind.
    quick_epochs, quick_rows : int
        Of the quick form, which has few trials.
    allow : sequence of str
        Modules, beside glassnet and scikit-learn, that may be imported.

    Raises
    ------
    InvalidParameterError
        When something cannot be right; UnknownNameError when a name is none, with the nearest.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> space = {"alpha": {"low": 1e-4, "high": 1.0, "log": True}, "solver": ["lbfgs", "adam"]}
    >>> search = Search("signs", (X, (X[:, 0] > 0).astype(int)), "MLPClassifier", space=space, trials=20)
    >>> search
    <Search signs: 20 trials over alpha, solver>
    """

    description: Description
    task: Task
    """What its workers are given."""
    origin: str
    model: type[Any]
    space: Space
    """What is tried of which parameter."""
    command: tuple[str, ...] = ()
    """The words of the command line that begins it again, where it was begun by one."""
    default: dict[str, Any] | None
    """What the parameters are by default; None where the space does not hold that."""

    def __init__(
        self,
        name: str,
        data: str | tuple[ArrayLike, ArrayLike] | Function | Mapping[str, Any],
        model: str | type[Any],
        *,
        target: str = "",
        settings: Mapping[str, Any] | None = None,
        space: Mapping[str, Any] | None = None,
        trials: int = 100,
        minutes: float | None = None,
        prune: bool = True,
        metrics: Sequence[str | Function | Mapping[str, Any]] | None = None,
        test: float = 0.2,
        validation: float = 0.2,
        folds: int = 0,
        seed: int = 0,
        epochs: int = 50,
        title: str = "",
        question: str = "",
        quick_epochs: int = 3,
        quick_rows: int = 500,
        allow: Sequence[str] = (),
    ) -> None:
        searched: dict[str, Any] = {"trials": trials, "prune": prune}
        searched |= {"minutes": minutes} if minutes is not None else {}
        searched |= {"space": space} if space is not None else {}
        task = describe_handed(
            name,
            data,
            model,
            target=target,
            settings=settings,
            metrics=metrics,
            allow=allow,
            split={"test": test, "validation": validation} | ({"folds": folds} if folds else {}),
            seed=seed,
            epochs=epochs,
            quick_epochs=quick_epochs,
            quick_rows=quick_rows,
            title=title,
            question=question,
            search=searched,
        )
        _begin(self, task, "", in_python)

    @classmethod
    def from_file(cls, path: str | Path, *, allow: Sequence[str] = ()) -> "Search":
        """Return the search that a file in TOML describes, in its table ``[search]``.

        Parameters
        ----------
        path : path-like
        allow : sequence of str
            Modules that the file may have imported, beside glassnet and scikit-learn.

        Raises
        ------
        DataFileError
            When it cannot be read; InvalidParameterError, with line and key, when something in it cannot be
            right.
        """
        search = cls.__new__(cls)
        task, origin, place = read_task(path, allow)
        if task.description.search is None:
            raise InvalidParameterError(f"{place(())} has no [search]; expected one, or use glassnet.Study.")
        _begin(search, task, origin, place)
        return search

    def __repr__(self) -> str:
        trials = counted(self.part.trials, "trial")
        return f"<Search {self.description.name}: {trials} over {', '.join(self.space)}>"

    @property
    def part(self) -> SearchPart:
        """What its file says under ``[search]``."""
        assert self.description.search is not None
        return self.description.search

    def rules(self, config: RunConfig) -> Rules:
        """Return how the search goes."""
        metric, part = self.description.metrics[0], self.part
        return Rules(
            space=self.space,
            default=self.default,
            less_is_better=metric.less_is_better,
            seed=config.seed,
            prune=part.prune,
            epochs=config.epochs,
            trials=min(part.trials, QUICK_TRIALS) if config.quick else part.trials,
            minutes=part.minutes,
        )

    def one_trial(self) -> Study:
        """Return the study of the defaults alone: what one training costs is measured on it."""
        study = Study.__new__(Study)
        description = replace(self.description, search=None)
        begin(study, replace(self.task, description=description), self.origin, in_python)
        return study

    def study(self, learnt: Learnt | None = None, won: dict[str, Any] | None = None) -> BaseStudy:
        """Return the study of the models at the end, given what the search came to."""
        description, plan = self.description, plan_finals(self.description, self.model)
        metric, names = title_of(description.metrics[0]), list(self.space)
        question = f"Which {', '.join(names)} give {description.estimator} the best {metric}?"
        shared = shared_fields(description, [self.model], question)
        # with more trials, or more time, it is the same search
        fixed = replace(description, search=replace(self.part, trials=1, minutes=None))
        return BaseStudy(
            **shared | {"settings": {**shared["settings"], "searched for": names}},
            specs=plan.specs,
            train=partial(train_final, self.task, won or {}),
            conclude=partial(conclude, description, plan, learnt or Learnt(self.space, [])),
            definition={"description": fixed.to_json(), "plan": plan.to_json()}
            | ({"command": list(self.command)} if self.command else {}),
            origin=self.origin,
        )

    def run(
        self,
        folder: str | Path | None = None,
        *,
        quick: bool = False,
        jobs: int | None = None,
        scheduler: str | None = None,
        on_progress: Callable[[Any], object] | None = None,
    ) -> StudyResult:
        """Search, train the winner and the defaults, and return the results.

        Parameters
        ----------
        folder : path-like, optional
            The run folder; ``runs/NAME`` unless given. A search that was stopped goes on where it stood, and
            several processes may search in the same folder.
        quick : bool
            Take few samples, epochs and trials: a first look.
        jobs : int, optional
            Trials trained at once, one process each; one for each core unless given. With one, the same seed
            gives the same search.
        scheduler : str, optional
            Address of a Dask scheduler whose workers train instead.
        on_progress : callable, optional
            Is told, a few times a second, how far the search is: a `Progress`, and in the end a `Snapshot`.

        Returns
        -------
        StudyResult
            Of the models ``winner`` and ``defaults-...``; ``conclusion.best["settings"]`` are the winner's.

        Raises
        ------
        FileError
            When the folder cannot be used; StudyError when no trial came to anything.
        """
        study = self.study()
        config = study.config(quick=quick)
        path = study.folder_of(config, folder)
        return run_to_end(run_search(self, config, path, jobs=jobs, scheduler=scheduler), on_progress)


def read_own(path: str | Path, *, allow: Sequence[str] = ()) -> Study | Search:
    """Return the study that a file describes, or the search, where it has a table ``[search]``; see both."""
    description, _ = read_description(Path(path), allow)
    kind = Study if description.search is None else Search
    return kind.from_file(path, allow=allow)


def _begin(search: Search, task: Task, origin: str, place: Place) -> None:
    search.task, search.origin = with_digests(task), origin
    search.description = search.task.description
    search.model = search.task.find_model({})
    search.space = find_space(search.description, search.model, place)
    search.default = default_settings(search.description, search.model, search.space)
