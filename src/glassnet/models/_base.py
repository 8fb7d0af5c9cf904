"""How the estimators train: scikit-learn's conventions above, glassnet's engine below."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import _check_sample_weight

from glassnet._common.arrays import Array
from glassnet._common.progress import RowProgress
from glassnet.data.streams import Stream
from glassnet.errors import InvalidParameterError
from glassnet.models._callbacks import CallbackSupport, EpochCallbacks
from glassnet.models._fitted import TargetArray
from glassnet.models._initial import InitialNetwork
from glassnet.models._settings import (
    AUTO_BATCH,
    as_random_state,
    make_optimizer,
    make_schedule,
)
from glassnet.models._shuffles import Shuffles
from glassnet.models._stopping import ToleranceWatch
from glassnet.models._streaming import StreamedSamples, count_rows, part_rows
from glassnet.models._warning import warn
from glassnet.models.beginning import Begun
from glassnet.models.resolving import refuse_endless
from glassnet.models.validation import refuse_masked
from glassnet.nn.course import Course
from glassnet.nn.history import EpochRecord, History, StopKind
from glassnet.nn.lbfgs import minimize_lbfgs
from glassnet.nn.network import Architecture, Dropout, Parameters
from glassnet.nn.optimizers import SGD
from glassnet.nn.samples import Source
from glassnet.nn.schedules import Schedule
from glassnet.nn.training import Training


def can_fit_partially(estimator: Any) -> bool:
    """Return whether the solver trains batch by batch; scikit-learn's `available_if` asks."""
    if estimator.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers. lbfgs is not stochastic."
        )
    return True


