"""One array of each layer, as a list that cannot part from the one array that holds them all."""

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, SupportsIndex
from weakref import WeakMethod

import numpy as np

from glassnet._common.arrays import Array
from glassnet.errors import InvalidParameterError


class LayerArrays(list[Array]):
    """List the views of each layer; what is assigned to an item is copied into the view.

    ``arrays[i] = W`` writes the numbers of W where the network reads them, after checking the shape, and
    in the dtype of the network: half precision comes back as the network's numbers. All of them are set by
    ``arrays[:] = others``. The number of layers is fixed. Copied or pickled it is a plain list. Read-only
    views, of a file that is mapped into memory, are first replaced by views of a copy.

    Parameters
    ----------
    what : str
        What the arrays are, for the messages: ``"weights"``.
    own : weak reference of a callable
        What it refers to lets the views be of memory that can be written to, see `Parameters.own`.
    """

    def __init__(self, what: str, own: "WeakMethod[Callable[[], None]]") -> None:
        super().__init__()
        self.what = what
        self._own = own

    def view(self, views: Iterable[Array]) -> None:
        """List these views, in place of those before."""
        super().__setitem__(slice(None), views)

    def __setitem__(self, place: SupportsIndex | slice, value: Any) -> None:
        """Copy one array in, or one for each layer of a slice; nothing is changed where one does not fit.

        Raises
        ------
        InvalidParameterError
            When an array is not of the layer's shape, holds no numbers, or is one too many or missing.
        """
        layers = range(len(self))[place]
        if isinstance(layers, int):
            self._write({layers: value})
            return
        values = list(value)
        if len(values) != len(layers):
            raise InvalidParameterError(
                f"got {len(values)} arrays for the {self.what} of {len(layers)} layers; expected one each."
            )
        self._write(dict(zip(layers, values, strict=True)))

    def _write(self, values: dict[int, Any]) -> None:
        checked = {layer: self._checked(layer, value) for layer, value in values.items()}
        own = self._own()
        if own is not None:
            own()
        for layer, array in checked.items():
            self[layer][...] = array

    def _checked(self, layer: int, value: Any) -> Array:
        """Return a copy, which may be a view of another layer, as this layer takes it."""
        view = self[layer]
        try:
            array: Array = np.array(value)
        except ValueError:
            array = np.array(None)  # rows of different lengths
        if array.shape != view.shape or array.dtype.kind not in "biuf":
            raise InvalidParameterError(
                f"got {self.what} of shape {array.shape} and type {array.dtype} for layer {layer + 1}; "
                f"expected numbers of shape {view.shape}. For other layers make a new model and fit it."
            )
        return array

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse what would change the number or the order of the layers."""
        raise TypeError(
            f"the {self.what} are one array for each layer, in order: their number and order are fixed. "
            "Assign to an item to set one, as in [0] = W, or make a new model for other layers."
        )

    append = extend = insert = pop = remove = clear = sort = reverse = _refuse
    __delitem__ = __iadd__ = __imul__ = _refuse
