"""The names of quantities taken apart, for notations that set indices and fractions."""

import re
from typing import NamedTuple

from glassnet.nn.activations import ACTIVATIONS
from glassnet.worked.trace._passes import label_of

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "omega": "ω",
}
"""The letters of settings, by their names in plain text."""

SYMBOLS = {
    label_of(activation): GREEK[activation.symbol] for activation in ACTIVATIONS.values() if activation.symbol
}
"""The letters of functions, by what they are called in plain text."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Part(NamedTuple):
    """Hold a name: a letter, perhaps with a hat, and what stands below it."""

    letter: str
    below: "str | Part" = ""
    hat: bool = False


class Fraction(NamedTuple):
    """Hold a partial derivative."""

    above: Part
    below: Part


class Square(NamedTuple):
    """Hold the square of a difference, the error of an output."""

    first: Part
    second: Part


def parse_name(name: str) -> Part | Fraction | Square:
    """Take a name of plain text apart.

    Examples
    --------
    >>> parse_name("dL/dw2")
    Fraction(above=Part(letter='L', below='', hat=False), below=Part(letter='w', below='2', hat=False))
    >>> parse_name("mhat_w1")
    Part(letter='m', below=Part(letter='w', below='1', hat=False), hat=True)
    """
    if square := re.fullmatch(r"\((\w+)-(\w+)\)\^2", name):
        return Square(_part(square[1]), _part(square[2]))
    if fraction := re.fullmatch(r"d(\w+)/d(\w+)", name):
        return Fraction(_part(fraction[1]), _part(fraction[2]))
    return _part(name)


def write_greek(setting: str) -> str:
    """Return the Greek letter of a setting, with its index.

    Examples
    --------
    >>> write_greek("lr"), write_greek("beta2")
    ('η', 'β₂')
    """
    part = _part(setting)
    return part.letter + str(part.below).translate(SUBSCRIPTS)


def _part(name: str) -> Part:
    if memory := re.fullmatch(r"([A-Za-z]+?)(hat)?_(\w+)", name):
        return Part(GREEK.get(memory[1], memory[1]), _part(memory[3]), memory[2] is not None)
    if placed := re.fullmatch(r"([A-Za-z]+)(\d+(?:_\d+)+)", name):
        return Part(placed[1], placed[2].replace("_", ","))
    if letters := re.fullmatch(r"([A-Za-z]+)(\d*[+-]?)", "eta" if name == "lr" else name):
        return Part(GREEK.get(letters[1], letters[1]), letters[2])
    return Part(name)
