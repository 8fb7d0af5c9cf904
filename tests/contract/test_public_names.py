"""Every public name is there, is documented, and keeps the conventions of the docstrings."""

import dataclasses
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from processes import run_python

import glassnet
import glassnet.doctor
import glassnet.nn
from glassnet._moved import MOVED
from glassnet.errors import GlassnetError

PUBLIC: list[str] = vars(glassnet)["__all__"]  # of which the stub says nothing
NAMES = sorted(set(PUBLIC) - {"__version__"})
CALLABLES = [name for name in NAMES if callable(getattr(glassnet, name))]
CLASSES = [name for name in NAMES if inspect.isclass(getattr(glassnet, name))]
SECTIONS = ["Parameters", "Attributes", "Returns", "Yields", "Raises", "Notes", "References", "Examples"]
ROOT = Path(glassnet.__file__).parent


def sections(docstring):
    """Return the headings of a docstring, in their order."""
    return re.findall(r"^(\w[\w ]*)\n-{3,}$", inspect.cleandoc(docstring), re.MULTILINE)


def own_methods(cls):
    """Yield the public methods and properties that a class of the library defines itself."""
    for name, member in vars(cls).items():
        if not name.startswith("_") and (
            inspect.isfunction(member) or isinstance(member, classmethod | staticmethod | property)
        ):
            yield name, member


METHODS = [
    pytest.param(getattr(glassnet, class_name), method, id=f"{class_name}.{method}")
    for class_name in CLASSES
    for method, _ in own_methods(getattr(glassnet, class_name))
]


def test_the_list_of_names_is_sorted_and_the_one_of_dir():
    assert sorted(PUBLIC) == PUBLIC
    assert len(set(PUBLIC)) == len(PUBLIC)
    assert dir(glassnet) == sorted(PUBLIC)


def test_the_version_is_a_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+", glassnet.__version__)


@pytest.mark.parametrize("room", ["data", "doctor", "models", "nn", "studies", "worked"])
def test_a_public_room_is_an_attribute_of_the_package(room):
    """In a new process, where nobody has imported it before."""
    run_python(f"import glassnet, inspect\nassert inspect.ismodule(glassnet.{room})\nglassnet.{room}.__all__")
    assert room in PUBLIC


@pytest.mark.parametrize("name", NAMES)
def test_a_name_leads_to_a_documented_value(name):
    value = getattr(glassnet, name)
    first = inspect.cleandoc(value.__doc__).splitlines()[0]
    assert first.endswith(".")
    assert value is getattr(glassnet, name)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"glassnet.*nonsense"):
        glassnet.nonsense  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(glassnet, "__wrapped__")


@pytest.mark.parametrize("name", CALLABLES)
def test_parameters_are_documented(name):
    value = getattr(glassnet, name)
    if inspect.isclass(value) and issubclass(value, GlassnetError) and "__init__" not in vars(value):
        return  # an error takes a message
    documented = sections(value.__doc__)
    parameters = [parameter for parameter in inspect.signature(value).parameters if parameter != "self"]
    if parameters:
        assert {"Parameters", "Attributes"} & set(documented)
        text = inspect.cleandoc(value.__doc__)
        for parameter in parameters:
            assert re.search(rf"^(\w+, )*\*{{0,2}}{parameter}(, \w+)* :", text, re.MULTILINE), parameter
    if inspect.isfunction(value):
        assert "Returns" in documented or value.__annotations__["return"] is None
    assert documented == sorted(documented, key=SECTIONS.index)


@pytest.mark.parametrize(("cls", "method"), METHODS)
def test_methods_are_documented(cls, method):
    member = inspect.getattr_static(cls, method)
    function = getattr(member, "__func__", member)
    docstring = member.__doc__
    assert docstring
    assert inspect.cleandoc(docstring).splitlines()[0].rstrip().endswith(".")
    if isinstance(member, property):
        return
    documented = sections(docstring)
    assert documented == sorted(documented, key=SECTIONS.index)
    if "Parameters" in documented:
        text = inspect.cleandoc(docstring)
        for parameter in list(inspect.signature(function).parameters)[1:]:
            assert re.search(rf"^(\w+, )*\*{{0,2}}{parameter}(, \w+)*( :|$)", text, re.MULTILINE), parameter


