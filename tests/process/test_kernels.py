"""Which kernels answer in a process: Numba's only when the work repays the second that loading them takes."""

import json
import os
import shutil
from pathlib import Path

import pytest
from processes import run_python

import glassnet

pytest.importorskip("numba")

DATA = """
import json, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
X, y = rng.normal(size=(150, 4)), np.arange(150) % 3
"""


@pytest.fixture(autouse=True)
def numba_may_be_used(monkeypatch):
    monkeypatch.delenv("GLASSNET_FAST", raising=False)


def in_a_process(code, **settings):
    done = run_python(code, **settings)
    return json.loads(done.stdout.splitlines()[-1])


SMALL = {
    "classifier": "from glassnet import MLPClassifier as C\nC().fit(X, y).predict_proba(X)",
    "lbfgs": "from glassnet import MLPRegressor as R\nR(solver='lbfgs').fit(X, y).predict(X)",
    "early stopping": "C(early_stopping=True).fit(X, y)",
    "partial_fit": "R().partial_fit(X, y).partial_fit(X, y)",
    "network": "from glassnet import NeuralNetwork as N\nN(1, [9], epochs=50).fit(X, y).score(X, y)",
    "search": "from sklearn.model_selection import GridSearchCV\n"
    "GridSearchCV(C(), {'alpha': [1e-4, 1e-2]}, cv=3).fit(X, y)",
    "trace": "from glassnet.cli import main\nmain(['trace', 'assignment'], standalone_mode=False)",
    "diagnosis": "from glassnet import diagnose\ndiagnose(C().fit(X, y), X, y)",
    "gradient check": "from glassnet import check_network_gradient as check\ncheck(C().fit(X, y), X, y)",
}


def test_small_work_does_not_load_numba():
    """One process does all, and forgets after each what it has computed: to start nine takes long."""
    code = DATA + "from glassnet.nn import ops\nloaded = {}\n"
    for name, small in SMALL.items():
        code += f"ops._counted.clear()\n{small}\nloaded[{name!r}] = 'numba' in sys.modules\n"
    assert in_a_process(code + "print(json.dumps(loaded))") == dict.fromkeys(SMALL, False)


LARGE = {
    "many rows": ("X, y = np.tile(X, (2000, 1)), np.tile(y, 2000)", "{}"),
    "many weights": ("X = np.tile(X, 500)", "{'hidden_layer_sizes': (1000,), 'batch_size': 5}"),
    "bytes in a wide layer": (
        "X = np.zeros((20_000, 784), np.uint8)\nX[:, ::9] = 5\ny = np.arange(20_000) % 3",
        "{'scale_uint8': True}",
    ),
}


@pytest.mark.parametrize("large", LARGE)
def test_large_work_loads_it_before_the_first_step(large):
    data, settings = LARGE[large]
    code = f"""{DATA}{data}
from glassnet import MLPClassifier
seen = []
MLPClassifier(**{settings}, on_epoch=lambda record: seen.append("numba" in sys.modules) or True).fit(X, y)
print(json.dumps(seen))"""
    assert in_a_process(code) == [True]


MANY_SMALL = f"""{DATA}
from glassnet import MLPClassifier
from glassnet.nn import ops
ops.WORK_TO_LOAD = ops.WORK_TO_COMPILE = 1e6
model, answered = MLPClassifier(random_state=0), []
for i in range(60):
    model.partial_fit(X, y, classes=[0, 1, 2])
    answered.append(ops.kernels.__name__.split(".")[-1])
print(json.dumps([answered, model.parameters_.theta.tolist(), model.loss_curve_]))"""


def test_many_small_trainings_load_it_in_the_end_and_it_changes_no_bit():
    answered, *numbers = in_a_process(MANY_SMALL)
    first = answered.index("numba")
    assert 0 < first < 59
    assert answered == ["numpy"] * first + ["numba"] * (60 - first)
    without, *the_same = in_a_process(MANY_SMALL, env={**os.environ, "GLASSNET_FAST": "0"})
    assert without == ["numpy"] * 60
    assert numbers == the_same


def test_kernels_of_another_dtype_are_not_compiled_by_the_way():
    code = f"""{DATA}
import math
from glassnet import MLPClassifier
from glassnet.nn import ops
from glassnet.nn.ops import numba as compiled
assert ops.ready("float32", math.inf)
MLPClassifier().fit(X, y)
print(json.dumps([ops.kernels is ops.plain, len(compiled.adam.signatures), ops.ready("float32")]))"""
    assert in_a_process(code) == [True, 1, True]


def test_what_must_be_compiled_takes_more_work_and_is_announced_before(tmp_path):
    code = """
import json, sys
from glassnet.nn import ops
answers = [ops.ready("float32", ops.WORK_TO_LOAD), "numba" in sys.modules]
from glassnet.nn.ops import numba as compiled
compiled.warm_up = lambda dtype: sys.stderr.write("compiled")
print(json.dumps([*answers, ops.ready("float32", ops.WORK_TO_COMPILE)]))"""
    done = run_python(code, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)})
    assert done.stdout.strip() == "[false, false, true]"
    line, rest = done.stderr.splitlines()
    assert line.startswith("glassnet: compiling its float32 kernels")
    assert rest == "compiled"


