"""The notation of plain text, which is NumPy's: ``X @ W1 + b1``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class PlainText:
    """Write formulas as one types them.

    Attributes
    ----------
    point : str
        What parts the whole from the decimals.
    """

    point: str = "."

    bar: ClassVar[bool] = False

    def name(self, name: str) -> str:
        """Write a name as it is."""
        return name

    def number(self, text: str) -> str:
        """Write a number as it is."""
        return text.replace(".", self.point)

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        """Write rows between brackets, with semicolons between them: [1 2; 3 4]."""
        written = [" ".join(cell or "..." for cell in row) for row in rows]
        return (
            "["
            + "; ".join("..." if not any(row) else text for row, text in zip(rows, written, strict=True))
            + "]"
        )

    def signed(self, sign: int, text: str, first: bool) -> str:
        """Write `` + term``, or ``-term`` in front."""
        if first:
            return text if sign > 0 else f"-{text}"
        return f" + {text}" if sign > 0 else f" - {text}"

    def product(self, factors: Sequence[str], between: str) -> str:
        """Write factors with a star between; spaces around it where a factor is a fraction or a matrix."""
        if between == "matrix":
            return " @ ".join(factors)
        short = all("/" not in factor and "[" not in factor and "@" not in factor for factor in factors)
        return ("*" if short and between == "scalars" else " * ").join(factors)

    def quotient(self, above: str, below: str) -> str:
        """Write above/below."""
        return f"{above}/{below}"

    def power(self, base: str, exponent: str) -> str:
        """Write base^exponent."""
        return f"{base}^{exponent}"

    def transpose(self, matrix: str) -> str:
        """Write the matrix with .T behind it."""
        return f"{matrix}.T"

    def call(self, function: str, argument: str, *more: str) -> str:
        """Write function(argument)."""
        return f"{function}({', '.join([argument, *more])})"

    def ones(self, n: int, rows: int) -> str:
        """Write rows of n ones."""
        return f"ones({rows}, {n})"

    def enclose(self, text: str) -> str:
        """Write (text)."""
        return f"({text})"


TEXT = PlainText()
