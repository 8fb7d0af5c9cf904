"""What a user could pick, each set up as its users set it up: by its defaults, after the least that it needs.

A peer makes an estimator that takes the data frame as it is, with gaps and categories; what it needs before
(codes, medians, scales) is part of it, of its seconds, and learnt from the training rows alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from glassnet._common.palette import OKABE_ITO

from .by_hand import make_catboost, make_lightgbm, make_realmlp, make_xgboost
from .data import Task
from .sklearn_peers import make_boosting, make_constant, make_linear, make_mlp_default, make_mlp_pipeline

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
        """The package and its version, as results tell it; of glassnet a hash of what trains, too."""
        try:
            told = f"{self.distribution} {version(self.distribution)}"
        except PackageNotFoundError:
            told = self.distribution
        return f"{told} ({fingerprint()})" if self.distribution == "glassnet" else told


@cache
def fingerprint() -> str:
    """Return a hash of glassnet's networks and classes, which change while their version does not."""
    import glassnet

    folder = Path(glassnet.__file__).parent
    files = sorted(path for room in ("nn", "models") for path in (folder / room).rglob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8]


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
        known = estimator().get_params()  # labels are smoothed of classes only
        settings = {name: value for name, value in self.settings.items() if name in known}
        return estimator(**settings, random_state=seed)


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
        "scikit-learn's MLP with early stopping, after medians, StandardScaler and OneHotEncoder; targets "
        "standardised",
        colour=OKABE_ITO["vermillion"],
    ),
    Peer(
        "sklearn-mlp-default",
        make_mlp_default,
        "sklearn",
        _SKLEARN,
        "scikit-learn's MLP by its defaults, after codes for categories and medians for gaps; nothing is "
        "scaled",
        colour=OKABE_ITO["orange"],
    ),
    Peer(
        "hist-gradient-boosting",
        make_boosting,
        "sklearn",
        _SKLEARN,
        'scikit-learn\'s HistGradientBoosting by its defaults, categorical_features="from_dtype"; of a '
        "column with more than 254 categories the most common stay, the rest are one",
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

OFF: dict[str, dict[str, Any]] = {
    "robust scaling": {"numbers": "standard"},
    "embedded categories": {"max_one_hot": None},
    "periodic embedding": {"numeric_embedding": None},
    "scaling layer": {"scaling_layer": False},
    "learned activation": {"learned_activation": False},
    "weights from data": {"weight_init": "glorot_uniform"},
    "own rates": {"rate_factors": False, "learning_rate_init": 0.002},
    "four cycles": {"learning_rate": "cosine"},
    "decay": {"weight_decay": 0.0},
    "dropout": {"dropout": 0.0},
    "fading": {"decay_schedule": "constant"},
    "label smoothing": {"label_smoothing": 0.0},
    "three layers": {"hidden_layer_sizes": (256,)},
}
"""What an ablation takes off the recipe, a piece at a time. A single rate for all has to be a smaller one."""

ABLATIONS = tuple(
    Peer(
        f"without {piece}",
        Glassnet(settings),
        _TABULAR,
        "glassnet",
        f'recipe="realmlp" with {settings}',
        True,
    )
    for piece, settings in OFF.items()
)

PEERS: dict[str, Peer] = {peer.name: peer for peer in (*_PEERS, *ABLATIONS)}
"""Every peer by its name."""


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
