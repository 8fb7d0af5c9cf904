"""How numbers and names are written on the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet._common.words import counted, duration as duration
from glassnet.studies.engines import ENGINES

MISSING = "–"
BLAS_NAMES = {"openblas": "OpenBLAS", "mkl": "MKL", "blis": "BLIS", "flexiblas": "FlexiBLAS"}


def number(value: float | None) -> str:
    """Write a score with four decimals, a huge or a tiny one with its power of ten.

    Examples
    --------
    >>> number(0.97891), number(123456.7), number(0.00042), number(None)
    ('0.9789', '1.2e+05', '4.2e-04', '–')
    """
    if value is None:
        return MISSING
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 1000 else f"{value:.1e}"


def scale_end(value: float) -> str:
    """Write the end of a scale with as few digits as it has, four at most.

    Examples
    --------
    >>> scale_end(1.0), scale_end(21.44), scale_end(0.0861)
    ('1', '21.44', '0.0861')
    """
    return f"{value:.4g}"


def score(scores: dict[str, float | None], metric: str) -> str:
    """Write one of a model's scores; a dash when it has none of this name.

    Examples
    --------
    >>> score({"accuracy": 0.5}, "accuracy"), score({}, "accuracy")
    ('0.5000', '–')
    """
    return number(scores.get(metric))


def readable(name: str) -> str:
    """Write the name of a table entry as words.

    Examples
    --------
    >>> readable("leaky_relu")
    'leaky relu'
    """
    return name.replace("_", " ")


def engine(name: str) -> str:
    """Write the name of an engine as its makers do.

    Examples
    --------
    >>> engine("sklearn")
    'scikit-learn'
    """
    return ENGINES[name].title if name in ENGINES else name


def blas(libraries: Sequence[Mapping[str, Any]]) -> str:
    """Write BLAS libraries as their makers do, each once; NumPy and SciPy may bring one each.

    Examples
    --------
    >>> blas([{"internal_api": "openblas", "version": "0.3.29", "architecture": "Haswell", "num_threads": 1}])
    'OpenBLAS 0.3.29 for Haswell, 1 thread'
    >>> blas([{"internal_api": "mkl", "version": "2024.2", "num_threads": 2}] * 2)
    'MKL 2024.2, 2 threads'
    """
    written = []
    for library in libraries:
        api = str(library.get("internal_api", "BLAS"))
        words = f"{BLAS_NAMES.get(api, api)} {library.get('version') or ''}".strip()
        words += f" for {library['architecture']}" if library.get("architecture") else ""
        words += f", {counted(library['num_threads'], 'thread')}" if "num_threads" in library else ""
        written.append(words)
    return "; ".join(dict.fromkeys(written))


def environment(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run was computed with, for people."""
    return {**value, "blas": blas(value["blas"])} if value.get("blas") else dict(value)


def plain(value: Any) -> str:
    """Write a plain value, a list by its entries, a dictionary by its names.

    Examples
    --------
    >>> plain([256, 128]), plain(True), plain([{"api": "openblas", "threads": 2}])
    ('256, 128', 'yes', 'api openblas, threads 2')
    """
    if value in (None, "", [], (), {}):
        return MISSING
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{readable(str(key))} {plain(entry)}" for key, entry in value.items())
        case list() | tuple():
            separator = "; " if any(isinstance(entry, dict) for entry in value) else ", "
            return separator.join(map(plain, value))
        case _:
            return str(value)
