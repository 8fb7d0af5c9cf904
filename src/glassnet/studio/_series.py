"""A series of numbers by the number of the step, thinned as it grows."""

MOST = 4_096


class Series:
    """Hold numbers by the number of the step: all, then every second, every fourth, as memory asks.

    Attributes
    ----------
    last : float or None
        The newest number, kept or not.
    """

    def __init__(self) -> None:
        self.last: float | None = None
        self._kept: tuple[int, list[float]] = (1, [])  # together: another thread may be reading

    @property
    def stride(self) -> int:
        """What the numbers of the steps that are kept are multiples of."""
        return self._kept[0]

    def add(self, step: int, value: float) -> None:
        """Take the number of the next step; steps count from 1."""
        self.last = value
        stride, values = self._kept
        if step % stride:
            return
        values.append(value)
        if len(values) >= MOST:
            self._kept = stride * 2, values[1::2]

    def upto(self, step: int) -> "Series":
        """Return a copy that ends with a step."""
        copied = Series()
        stride, values = self._kept
        copied._kept = stride, values[: step // stride]
        copied.last = copied._kept[1][-1] if copied._kept[1] else None
        return copied

    def points(self, most: int) -> tuple[list[int], list[float]]:
        """Return at most so many steps, and their numbers."""
        stride, values = self._kept
        every = -(-len(values) // most) if values else 1
        picked = list(range(every - 1, len(values), every))
        return [(i + 1) * stride for i in picked], [values[i] for i in picked]
