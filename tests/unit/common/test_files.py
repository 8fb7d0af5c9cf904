"""Files are written whole or not at all."""

import errno
import json
import os
import stat

import pytest

from glassnet._common.files import write_atomically, write_json
from glassnet.errors import FileError


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("content", [b"\x00\xff\n", "σ(z), €\r\n", b"", ""])
def test_the_content_arrives_as_it_is(tmp_path, content, durable):
    path = tmp_path / "new" / "deeper" / "file"
    write_atomically(path, content, durable=durable)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert names_in(path.parent) == ["file"]


def test_an_old_file_is_replaced_and_a_path_may_be_text(tmp_path):
    path = tmp_path / "file"
    path.write_text("a much longer old content")
    write_atomically(str(path), "new")
    assert path.read_text() == "new"
    assert names_in(tmp_path) == ["file"]


@pytest.fixture
def set_umask():
    """Return a function that sets the umask for this test."""
    before = os.umask(0)
    os.umask(before)
    yield os.umask
    os.umask(before)


@pytest.mark.skipif(os.name != "posix", reason="there is no umask")
@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o002, 0o664), (0o027, 0o640)])
def test_a_new_file_has_the_rights_that_the_umask_leaves(umask, mode, tmp_path, set_umask):
    set_umask(umask)
    write_atomically(tmp_path / "file", "x")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode


@pytest.mark.skipif(os.name != "posix", reason="there are no such rights")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o444])
def test_a_file_keeps_its_rights_and_what_is_private_is_so_from_the_start(
    mode, tmp_path, monkeypatch, set_umask
):
    set_umask(0o022)
    path, seen = tmp_path / "file", []
    path.write_text("old")
    path.chmod(mode)
    fsync = os.fsync

    def look(descriptor):
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    write_atomically(path, "new")
    assert seen == [mode]
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == "new"


@pytest.mark.parametrize("fault", ["fsync", "chmod", "replace"])
def test_a_failure_leaves_the_old_content_and_nothing_else(tmp_path, monkeypatch, fault):
    path = tmp_path / "file"
    path.write_text("old")

    def fail(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, fault, fail)
    with pytest.raises(FileError, match=r"cannot write .*file: No space left on device\. Choose a folder"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["file"]


def test_an_interrupt_leaves_the_old_content_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["file"]


def test_until_the_rename_a_reader_sees_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")
    seen = []
    replace = os.replace

    def look(source, target):
        seen.append(path.read_text())
        replace(source, target)
        seen.append(path.read_text())

    monkeypatch.setattr(os, "replace", look)
    write_atomically(path, "new")
    assert seen == ["old", "new"]


def test_what_is_to_last_is_on_the_disk_before_the_rename(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda file: (calls.append("fsync"), fsync(file)))
    monkeypatch.setattr(os, "replace", lambda *paths: (calls.append("replace"), replace(*paths)))
    write_atomically(tmp_path / "file", "x")
    assert calls == ["fsync", "replace"]
    write_atomically(tmp_path / "file", "x", durable=False)
    assert calls == ["fsync", "replace", "replace"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_closed_to_writing(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(FileError, match=r"cannot write .*Permission denied"):
        write_atomically(folder / "file", "x")
    assert names_in(folder) == []


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(FileError, match="cannot write"):
        write_atomically(tmp_path / "file" / "below", "x")
    assert (tmp_path / "file").read_text() == "old"


def test_a_file_that_is_a_folder(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match=r"cannot write .*folder"):
        write_atomically(tmp_path / "folder", "x")
    assert names_in(tmp_path) == ["folder"]


# JSON


def test_json_is_readable_and_ends_its_last_line(tmp_path):
    value = {"loss": [0.1, 1e-300], "name": "σ", "none": None}
    write_json(tmp_path / "value.json", value)
    text = (tmp_path / "value.json").read_text()
    assert json.loads(text) == value
    assert text.startswith('{\n  "loss"')
    assert text.endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_json_cannot_hold_is_refused_and_the_old_file_stays(tmp_path, value):
    path = tmp_path / "value.json"
    path.write_text("old")
    with pytest.raises((ValueError, TypeError)):
        write_json(path, {"loss": value})
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["value.json"]
