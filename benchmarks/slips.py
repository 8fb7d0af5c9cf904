"""The slips that people make in backpropagation by hand: each as other rules for some numbers of a sheet.

`HELD_APART` are slips that no rule of the grader was made for or tried on while it was written: they are
reported by themselves.
"""

# mypy: disable-error-code="misc"
# It knows no type for a lambda whose defaults keep what a loop goes through.

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from pupil import ACTIVATIONS, Exercise, Key, Notes, Rule

Ways = Iterator[dict[Key, Rule]]

LEARNT: dict[str, tuple[tuple[str, ...], Callable[[Exercise], Ways]]] = {}
HELD_APART: dict[str, tuple[tuple[str, ...], Callable[[Exercise], Ways]]] = {}


def named(
    *kinds: str, held: bool = False
) -> Callable[[Callable[[Exercise], Ways]], Callable[[Exercise], Ways]]:
    """Say by which kinds of causes a grader may call a slip."""

    def put(ways: Callable[[Exercise], Ways]) -> Callable[[Exercise], Ways]:
        (HELD_APART if held else LEARNT)[ways.__name__.replace("_", " ")] = kinds, ways
        return ways

    return put


def others(ex: Exercise, layer: int, unit: int) -> list[int]:
    return [j for j in ex.units(layer) if j != unit]


# -- forward ------------------------------------------------------------------------------------------------


@named("term")
def bias_forgotten(ex: Exercise) -> Ways:
    for key in ex.keys("z"):
        yield {key: lambda n, key=key: n.right(*key) - n(key[0] - 1, "b", key[2], 0, key[4])}


@named("sign")
def sign_of_an_input(ex: Exercise) -> Ways:
    for key in ex.keys("z"):
        s, _, layer, _, k = key
        for i in ex.units(layer - 1):
            yield {
                key: lambda n, key=key, s=s, layer=layer, i=i, k=k: (
                    n.right(*key) - 2 * n(s - 1, "w", layer, i, k) * n.fed(s, layer, i)
                )
            }


@named("swap")
def weight_of_another_unit(ex: Exercise) -> Ways:
    for key in ex.keys("z"):
        s, _, layer, _, k = key
        for i in ex.units(layer - 1):
            for j in others(ex, layer, k):
                yield {
                    key: lambda n, key=key, s=s, layer=layer, i=i, k=k, j=j: (
                        n.right(*key)
                        + (n(s - 1, "w", layer, i, j) - n(s - 1, "w", layer, i, k)) * n.fed(s, layer, i)
                    )
                }


@named("term")
def product_forgotten(ex: Exercise) -> Ways:
    for key in ex.keys("z"):
        s, _, layer, _, k = key
        for i in ex.units(layer - 1):
            yield {
                key: lambda n, key=key, s=s, layer=layer, i=i, k=k: (
                    n.right(*key) - n(s - 1, "w", layer, i, k) * n.fed(s, layer, i)
                )
            }


@named("sample")
def number_of_another_sample(ex: Exercise) -> Ways:
    for key in ex.keys("z", 1):
        s, _, _, _, k = key
        for other in ex.steps:
            if other != s:
                yield {
                    key: lambda n, key=key, s=s, k=k, o=other: (
                        n.right(*key)
                        + sum(n(s - 1, "w", 1, i, k) * (ex.x[o - 1, i] - ex.x[s - 1, i]) for i in ex.units(0))
                    )
                }
    for key in ex.keys("L"):
        for other in ex.steps:
            if other != key[0]:
                yield {
                    key: lambda n, s=key[0], o=other: sum(
                        n.loss(n(s, "a", ex.last, 0, j), ex.y[o - 1, j]) for j in ex.units(ex.last)
                    )
                }


@named("old weight")
def old_weight(ex: Exercise) -> Ways:
    for key in ex.keys("z"):
        s, _, layer, _, k = key
        if s > 1:
            for i in ex.units(layer - 1):
                yield {
                    key: lambda n, key=key, s=s, layer=layer, i=i, k=k: (
                        n.right(*key)
                        + (n(s - 2, "w", layer, i, k) - n(s - 1, "w", layer, i, k)) * n.fed(s, layer, i)
                    )
                }


