"""What a user could pick, each set up as its users set it up: by its defaults, after the least that it needs.

A peer makes an estimator that takes the data frame as it is, with gaps and categories; what it needs before
(codes, medians, scales) is part of it, of its seconds, and learnt from the training rows alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from glassnet._common.palette import OKABE_ITO

from .by_hand import CommonCategories, make_catboost, make_lightgbm, make_realmlp, make_xgboost
from .data import Task

CONSTANT = "constant"
"""The peer that answers the same for every row; 0 of the normalised scores."""


@dataclass(frozen=True)
class Peer:
    """Hold a named estimator.

    Attributes
    ----------
    name : str
        By which results are kept.
    make : callable
        ``make(task, seed, threads)`` returns an estimator with `fit`, `predict`, and `predict_proba` for
        classes. It imports what it needs, before anything is timed.
    module : str
        What must be importable.
    distribution : str
        Whose version belongs to a result.
    is_by_hand : bool
        Whether it takes part only when it is asked for.
    said : str
        How it is set up, for the page.
    colour, marker : str
        In the picture.
    """

    name: str
    make: Callable[[Task, int, int], Any]
    module: str
    distribution: str
    said: str
    is_by_hand: bool = False
    colour: str = "#8c8c8c"
    marker: str = "o"

    @property
    def is_there(self) -> bool:
        """Whether what it needs is installed."""
        try:
            return find_spec(self.module) is not None
        except ModuleNotFoundError:  # nor the package around it
            return False

    @property
    def version(self) -> str:
        """The package and its version, as results tell it."""
        try:
            return f"{self.distribution} {version(self.distribution)}"
        except PackageNotFoundError:
            return self.distribution


# -- what needs scikit-learn alone -------------------------------------------------------------------


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

    boosting = (
        HistGradientBoostingClassifier if task == "classification" else HistGradientBoostingRegressor
    )
    model = boosting(categorical_features="from_dtype", random_state=seed)
    return make_pipeline(CommonCategories(254), model)


# -- glassnet ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Glassnet:
    """Make glassnet's tabular estimators with some settings: how a variant of the recipe becomes a peer.

    Attributes
    ----------
    settings : dict of str to value
        ``Glassnet({"recipe": "realmlp", "label_smoothing": 0.0})``. It travels between processes.
    """

    settings: dict[str, Any]

    def __call__(self, task: Task, seed: int, threads: int) -> Any:
        """Return an estimator."""
        from glassnet.models.tabular import TabularMLPClassifier, TabularMLPRegressor

        estimator = TabularMLPClassifier if task == "classification" else TabularMLPRegressor
        return estimator(**self.settings, random_state=seed)


_TABULAR, _SKLEARN = "glassnet.models.tabular", "scikit-learn"

_PEERS = (
    Peer(
        "glassnet",
        Glassnet({"recipe": "realmlp"}),
        _TABULAR,
        "glassnet",
        'recipe="realmlp", the default',
        colour=OKABE_ITO["blue"],
        marker="D",
    ),
    Peer(
        "glassnet-s",
        Glassnet({"recipe": "realmlp-s"}),
        _TABULAR,
        "glassnet",
        'recipe="realmlp-s", the small variant',
        colour=OKABE_ITO["sky blue"],
        marker="D",
    ),
    Peer(
        "glassnet-plain",
        Glassnet({"recipe": "plain"}),
        _TABULAR,
        "glassnet",
        'recipe="plain"',
        colour="#9aa7c7",
        marker="D",
    ),
    Peer(
        "sklearn-mlp-pipeline",
        make_mlp_pipeline,
        "sklearn",
        _SKLEARN,
        "scikit-learn's MLP with early stopping, after medians, StandardScaler and OneHotEncoder; targets standardised",
        colour=OKABE_ITO["vermillion"],
    ),
    Peer(
        "sklearn-mlp-default",
        make_mlp_default,
        "sklearn",
        _SKLEARN,
        "scikit-learn's MLP by its defaults, after codes for categories and medians for gaps; nothing is scaled",
        colour=OKABE_ITO["orange"],
    ),
    Peer(
        "hist-gradient-boosting",
        make_boosting,
        "sklearn",
        _SKLEARN,
        'scikit-learn\'s HistGradientBoosting by its defaults, categorical_features="from_dtype"; of a column with '
        "more than 255 categories the most common stay, the rest are one",
        colour=OKABE_ITO["green"],
        marker="s",
    ),
    Peer(
        "linear",
        make_linear,
        "sklearn",
        _SKLEARN,
        "LogisticRegression(max_iter=1000) or Ridge() after the same as sklearn-mlp-pipeline",
        marker="x",
    ),
    Peer(
        CONSTANT,
        make_constant,
        "sklearn",
        _SKLEARN,
        "the shares of the classes, or the mean, for every row",
        colour="#c9c9c9",
        marker="|",
    ),
    Peer(
        "lightgbm",
        make_lightgbm,
        "lightgbm",
        "lightgbm",
        "by its defaults",
        is_by_hand=True,
        colour="#8a9a2b",
        marker="s",
    ),
    Peer(
        "catboost",
        make_catboost,
        "catboost",
        "catboost",
        "by its defaults; a missing category is one of its own",
        is_by_hand=True,
        colour=OKABE_ITO["purple"],
        marker="s",
    ),
    Peer(
        "xgboost",
        make_xgboost,
        "xgboost",
        "xgboost",
        "by its defaults, enable_categorical=True",
        is_by_hand=True,
        colour="#b59b00",
        marker="s",
    ),
    Peer(
        "realmlp-td",
        make_realmlp,
        "pytabkit",
        "pytabkit",
        "pytabkit's RealMLP_TD by its defaults, on the CPU; medians for missing numbers, which it refuses",
        is_by_hand=True,
        colour=OKABE_ITO["black"],
        marker="D",
    ),
)

PEERS: dict[str, Peer] = {peer.name: peer for peer in _PEERS}
"""Every peer by its name; an ablation adds its own, made with `Glassnet`."""


def choose(names: str, peers: Mapping[str, Peer] = PEERS) -> list[Peer]:
    """Return the peers that are meant: names with commas between, ``"all"``, or those not by hand for ``""``.

    Those that are not installed are left out, unless they are named.
    """
    if names in ("", "all"):
        return [peer for peer in peers.values() if peer.is_there and (names == "all" or not peer.is_by_hand)]
    unknown = sorted(set(names.split(",")) - set(peers))
    if unknown:
        raise SystemExit(f"got --peers {names!r}; {', '.join(unknown)} is none of {', '.join(peers)}")
    chosen = [peers[name] for name in names.split(",")]
    if absent := [f"{peer.name} (needs {peer.module})" for peer in chosen if not peer.is_there]:
        raise SystemExit(f"not installed: {', '.join(absent)}; {__package__}.by_hand says how.")
    return chosen
