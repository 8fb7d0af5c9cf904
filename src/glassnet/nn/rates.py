"""Learning rates of their own for parts of theta: what each kind of parameter gets of the rate."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from glassnet.nn.architecture import Architecture


@dataclass(frozen=True)
class Group:
    """Say which numbers of theta share their factors on learning rate and weight decay.

    Attributes
    ----------
    part : slice
    rate : float
        Factor on the learning rate.
    decay : float
        Factor on what a step takes off, which is the learning rate times the weight decay.
    """

    part: slice
    rate: float = 1.0
    decay: float = 1.0


WHOLE = (Group(slice(None)),)
"""All of theta alike."""


def group_rates(
    architecture: Architecture, *, by_fan_in: bool = True, biases: float = 1.0, decay_biases: bool = True
) -> tuple[Group, ...]:
    """Return the groups of an architecture.

    Parameters
    ----------
    architecture : Architecture
        Its layers in front have the factors that they state; they decay at their own rate.
    by_fan_in : bool
        Give the weights of a dense layer the factor 1 / sqrt(fan_in). With Adam, whose steps do not depend on
        the size of a gradient, that is the "neural tangent" form z = x W / sqrt(fan_in) + b with standard
        normal W: a layer of any width moves as fast. Its W decays at the whole rate, as W of that form does.
    biases : float
        Factor for biases.
    decay_biases : bool

    References
    ----------
    Holzmüller, Grinsztajn, Steinwart (2024), Better by default, arXiv 2407.04491, section 3.
    """

    def factors() -> Iterator[Group]:
        for place in architecture.places:
            if place.is_before:
                yield Group(place.slice, place.rate, place.rate)
            elif place.name == "b":
                yield Group(place.slice, biases, biases if decay_biases else 0.0)
            else:
                yield Group(place.slice, place.shape[-2] ** -0.5 if by_fan_in else 1.0)

    return tuple(_merged(factors()))


def _merged(groups: Iterator[Group]) -> Iterator[Group]:
    """Yield the groups, neighbours with equal factors as one."""
    for (rate, decay), alike in groupby(groups, key=lambda group: (group.rate, group.decay)):
        parts = [group.part for group in alike]
        yield Group(slice(parts[0].start, parts[-1].stop), rate, decay)
