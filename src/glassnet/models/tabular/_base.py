"""What the two estimators for tables share: columns encoded, networks trained, answers averaged."""

import copy
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from inspect import signature
from typing import Any, ClassVar, Literal, NamedTuple, NoReturn, Self

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils.validation import check_is_fitted

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.exchange import Graph, make_model
from glassnet.models._exporting import Exported
from glassnet.models._settings import LayerSizes, as_random_state, hidden_sizes
from glassnet.models._state import NOT_A_NETWORK, not_a_network
from glassnet.models.tabular._constraints import CONSTRAINTS
from glassnet.models.tabular._file import TabularState, read_tabular, write_tabular
from glassnet.models.tabular._member import Member, build, draw_first
from glassnet.models.tabular._outline import inputs_of, outline_table
from glassnet.models.tabular._training import train_in_processes, train_one
from glassnet.models.tabular.encoder import TableEncoder
from glassnet.models.tabular.recipe import RECIPES, Recipe
from glassnet.models.validation import check_lengths, check_sample_weight
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.history import EpochRecord, History
from glassnet.nn.losses import Head
from glassnet.nn.members import member_of
from glassnet.nn.samples import Samples


class Held(NamedTuple):
    """Hold the rows that watch over a training: encoded, and their targets as the user has them."""

    Z: Array
    y: NDArray[Any]


class Task(NamedTuple):
    """Say what one network is trained on: rows of the table, and rows that watch over it."""

    rows: NDArray[np.intp]
    held_out: Held | None
    seed: np.random.SeedSequence


