"""scikit-learn's callback protocol (``sklearn.callback``, since 1.9), where it is installed."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn before 1.9 has no callbacks, and no estimator of it takes any

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stand in for what scikit-learn has since 1.9."""

    def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method as it is."""
        return method


__all__ = ["CallbackSupport", "EpochCallbacks", "with_callbacks"]


class CallbackSupport(CallbackSupportMixin):  # type: ignore[misc]
    """Let callbacks be set with ``set_callbacks``, where scikit-learn has them."""

    def _begin_context(self, max_epochs: int) -> Any:
        """Return the context of a training whose epochs callbacks are told of; None without callbacks."""
        if getattr(self, "_skl_callbacks", None) or hasattr(self, "_parent_callback_ctx"):
            return self._init_callback_context(max_subtasks=max_epochs)
        return None


class EpochCallbacks:
    """Tell callbacks of every epoch; a context manager around training.

    Parameters
    ----------
    context : CallbackContext or None
        None tells nobody.
    estimator : estimator
        What callbacks are told is training.
    max_epochs : int
    data : mapping
        X and y, which callbacks may ask for.
    state : callable
        ``state()`` returns the attributes that make a copy of the estimator one that is fitted so far.
    """

    def __init__(
        self,
        context: Any,
        estimator: Any,
        max_epochs: int,
        data: Mapping[str, Any],
        state: Callable[[], dict[str, Any]],
    ) -> None:
        self._context = context
        self._told = {"estimator": estimator, **data}
        self._max_epochs = max_epochs
        self._state = state
        self._epoch: Any = None

    def __enter__(self) -> Self:
        if self._context is not None:
            self._context.call_on_fit_task_begin(**self._told)
            self._begin_epoch()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._context is not None:
            self._end(self._context)

    def end_epoch(self, epoch: int) -> bool:
        """Tell of the end of an epoch; return whether a callback wants training to stop."""
        if self._context is None:
            return False
        stop = self._end(self._epoch)
        if epoch < self._max_epochs and not stop:
            self._begin_epoch()
        return stop

    def _begin_epoch(self) -> None:
        self._epoch = self._context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._told)

    def _end(self, context: Any) -> bool:
        return bool(context.call_on_fit_task_end(**self._told, reconstruction_attributes=self._state))
