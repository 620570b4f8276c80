"""From an experiment to a fitted network: augmented waveforms, copies, teachers, pretraining, many labels."""

import gc

import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml

from kerasinst import evaluate, train
from kerasinst.compress import compress
from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment
from kerasinst.features import extract_features, prepare_data
from kerasinst.networks import pretrained
from kerasinst.runs import Run
from kerasinst.training import distillation
from kerasinst.training.checks import check_buildable
from kerasinst.training.seeds import fit_seed
from kerasinst.training.training_model import TrainingModel
from kerasinst.training.training_set import training_set

NOISE = {"noise": {"min_snr_db": 10, "max_snr_db": 10}}


def _made(experiment, changes):
    experiment = experiment.override(changes)
    data = prepare_data(experiment)
    check_buildable(experiment, data)
    return experiment, data, extract_features(experiment, data)


def _fit_seed(made, seed, state, on_epoch=lambda row: None):
    experiment, data, features = made
    return fit_seed(experiment, data, features=features, seed=seed, state=state, on_epoch=on_epoch)


def _training_set(made):
    experiment, data, features = made
    return training_set(experiment, data, features=features)


def _fit(experiment, changes, state, seed=1):
    return _fit_seed(_made(experiment, changes), seed, state)


@pytest.mark.slow
def test_everything_of_a_training_works_together_and_goes_on_after_a_kill(experiment, tmp_path):
    """Waveforms augmented in each step, a warmed-up cosine, decay, clipping, an average, balance, smoothing."""
    changes = {
        "training": {
            "epochs": 4,
            "batch_size": 8,
            "learning_rate": 0.02,
            "schedule": "cosine",
            "warmup_epochs": 1,
            "optimizer": "adamw",
            "clip_norm": 1.0,
            "average": 0.5,
            "sampling": "balanced",
            "loss": {"categorical_crossentropy": {"label_smoothing": 0.1}},
            "augment": [NOISE, "gain", "mixup"],
            "monitor": "val_loss",
        }
    }
    made = _made(experiment, changes)

    class Killed(Exception):
        pass

    def kill(row):
        if row["epoch"] == 2:
            raise Killed

    unbroken = _fit_seed(made, 1, tmp_path / "a")
    with pytest.raises(Killed):
        _fit_seed(made, 1, tmp_path / "b", kill)
    resumed = _fit_seed(made, 1, tmp_path / "b")
    for here, there in zip(unbroken.network.get_weights(), resumed.network.get_weights(), strict=True):
        np.testing.assert_allclose(here, there, atol=1e-5)
    assert resumed.history.loss.tolist() == pytest.approx(unbroken.history.loss.tolist(), abs=1e-5)


def test_the_kept_weights_are_the_averaged_ones_that_were_validated(experiment, tmp_path):
    changes = {"training": {"epochs": 3, "batch_size": 8, "learning_rate": 0.02, "average": 0.9, "monitor": "val_loss"}}
    experiment, data, pictures = _made(experiment, changes)
    fitted = _fit_seed((experiment, data, pictures), 1, tmp_path)
    scores = fitted.network.predict(pictures.scaling(pictures.arrays["validation"][:]), verbose=0)
    loss = -np.mean(np.sum(data.targets("validation") * np.log(scores), axis=1))
    assert loss == pytest.approx(fitted.score, abs=1e-4)