class TabularMLP(Exported, BaseEstimator, ABC):  # type: ignore[misc]
    """Fit networks to a table; the subclasses say what targets mean."""

    _targets_are: ClassVar[Literal["classes", "numbers"]]
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = CONSTRAINTS

    recipe: str
    hidden_layer_sizes: LayerSizes | Literal["auto"]
    early_stopping: bool
    validation_fraction: float
    n_ensemble: int
    ensemble: str
    n_jobs: int | None
    random_state: Any
    dtype: Literal["float32", "float64"]
    verbose: int
    on_epoch: Callable[[EpochRecord], object] | None

    encoder_: TableEncoder
    members_: list[Member]
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]
    validation_score_: float | None

    # -- what the subclasses say ------------------------------------------------------------------------

    @abstractmethod
    def _learn_targets(self, y: Any) -> NDArray[Any]:
        """Check the targets, note what there is to know of them, and return them as an array."""

    @abstractmethod
    def _encode(self, y: NDArray[Any]) -> Array:
        """Return checked targets as a network learns them, shape (n, n_outputs)."""

    @abstractmethod
    def _decode_targets(self, y: Any, name: str = "y_val") -> NDArray[Any]:
        """Return the targets of other rows as `_learn_targets` returns its own."""

    @abstractmethod
    def _head(self) -> Head:
        """Return the output activation and loss."""

    @abstractmethod
    def _n_outputs(self) -> int:
        """Return how many outputs a network has."""

    @abstractmethod
    def _watches_accuracy(self) -> bool:
        """Return whether the best epoch has the highest accuracy; otherwise the least loss."""

    def _training_targets(self, targets: Array, recipe: Recipe) -> Array:
        """Return the targets that are trained on, where they are not those that are scored."""
        return targets

    def _weigh(self, y: NDArray[Any], weight: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        """Return the weights of the rows in the loss."""
        return weight

    @abstractmethod
    def _check_fitted(self) -> None:
        """Raise a ValueError where the attributes that a file holds make no sense."""

    def _finish(self, held_out: list[Held | None]) -> None:
        """Learn from the rows that were held out, once all networks are trained."""

    # -- fitting ----------------------------------------------------------------------------------------

    def _store(self, arguments: dict[str, Any]) -> None:
        """Store the arguments of the constructor, and do nothing else."""
        for name, value in arguments.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)

    def _recipe(self) -> Recipe:
        """Return the recipe with the settings of this estimator."""
        settings = self.get_params(deep=False)
        recipe = RECIPES[self.recipe][self._targets_are].with_settings(settings)
        sizes = recipe.hidden_layer_sizes
        return (
            recipe
            if sizes == ()
            else recipe.with_settings({"hidden_layer_sizes": tuple(hidden_sizes(sizes))})
        )

    @property
    def n_networks(self) -> int:
        """How many networks are trained: a single one, where all members share its weights."""
        return 1 if self.ensemble == "tabm" else self.n_ensemble

    def _build(self, recipe: Recipe) -> Architecture:
        """Return the architecture of each network."""
        members = self.n_ensemble if self.ensemble == "tabm" else 1
        return build(recipe, self.encoder_.layout_, self._head(), self._n_outputs(), members)

    def _learn_table(self, X: Any, y: Any, recipe: Recipe) -> tuple[Array, NDArray[Any]]:
        """Find out about columns and targets; return them encoded, and checked."""
        encoder = TableEncoder(numbers=recipe.numbers, max_one_hot=recipe.max_one_hot, dtype=self.dtype)
        Z = encoder.fit_transform(X)
        self._set_encoder(encoder)
        self.__dict__.pop("members_", None)  # they are of another table
        learnt = self._learn_targets(y)
        check_lengths(Z, learnt)
        if not Z.shape[1]:
            raise InvalidDataError(
                "no column of X tells anything: each is constant, or holds nothing but gaps. Give at least "
                "one column that differs from row to row."
            )
        return Z, learnt

    def _fit(self, X: Any, y: Any, sample_weight: ArrayLike | None, X_val: Any, y_val: Any) -> Self:
        self._check_options(X_val, y_val)
        recipe = self._recipe()
        random_state = as_random_state(self.random_state)
        Z, learnt = self._learn_table(X, y, recipe)
        weight = None if sample_weight is None else check_sample_weight(sample_weight, len(Z))
        weight = self._weigh(learnt, weight)
        held_out = None
        if X_val is not None:
            held_out = Held(self.encoder_.transform(X_val), self._decode_targets(y_val))
            check_lengths(held_out.Z, held_out.y, ("X_val", "y_val"))
        tasks = self._tasks(Z, learnt, held_out, random_state)
        self.members_ = self._train(recipe, self._build(recipe), Z, learnt, weight, tasks)
        self._finish([task.held_out for task in tasks])
        return self

    def _check_options(self, X_val: Any, y_val: Any) -> None:
        """Refuse options that do not go together, before any work."""
        if (X_val is None) != (y_val is None):
            raise InvalidParameterError("got one of X_val and y_val; expected both of them, or neither.")
        if (
            self.ensemble == "folds"
            and self.n_ensemble > 1
            and (not self.early_stopping or X_val is not None)
        ):
            raise InvalidParameterError(
                'ensemble="folds" holds back a part of the rows for each network; expected early_stopping='
                'True and no X_val, or ensemble="seeds".'
            )

    def _tasks(
        self, Z: Array, y: NDArray[Any], given: Held | None, random_state: np.random.RandomState
    ) -> list[Task]:
        """Return what each network is trained on, and what watches over it."""
        seeds = np.random.SeedSequence(int(random_state.randint(2**31))).spawn(self.n_networks)
        everything = np.arange(len(Z))
        if given is not None or not self.early_stopping:
            return [Task(everything, given, seed) for seed in seeds]
        if self.ensemble == "folds" and self.n_ensemble > 1:
            kind = StratifiedKFold if self._targets_are == "classes" else KFold
            folds = kind(self.n_ensemble, shuffle=True, random_state=random_state)
            parts = list(folds.split(everything, y))
        else:
            parts = [self._split(everything, y, random_state) for _ in seeds]
        return [
            Task(rows, Held(Z[held], y[held]), seed) for (rows, held), seed in zip(parts, seeds, strict=True)
        ]

    @abstractmethod
    def _split(
        self, rows: NDArray[np.intp], y: NDArray[Any], random_state: np.random.RandomState
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows to train on, and those to hold back."""

    def _train(
        self,
        recipe: Recipe,
        architecture: Architecture,
        Z: Array,
        y: NDArray[Any],
        weight: NDArray[np.float64] | None,
        tasks: list[Task],
    ) -> list[Member]:
        """Train a network for each task; several over processes, with one BLAS thread each."""
        targets = self._training_targets(self._encode(y), recipe)
        typed = None if weight is None else weight.astype(Z.dtype)
        watching = [
            None if task.held_out is None else (task.held_out.Z, self._encode(task.held_out.y))
            for task in tasks
        ]
        each = [(task.rows, held, task.seed) for task, held in zip(tasks, watching, strict=True)]
        shared = recipe, architecture, self._watches_accuracy(), Z, targets, typed
        n_jobs = min(effective_n_jobs(self.n_jobs), len(tasks))
        if n_jobs == 1 or self.on_epoch is not None:
            return [train_one(*shared, *own, self._report) for own in each]
        return train_in_processes(n_jobs, shared, each)

    def _report(self, record: EpochRecord) -> object:
        """Print an epoch where that is wanted, and tell the user's own function."""
        if self.verbose:
            print(record)  # noqa: T201
        return self.on_epoch(record) if self.on_epoch is not None else None

    # -- what others look into, see `glassnet.models.View` ----------------------------------------------

    def initialize(self, X: Any, y: Any) -> Self:
        """Learn columns and targets, and draw the weights of one network, without training.

        Parameters
        ----------
        X, y
            As for `fit`.

        Returns
        -------
        self

        Raises
        ------
        InvalidDataError
            As `fit` does.
        """
        self._validate_params()
        Z, learnt = self._learn_table(X, y, self._recipe())
        self.members_ = [Member(self._draw_first(Z, learnt), History())]
        return self

    def draw_first(self, X: Any, y: Any) -> Parameters:
        """Return weights as the training of the first network begins with them.

        They are the very same where X and y are what it was trained on, its seed is a number, and no
        validation rows of one's own were given.

        Parameters
        ----------
        X, y
            As for `fit`; columns and labels that the model knows.

        Raises
        ------
        InvalidDataError
            When they do not fit the model.
        """
        return member_of(self._draw_first(self.encoder_.transform(X), self._decode_targets(y, "y")), 0)

    def _draw_first(self, Z: Array, learnt: NDArray[Any]) -> Parameters:
        random_state = as_random_state(copy.deepcopy(self.random_state))
        try:
            task = self._tasks(Z, learnt, None, random_state)[0]
        except ValueError:  # too few rows to hold any back: validation rows are given
            task = Task(np.arange(len(Z)), None, np.random.SeedSequence(0))
        recipe = self._recipe()
        rng = np.random.default_rng(task.seed)
        return draw_first(recipe, self._build(recipe), Z, task.rows, rng)

    def make_samples(self, X: Any, y: Any, *, dtype: DTypeLike | None = None, name: str = "X") -> Samples:
        """Return a table as the networks are given it: columns encoded, targets as they are learnt.

        Labels are not smoothed; targets that are numbers are standardised.

        Parameters
        ----------
        X, y
            As for `fit`; columns and labels that the model knows.
        dtype : dtype, optional
            Of inputs and targets, the model's own unless given.
        name : str
            What messages call X.

        Raises
        ------
        InvalidDataError
            When they do not fit the model.
        """
        Z = self.encoder_.transform(X)
        y_name = name.replace("X", "y", 1)
        targets = self._encode(self._decode_targets(y, y_name))
        check_lengths(Z, targets, (name, y_name))
        own = Z.dtype if dtype is None else np.dtype(dtype)
        return Samples(Z.astype(own, copy=False), targets.astype(own, copy=False), own)

    @property
    def architecture_(self) -> Architecture:
        """What each network is; of members that share weights, what one is by itself."""
        return self.parameters_.architecture

    @property
    def parameters_(self) -> Parameters:
        """The weights and biases of the first network, which may be a member of one."""
        check_is_fitted(self, "members_")
        return member_of(self.members_[0].parameters, 0)

    @property
    def recipe_(self) -> Recipe:
        """The recipe with the settings of this estimator."""
        return self._recipe()

    # -- what was learnt --------------------------------------------------------------------------------

    def _outputs(self, X: Any) -> list[Array]:
        """Return the outputs of each network for a table."""
        check_is_fitted(self, "members_")
        Z = self.encoder_.transform(X)
        return [member.outputs(Z) for member in self.members_]

    def to_onnx(self, path: str | os.PathLike[str] | None = None, *, encoded: bool = False) -> Any:
        """Return the model as one of ONNX, which takes a table by columns; write it, if a file is named.

        Each column is an input of its name and of shape (n, 1): numbers in double precision, NaN where they
        are missing; durations in days, times in hours; text as text, and any that is no category, such as
        "", where it is missing. Where columns have no names, ``X`` of shape (n, n_columns) holds all. Columns
        that are left out are no inputs. Outputs are called as scikit-learn's converters call them, ``label``
        and ``probabilities``, or ``variable``.

        Parameters
        ----------
        path : path-like, optional
        encoded : bool
            Write the networks alone: the one input ``X`` is what ``encoder_.transform`` returns.

        Returns
        -------
        onnx.ModelProto

        Raises
        ------
        NotFittedError
            When there are no weights yet.
        MissingPackageError
            When the package onnx is not installed.
        InvalidParameterError
            When a column cannot be given, such as dates; it is named.
        FileError
            When the file cannot be written.
        """
        if encoded:
            return super().to_onnx(path)
        _, dtype = self._inputs_of_outline()
        graph = Graph(dtype, prefix="glassnet_")
        outputs = self.outline(outline_table(self.encoder_, graph))
        inputs = inputs_of(self.encoder_, list(outputs))
        return self._finish_onnx(path, make_model(graph, inputs, outputs, type(self).__name__))

    def _inputs_of_outline(self) -> tuple[int, DTypeLike]:
        check_is_fitted(self, "members_")
        return self.encoder_.layout_.width, self.members_[0].parameters.theta.dtype

    def _plain_network(self) -> Parameters:
        """Return the weights of the network whose outputs are the answers; refuse if there is more to it."""
        parameters = super()._plain_network()
        several = f"it averages {self.n_ensemble} networks" if self.n_ensemble > 1 else None
        if reason := several or self._beyond_the_network():
            raise InvalidParameterError(
                f"cannot write {type(self).__name__} as one network: {reason}. to_onnx(path) writes all of "
                "it."
            )
        return parameters

    @abstractmethod
    def _beyond_the_network(self) -> str | None:
        """Return what becomes of the outputs of a network before they are the answers, if anything does."""

    @property
    def history_(self) -> History:
        """The history of the first network."""
        check_is_fitted(self, "members_")
        return self.members_[0].history

    @property
    def best_epoch_(self) -> int | None:
        """The epoch of the first network whose parameters were kept; None of the last one."""
        return self.history_.best_epoch

    @property
    def n_iter_(self) -> int:
        """How many epochs the first network was trained."""
        return len(self.history_)

    @property
    def partial_fit(self) -> NoReturn:
        """There is none: ask for it to be told why."""
        raise AttributeError(
            f"{type(self).__name__} has no partial_fit: its columns are encoded by what the whole table "
            "holds, and its learning rate follows a schedule with a known end. Fit it on all rows, or use "
            "MLPClassifier or MLPRegressor behind a TableEncoder."
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.non_deterministic = False
        return tags

    # -- files ------------------------------------------------------------------------------------------

    _fitted_names: ClassVar[tuple[str, ...]] = ()
    """The attributes that fitting sets and files keep, beside the encoder and the networks."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one file, atomically: safetensors with JSON metadata, never pickle.

        Parameters
        ----------
        path : path-like

        Raises
        ------
        FileError
            When the file cannot be written.
        """
        check_is_fitted(self, "members_")
        thetas = np.stack([member.parameters.theta for member in self.members_])
        histories = [member.history for member in self.members_]
        fitted = {name: getattr(self, name) for name in self._fitted_names}
        parameters = self.get_params(deep=False)
        write_tabular(
            path, TabularState(type(self).__name__, parameters, self.encoder_, thetas, histories, fitted)
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str], **parameters: Any) -> Self:
        """Read a model of this class that `save` wrote; `glassnet.load` reads any class.

        Parameters
        ----------
        path : path-like
        **parameters : object
            Of the constructor, in place of those in the file.

        Raises
        ------
        DataFileError
            When the file is missing, damaged, of another class, or its parts do not fit each other.
        """
        for name in parameters:
            lookup(signature(cls).parameters, name, f"parameter of {cls.__name__}")
        state = read_tabular(path, cls.__name__, parameters)
        try:
            model = cls(**state.parameters)
            model._restore(state)
        except NOT_A_NETWORK as error:
            raise not_a_network(path, error) from error
        return model

    def _restore(self, state: TabularState) -> None:
        """Take over what a file holds; a ValueError or the like where its parts do not fit each other."""
        self._validate_params()
        self._set_encoder(state.encoder)
        for name in self._fitted_names:
            setattr(self, name, state.fitted[name])
        self._check_fitted()
        architecture = self._build(self._recipe())
        self.members_ = [
            Member(Parameters(architecture, theta), history)
            for theta, history in zip(state.thetas, state.histories, strict=True)
        ]

    def _set_encoder(self, encoder: TableEncoder) -> None:
        """Take over a fitted encoder, and what it knows of the columns."""
        self.encoder_ = encoder
        self.n_features_in_ = encoder.n_features_in_
        self.__dict__.pop("feature_names_in_", None)
        if hasattr(encoder, "feature_names_in_"):
            self.feature_names_in_ = encoder.feature_names_in_
