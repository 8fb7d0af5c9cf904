"""Layers that stand in front of dense ones: what a table needs beyond a multilayer perceptron.

Each is one frozen value in a file of its own, and one entry of the table `LAYERS`.
"""

from glassnet.nn.layers._layer import Kept as Kept, Layer as Layer, Slot as Slot, Symbol as Symbol, run as run
from glassnet.nn.layers.apart import Apart as Apart
from glassnet.nn.layers.chain import Chain as Chain, in_a_chain as in_a_chain
from glassnet.nn.layers.columns import Columns as Columns
from glassnet.nn.layers.embedding import Embedding as Embedding
from glassnet.nn.layers.learned_activation import LearnedActivation as LearnedActivation
from glassnet.nn.layers.multipliers import Multipliers as Multipliers
from glassnet.nn.layers.periodic import Periodic as Periodic
from glassnet.nn.layers.scaling import Scaling as Scaling

LAYERS: dict[str, Layer] = {
    "scaling": Scaling(),
    "learned_activation": LearnedActivation(),
    "periodic": Periodic(),
    "embedding": Embedding(),
    "columns": Columns(),
    "chain": Chain(),
    "multipliers": Multipliers(),
    "apart": Apart(),
}
"""The layers by name, with small settings: what the tests check."""
