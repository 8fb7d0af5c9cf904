"""`Study`: a study of one's own data and question, described in Python or in a file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from numpy.typing import ArrayLike

from glassnet._common.places import Place, in_python
from glassnet._common.words import counted
from glassnet.data import DATASETS
from glassnet.errors import InvalidParameterError, StudyError
from glassnet.studies import base
from glassnet.studies.base import StudyResult
from glassnet.studies.own.candidates import Plan, plan_models
from glassnet.studies.own.concluding import conclude, title_of
from glassnet.studies.own.description import Description
from glassnet.studies.own.estimators import keeps_file, tells_epochs
from glassnet.studies.own.given import digest_files
from glassnet.studies.own.handed import describe_handed
from glassnet.studies.own.published import check_published, published_claims
from glassnet.studies.own.reading import ESTIMATOR, read_description
from glassnet.studies.own.training import Task, parts_of, train
from glassnet.studies.runner import run_study

MOST_EXAMINED = 24
"""More models than these are not examined by the doctor as they finish."""

Function = Callable[..., Any]


class Study(base.Study):
    """A study of one's own: models trained side by side on one's own data, resumable, with a report.

    ``glassnet study run my-study.toml`` runs one that is described in a file, in the same words; see
    docs/own-studies.md.

    Parameters
    ----------
    name : str
        A word: the run folder is called so.
    data : str, pair of arrays, callable or mapping
        A key of `glassnet.data.DATASETS`; the path of a CSV, Parquet or Feather table; ``(X, y)``; a
        function of a module that returns ``(X, y)`` or ``{"train": (X, y), "test": ...}``; or a mapping of
        the keys of ``[data]`` in a file.
    model : str or class
        The model: a class of glassnet or scikit-learn, its name, or ``"module:name"``.
    target : str, optional
        The column of a table to predict.
    settings : mapping, optional
        Parameters of the model that all candidates share.
    vary : mapping of str to sequence, optional
        A grid: every combination of these values is a candidate. ``train_rows`` is how many samples a model
        is trained with.
    candidates : sequence of mapping, optional
        The candidates themselves, in place of a grid; each may name an ``estimator`` of its own.
    metrics : sequence of str, callable or mapping, optional
        Figures of merit; the first one chooses. Names of `FIGURES`, or functions ``f(y, answers)``; a mapping
        says ``function`` and ``less_is_better``. Accuracy or RMSE unless given.
    test, validation : float
        Parts that are held back: to test on, and to choose by.
    folds : int
        Choose by cross-validation instead.
    seeds : int or sequence of int, optional
        Repeat every candidate with these seeds of the model.
    seed : int
        Of the split, and of the models where there are no `seeds`.
    epochs : int
        The most epochs of models that are trained in epochs.
    published : sequence of mapping, optional
        Figures to be judged: ``metric``, ``value``, and perhaps ``split``, ``where`` (what tells the
        candidate) and ``tolerance``.
    title, question : str, optional
        For people.
    quick_epochs, quick_rows : int
        Of the quick form.
    examines : bool
        Whether the doctor examines the models of a full run, if they are few.
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
    >>> study = Study(
    ...     "signs",
    ...     (X, (X[:, 0] > 0).astype(int)),
    ...     "MLPClassifier",
    ...     settings={"hidden_layer_sizes": [4]},
    ...     vary={"solver": ["lbfgs", "adam"], "batch_size": [16, 32]},
    ...     epochs=5,
    ... )
    >>> study
    <Study signs: 4 models; Which of 4 candidates has the best validation accuracy?>
    >>> [spec.name for spec in study.specs][:2]  # one of two equal ones is trained twice, as the proof
    ['lbfgs-batch-size-16', 'lbfgs-batch-size-32']
    """

    task: Task
    """What its workers are given."""
    candidates: Plan
    """What is trained, and which candidates are the same model."""

    def __init__(
        self,
        name: str,
        data: str | tuple[ArrayLike, ArrayLike] | Function | Mapping[str, Any],
        model: str | type[Any],
        *,
        target: str = "",
        settings: Mapping[str, Any] | None = None,
        vary: Mapping[str, Sequence[Any]] | None = None,
        candidates: Sequence[Mapping[str, Any]] | None = None,
        metrics: Sequence[str | Function | Mapping[str, Any]] | None = None,
        test: float = 0.2,
        validation: float = 0.2,
        folds: int = 0,
        seeds: int | Sequence[int] | None = None,
        seed: int = 0,
        epochs: int = 50,
        published: Sequence[Mapping[str, Any]] | None = None,
        title: str = "",
        question: str = "",
        quick_epochs: int = 3,
        quick_rows: int = 500,
        examines: bool = True,
        allow: Sequence[str] = (),
    ) -> None:
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
            examines=examines,
            vary=vary,
            candidates=candidates,
            seeds=seeds,
            published=published,
            title=title,
            question=question,
        )
        begin(self, task, "", in_python)

    @classmethod
    def from_file(cls, path: str | Path, *, allow: Sequence[str] = ()) -> "Study":
        """Return the study that a file in TOML describes.

        Parameters
        ----------
        path : path-like
            `glassnet study new` writes an example.
        allow : sequence of str
            Modules that the file may have imported, beside glassnet and scikit-learn.

        Raises
        ------
        DataFileError
            When it cannot be read; InvalidParameterError, with line and key, when something in it cannot be
            right.
        """
        study = cls.__new__(cls)
        begin(study, *read_task(path, allow))
        return study

    def words(self) -> list[str]:
        """Return what names it on the command line: its file, and the modules that it may import.

        Raises
        ------
        StudyError
            When it is of no file.
        """
        if not self.origin:
            raise StudyError(
                "a study that was described in Python has no file that other machines could read."
            )
        return [self.origin, *(word for one in self.task.allow for word in ("--allow", one))]

    def for_workers(self) -> base.Study:
        """Return what another process needs; of thousands of candidates, each worker needs its own alone."""
        task = replace(
            self.task, description=replace(self.task.description, vary={}, candidates=[], published=[])
        )
        parts = None if self.parts is None else partial(parts_of, task)
        return replace(super().for_workers(), train=partial(train, task), parts=parts)

    def run(
        self,
        folder: str | Path | None = None,
        *,
        quick: bool = False,
        jobs: int | None = None,
        scheduler: str | None = None,
        slurm: Sequence[str] | None = None,
        on_snapshot: Callable[[Any], object] | None = None,
    ) -> StudyResult:
        """Train what is not trained yet, and return the results.

        Parameters
        ----------
        folder : path-like, optional
            The run folder; ``runs/NAME`` unless given. A run that was stopped goes on where it stood.
        quick : bool
            Take few samples and epochs: a first look.
        jobs : int, optional
            Models trained at once, one process each; one for each core unless given.
        scheduler : str, optional
            Address of a Dask scheduler whose workers train instead.
        slurm : sequence of str, optional
            Options of ``sbatch``: an array job of Slurm trains, of a study that was read from a file.
        on_snapshot : callable, optional
            Is told, a few times a second, how far the run is: a `Snapshot`.

        Returns
        -------
        StudyResult

        Raises
        ------
        FileError
            When the folder cannot be used; StudyError when a model cannot be trained.
        """
        config = self.config(quick=quick)
        means: dict[str, Any] = {"jobs": jobs, "scheduler": scheduler, "slurm": slurm}
        path = self.folder_of(config, folder)
        return run_to_end(run_study(self, config, path, engines=self.engines, **means), on_snapshot)


def read_task(path: str | Path, allow: Sequence[str]) -> tuple[Task, str, Place]:
    """Return what a study's file describes, its name, and what says of its keys where they stand."""
    description, place = read_description(Path(path), allow)
    return Task(description, str(Path(path).resolve().parent), tuple(allow)), str(path), place


