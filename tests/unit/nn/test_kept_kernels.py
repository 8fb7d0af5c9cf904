"""Where compiled kernels are kept: where nobody else may open them; and read only as they were written."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from glassnet.nn.ops import _kept

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no users")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    _kept.write("sgd-1", b"code")
    return tmp_path / "glassnet"


def test_what_is_kept_comes_back(folder):
    assert _kept.read("sgd-1") == b"code"
    assert _kept.read("sgd-2") is None
    assert _kept.any_kept()
    assert [path.name for path in folder.iterdir()] == ["sgd-1.kernel"]


def test_nobody_else_may_open_the_folder(folder):
    assert folder.stat().st_mode & 0o777 == 0o700


def make_writable(folder, monkeypatch):
    folder.chmod(0o777)


def make_writable_by_the_group(folder, monkeypatch):
    folder.chmod(0o770)


def make_readable(folder, monkeypatch):
    folder.chmod(0o755)


def give_to_another(folder, monkeypatch):
    user = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: user + 1)


def lay_a_link(folder, monkeypatch):
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(folder.with_name("elsewhere"))


OPEN_DOORS = [make_writable, make_writable_by_the_group, make_readable, give_to_another, lay_a_link]


@pytest.mark.parametrize("change", OPEN_DOORS)
def test_a_folder_that_may_be_another_ones_is_neither_read_nor_written(change, folder, monkeypatch):
    change(folder, monkeypatch)
    assert not _kept.any_kept()
    assert _kept.read("sgd-1") is None
    assert _kept.folder_to_write() is None
    _kept.write("sgd-2", b"code")
    assert [path.name for path in folder.iterdir()] == ["sgd-1.kernel"]


def test_a_kernel_under_the_name_of_another_is_refused(folder):
    (folder / "sgd-1.kernel").rename(folder / "adam-1.kernel")
    assert _kept.read("adam-1") is None


DAMAGES = {
    "cut": lambda content: content[:20],
    "cut by a byte": lambda content: content[:-1],
    "emptied": lambda content: b"",
    "garbage": lambda content: b"\x80\x04garbage" * 100,
    "one bit": lambda content: content[:-100] + bytes([content[-100] ^ 1]) + content[-99:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_kernel_is_compiled_again(damage, folder):
    kernels = pytest.importorskip("glassnet.nn.ops.numba")

    def run():
        theta = np.ones(2, np.float32)
        kernel = kernels.compile_kernel(kernels.sgd.py_func)  # as in a new process
        kernel(theta, theta.copy(), 0.5)
        assert theta.tolist() == [0.5, 0.5]
        return sum(kernel.stats.cache_hits.values())

    assert [run(), run()] == [0, 1]
    (kept,) = set(folder.iterdir()) - {folder / "sgd-1.kernel"}
    kept.write_bytes(DAMAGES[damage](kept.read_bytes()))
    assert [run(), run()] == [0, 1]


def test_what_numba_cannot_read_any_more_is_compiled_again(folder, monkeypatch):
    kernels = pytest.importorskip("glassnet.nn.ops.numba")
    monkeypatch.setattr(_kept, "read", lambda name: pickle.dumps(("nothing",)))
    theta = np.ones(2, np.float32)
    kernels.compile_kernel(kernels.sgd.py_func)(theta, theta.copy(), 0.5)
    assert theta.tolist() == [0.5, 0.5]


def test_the_users_folder_keeps_what_cannot_be_kept_beside_the_package(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    beside, own = _kept.folders()
    assert beside.is_relative_to(Path(_kept.__file__).parent)
    (tmp_path / "file").touch()
    monkeypatch.setattr(_kept, "folders", lambda: [tmp_path / "file" / "kernels", own])
    assert _kept.folder_to_write() == own
    assert own.is_dir()


def test_a_user_without_a_home_keeps_nothing_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(
        "os.path.expanduser", lambda path: path
    )  # as for a user that the system does not know
    assert len(_kept.folders()) == 1
