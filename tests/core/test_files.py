"""Nothing is lost or half written."""

import json
import os
import time

import pytest

from kerasinst.core import files
from kerasinst.core.errors import BadInput, printable


def test_an_error_leaves_the_old_file_and_no_other(tmp_path):
    files.write_text(tmp_path / "a.txt", "old")

    def fail():
        with files.replacing(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_folder_is_replaced_whole(tmp_path):
    for content in ("old", "new"):
        with files.replacing(tmp_path / "folder") as temporary:
            temporary.mkdir()
            (temporary / content).touch()
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["new"]


def test_a_folder_that_another_process_has_put_into_the_cache_stays(tmp_path):
    with files.replacing(tmp_path / "folder", keeps=True) as temporary:
        for folder in (temporary, tmp_path / "folder"):
            folder.mkdir()
            (folder / folder.name).touch()
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["folder"]


def test_json_is_strict(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(tmp_path / "a.json", {"loss": float("nan")})
    files.write_json(tmp_path / "a.json", {"label": "ü"})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"label": "ü"}


def test_the_cache_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASINST_CACHE", str(tmp_path))
    assert files.cache_folder("features") == tmp_path / "features"


def test_what_a_kill_left_behind_is_removed_after_a_day(tmp_path):
    for name, age in ((".123-a.txt", 2 * 86400), (".124-a.txt", 60), (".125-b.txt", 2 * 86400)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    files.write_text(tmp_path / "a.txt", "new")
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", ".124-a.txt", ".125-b.txt"}


def test_what_another_process_has_just_put_into_place_is_no_leftover(tmp_path, monkeypatch):
    monkeypatch.setattr(type(tmp_path), "glob", lambda folder, pattern: iter([folder / ".123-a.txt"]))
    files.write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "new"


def test_what_is_no_valid_unicode_can_be_printed():
    for given, shown in (
        (os.fsdecode(b"caf\xe9"), r"caf\xe9"),
        ("half \ud800", r"half \ud800"),
        ("Flöte 二胡", "Flöte 二胡"),
    ):
        assert printable(given) == shown and str(BadInput(given)) == shown
