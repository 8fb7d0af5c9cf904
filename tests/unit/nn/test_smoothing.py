"""Label smoothing against PyTorch's."""

import numpy as np
import pytest

from glassnet.errors import InvalidParameterError
from glassnet.nn import LOSSES, smooth_labels, softmax


def loss_and_delta(head, z, y):
    a = np.empty_like(z)
    LOSSES[head].apply_with_bias(z.copy(), np.zeros(z.shape[1]), a, np.empty_like(z))
    return LOSSES[head].losses(z, a, y).mean(), LOSSES[head].delta(z, a, y, np.empty_like(z)) / len(z)


@pytest.mark.parametrize("epsilon", [0, 0.1, 0.5])
@pytest.mark.parametrize("n_classes", [2, 5])
def test_loss_and_gradient_are_those_of_torch(epsilon, n_classes):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    z, labels = rng.normal(0, 3, (20, n_classes)), rng.integers(n_classes, size=20)
    loss, delta = loss_and_delta(
        "softmax_cross_entropy", z, smooth_labels(np.eye(n_classes)[labels], epsilon)
    )
    scores = torch.tensor(z, requires_grad=True)
    expected = torch.nn.CrossEntropyLoss(label_smoothing=epsilon)(scores, torch.tensor(labels))
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(delta, scores.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_a_sigmoid_has_the_loss_of_a_softmax_of_two_classes():
    rng = np.random.default_rng(1)
    z, y = rng.normal(0, 3, (20, 1)), rng.integers(2, size=(20, 1)).astype(float)
    sigmoid, delta = loss_and_delta("sigmoid_cross_entropy", z, smooth_labels(y, 0.1, n_classes=2))
    both = smooth_labels(np.hstack([1 - y, y]), 0.1)
    softmaxed, deltas = loss_and_delta("softmax_cross_entropy", np.hstack([0 * z, z]), both)
    assert sigmoid == pytest.approx(softmaxed, rel=1e-12)
    np.testing.assert_allclose(delta, deltas[:, 1:], rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_stay_shares_and_the_targets_of_a_user_stay(dtype):
    y = np.eye(4, dtype=dtype)
    smoothed = smooth_labels(y, np.float64(0.2))
    assert smoothed.dtype == dtype
    assert y.tolist() == np.eye(4).tolist()
    np.testing.assert_allclose(smoothed.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(smoothed.max(axis=1), 0.85, rtol=1e-6)
    assert (smoothed.argmax(axis=1) == np.arange(4)).all()


def test_the_best_output_is_finite_and_the_least_loss_is_the_entropy():
    y = smooth_labels(np.eye(3), 0.1)
    best, delta = loss_and_delta("softmax_cross_entropy", np.log(y), y)
    np.testing.assert_allclose(softmax(np.log(y)), y)
    np.testing.assert_allclose(delta, 0, atol=1e-15)
    assert best == pytest.approx(-(y * np.log(y)).sum(axis=1).mean())


@pytest.mark.parametrize("epsilon", [-0.1, 1, np.nan])
def test_no_other_share_is_taken(epsilon):
    with pytest.raises(InvalidParameterError, match=r"label_smoothing=.*from 0 up to 1"):
        smooth_labels(np.eye(2), epsilon)
