"""scikit-learn's decorators with types, which it does not give them: what they wrap keeps its signature."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["available_if", "checks_parameters", "with_callbacks"]

Method = TypeVar("Method", bound=Callable[..., Any])

if TYPE_CHECKING:

    def available_if(check: Callable[[Any], bool]) -> Callable[[Method], Method]:
        """Let a method be there only where ``check(estimator)`` holds."""
        ...

    def with_callbacks(method: Method) -> Method:
        """Tell scikit-learn's callbacks of the training that a method does."""
        ...

    def checks_parameters(method: Method) -> Method:
        """Check the parameters of an estimator before a method trains it."""
        ...

else:
    from sklearn.base import _fit_context
    from sklearn.utils.metaestimators import available_if

    from glassnet.models._callbacks import with_callbacks

    checks_parameters = _fit_context(prefer_skip_nested_validation=True)
