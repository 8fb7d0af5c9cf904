"""Tables that are quickly fitted, as the text of CSV files."""

import numpy as np


def species(n: int, seed: int = 0) -> str:
    """Return the text of a table with three classes that follow from two of its columns."""
    rng = np.random.default_rng(seed)
    lines = ["length,colour,noise,seen,species"]
    for _ in range(n):
        length, colour = rng.uniform(1, 10), rng.choice(["red", "green", "blue"])
        name = "wolf" if length > 6 else "fox" if colour == "red" else "cat"
        cells = [f"{length:.3f}", colour, f"{rng.normal():.3f}", rng.choice(["true", "false"]), name]
        if rng.random() < 0.05:
            cells[1] = ""
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def prices(n: int, seed: int = 0) -> str:
    """Return the text of a table with a number that follows from two of its columns."""
    rng = np.random.default_rng(seed)
    lines = ["size,town,built,price"]
    for _ in range(n):
        size, town = rng.uniform(30, 200), rng.choice(["Ulm", "Bonn"])
        price = 1000 * size * (2 if town == "Bonn" else 1) + rng.normal(0, 3000)
        lines.append(f"{size:.1f},{town},19{rng.integers(50, 99)}-0{rng.integers(1, 9)}-01,{price:.2f}")
    return "\n".join(lines) + "\n"
