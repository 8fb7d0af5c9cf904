"""Peers that are installed by hand, and what each needs so that it takes a data frame as it is.

They are no dependencies of the benchmark: each takes part when it can be imported and is named in `--peers`.
For the CPU, beside the extra ``bench``::

    pip install lightgbm catboost
    pip install xgboost-cpu          # or xgboost, whose wheel brings the libraries of a GPU along
    pip install torch==2.13.0        # the wheel for the CPU, as pytorch.org says; the usual one weighs GBs
    pip install pytabkit             # RealMLP_TD, and PyTorch Lightning with it

Tried with LightGBM 4.7.0, CatBoost 1.2.10, XGBoost 3.2.0 and pytabkit 1.8.0.
"""

from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin

from .data import Frame, Task


class CommonCategories(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Keep the most common categories of the training rows; the rest of a column is one category, "other".

    Parameters
    ----------
    most : int
        How many categories of a column stay. A column that has no more is left as it is.
    """

    def __init__(self, most: int = 254) -> None:
        self.most = most

    def fit(self, X: Frame, y: Any = None) -> Self:
        """Count the categories."""
        wide = [name for name in X.select_dtypes("category") if X[name].nunique() > self.most]
        self.common_ = {name: X[name].value_counts().index[: self.most].astype(str) for name in wide}
        return self

    def transform(self, X: Frame) -> Frame:
        """Return the columns with fewer categories."""
        import pandas as pd

        X = X.copy()
        for name, common in self.common_.items():
            texts = X[name].astype(object)
            kept = texts.where(texts.isin(common) | texts.isna(), "other")
            X[name] = pd.Categorical(kept, categories=[*common, "other"])
        return X


class MissingCategories(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Make a missing category one of its own, for who refuses gaps there."""

    def fit(self, X: Frame, y: Any = None) -> Self:
        """Learn nothing."""
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Frame) -> Frame:
        """Return the columns without gaps in categories."""
        X = X.copy()
        for name in X.select_dtypes("category"):
            X[name] = (
                X[name].astype(object).where(X[name].notna(), "(missing)").astype(str).astype("category")
            )
        return X


class MedianNumbers(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Put the median of the training rows where a number is missing, for who refuses gaps."""

    def fit(self, X: Frame, y: Any = None) -> Self:
        """Learn the medians."""
        self.medians_ = X.select_dtypes("number").median()
        return self

    def transform(self, X: Frame) -> Frame:
        """Return the columns without gaps in numbers."""
        return X.fillna(self.medians_.to_dict())


class CatBoost(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """CatBoost, told by the dtypes which columns are categories.

    Parameters
    ----------
    model : CatBoostClassifier or CatBoostRegressor
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, X: Frame, y: Any) -> Self:
        """Fit the model."""
        self.model.fit(X, y, cat_features=list(X.select_dtypes("category")))
        self.is_fitted_ = True
        return self

    def predict(self, X: Frame) -> Any:
        """Return the answers, of shape (n,)."""
        return self.model.predict(X).reshape(-1)

    def predict_proba(self, X: Frame) -> Any:
        """Return the probabilities of the classes."""
        return self.model.predict_proba(X)


def make_lightgbm(task: Task, seed: int, threads: int) -> Any:
    """Return LightGBM by its defaults."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    model = LGBMClassifier if task == "classification" else LGBMRegressor
    return model(random_state=seed, n_jobs=threads, verbose=-1)


def make_catboost(task: Task, seed: int, threads: int) -> Any:
    """Return CatBoost by its defaults."""
    from catboost import CatBoostClassifier, CatBoostRegressor
    from sklearn.pipeline import make_pipeline

    model = CatBoostClassifier if task == "classification" else CatBoostRegressor
    settings = {"random_seed": seed, "thread_count": threads, "verbose": False, "allow_writing_files": False}
    return make_pipeline(MissingCategories(), CatBoost(model(**settings)))


def make_xgboost(task: Task, seed: int, threads: int) -> Any:
    """Return XGBoost by its defaults."""
    from xgboost import XGBClassifier, XGBRegressor

    model = XGBClassifier if task == "classification" else XGBRegressor
    return model(random_state=seed, n_jobs=threads, enable_categorical=True)


def make_realmlp(task: Task, seed: int, threads: int) -> Any:
    """Return pytabkit's RealMLP_TD by its defaults."""
    import logging

    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor
    from sklearn.pipeline import make_pipeline

    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    model = RealMLP_TD_Classifier if task == "classification" else RealMLP_TD_Regressor
    return make_pipeline(MedianNumbers(), model(random_state=seed, n_threads=threads, device="cpu"))
