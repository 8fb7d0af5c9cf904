"""scikit-learn's callback protocol (``sklearn.callback``, since 1.9), where it is installed."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from glassnet.nn.network import Parameters

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport, with_callbacks

    USER_FRAME = 6
except ImportError:  # scikit-learn before 1.9 has no callbacks, and no estimator of it takes any
    from collections.abc import Callable

    class CallbackSupport:  # type: ignore[no-redef]
        """Stand in for what scikit-learn has since 1.9."""

    def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method as it is."""
        return method

    USER_FRAME = 5

__all__ = ["USER_FRAME", "CallbackSupport", "EpochCallbacks", "with_callbacks"]

if TYPE_CHECKING:
    from glassnet.models._base import BaseMLP


class EpochCallbacks:
    """Tell the callbacks set with ``set_callbacks`` of every epoch; a context manager around training.

    Parameters
    ----------
    estimator : BaseMLP
    max_epochs : int
    X, y : array-like
        What the callbacks may ask for.
    rows : ndarray of int, optional
        Those of X and y that are trained on, where it is not all.
    """

    def __init__(
        self, estimator: "BaseMLP", max_epochs: int, X: Any, y: Any, rows: NDArray[np.intp] | None = None
    ) -> None:
        self._estimator = estimator
        self._max_epochs = max_epochs
        self._data = {"X": X, "y": y}
        self._rows = rows
        self._context: Any = None
        self._epoch: Any = None

    def __enter__(self) -> Self:
        if getattr(self._estimator, "_skl_callbacks", None) or hasattr(
            self._estimator, "_parent_callback_ctx"
        ):
            if self._rows is not None:
                self._data = {name: values[self._rows] for name, values in self._data.items()}
            self._context = self._estimator._init_callback_context(max_subtasks=self._max_epochs)
            self._context.call_on_fit_task_begin(estimator=self._estimator, **self._data)
            self._begin_epoch()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._context is not None:
            self._context.call_on_fit_task_end(estimator=self._estimator, **self._data, **self._state())

    def end_epoch(self, epoch: int) -> bool:
        """Tell of the end of an epoch; return whether a callback wants training to stop."""
        if self._context is None:
            return False
        stop = self._epoch.call_on_fit_task_end(estimator=self._estimator, **self._data, **self._state())
        if epoch < self._max_epochs and not stop:
            self._begin_epoch()
        return bool(stop)

    def _begin_epoch(self) -> None:
        self._epoch = self._context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(estimator=self._estimator, **self._data)

    def _state(self) -> dict[str, Any]:
        parameters = self._estimator.parameters_

        def fitted() -> dict[str, Any]:
            copy = Parameters(self._estimator.architecture_, parameters.theta.copy())
            return {"parameters_": copy}

        return {"reconstruction_attributes": fitted}