class BaseMLP(CallbackSupport, InitialNetwork):
    """Fit a multilayer perceptron; the subclasses say what targets mean."""

    _watch: ToleranceWatch | None
    _dropout_rng: np.random.Generator | None

    # -- fitting ----------------------------------------------------------------------------------------

    def _fit(
        self,
        X: Any,
        y: TargetArray,
        sample_weight: ArrayLike | None,
        validation: tuple[Any, Any] | Stream | None,
        *,
        first: bool,
        incremental: bool,
    ) -> Self:
        """Train on checked data, from new weights when `first`, for one epoch when `incremental`."""
        if self.early_stopping and incremental and validation is None:
            raise ValueError(
                "partial_fit does not support early_stopping=True without validation data; "
                "pass them as X_val and y_val."
            )
        if incremental and not first and self.early_stopping and self.stopped_:
            return self
        if self.solver == "lbfgs":
            self._schedule(incremental)
            X, targets, weight = self._ready_targets(
                X, y, sample_weight, as_random_state(self.random_state), first=first
            )
            return self._fit_lbfgs(X, targets, weight, validation)
        begun = self._begin(X, y, sample_weight, validation, first=first, incremental=incremental)
        self._run(begun, incremental)
        return self

    def begin(
        self,
        X: Any,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
    ) -> Begun:
        """Draw new weights, and return the training that `fit` would run, before its first step.

        Parameters
        ----------
        X, y, sample_weight, X_val, y_val
            As for `fit`; no `Stream`.

        Returns
        -------
        Begun
        """
        self._validate_params()
        if self.solver == "lbfgs":
            raise InvalidParameterError(
                "got solver='lbfgs', which has no steps to stop at; expected another, such as 'adam'."
            )
        X, y, weight, validation = self._ready(X, y, sample_weight, X_val, y_val, first=True)
        return self._begin(X, y, weight, validation, first=True, incremental=False)

    def _ready(
        self, X: Any, y: Any, sample_weight: ArrayLike | None, X_val: Any, y_val: Any, *, first: bool
    ) -> tuple[Any, TargetArray, Any, tuple[Any, Any] | Stream | None]:
        """Return checked data of `fit`: X, y, weights of samples, validation data."""
        X, y = self._validate(X, y, reset=first)
        return X, y, sample_weight, self._validation(X_val, y_val)

    def _ready_targets(
        self,
        X: Any,
        y: TargetArray,
        sample_weight: ArrayLike | None,
        random_state: np.random.RandomState,
        *,
        first: bool,
    ) -> tuple[Any, Array, Array | None]:
        """Draw weights when `first`; return X, targets and weights of samples as the engine has them."""
        if first:
            self._initialize(X, y, random_state)
        dtype = self.parameters_.theta.dtype
        targets = self._targets_of(y, dtype)
        refuse_masked(sample_weight, "sample_weight")
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, X, dtype=dtype)
        return X, targets, weight

    def _begin(
        self,
        X: Any,
        y: TargetArray,
        sample_weight: ArrayLike | None,
        validation: tuple[Any, Any] | Stream | None,
        *,
        first: bool,
        incremental: bool,
    ) -> Begun:
        """Return the training of checked data, before its first step."""
        schedule = self._schedule(incremental)
        random_state = as_random_state(self.random_state)
        X, targets, weight = self._ready_targets(X, y, sample_weight, random_state, first=first)
        held_out: Source | None = self._make_held_out(validation)
        samples, rows = self._make_samples(X, targets, weight), None
        if self.early_stopping and held_out is None:
            rows, held_out = self._hold_out(X, targets, weight, random_state)
        n_samples = len(samples) if rows is None else len(rows)
        training = self._prepare_training(self._batch_size_for(n_samples), random_state, incremental)
        if schedule.over_time:
            training.follow(Course(training.count_steps(n_samples) * self.max_iter, rate=schedule))
        return self._begun(training, samples, held_out, random_state, incremental, rows)

    def _fit_stream(
        self,
        stream: Stream,
        validation: tuple[Any, Any] | Stream | None,
        weigh: Callable[[Any], Array] | None = None,
        *,
        first: bool,
        incremental: bool,
    ) -> Self:
        """Train on a stream, as `_fit` does on arrays; ``weigh(y)`` gives weights of samples."""
        if self.early_stopping and validation is None:
            raise InvalidParameterError(
                "early_stopping=True cannot hold rows of a stream back; give validation data: "
                "fit(stream, X_val=..., y_val=...), arrays or another Stream."
            )
        if incremental and not first and self.early_stopping and self.stopped_:
            return self
        schedule = self._schedule(incremental)
        X, y = self._reader().read(stream.first(), reset=first)
        random_state = as_random_state(self.random_state)
        if first:
            self._initialize(X, y, random_state)
        batch_size = AUTO_BATCH if self.batch_size == "auto" else int(self.batch_size)
        samples = self._streamed(stream, part_rows(stream, batch_size, self._row_bytes()), weigh)
        del X, y  # the stream will hand them out again
        training = self._prepare_training(batch_size, random_state, incremental)
        if schedule.over_time:
            training.follow(Course(training.count_steps(count_rows(stream)) * self.max_iter, rate=schedule))
        held_out = self._make_held_out(validation)
        self._run(self._begun(training, samples, held_out, random_state, incremental), incremental)
        return self

    def _schedule(self, incremental: bool) -> Schedule:
        """Return the schedule of the learning rate, if such a training can have it."""
        schedule = make_schedule(self.get_params(deep=False))
        if incremental:
            refuse_endless(schedule, "learning_rate", self.learning_rate)
        return schedule

    def _install(self, architecture: Architecture, parameters: Parameters) -> None:
        super()._install(architecture, parameters)
        self._watch = None
        self._dropout_rng = None

    def _start_watch(self) -> ToleranceWatch:
        """Return a watch that goes on from the attributes there are."""
        self._watch = ToleranceWatch(tol=self.tol, patience=self.n_iter_no_change, t=self.t_)
        self._watch.losses = self.loss_curve_
        self._watch.scores = self.validation_scores_ or []
        self._watch.best_loss = np.inf if self.best_loss_ is None else self.best_loss_
        if self.best_validation_score_ is not None and np.isfinite(self.best_validation_score_):
            self._watch.best_score = self.best_validation_score_
            self._watch.best_theta = self.parameters_.theta.copy()
        if self.early_stopping:
            self.validation_scores_ = self._watch.scores
        return self._watch

    def _ready_watch(self, held_out: Source | None, incremental: bool) -> ToleranceWatch:
        """Return the watch that goes on, or a new one, with the parameters of now."""
        goes_on = incremental and self._watch is not None
        watch = self._watch or self._start_watch()
        if not goes_on:  # as in scikit-learn, where the schedule belongs to the optimiser, which goes on too
            watch.schedule = make_schedule(self.get_params(deep=False))
            watch.first_rate = float(self.learning_rate_init)
        watch.tol, watch.patience = self.tol, self.n_iter_no_change
        watch.restores, watch.stopped = not incremental, False
        if not incremental:
            watch.best_epoch = None
        watch.reported_loss = self._reported_loss
        if self.early_stopping and held_out is not None:
            watch.score = self._scorer(held_out)
        return watch

    def _batch_size_for(self, n_samples: int) -> int:
        batch_size = min(AUTO_BATCH, n_samples) if self.batch_size == "auto" else int(self.batch_size)
        if batch_size > n_samples:
            warn(
                f"Got batch_size={batch_size} for {n_samples} samples. It is going to be clipped.",
                as_scikit_learn=True,
            )
            batch_size = n_samples
        return batch_size

    def _prepare_training(
        self, batch_size: int, random_state: np.random.RandomState, incremental: bool
    ) -> Training:
        """Return the training that goes on, or a new one for the parameters there are."""
        training = self._training
        if training is None or not (incremental or self.keep_optimizer_state):
            optimizer, rate = make_optimizer(self.get_params(deep=False)), float(self.learning_rate_init)
            training = Training(self.architecture_, self.parameters_, optimizer, rate, batch_size)
        if self.dropout and self._dropout_rng is None:
            self._dropout_rng = np.random.default_rng(random_state.randint(2**31))
        dropout = Dropout(self.dropout, self._dropout_rng) if self._dropout_rng and self.dropout else None
        training.parameters = self.parameters_  # they may have been set
        training.batch_size = batch_size
        training.dropout = dropout
        training.alpha = float(self.alpha)
        training.max_gradient_norm = self.max_grad_norm or np.inf
        training.follow(None)
        self._training = training
        return training

    def _begun(
        self,
        training: Training,
        samples: Source,
        held_out: Source | None,
        random_state: np.random.RandomState,
        incremental: bool,
        rows: NDArray[np.intp] | None = None,
    ) -> Begun:
        """Return the training on all samples or some rows, before its first step."""
        watch = self._ready_watch(held_out, incremental)
        self.n_iter_ = 0
        history = getattr(self, "history_", None) if incremental else None
        self.history_ = History() if history is None else history

        def note_part(epoch: int, rows: int, loss: float) -> None:
            watch.n_samples = rows  # in the end those of the epoch

        generators: dict[str, np.random.Generator | np.random.RandomState] = {"order": random_state}
        if training.dropout is not None:
            generators["dropout"] = training.dropout.rng
        return Begun(
            self,
            training,
            samples,
            held_out,
            Shuffles(random_state, rows, shuffles=self.shuffle),
            generators,
            self.history_,
            1 if incremental else self.max_iter,
            watch,
            accuracy=held_out is not None and self._counts_hits(),
            note=lambda record: self._note(record, watch),
            on_part=note_part,
            rows=rows,
        )

    def _run(self, begun: Begun, incremental: bool) -> None:
        """Train, and set the attributes that scikit-learn sets meanwhile."""
        samples, watch, history = begun.samples, self._watch, begun.history
        assert watch is not None
        with (
            self._callbacks(begun.max_epochs, samples.X, samples.y, begun.rows) as callbacks,
            RowProgress("epoch", getattr(samples.X, "n_rows", None), at_once=bool(self.verbose)) as progress,
        ):

            def note_part(epoch: int, rows: int, loss: float) -> None:
                begun.on_part(epoch, rows, loss)
                if isinstance(samples, StreamedSamples):
                    progress.update(rows, epoch, loss * self._loss_scale())

            def report(record: EpochRecord) -> bool:
                begun.note(record)
                wants_stop = self.on_epoch is not None and self.on_epoch(record) is True
                return callbacks.end_epoch(self.n_iter_) or wants_stop

            try:
                begun.train(report, note_part)
            except KeyboardInterrupt:
                warn("Training interrupted by user.", as_scikit_learn=True)
            finally:
                watch.score = None
        self.stopped_ = watch.stopped
        # a schedule over time is meant to be run to its end
        if history.stopped_by is StopKind.EPOCHS and not incremental and begun.training.course is None:
            warn(
                f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the optimization "
                "hasn't converged yet.",
                ConvergenceWarning,
                as_scikit_learn=True,
            )

    def _callbacks(
        self, max_epochs: int, X: Any, y: Any, rows: NDArray[np.intp] | None = None
    ) -> EpochCallbacks:
        """Return what tells scikit-learn's callbacks of the epochs on X and y, or some rows of them."""
        context = self._begin_context(max_epochs)
        if context is not None and rows is not None:
            X, y = X[rows], y[rows]

        def state() -> dict[str, Any]:
            copied = self.parameters_.theta.copy()
            return {"parameters_": Parameters(self.architecture_, copied)}

        return EpochCallbacks(context, self, max_epochs, {"X": X, "y": y}, state)

    def _note(self, record: EpochRecord, watch: ToleranceWatch) -> None:
        self.n_iter_ += 1
        self.t_ = watch.t
        self.loss_ = watch.losses[-1]
        self._say(self.history_.news)
        self._say(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")
        if self.early_stopping:
            self.best_validation_score_ = watch.best_score
            self._say(f"Validation score: {watch.scores[-1]:f}")
        else:
            self.best_loss_ = watch.best_loss
        self._say(watch.news)
        if record.validation_loss is not None:
            self.validation_loss_curve_.append(record.validation_loss * self._loss_scale())

    def _say(self, line: str) -> None:
        if self.verbose and line:
            print(line)  # noqa: T201

    def _fit_lbfgs(
        self, X: Any, targets: Array, weight: Array | None, validation: tuple[Any, Any] | Stream | None
    ) -> Self:
        samples = self._make_samples(X, targets, weight)
        held_out = self._make_held_out(validation)
        training = Training(
            self.architecture_,
            self.parameters_,
            SGD(),  # it is not used
            1.0,
            len(samples),
            alpha=float(self.alpha),
        )
        self.history_ = History()
        self.n_iter_ = 0
        with self._callbacks(self.max_iter, X, targets) as callbacks:

            def report(record: EpochRecord) -> bool:
                self.n_iter_ = record.epoch
                wants_stop = self.on_epoch is not None and self.on_epoch(record) is True
                return callbacks.end_epoch(record.epoch) or wants_stop

            found = minimize_lbfgs(
                training,
                samples,
                held_out,
                self.history_,
                max_iterations=self.max_iter,
                max_evaluations=self.max_fun,
                tolerance=self.tol,
                on_epoch=report,
            )
        self.loss_ = found.loss * self._loss_scale() + found.penalty
        self.validation_loss_curve_ = [
            record.validation_loss * self._loss_scale()
            for record in self.history_.records
            if record.validation_loss is not None
        ]
        if self.history_.stopped_by is not StopKind.CONVERGED:
            warn(
                f"lbfgs failed to converge after {self.n_iter_} iteration(s): "
                f"{self.history_.stopping_reason}",
                ConvergenceWarning,
                as_scikit_learn=True,
            )
        return self