@named("gate")
def activation_skipped(ex: Exercise) -> Ways:
    for key in ex.keys("a"):
        s, _, layer, _, k = key
        if (ex.activation != "identity" and layer < ex.last) or ex.output == "sigmoid":
            yield {key: lambda n, s=s, layer=layer, k=k: n(s, "z", layer, 0, k)}


@named("gate", "factor", "term")
def softmax_not_divided(ex: Exercise) -> Ways:
    for key in ex.keys("a", ex.last):
        if ex.output == "softmax":
            yield {key: lambda n, key=key: np.exp(n(key[0], "z", key[2], 0, key[4]))}


# -- loss ---------------------------------------------------------------------------------------------------


@named("factor", "convention")
def half_forgotten(ex: Exercise) -> Ways:
    if ex.loss == "squared_error":
        for key in (*ex.keys("Lk"), *ex.keys("L")):
            yield {key: lambda n, key=key: 2 * n.right(*key)}


@named("convention", "mean", "factor")
def loss_of_the_other_convention(ex: Exercise) -> Ways:
    for key in ex.keys("L"):
        if len(ex.units(ex.last)) > 1:
            yield {key: lambda n, key=key: n.right(*key) / ex.sizes[-1]}
        if ex.loss != "squared_error":
            for base in (10, 2):
                yield {key: lambda n, key=key, base=base: n.right(*key) / np.log(base)}
        elif len(ex.units(ex.last)) == 1:
            yield {key: lambda n, s=key[0]: (n(s, "a", ex.last, 0, 0) - ex.y[s - 1, 0]) ** 2}


# -- gradient -----------------------------------------------------------------------------------------------


@named("sign")
def sign_of_the_error(ex: Exercise) -> Ways:
    for key in [*ex.keys("da", ex.last), *([] if ex.keys("da", ex.last) else ex.keys("dz", ex.last))]:
        yield {key: lambda n, key=key: -n.right(*key)}
    if not ex.keys("dz"):
        for key in ex.keys("dw", ex.last):
            yield {key: lambda n, key=key: -n.right(*key)}


@named("gate")
def derivative_forgotten(ex: Exercise) -> Ways:
    for key in ex.keys("dz"):
        s, _, layer, _, k = key
        if layer < ex.last or "cross" not in ex.loss:
            yield {key: lambda n, s=s, layer=layer, k=k: n(s, "da", layer, 0, k)}


@named("slope")
def derivative_at_a(ex: Exercise) -> Ways:
    for key in ex.keys("dz"):
        s, _, layer, _, k = key
        if layer < ex.last or "cross" not in ex.loss:
            yield {
                key: lambda n, s=s, layer=layer, k=k: (
                    n(s, "da", layer, 0, k) * ACTIVATIONS[n.kind(layer)][1](n(s, "a", layer, 0, k))
                )
            }
            z_for_a = {"sigmoid": lambda z: z * (1 - z), "tanh": lambda z: 1 - z**2}.get(ex.activation)
            if z_for_a:
                yield {
                    key: lambda n, s=s, layer=layer, k=k, f=z_for_a: (
                        n(s, "da", layer, 0, k) * f(n(s, "z", layer, 0, k))
                    )
                }


@named("term")
def path_forgotten(ex: Exercise) -> Ways:
    for key in [key for key in (ex.keys("da") or ex.keys("dz")) if key[2] < ex.last]:
        s, letter, layer, _, k = key
        for j in ex.units(layer + 1) if ex.sizes[layer + 1] > 1 else ():
            yield {
                key: lambda n, s=s, letter=letter, layer=layer, k=k, j=j: (
                    (
                        n.right(s, "da", layer, 0, k)
                        - n(s - 1, "w", layer + 1, k, j) * n(s, "dz", layer + 1, 0, j)
                    )
                    * (ACTIVATIONS[n.kind(layer)][1](n(s, "z", layer, 0, k)) if letter == "dz" else 1)
                )
            }