def test_copies_follow_the_originals_and_are_cached(experiment, monkeypatch):
    made = _made(experiment, {"training.augment": [NOISE], "training.copies": 2})
    features, targets = _training_set(made)
    n = len(made[2].arrays["train"])
    assert len(features) == len(targets) == 3 * n
    np.testing.assert_array_equal(features[:n], made[2].arrays["train"][:])
    assert len({features[k * n : (k + 1) * n].tobytes() for k in range(3)}) == 3
    np.testing.assert_array_equal(targets[n : 2 * n], targets[:n])
    monkeypatch.setattr("kerasinst.training.waveform_dataset.compute_features", None)
    again, _ = _training_set(made)
    np.testing.assert_array_equal(again[:], features[:])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"training.augment": ["cutmix"], "training.copies": 2}, "training.copies"),
        ({"training.augment": ["cutmix", "gain"]}, "gain works before cutmix"),
        ({"training.loss": "iou_like"}, "multi-label"),
        ({"training.distill": {"teachers": ["svm_rfb"]}}, "did you mean 'svm_rbf'"),
        ({"task": "multi-label", "training.distill": {"teachers": ["svm_rbf"]}}, "svm_rbf needs task: single-label"),
        ({"task": "multi-label", "training.class_weights": "balanced"}, "sampling: balanced"),
        ({"training.pretrain": "nowhere.npz"}, "nowhere.npz"),
    ],
)
def test_what_cannot_be_trained_is_said_before_any_work(experiment, changes, message):
    experiment = experiment.override(changes)
    with pytest.raises(BadInput, match=message):
        check_buildable(experiment, prepare_data(experiment))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"training.weight_decay": 0.1}, "adamw"),
        ({"training.warmup_epochs": 3}, "fewer than epochs"),
        ({"training.pretrain": {}}, "give weights"),
        ({"training.pretrain": {"weights": "x", "frozen_learning_rate": 0.1}}, "frozen_epochs"),
        ({"training.loss": "focl"}, "did you mean 'focal'"),
        ({"training.distill": {"teachers": []}}, "teachers"),
    ],
)
def test_keys_that_contradict_each_other_are_refused(experiment, changes, message):
    with pytest.raises(BadInput, match=message):
        experiment.override(changes)


def test_teachers_soften_targets_and_never_heard_what_they_judge(experiment, monkeypatch):
    made = _made(experiment, {"training.distill": {"teachers": ["svm_rbf", "random_forest"], "weight": 0.6}})
    fitted_to = []

    class Spy:
        def __init__(self, name):
            self.model = original(name)

        def fit(self, statistics, truth):
            fitted_to.append(statistics)
            return self.model.fit(statistics, truth)

    original = distillation.classical.create
    monkeypatch.setattr(distillation.classical, "create", Spy)
    _, targets = _training_set(made)
    hard = made[1].targets("train")
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-5)
    assert ((targets > 0) & (targets < 1)).any() and (targets[hard == 1] >= 0.4 - 1e-6).all()
    assert len(fitted_to) == 10 and all(len(part) < len(targets) for part in fitted_to)


def test_a_run_teaches_only_what_it_knows(experiment, finished):
    section = {"teachers": [str(finished.path)], "weight": 0.5}
    _, targets = _training_set(_made(experiment, {"training.distill": section}))
    assert ((targets > 0) & (targets < 1)).any()
    with pytest.raises(BadInput, match="use the same audio section"):
        _training_set(_made(experiment, {"training.distill": section, "audio.segment_seconds": 0.4}))


def test_a_run_teaches_each_label_for_itself(experiment, finished):
    section = {"teachers": [str(finished.path)], "weight": 1.0, "temperature": 2.0}
    several = experiment.override({"task": "multi-label"})
    recipe, data, pictures = _made(several, {"training.distill": section})
    _, targets = training_set(recipe, data, features=pictures)
    said = _training_set(_made(several, {"training.distill": {**section, "temperature": 1.0}}))[1]
    np.testing.assert_allclose(np.log(targets / (1 - targets)), np.log(said / (1 - said)) / 2, atol=1e-4)


@pytest.mark.slow
def test_pretraining_on_another_experiment_is_one_line(experiment, content, tmp_path):
    """The loaded layers keep what they learned there while they are frozen, and move on afterwards."""
    first = tmp_path / "first.yaml"
    first.write_text(yaml.safe_dump({**content, "name": "first", "split": {"validation": 0.25, "test": 0, "seed": 2}}))
    (tmp_path / "second.yaml").write_text(
        yaml.safe_dump({**content, "training": {**content["training"], "pretrain": "first.yaml"}})
    )
    relative = Experiment.from_yaml(tmp_path / "second.yaml")
    assert relative.training.pretrain.experiment == first
    frozen = {"training.pretrain": {"experiment": str(first), "frozen_epochs": 2, "frozen_learning_rate": 0.01}}
    fitted = _fit(experiment, {**frozen, "training.epochs": 3, "training.monitor": "val_loss"}, tmp_path / "state")
    states = sorted((tmp_path / "state").glob("epoch-*.npz"))
    assert 1 <= len(states) <= 2 and len(fitted.history) == 3
    with pytest.raises(BadInput, match="n_mels"):
        _fit(experiment, {**frozen, "frontend.n_mels": 8}, tmp_path / "other")


