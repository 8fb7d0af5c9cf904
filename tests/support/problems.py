"""Problems to be worked on paper."""

import numpy as np

from glassnet.worked.problem import Problem
from glassnet.worked.problem_file import build_problem


def large_problem(loss: str = "softmax_cross_entropy", optimizer: str = "adamw") -> Problem:
    """Return a problem with vectors of seven numbers, in a document whose title has to be escaped."""
    rng = np.random.default_rng(0)
    y = np.eye(3)[[0, 2, 1, 0, 1, 2]].tolist()
    settings = {"sizes": [2, 7, 3], "activation": "tanh", "loss": loss, "optimizer": optimizer}
    x = rng.normal(size=(6, 2)).tolist()
    return build_problem({**settings, "x": x, "y": y, "batch_size": 6, "steps": 2, "name": "100 % & _more_"})
