"""The best recipe: on any labels, small, deaf to level and to silence."""

import keras
import numpy as np
import pytest
import soundfile
from conftest import make_recordings

from kerasinst import Tagger
from kerasinst.compress import compress
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.train import train


@pytest.fixture(scope="module")
def best(tmp_path_factory):
    """Trained on tones of its own, with two labels that the recipe never heard of."""
    folder = tmp_path_factory.mktemp("best")
    make_recordings(folder / "recordings", seconds=2.5)
    recipe = Experiment.from_yaml(PROJECT / "experiments" / "best.yaml").on_data(folder / "recordings", "folder")
    return train(recipe.override({"training.seeds": [1], "split.test": 0.25}), folder / "run")


def test_it_learns_other_labels_from_a_few_recordings(best):
    metrics = best.metrics()
    assert best.labels() == ["high", "low"] and metrics["clip"]["accuracy"] == 1.0
    assert metrics["parameters"] <= 60_000
    assert set(best.split().split) == {"train", "test"}  # no recording is spent on validation
    history = best.history()
    assert history.loss.iloc[-1] < history.loss.iloc[0] and "val_loss" not in history
    assert list((best.path / "logs" / "seed-1").glob("events*"))


def test_it_begins_with_weights_that_training_left_as_they_were(best):
    from kerasinst import networks
    from kerasinst.models import waveform_model
    from kerasinst.networks import pretrained

    network = waveform_model.load(best.model_file).network
    begun = networks.create("strided", network.input_shape[1:], n_labels=2, width=1.15)
    pretrained.load(begun, PROJECT / "experiments" / "pretrained.npz")
    for trained, first in zip(network.layers, begun.layers, strict=True):
        same = all(np.array_equal(*pair) for pair in zip(trained.get_weights(), first.get_weights(), strict=True))
        assert same == (trained.name != "scores")


@pytest.mark.slow
def test_all_recordings_can_be_trained_on(best, tmp_path):
    everything = best.experiment().override(
        {"split.test": 0, "training.epochs": 2, "training.pretrain.frozen_epochs": 2}
    )
    run = train(everything, tmp_path / "run")
    assert set(run.split().split) == {"train"} and run.predictions().empty
    assert run.metrics()["split"] is None and "loss" in run.metrics() and run.file("report").is_file()
    clip = run.split()["clip"][0]
    assert set(Tagger(run.path)(everything.dataset.path / clip).scores) == {"high", "low"}


def test_level_and_silence_change_no_answer(best, tmp_path):
    tagger = Tagger(best.path)
    for clip in best.split().query("split == 'test'")["clip"]:
        waveform, rate = soundfile.read(best.experiment().dataset.path / clip, dtype="float32")
        plain = tagger(waveform, rate).scores
        for change in (0.25 * waveform, 4 * waveform, np.concatenate([np.zeros(rate, np.float32), waveform])):
            changed = tagger(change, rate).scores
            assert max(abs(changed[label] - plain[label]) for label in plain) < 0.05


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TFLite is made from TensorFlow")
def test_the_recipe_for_devices_is_one_small_file(best, tmp_path):
    """It begins with weights of its own, and says the same in 64 kB of integers."""
    recipe = Experiment.from_yaml(PROJECT / "experiments" / "small.yaml")
    recipe = recipe.on_data(best.experiment().dataset.path, "folder").override(
        {"training.seeds": [1], "split.test": 0.25, "dataset.labels": best.labels()}
    )
    run = compress(recipe, tmp_path / "run", variants=["int8"])
    (row,) = run.compression().to_dict("records")
    assert run.metrics()["clip"]["accuracy"] == 1.0
    assert row["bytes"] <= 65_536 and row["agreement"] == 1.0
    assert run.metrics()["parameters"] < best.metrics()["parameters"]
