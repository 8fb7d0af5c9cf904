"""Label smoothing: targets that ask a classifier to be nearly sure, instead of sure."""

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError


def smooth_labels(y: Array, epsilon: float, n_classes: int | None = None) -> Array:
    """Move a share of every target to all classes alike: (1 - epsilon) y + epsilon / n_classes.

    A softmax reaches a target of 1 only with infinite weights, and the cross-entropy never stops asking for
    it. Of a smoothed target the best output is finite, so that training ends and probabilities stay humble.

    Parameters
    ----------
    y : ndarray of shape (n, n_outputs)
        One-hot rows for the softmax; numbers of 0 and 1 for sigmoids.
    epsilon : float
        From 0, which changes nothing, up to 1, without 1.
    n_classes : int, optional
        How many classes the share goes to: as many as there are outputs unless given, as a softmax has them.
        It is 2 for sigmoids, each of which tells one class from its opposite.

    Returns
    -------
    ndarray of shape (n, n_outputs)
        Of the dtype of y, which stays as it is.

    Raises
    ------
    InvalidParameterError
        When epsilon is outside of 0 ... 1.

    Notes
    -----
    A loss that is reported of smoothed targets is that of smoothed targets: its least value is their entropy,
    not 0. It may be compared with a loss of other smoothed targets only, not with a log loss.

    References
    ----------
    Szegedy, Vanhoucke, Ioffe, Shlens, Wojna (2016), Rethinking the Inception architecture, section 7.

    Examples
    --------
    >>> import numpy as np
    >>> smooth_labels(np.eye(2), 0.1).round(3).tolist()
    [[0.95, 0.05], [0.05, 0.95]]
    """
    if not 0 <= epsilon < 1:
        raise InvalidParameterError(
            f"got label_smoothing={quoted(epsilon)}; expected a number from 0 up to 1, without 1."
        )
    share = float(epsilon)  # NumPy's own would make float32 float64
    return y * (1 - share) + share / (y.shape[1] if n_classes is None else n_classes)
