"""Numbers as YAML 1.2 writes them, and texts that look like them."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kerasinst.core import cli, safe_yaml
from kerasinst.experiment import Experiment


@pytest.mark.parametrize(
    ("text", "value"),
    [("3e-1", 0.3), ("1e3", 1000.0), ("-2E+2", -200.0), (".5e-3", 0.0005), ("1.e1", 10.0), ("1.5e2", 150.0)],
)
def test_numbers_with_an_exponent_are_numbers(text, value):
    assert safe_yaml.load(text) == value and isinstance(safe_yaml.load(text), float)


@pytest.mark.parametrize("text", ["e3", "1e", "1e3x", "0x1e3g", "1-e3", "'3e-1'", "A4", "5e-3-1"])
def test_other_texts_stay_texts(text):
    assert isinstance(safe_yaml.load(text), str)


def test_what_pyyaml_reads_otherwise_stays():
    for text in ("12", "1.5", "true", "null", "0x1F", "2001-12-14", "1_000", "[1, two]"):
        assert safe_yaml.load(text) == yaml.safe_load(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), st.lists))
def test_what_is_written_is_read_back(value):
    assert safe_yaml.load(safe_yaml.dump(value)) == value


def test_no_code_is_run():
    with pytest.raises(yaml.YAMLError):
        safe_yaml.load("!!python/object/apply:os.system [echo]")


def test_experiment_files_and_set_take_them(experiment_file):
    text = experiment_file.read_text().replace("learning_rate: 0.02", "learning_rate: 2e-2")
    assert "2e-2" in text
    experiment_file.write_text(text.replace("name: tiny", "name: '1e3'"))
    experiment = Experiment.from_yaml(experiment_file)
    assert (experiment.training.learning_rate, experiment.name) == (0.02, "1e3")
    experiment_file.write_text(experiment.to_yaml())
    assert Experiment.from_yaml(experiment_file) == experiment
    assert cli.assignments(["training.learning_rate=3e-1"]) == {"training.learning_rate": 0.3}