@named("old weight")
def updated_weight(ex: Exercise) -> Ways:
    updated = {(s, layer, i, k) for s, _, layer, i, k in ex.keys("w")}
    for key in [key for key in ex.keys("da") if key[2] < ex.last]:
        s, _, layer, _, k = key
        for j in ex.units(layer + 1):
            if (s, layer + 1, k, j) in updated:
                yield {
                    key: lambda n, key=key, s=s, layer=layer, k=k, j=j: (
                        n.right(*key)
                        + (n(s, "w", layer + 1, k, j) - n(s - 1, "w", layer + 1, k, j))
                        * n(s, "dz", layer + 1, 0, j)
                    )
                }


@named("swap")
def weight_of_another_unit_on_the_way_back(ex: Exercise) -> Ways:
    for key in [key for key in ex.keys("da") if key[2] < ex.last]:
        s, _, layer, _, k = key
        for j in ex.units(layer + 1):
            for o in others(ex, layer, k):
                yield {
                    key: lambda n, key=key, s=s, layer=layer, k=k, j=j, o=o: (
                        n.right(*key)
                        + (n(s - 1, "w", layer + 1, o, j) - n(s - 1, "w", layer + 1, k, j))
                        * n(s, "dz", layer + 1, 0, j)
                    )
                }


@named("factor", "gate")
def input_forgotten(ex: Exercise) -> Ways:
    for key in ex.keys("dw"):
        yield {key: lambda n, key=key: n(key[0], "dz", key[2], 0, key[4])}


@named("swap")
def another_input(ex: Exercise) -> Ways:
    for key in ex.keys("dw"):
        s, _, layer, i, k = key
        for o in others(ex, layer - 1, i):
            yield {key: lambda n, s=s, layer=layer, k=k, o=o: n(s, "dz", layer, 0, k) * n.fed(s, layer, o)}


@named("transposed")
def outer_product_transposed(ex: Exercise) -> Ways:
    for s in ex.steps:
        for layer in range(1, ex.last + 1):
            n_in, n_out = ex.sizes[layer - 1], ex.sizes[layer]
            if n_in == n_out > 1:
                yield {
                    (s, "dw", layer, i, k): lambda n, s=s, layer=layer, i=i, k=k: (
                        n(s, "dz", layer, 0, i) * n.fed(s, layer, k)
                    )
                    for i in range(n_in)
                    for k in range(n_out)
                    if i != k
                }


@named("bias")
def bias_gradient_times_an_activation(ex: Exercise) -> Ways:
    for key in ex.keys("db"):
        s, _, layer, _, k = key
        for i in ex.units(layer - 1):
            yield {key: lambda n, s=s, layer=layer, i=i, k=k: n(s, "dz", layer, 0, k) * n.fed(s, layer, i)}


@named("slope", "gate", "factor")
def a_derivative_too_many(ex: Exercise) -> Ways:
    for key in ex.keys("dz", ex.last):
        if "cross" in ex.loss:
            yield {
                key: lambda n, key=key: (
                    n.right(*key) * n(key[0], "a", *key[2:]) * (1 - n(key[0], "a", *key[2:]))
                )
            }


# -- update -------------------------------------------------------------------------------------------------


@named("sign")
def sign_of_the_step(ex: Exercise) -> Ways:
    for key in (*ex.keys("w"), *ex.keys("b")):
        yield {key: lambda n, key=key: 2 * n(key[0] - 1, *key[1:]) - n.right(*key)}


@named("factor")
def rate_forgotten(ex: Exercise) -> Ways:
    for key in (*ex.keys("w"), *ex.keys("b")):
        yield {key: lambda n, key=key: n(key[0] - 1, *key[1:]) - n(key[0], f"d{key[1]}", *key[2:])}


@named("swap")
def one_gradient_for_another(ex: Exercise) -> Ways:
    for letter in ("w", "b"):
        keys = ex.keys(letter)
        for key in keys:
            for other in keys:
                if other != key and other[0] == key[0]:
                    yield {
                        key: lambda n, key=key, o=other: (
                            n(key[0] - 1, *key[1:]) - ex.rate * n(o[0], f"d{o[1]}", *o[2:])
                        )
                    }


