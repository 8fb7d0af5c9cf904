"""What is said beside formulas, in any language that has a file for it."""

import tomllib
from functools import lru_cache
from importlib.resources import files

from glassnet._common.naming import lookup

ENGLISH = "en"


@lru_cache(maxsize=8)
def read_texts(package: str, language: str) -> dict[str, str]:
    """Return the texts of a package in a language, by their keys, from a file of its folder ``languages``.

    Raises
    ------
    UnknownNameError
        When there is no file of the language.
    """
    folder = files(package).joinpath("languages")
    names = {file.name.removesuffix(".toml"): file for file in folder.iterdir()}
    file = lookup(dict(sorted(names.items())), language, "language")
    return tomllib.loads(file.read_text(encoding="utf-8"))
