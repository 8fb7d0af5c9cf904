"""Peers that need scikit-learn alone, each by its defaults after the least that it needs."""

from typing import Any

from .by_hand import CommonCategories
from .data import Task


def make_constant(task: Task, seed: int, threads: int) -> Any:
    """Return what answers with the shares of the classes, or the mean."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    return DummyClassifier(strategy="prior") if task == "classification" else DummyRegressor()


def _by_kind(numbers: Any, categories: Any) -> Any:
    """Return a transformer of the columns of numbers, and another of the categories, beside each other."""
    from sklearn.compose import ColumnTransformer, make_column_selector

    return ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include="number")),
            ("categories", categories, make_column_selector(dtype_include="category")),
        ]
    )


def _usual_preprocessing() -> Any:
    """Return what tutorials put before a model that wants numbers: medians, scales, one column a category."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    return _by_kind(numbers, OneHotEncoder(handle_unknown="ignore"))


def make_mlp_default(task: Task, seed: int, threads: int) -> Any:
    """Return scikit-learn's MLP by its defaults, after the least that makes it run."""
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    mlp = MLPClassifier if task == "classification" else MLPRegressor
    columns = _by_kind(
        SimpleImputer(strategy="median"), make_pipeline(codes, SimpleImputer(strategy="median"))
    )
    return make_pipeline(columns, mlp(random_state=seed))


def make_mlp_pipeline(task: Task, seed: int, threads: int) -> Any:
    """Return scikit-learn's MLP in its usual pipeline, with early stopping; targets are standardised."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if task == "classification":
        return make_pipeline(_usual_preprocessing(), MLPClassifier(early_stopping=True, random_state=seed))
    model = make_pipeline(_usual_preprocessing(), MLPRegressor(early_stopping=True, random_state=seed))
    return TransformedTargetRegressor(model, transformer=StandardScaler())


def make_linear(task: Task, seed: int, threads: int) -> Any:
    """Return a linear model in the same pipeline."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline

    model = LogisticRegression(max_iter=1_000) if task == "classification" else Ridge()
    return make_pipeline(_usual_preprocessing(), model)


def make_boosting(task: Task, seed: int, threads: int) -> Any:
    """Return scikit-learn's boosted trees, which take gaps and up to 255 categories as they are."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.pipeline import make_pipeline

    boosting = HistGradientBoostingClassifier if task == "classification" else HistGradientBoostingRegressor
    model = boosting(categorical_features="from_dtype", random_state=seed)
    return make_pipeline(CommonCategories(254), model)