@pytest.mark.parametrize("place", ["beside the package", "NUMBA_CACHE_DIR"])
def test_what_is_on_disk_takes_less_and_is_not_announced(place, tmp_path, monkeypatch):
    if place == "NUMBA_CACHE_DIR":
        monkeypatch.setenv(place, str(tmp_path))
    else:
        monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    compile_the_last = """
import numpy as np
from glassnet.nn.ops import numba as compiled
compiled.add_penalty(np.ones(2, np.float32), np.ones(2, np.float32), 0.0)"""
    run_python(compile_the_last)
    code = """
import sys
from glassnet.nn import ops
assert not ops.ready("float32", ops.WORK_TO_LOAD / 2)
assert "numba" not in sys.modules
from glassnet.nn.ops import numba as compiled
compiled.warm_up = lambda dtype: None
assert ops.ready("float32", ops.WORK_TO_LOAD)"""
    assert run_python(code).stderr == ""


READY = """
import json, math
import numpy as np
from glassnet.nn import ops
from glassnet.nn.ops import numba as compiled
compiled.warm_up = lambda dtype: compiled.sgd(np.ones(3, dtype), np.ones(3, dtype), 0.0)  # one spares time
answers = ops.ready("float32", math.inf), ops.kernels.__name__.rsplit(".")[-1]
theta = np.ones(3, np.float32)
ops.sgd(theta, theta.copy(), 0.5)
print(json.dumps([*answers, theta.tolist()]))"""


def test_where_nothing_can_be_written_kernels_are_compiled_and_a_line_says_so(tmp_path):
    (tmp_path / "file").touch()  # no folder can be made in it, by the administrator either
    done = run_python(READY, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "file")})
    assert json.loads(done.stdout) == [True, "numba", [0.5, 0.5, 0.5]]
    (line,) = done.stderr.splitlines()
    assert "for this process alone" in line
    assert "NUMBA_CACHE_DIR" in line


def test_a_package_and_a_home_that_cannot_be_written_stop_no_fit(tmp_path):
    """Files stand where the folders would be made: the administrator may write into any other folder."""
    package, pycache = tmp_path / "glassnet", Path("nn/ops/__pycache__")
    shutil.copytree(glassnet.__path__[0], package, ignore=shutil.ignore_patterns("__pycache__", "embedded"))
    for path in (package / pycache, tmp_path / "home"):
        path.touch()
    code = READY.replace("import json", f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport json")
    code += "\nassert sys.modules['glassnet'].__path__ == [sys.path[0] + '/glassnet']"
    without = {"NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"}
    env = {name: value for name, value in os.environ.items() if name not in without}
    done = run_python(code, env=env | {"HOME": str(tmp_path / "home")})
    assert json.loads(done.stdout) == [True, "numba", [0.5, 0.5, 0.5]]
    (line,) = done.stderr.splitlines()
    assert "for this process alone" in line


def test_a_full_disk_stops_nobody(tmp_path):
    """A limit on the size of files stands in for the disk."""
    resource = pytest.importorskip("resource")

    def write_nothing():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = run_python(READY, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}, preexec_fn=write_nothing)
    assert json.loads(done.stdout) == [True, "numba", [0.5, 0.5, 0.5]]
    assert len(done.stderr.splitlines()) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("broken", ["import", "compile"])
def test_a_numba_that_does_not_work_leaves_it_to_numpy_and_a_line_says_so(broken, tmp_path):
    fault = {
        "import": "import sys, types; sys.modules['numba'] = types.ModuleType('numba')\n"
        "sys.modules['numba'].__spec__ = types.SimpleNamespace(name='numba')",
        "compile": "from glassnet.nn.ops import numba as compiled\n"
        "def fail(dtype): raise SystemError('one\\ntwo' + 1000 * '.')\n"
        "compiled.is_on_disk, compiled.warm_up = bool, fail",
    }[broken]
    code = "\n".join(line for line in READY.splitlines() if "compiled" not in line)
    done = run_python(fault + code, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)})
    assert json.loads(done.stdout) == [False, "numpy", [0.5, 0.5, 0.5]]
    (line,) = done.stderr.splitlines()
    assert "NumPy's kernels answer" in line
    assert len(line) < 350


COMPILE_ONE = """
import numpy as np
from glassnet.nn.ops import numba as compiled
theta = np.ones(2, np.float32)
compiled.sgd(theta, theta.copy(), 0.5)
print(theta.tolist(), sum(compiled.sgd.stats.cache_hits.values()))"""


def test_damaged_kernels_are_compiled_again(tmp_path):
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    assert run_python(COMPILE_ONE, env=env).stdout == "[0.5, 0.5] 0\n"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[:20])
    assert run_python(COMPILE_ONE, env=env).stdout == "[0.5, 0.5] 0\n"
    assert run_python(COMPILE_ONE, env=env).stdout == "[0.5, 0.5] 1\n"
