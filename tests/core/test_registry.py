"""A new entry is a new file and nothing else."""

import sys

import pytest

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import AUGMENTATIONS, FRONTENDS, NETWORKS, READERS, Registry


def test_files_that_define_their_own_name_are_entries_and_others_are_not(tmp_path, monkeypatch):
    package = tmp_path / "zoo"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "red_panda.py").write_text("class RedPanda:\n    def __init__(self, size, tail=1):\n        pass\n")
    (package / "helper.py").write_text("def other(size):\n    pass\n")
    (package / "sizeless.py").write_text("def sizeless(tail):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    zoo = Registry("zoo", "animal", takes=("size",), given=("size",))
    assert zoo.names() == ["red_panda"]
    assert zoo.parameters("red_panda") == ["tail"]
    assert "zoo.red_panda" not in sys.modules
    assert zoo.get("red_panda").__name__ == "RedPanda"
    with pytest.raises(BadInput, match="there is no animal 'redpanda'; did you mean 'red_panda'"):
        zoo.get("redpanda")
    with pytest.raises(BadInput, match="animal 'red_panda' has no 'tale'; did you mean 'tail'"):
        zoo.check("red_panda", {"tale": 2})


def test_helpers_are_not_found():
    assert "splits" not in READERS.names() and "clip" not in READERS.names()
    assert FRONTENDS.names() == ["chroma", "cqt", "log_mel", "mfcc", "morlet", "multi_stft"]
    assert {"ee5180", "strided", "panns"} <= set(NETWORKS.names())
    assert not {"pooling", "shapes", "pretrained"} & set(NETWORKS.names())
    assert not {"mixing", "waveforms"} & set(AUGMENTATIONS.names())
