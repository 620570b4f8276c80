"""The files of the published studies, each trained for an epoch on a small tree of its data set's layout."""

from pathlib import Path

import numpy as np
import pytest
import trees

from kerasinst import datasets
from kerasinst.datasets.readers.irmas import CODES
from kerasinst.experiment import Experiment
from kerasinst.train import train

SECONDS = 0.3
"""Length of recordings and segments."""
SMALL_NETWORKS = {
    "audioset4": {"filters": [4, 4]},
    "crnn": {"filters": [4], "units": [4]},
    "gru": {"units": [4]},
    "irmas_panns": {"filters": [4], "dense_units": [8]},
    "multi_stft": {"filters": [4], "dense_units": [8]},
    "mobilenet_v3_small": {"width": 0.25, "dense_units": 8},
    "sed_crnn": {"units": [4]},
    "rcnn": {"units": 4, "filters": 4},
    "resnet18": {"filters": [4], "blocks": 1},
}
"""Options of networks, so that tests are fast."""


def audioset(root: Path) -> None:
    """Twelve segments of each class, of which some have two classes and some were never fetched."""
    classes = {"Piano": "/m/05r5c", "Drum": "/m/026t6", "Flute": "/m/0l14j_", "Speech": "/m/09x0r"}
    classes["Electric piano"] = "/m/01s0ps"
    mids = list(classes.values())
    rows = []
    for index in range(60):
        video = f"video{index:06d}"
        both = f",{mids[(index + 1) % 5]}" if index % 8 == 0 else ""
        rows.append(f'{video}, 30.000, 40.000, "{mids[index % 5]}{both}"')
        if index % 9:
            trees.write_audio(root / "audio" / f"Y{video}.wav", index, seconds=SECONDS)
    (root / "balanced_train_segments.csv").write_text("# a\n# b\n# c\n" + "\n".join(rows) + "\n")
    named = [f'{index},{mid},"{name}"' for index, (name, mid) in enumerate(classes.items())]
    (root / "class_labels_indices.csv").write_text("index,mid,display_name\n" + "\n".join(named) + "\n")


def irmas(root: Path) -> None:
    """Six clips of three songs of each instrument to train on, and test clips of one or two instruments."""
    for place, code in enumerate(CODES):
        for take in range(6):
            name = f"{100 * place + take // 2:04d}__{take % 2 + 1}.wav"
            file = root / "IRMAS-TrainingData" / code / f"[{code}][pop_roc]{name}"
            trees.write_audio(file, 6 * place + take, seconds=SECONDS)
        test = root / "IRMAS-TestingData-Part1" / "Part1" / f"(02) a tune, no. {place}-1"
        trees.write_audio(test.with_name(f"{test.name}.wav"), 100 + place, seconds=2 * SECONDS)
        test.with_name(f"{test.name}.txt").write_text("\n".join({code, CODES[place // 2]}) + "\n")


def musicnet(root: Path) -> None:
    """The tree of the reader's own tests."""
    trees.musicnet(root)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "tree"),
    [
        ("audioset4", audioset),
        ("audioset4_crnn", audioset),
        ("audioset4_gru", audioset),
        ("audioset4_rcnn", audioset),
        ("audioset4_several", audioset),
        ("audioset4_subclasses", audioset),
        ("audioset4_best", audioset),
        ("irmas", irmas),
        ("irmas_best", irmas),
        ("irmas_nine_stft", irmas),
        ("irmas_three_stft", irmas),
        ("irmas_morlet", irmas),
        ("irmas_mixed", irmas),
        ("musicnet", musicnet),
        ("musicnet_mse", musicnet),
        ("musicnet_timeline", musicnet),
    ],
)
def test_a_study_runs_on_its_data_set(name, tree, tmp_path):
    tree(tmp_path / "data")
    experiment = Experiment.from_yaml(name)
    small = {f"network.{key}": value for key, value in SMALL_NETWORKS.get(experiment.network.name, {}).items()}
    length = 0.2 if tree is musicnet else SECONDS
    whole = tree is audioset or experiment.audio.frame_seconds
    cut = {"audio.segment_seconds": length, "audio.hop_seconds": None if whole else length / 2}
    made = {"training.epochs": 1, "training.batch_size": 8, "training.patience": None, "search": None, "ablation": {}}
    if experiment.training.pretrain:
        made["training.pretrain.frozen_epochs"] = 1
    run = train(experiment.on_data(tmp_path / "data").override({**small, **cut, **made}), tmp_path / "run")
    metrics = run.metrics()
    assert metrics["n_clips"] > 0 and run.model_file.is_file()
    if name == "audioset4_subclasses":
        assert np.sum(metrics["coarse"]["confusion"]) == metrics["n_clips"] and len(metrics["coarse"]["per_label"]) == 4
    if name == "irmas":
        assert metrics["clip"]["top1_in_labels"] == metrics["clip"]["accuracy"]
        told = run.predictions().query("split == 'test'").set_index("clip")
        scores = told[run.labels()]
        right = [best in labels.split("|") for best, labels in zip(scores.idxmax(axis=1), told["labels"], strict=True)]
        assert len(right) == len(CODES) and sum(right) / len(right) == pytest.approx(metrics["clip"]["accuracy"])


def test_the_voice_of_irmas_may_be_called_other(tmp_path):
    irmas(tmp_path)
    section = Experiment.from_yaml("irmas").override({"dataset.label_map": {"voi": "other"}}).on_data(tmp_path).dataset
    labels = {label for clip in datasets.read_section(section) for label in clip.labels}
    assert labels == {*CODES, "other"} - {"voi"}


def test_the_scalogram_of_the_irmas_study_feeds_at_most_two_million_parameters():
    from kerasinst.features import create_frontend
    from kerasinst.training.network import create_network

    experiment = Experiment.from_yaml("irmas_morlet")
    network = create_network(experiment, create_frontend(experiment), n_labels=len(CODES))
    assert network.count_params() <= 2_000_000