def run_to_end(snapshots: Iterable[Any], tell: Callable[[Any], object] | None) -> StudyResult:
    """Return the results that the last snapshot of a run has; `tell` is called with each."""
    for snapshot in snapshots:
        if tell is not None:
            tell(snapshot)
    return cast(StudyResult, snapshot.results)


def with_digests(task: Task) -> Task:
    """Return it with the SHA-256 of every file that the data are read from."""
    data = task.description.data
    if not data.sha256:
        data = replace(data, sha256=digest_files(data, task.folder))
    return replace(task, description=replace(task.description, data=data))


def shared_fields(description: Description, models: Sequence[type[Any]], question: str) -> dict[str, Any]:
    """Return what a study has that follows from its description; the question unless that asks one."""
    has_epochs = any(map(tells_epochs, models))
    return {
        "name": description.name,
        "title": description.title or description.name,
        "question": description.question or question,
        "dataset": description.data.source if description.data.source in DATASETS else "",
        "settings": show_settings(description),
        "epochs": description.epochs if has_epochs else 1,
        "quick_epochs": min(description.quick_epochs, description.epochs) if has_epochs else 1,
        "keeps_models": all(map(keeps_file, models)),
        "seed": description.seed,
    }


def begin(study: Study, task: Task, origin: str, place: Place) -> None:
    """Make a study of what its workers are given, which was described in Python or in a file."""
    if task.description.search is not None:
        raise InvalidParameterError(
            f"{place(('search',))}: a search is no study of candidates that are known; `glassnet study run` "
            "runs it, in Python glassnet.Search."
        )
    task = with_digests(task)
    description = task.description
    plan = plan_models(description, task.allow, task.folder)
    check_published(description.published, plan, place)
    models = [task.find_model(one) for one in plan.candidates.values()]
    examines = description.examines and any(map(keeps_file, models)) and len(plan.specs) <= MOST_EXAMINED
    n, metric = counted(len(plan.candidates), "candidate"), title_of(description.metrics[0])
    object.__setattr__(study, "task", task)
    object.__setattr__(study, "candidates", plan)
    base.Study.__init__(
        study,
        **shared_fields(description, models, f"Which of {n} has the best validation {metric}?"),
        specs=plan.specs,
        train=partial(train, task),
        conclude=partial(conclude, description, plan),
        parts=partial(parts_of, task) if examines else None,
        claims=partial(published_claims, description, plan) if description.published else None,
        definition={"description": description.to_json(), "plan": plan.to_json()},
        origin=origin,
    )


def show_settings(description: Description) -> dict[str, Any]:
    """Return what all models share, for people to read."""
    data, split = description.data, description.split
    own = ", or the data’s own" if data.source in DATASETS or data.test_images else ""
    shown: dict[str, Any] = {
        "model": description.estimator if not any(ESTIMATOR in one for one in description.candidates) else "",
        "data": data.source or data.images or "arrays",
        "target": data.target,
        **description.settings,
        "validation": f"{split.folds} folds" if split.folds else f"{split.validation:g} of the rest{own}",
        "test part": f"{split.test:g}{own}" if split.test else "",
        "metrics": [title_of(metric) for metric in description.metrics],
        "seeds": description.seeds,
    }
    return {name: value for name, value in shown.items() if value}
