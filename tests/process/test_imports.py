"""Importing is light: nobody waits for scikit-learn or matplotlib who does not use them."""

import json
import os

import pytest
from processes import run_python

HEAVY = ["sklearn", "matplotlib", "scipy", "joblib", "rich", "click", "jinja2", "safetensors"]


def in_a_process(code):
    """Run code in a new process, and return the JSON that it prints last."""
    done = run_python(code)
    assert done.stderr == ""
    return json.loads(done.stdout.splitlines()[-1])


def loaded_by(code):
    """Return which heavy packages some code imports."""
    return in_a_process(
        f"import json, sys\n{code}\n"
        f"print(json.dumps(sorted(set({HEAVY!r}) & {{name.split('.')[0] for name in sys.modules}})))"
    )


def test_the_package_imports_nothing_heavy():
    assert loaded_by("import glassnet") == []


@pytest.mark.parametrize(
    "use",
    [
        "from glassnet import NeuralNetwork, load_mnist, History, GlassnetError",
        "from glassnet import NeuralNetwork\n"
        "network = NeuralNetwork(N=1, A=[2], epochs=1, batch_size=2)\n"
        "network.fit([[0.0], [1.0]] * 4, [0, 1] * 4).predict([[1.0]])",
        "from glassnet import NeuralNetwork, Stream\n"
        "stream = Stream([([[0.0], [1.0]] * 4, [0, 1] * 4)])\n"
        "network = NeuralNetwork(1, [2], epochs=1, dropout=0.1, alpha=0.1, class_weight='balanced')\n"
        "network.fit(stream, early_stopping=False).set_params(class_weight=None).partial_fit(stream)\n"
        "network.score(stream)",
        "import glassnet\nglassnet.load_mnist()",
    ],
    ids=["names", "training", "streams", "data"],
)
def test_training_a_network_takes_numpy_alone(use, monkeypatch):
    monkeypatch.setenv("GLASSNET_FAST", "0")  # Numba, where it is installed, brings more
    assert loaded_by(use) == []


def test_the_package_is_imported_at_once():
    """It reads its lists of names and moved modules, and a module for one of them only when it is used."""
    code = (
        "import json, sys\nbefore = set(sys.modules)\nimport glassnet\n"
        "imported = sorted(set(sys.modules) - before)\n"
        "print(json.dumps([name for name in imported if name.split('.')[0] not in sys.stdlib_module_names]))"
    )
    assert set(in_a_process(code)) <= {"glassnet", "glassnet._moved", "lazy_loader"}


def test_the_data_sets_take_no_heavy_package():
    heavy = ["urllib.request", "platformdirs", "rich", "sklearn", "matplotlib"]
    code = (
        "import json, sys, glassnet.data.catalog\n"
        f"print(json.dumps([name for name in {heavy} if name in sys.modules]))"
    )
    assert in_a_process(code) == []


def test_plots_do_without_pyplot():
    code = "import json, glassnet.plots, sys\nprint(json.dumps('matplotlib.pyplot' in sys.modules))"
    assert in_a_process(code) is False


def test_the_environment_switches_the_compiled_kernels_off(monkeypatch):
    monkeypatch.setenv("GLASSNET_FAST", "0")
    code = (
        "import json, sys, glassnet\n"
        "glassnet.NeuralNetwork(1, [2], epochs=1, batch_size=2).fit([[0.0], [1.0]] * 4, [0, 1] * 4)\n"
        "print(json.dumps('numba' in sys.modules))"
    )
    assert in_a_process(code) is False


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_does_not_wait_for_heavy_packages(words):
    code = (
        "from glassnet.cli import main\n"
        f"try:\n    main({words!r}, prog_name='glassnet')\nexcept SystemExit as end:\n    assert not end.code"
    )
    assert set(loaded_by(code)) <= {"click"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_every_package_can_be_imported_first():
    """No package counts on another one having been imported before it; that modules do not, lint sees to."""
    code = (
        "import json, pkgutil, glassnet\n"
        "found = pkgutil.walk_packages(glassnet.__path__, 'glassnet.')\n"
        "print(json.dumps([module.name for module in found if module.ispkg]))"
    )
    packages = in_a_process(code)
    assert len(packages) > 20
    # a fork for each, of a process that has other packages loaded already, so that only ours are imported
    code = f"""
import json, os
import joblib, matplotlib.figure, rich.live, scipy.optimize, sklearn.model_selection, sklearn.neural_network
failed = []
for name in {packages!r}:
    child = os.fork()
    if not child:
        try:
            __import__(name)
        except BaseException as error:
            print(name, repr(error), flush=True)
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
print(json.dumps(failed))
"""
    assert in_a_process(code) == []
