"""Experiment files on top of others."""

import pytest

from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment

BASE = """
dataset: {reader: folder, path: recordings, min_seconds: 1.0}
frontend: {name: log_mel, n_mels: 40}
network: {name: strided, width: 2.0}
training: {epochs: 5, learning_rate: 0.01}
search: {trials: 3, space: {training.epochs: [1, 2]}}
"""


@pytest.fixture
def write(tmp_path):
    """Writes an experiment file, and gives its path."""
    (tmp_path / "base.yaml").write_text(BASE)

    def _write(text: str, name: str = "mine.yaml"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return _write


def test_sections_are_merged_key_by_key(write):
    made = Experiment.from_yaml(write("extends: base.yaml\ntraining: {epochs: 9}\naudio: {segment_seconds: 2.0}\n"))
    assert (made.name, made.training.epochs, made.training.learning_rate) == ("mine", 9, 0.01)
    assert (made.audio.segment_seconds, made.dataset.min_seconds) == (2.0, 1.0)


def test_options_of_another_network_are_dropped_and_null_drops_a_section(write):
    made = Experiment.from_yaml(write("extends: base.yaml\nnetwork: {name: ds_cnn}\nsearch: null\n"))
    assert made.network.name == "ds_cnn" and not made.network.options and made.search is None
    assert Experiment.from_yaml(write("extends: base.yaml\nnetwork: {width: 1.0}\n")).network.options == {"width": 1.0}


def test_files_extend_files_that_extend_others_and_packaged_ones(write):
    write("extends: base.yaml\ntraining: {epochs: 9}\n", "middle.yaml")
    made = Experiment.from_yaml(write("extends: middle.yaml\ntraining: {learning_rate: 0.5}\n"))
    assert (made.training.epochs, made.training.learning_rate) == (9, 0.5)
    assert Experiment.from_yaml(write("extends: quickstart\ntraining: {epochs: 2}\n")).dataset.reader == "soundfont"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: mine.yaml\n", r"mine.yaml: extends itself"),
        ("extends: nowhere.yaml\n", r"nowhere.yaml: no such file"),
        ("extends: quickstrat\n", r"did you mean 'quickstart'"),
        ("extends: [base.yaml]\n", r"expected the path of an experiment file"),
        ("extends: base.yaml\ntraining: {epoch: 3}\n", r"mine.yaml: training"),
    ],
)
def test_what_cannot_be_extended_is_one_line(write, text, message):
    with pytest.raises(BadInput, match=message):
        Experiment.from_yaml(write(text))
