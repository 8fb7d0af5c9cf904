"""A series of numbers by the number of the step, thinned as it grows."""

MOST = 4_096


class Series:
    """Hold numbers by the number of the step: all, then every second, every fourth, as memory asks.

    Attributes
    ----------
    stride : int
        What the numbers of the steps that are kept are multiples of.
    last : float or None
        The newest number, kept or not.
    """

    def __init__(self) -> None:
        self.stride = 1
        self.last: float | None = None
        self._values: list[float] = []

    def add(self, step: int, value: float) -> None:
        """Take the number of the next step; steps count from 1."""
        self.last = value
        if step % self.stride:
            return
        self._values.append(value)
        if len(self._values) >= MOST:
            self._values = self._values[1::2]
            self.stride *= 2

    def upto(self, step: int) -> "Series":
        """Return a copy that ends with a step."""
        copied = Series()
        copied.stride, copied._values = self.stride, self._values[: step // self.stride]
        copied.last = copied._values[-1] if copied._values else None
        return copied

    def points(self, most: int) -> tuple[list[int], list[float]]:
        """Return at most so many steps, and their numbers."""
        values = self._values
        every = -(-len(values) // most) if values else 1
        picked = list(range(every - 1, len(values), every))
        return [(i + 1) * self.stride for i in picked], [values[i] for i in picked]
