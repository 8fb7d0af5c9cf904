"""Members: several networks in one, which share all layers but the last.

From the layer `Multipliers` in front of the first dense layer on, the rows of a batch stand member after
member: m blocks of n rows. `Apart` in front of the last dense layer gives the members an axis of their own,
(m, n, fan_in). That layer has a W and a b for each member, W of shape (m, fan_in, n_outputs), and
``np.matmul`` takes one after the other. So the two passes are those of a plain network.

References
----------
Gorishniy, Kotelnikov, Babenko (2024), TabM: advancing tabular deep learning with parameter-efficient
ensembling, arXiv 2410.24210: "TabM-mini".
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.architecture import Parameters
from glassnet.nn.layers import Apart, Chain, Layer, Multipliers, in_a_chain
from glassnet.nn.losses import Head


@dataclass(frozen=True)
class SharedHead(Head):
    """Give each of m members the output and the loss of a head; a sample's loss is the mean of theirs.

    z and a have the shape (m, n, n_outputs), the bias (m, n_outputs), targets (n, n_outputs). What the
    network answers is the mean of its members' outputs.
    """

    def apply_with_bias(self, z: Array, bias: Array, out: Array, scratch: Array) -> None:
        """Add each member's bias to its z in place, and write the outputs to `out`."""
        z += bias[:, np.newaxis]
        nothing = np.zeros(z.shape[-1], z.dtype)
        super().apply_with_bias(_rows(z), nothing, _rows(out), _rows(scratch))

    def losses(self, z: Array, a: Array, y: Array) -> Array:
        """Return the mean of the members' losses for each sample, shape (n,)."""
        each = super().losses(_rows(z), _rows(a), self._for_all(y))
        return np.asarray(each.reshape(self.members, -1).mean(axis=0))

    def delta(self, z: Array, a: Array, y: Array, out: Array) -> Array:
        """Write dLoss/dz, of the mean loss of each sample, to `out`."""
        super().delta(_rows(z), _rows(a), self._for_all(y), _rows(out))
        out /= self.members
        return out

    def answers(self, a: Array) -> Array:
        """Return the mean of the members' outputs, shape (n, n_outputs)."""
        return np.asarray(a.mean(axis=0))

    def answer_losses(self, z: Array, a: Array, y: Array) -> Array:
        """Return the loss of the members' mean output for each sample, shape (n,).

        It is never above `losses`, where the loss is convex in the output.
        """
        mean = self.answers(a)
        return super().losses(mean if self.link is None else self.link(mean), mean, y)

    def losses_at(self, z: Array, y: Array) -> Array:
        """Return the loss of each sample, shape (n,), where z is the same for all samples and members."""
        return share(self, 1).losses_at(z, y)

    def _for_all(self, y: Array) -> Array:
        return np.tile(y, (self.members, 1))


def share(head: Head, members: int) -> Head:
    """Return the head of so many members; of 1, that of a plain network."""
    if members == head.members:
        return head
    settings = {field.name: getattr(head, field.name) for field in fields(head)}
    kind = Head if members == 1 else SharedHead
    return kind(**settings | {"members": members})


def member_of(parameters: Parameters, number: int) -> Parameters:
    """Return one of the members, from 0, as a plain network; of a plain network, it itself."""
    architecture = parameters.architecture
    if architecture.head.members == 1:
        return parameters
    before = tuple(layer and _alone(layer) for layer in architecture.before)
    plain = replace(architecture, head=share(architecture.head, 1), before=before)
    member = Parameters.zeros(plain, parameters.theta.dtype)
    for mine, shared in zip(plain.places, architecture.places, strict=True):
        array = parameters.theta[shared.slice].reshape(shared.shape)
        member.theta[mine.slice] = (array if shared.shape == mine.shape else array[number]).ravel()
    return member


def _alone(layer: Layer) -> Layer | None:
    """Return a layer of members as it is of one; None where nothing is left of it."""
    if isinstance(layer, Chain):
        return in_a_chain(*map(_alone, layer.layers))
    if isinstance(layer, Multipliers):
        return replace(layer, members=1)
    return None if isinstance(layer, Apart) else layer


def _rows(array: Array) -> Array:
    """Return all members' rows, one block below the other: a view."""
    return array.reshape(-1, array.shape[-1])
