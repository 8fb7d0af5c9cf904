"""What scikit-learn asks of a classifier, answered without importing it."""

from inspect import signature
from typing import Any, Self

from glassnet._common.naming import lookup


class PlainClassifier:
    """Be cloned, searched over and put into pipelines by scikit-learn; the constructor only stores."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's parameters by name; `deep` is for scikit-learn, and means nothing here."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters of the constructor; the next `fit` goes by them.

        Parameters
        ----------
        **parameters : object

        Returns
        -------
        self

        Raises
        ------
        UnknownNameError
            When the constructor has no such parameter; then none is set.
        """
        known = signature(type(self)).parameters
        for name in parameters:
            lookup(known, name, f"parameter of {type(self).__name__}")
        for name, value in parameters.items():
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn, which alone asks, that this is a classifier that takes sparse matrices."""
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(sparse=True),
        )
