"""What a class of six gets from each template, drawn once for all tests."""

from functools import lru_cache

from glassnet.classroom.choosing import Chooser, Chosen
from glassnet.classroom.dice import Secret
from glassnet.classroom.students import Student
from glassnet.classroom.template import TEMPLATES

CLASS = tuple(Student(f"s{i:03}", f"Name {i}") for i in range(6))
SECRET = Secret("course secret")


@lru_cache
def handed_out(name: str) -> tuple[Chosen, ...]:
    """Return the tasks of the class from a template."""
    return tuple(Chooser(TEMPLATES[name], SECRET).choose(CLASS))