@named("swap")
def two_values_swapped(ex: Exercise) -> Ways:
    for letter in ("dw", "db", "w"):
        keys = ex.keys(letter)
        for key, other in pairwise(keys):
            if other[0] == key[0]:
                yield {key: lambda n, o=other: n.right(*o), other: lambda n, key=key: n.right(*key)}


# -- two at once --------------------------------------------------------------------------------------------


@named("two slips")
def two_slips_in_one_line(ex: Exercise) -> Ways:
    for key in ex.keys("z"):
        s, _, layer, _, k = key
        for i in ex.units(layer - 1):
            yield {
                key: lambda n, key=key, s=s, layer=layer, i=i, k=k: (
                    n.right(*key)
                    - n(s - 1, "b", layer, 0, k)
                    - 2 * n(s - 1, "w", layer, i, k) * n.fed(s, layer, i)
                )
            }
    for key in (*ex.keys("w"), *ex.keys("b")):
        yield {key: lambda n, key=key: n(key[0] - 1, *key[1:]) + n(key[0], f"d{key[1]}", *key[2:])}
    for key in ex.keys("dw"):
        yield {key: lambda n, key=key: -n(key[0], "dz", key[2], 0, key[4])}


# -- held apart ---------------------------------------------------------------------------------------------


@named("gate", held=True)
def another_activation(ex: Exercise) -> Ways:
    for key in ex.keys("a"):
        s, _, layer, _, k = key
        if layer < ex.last and ex.activation in ("sigmoid", "tanh"):
            other = ACTIVATIONS["tanh" if ex.activation == "sigmoid" else "sigmoid"][0]
            yield {key: lambda n, s=s, layer=layer, k=k, f=other: f(n(s, "z", layer, 0, k))}


@named("factor", held=True)
def rate_in_the_gradient(ex: Exercise) -> Ways:
    for key in (*ex.keys("dw"), *ex.keys("db")):
        yield {key: lambda n, key=key: ex.rate * n.right(*key)}


@named("transposed", "swap", "two slips", held=True)
def weights_read_by_rows(ex: Exercise) -> Ways:
    for key in ex.keys("z"):
        s, _, layer, _, k = key
        if ex.sizes[layer - 1] == ex.sizes[layer] > 1:
            yield {
                key: lambda n, s=s, layer=layer, k=k: (
                    n(s - 1, "b", layer, 0, k)
                    + sum(n(s - 1, "w", layer, k, i) * n.fed(s, layer, i) for i in ex.units(layer))
                )
            }


@named("old weight", "swap", held=True)
def bias_taken_before_its_update(ex: Exercise) -> Ways:
    for key in ex.keys("z"):
        s, _, layer, _, k = key
        if s > 1:
            yield {
                key: lambda n, key=key, s=s, layer=layer, k=k: (
                    n.right(*key) + n(s - 2, "b", layer, 0, k) - n(s - 1, "b", layer, 0, k)
                )
            }


# -- with the pen -------------------------------------------------------------------------------------------


def digits_exchanged(text: str, rng: np.random.Generator) -> str | None:
    """Return a number with two neighbouring digits in one another's place."""
    places = [
        i
        for i in range(len(text) - 2)
        if text[i].isdigit() and text[i + 1].isdigit() and text[i] != text[i + 1]
    ]
    if not places:
        return None
    i = int(rng.choice(places))
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def digit_wrong(text: str, rng: np.random.Generator) -> str | None:
    """Return a number with another digit, not the last."""
    places = [i for i in range(len(text) - 1) if text[i].isdigit()]
    if not places:
        return None
    i = int(rng.choice(places))
    return text[:i] + str((int(text[i]) + int(rng.integers(2, 9))) % 10) + text[i + 1 :]


PEN: dict[str, tuple[tuple[str, ...], Callable[[str, np.random.Generator], str | None]]] = {
    "digits exchanged": (("digits",), digits_exchanged),
    "digit wrong": (("digits",), digit_wrong),
}


def is_finite(notes: Notes, rule: Rule) -> bool:
    """Say whether a rule gives a number that a person would write."""
    return bool(abs(rule(notes)) < 1e6)