@pytest.mark.parametrize("name", CALLABLES)
def test_everything_public_is_annotated(name):
    value = getattr(glassnet, name)
    functions = [value] if not inspect.isclass(value) else []
    if inspect.isclass(value):
        functions = [getattr(member, "__func__", member) for _, member in own_methods(value)]
    for function in functions:
        if isinstance(function, property):
            function = function.fget
        signature = inspect.signature(function)
        assert signature.return_annotation is not inspect.Signature.empty, function
        for parameter in list(signature.parameters.values()):
            if parameter.name not in ("self", "cls"):
                assert parameter.annotation is not inspect.Parameter.empty, (function, parameter)


@pytest.mark.parametrize("name", CLASSES)
def test_fields_are_documented(name):
    cls = getattr(glassnet, name)
    if "__dataclass_fields__" not in vars(cls):  # one that inherits them may be made of something else
        return
    for field in dataclasses.fields(cls):
        assert re.search(rf"^\s*(\w+, )*{field.name}(, \w+)* :", cls.__doc__, re.MULTILINE), field.name


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "py.typed").exists()


@pytest.mark.parametrize(("old", "new"), sorted(MOVED.items()))
def test_a_documented_name_of_before_leads_to_the_same_module(old, new):
    module = import_module(new)
    name = module.__spec__.name
    assert import_module(old) is module
    assert module.__name__ == module.__spec__.name == name == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("glassnet.datasets.catalog", "glassnet.data.catalog"),
        ("glassnet.estimators.classifier", "glassnet.models.classifier"),
        ("glassnet.estimators._base", "glassnet.models._base"),
    ],
)
def test_a_module_of_a_package_that_moved_is_no_second_copy(old, new):
    module = import_module(new)
    assert import_module(old) is module
    assert module.__spec__.name == new


def test_modules_are_found_under_their_old_names_first():
    """In a new process, where nothing has been imported by its new name."""
    run_python(
        "import glassnet.estimators.classifier\n"
        "from glassnet.datasets.catalog import DATASETS\n"
        "assert DATASETS is glassnet.data.catalog.DATASETS\n"
        "assert glassnet.estimators.classifier.MLPClassifier is glassnet.MLPClassifier\n"
    )


@pytest.mark.parametrize("name", ["glassnet.datasets.nonsense", "glassnet.activations.nonsense"])
def test_a_module_that_never_was_is_not_found(name):
    with pytest.raises(ModuleNotFoundError, match=name):
        import_module(name)


def test_a_module_is_reloaded_by_its_old_name():
    run_python(
        "import importlib, glassnet.history\n"
        "module = importlib.reload(glassnet.history)\n"
        "assert module is glassnet.history and module.__spec__.name == 'glassnet.nn.history'\n"
    )


def test_documented_paths_of_before_hold_what_they_held():
    assert import_module("glassnet.optimizers").SGD is glassnet.nn.SGD
    assert import_module("glassnet.doctor.claims").read_claims is glassnet.doctor.read_claims


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_what_an_estimator_has_beyond_scikit_learns_is_documented(name):
    import sklearn.base
    import sklearn.neural_network

    known = {*dir(getattr(sklearn.neural_network, name)()), *dir(sklearn.base.TransformerMixin)}
    known |= {"get_feature_names_out", "set_callbacks", "set_transform_request"}  # scikit-learn's, of others
    own = {member for member in set(dir(getattr(glassnet, name)())) - known if not member.startswith("_")}
    text = (ROOT.parents[1] / "docs" / "scikit-learn.md").read_text(encoding="utf-8")
    assert {member for member in own if not re.search(rf"`{member}\b", text)} == set()