def test_frozen_layers_do_not_move(experiment, tmp_path):
    made = _made(experiment, {"training.augment": []})
    source = _fit_seed(made, 1, tmp_path / "source").network
    pretrained.save(source, tmp_path / "weights.npz")
    section = {"weights": str(tmp_path / "weights.npz"), "frozen_epochs": 2}
    made = (made[0].override({"training.pretrain": section, "training.epochs": 3, "dataset.labels": None}), *made[1:])
    kept = []

    def keep(row):
        newest = max((tmp_path / "state").glob("epoch-*.npz"), key=lambda path: path.stat().st_mtime_ns)
        with np.load(newest) as saved:
            kept.append({name: saved[name] for name in saved.files if name.startswith("last-")})

    _fit_seed(made, 2, tmp_path / "state", keep)
    kernels = [name for name, value in kept[0].items() if value.ndim == 4]
    assert all((kept[0][name] == kept[1][name]).all() for name in kernels)
    assert any((kept[1][name] != kept[2][name]).any() for name in kernels)


def test_a_search_of_many_trials_keeps_none_of_their_trainings(experiment, tmp_path):
    made = _made(experiment, {"training.epochs": 1})
    gc.collect()
    before = {id(each) for each in gc.get_objects() if type(each) is TrainingModel}
    gc.disable()
    try:
        fitted = [_fit_seed(made, seed, tmp_path / f"{seed}") for seed in (1, 2)]
        assert not [each for each in gc.get_objects() if type(each) is TrainingModel and id(each) not in before]
    finally:
        gc.enable()
    assert all(each.network.count_params() for each in fitted)


def test_mixed_precision_trains_and_leaves_a_float32_network(experiment, tmp_path):
    fitted = _fit(experiment, {"training.precision": "mixed_bfloat16"}, tmp_path)
    assert {str(weight.dtype) for weight in fitted.network.weights} == {"float32"}
    assert fitted.network.dtype_policy.name == "float32"
    assert all(layer.compute_dtype == "float32" for layer in fitted.network.layers)
    assert np.isfinite(fitted.history.loss).all()


@pytest.mark.slow
def test_many_labels_are_trained_measured_and_made_smaller(recordings, content, tmp_path, run_verb):
    """Recordings of one tone and of both, with independent scores."""
    for index in range(8):
        both = sum(soundfile.read(recordings / label / f"{index}.wav")[0] for label in ("low", "high"))
        soundfile.write(recordings / f"both{index}.wav", both, 8000)
    rows = [(f"{label}/{index}.wav", label) for label in ("low", "high") for index in range(8)]
    rows += [(f"both{index}.wav", "low|high") for index in range(8)]
    pd.DataFrame(rows, columns=["path", "labels"]).to_csv(recordings / "manifest.csv", index=False)
    content |= {"task": "multi-label", "dataset": {"reader": "manifest", "path": str(recordings)}}
    content["training"] |= {"epochs": 2, "augment": [{"mix_clips": {"min_clips": 1, "max_clips": 2}}, "cutmix"]}
    (tmp_path / "many.yaml").write_text(yaml.safe_dump(content))
    code, _, err = run_verb(train, tmp_path / "many.yaml", "--run", tmp_path / "run")
    assert code == 0, err
    metrics = Run(tmp_path / "run").metrics()
    assert metrics["task"] == "multi-label" and 0 <= metrics["clip"]["recall_playing"] <= 1
    assert {"false_positives_per_frame", "label_ranking_average_precision"} <= set(metrics["clip"])
    scores = Run(tmp_path / "run").predictions()
    assert (abs(scores[["high", "low"]].sum(axis=1) - 1) > 1e-3).any()  # no softmax
    assert "missed_and_false" in Run(tmp_path / "run").history()
    plan = {"epochs": 1, "variants": {"half": {"prune": {"schedule": "constant"}, "quantize": "int8"}}}
    small = compress(Run(tmp_path / "run").experiment().override({"compression": plan}), tmp_path / "run")
    (row,) = small.compression().to_dict("records")
    own, whole = (
        each.query("split == 'test'").set_index("clip").reported.str.split("|").map(frozenset)
        for each in (small.variant("half").predictions(), scores)
    )
    assert row["sparsity"] > 0.4
    assert row["agreement"] == pytest.approx((own == whole.loc[own.index]).mean(), abs=1e-5)
    code, _, err = run_verb(evaluate, tmp_path / "run", "--run", tmp_path / "again")
    assert code == 0, err
    again = Run(tmp_path / "again").metrics()
    assert again["clip"]["macro_f1"] == metrics["clip"]["macro_f1"]
