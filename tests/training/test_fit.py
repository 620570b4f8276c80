"""The fit: it learns, repeats itself, stops, weighs, and goes on after a kill as if nothing had happened."""

import shutil

import keras
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from kerasinst import networks
from kerasinst.core.errors import Diverged
from kerasinst.evaluation.figures import figure
from kerasinst.experiment.training import TrainingSection
from kerasinst.features.scaling import Scaling
from kerasinst.training.batches import Batches, balanced
from kerasinst.training.fit import _compile, class_weights, fit
from kerasinst.training.training_model import TrainingModel


def _pictures(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three labels, told apart by the bin that is loud."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    features = random.normal(0, 1, (n, 12, 9, 1)).astype("float32")
    for index, label in enumerate(labels):
        features[index, :, 3 * label : 3 * label + 3] += 1.5
    return features, np.eye(3, dtype="float32")[labels]


TRAIN, VALIDATION = _pictures(48, 1), _pictures(24, 2)


def _build():
    return networks.create("separable", (12, 9, 1), n_labels=3, filters=[4, 8], blocks=1)


def _fit(state, seed=1, on_epoch=lambda row: None, scaling=None, **options):
    training = TrainingSection(
        **{"epochs": 6, "batch_size": 8, "learning_rate": 0.02, "augment": ["cutmix"], **options}
    )
    return fit(
        _build,
        training,
        train=TRAIN,
        validation=VALIDATION,
        seed=seed,
        state=state,
        scaling=scaling,
        on_epoch=on_epoch,
    )


def _weights(fitted):
    return np.concatenate([np.ravel(weight) for weight in fitted.network.get_weights()])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training that nothing disturbed: `(fitted, state)`; its state is not to be changed."""
    state = tmp_path_factory.mktemp("whole")
    return _fit(state), state


def test_it_learns_and_keeps_the_best_epoch(tmp_path):
    rows = []
    fitted = _fit(tmp_path, epochs=10, on_epoch=rows.append)
    assert fitted.score == fitted.history.val_accuracy.max() > 0.6  # 1 / 3 by chance
    assert list(fitted.history.columns) == ["seed", "epoch", "accuracy", "loss", "val_accuracy", "val_loss", "seconds"]
    assert len(rows) == len(fitted.history) == 10
    scores = np.asarray(fitted.network.predict(VALIDATION[0], verbose=0))
    accuracy = (scores.argmax(axis=1) == VALIDATION[1].argmax(axis=1)).mean()
    assert accuracy == pytest.approx(fitted.score, abs=1e-6)


def test_the_same_seed_gives_the_same_network_and_another_one_another(tmp_path, whole):
    first, (second, other) = whole[0], (_fit(tmp_path / name, seed) for name, seed in (("b", 1), ("c", 2)))
    np.testing.assert_array_equal(_weights(first), _weights(second))
    assert first.history.drop(columns="seconds").equals(second.history.drop(columns="seconds"))
    assert not np.array_equal(_weights(first), _weights(other))


class Killed(Exception):
    """Stands for a kill between two epochs."""


@pytest.mark.parametrize("after", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_a_killed_training_goes_on_as_if_nothing_had_happened(tmp_path, whole, after):
    def kill(row):
        if row["epoch"] == after:
            raise Killed

    whole, _ = whole
    with pytest.raises(Killed):
        _fit(tmp_path / "killed", on_epoch=kill)
    resumed = _fit(tmp_path / "killed")
    np.testing.assert_allclose(_weights(resumed), _weights(whole), atol=1e-6)
    np.testing.assert_allclose(
        resumed.history.drop(columns="seconds"), whole.history.drop(columns="seconds"), atol=1e-6
    )


def test_a_finished_training_is_not_repeated(tmp_path, whole):
    first, state = whole
    rows = []
    again = _fit(shutil.copytree(state, tmp_path / "again"), on_epoch=rows.append)
    np.testing.assert_array_equal(_weights(first), _weights(again))
    assert first.history.equals(again.history) and len(rows) == 6


def test_patience_stops_early(tmp_path):
    fitted = _fit(tmp_path, epochs=40, patience=2, learning_rate=1e-9, augment=[])
    best = fitted.history.val_accuracy.argmax() + 1
    assert len(fitted.history) == best + 2 < 40


def test_a_loss_that_is_no_number_ends_in_one_error(tmp_path):
    broken = (np.full_like(TRAIN[0], np.nan), TRAIN[1])
    with pytest.raises(Diverged, match="lower the learning rate"):
        fit(_build, TrainingSection(epochs=5), train=broken, validation=VALIDATION, seed=1, state=tmp_path)
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 2


def test_scaling_is_part_of_the_step_and_val_loss_can_be_monitored(tmp_path):
    scaling = Scaling("standardize")
    scaling.adapt(TRAIN[0])
    fitted = _fit(tmp_path, scaling=scaling, monitor="val_loss")
    scores = fitted.network.predict(scaling(VALIDATION[0]), verbose=0)
    loss = -np.mean(np.log(scores[VALIDATION[1] == 1]))
    assert fitted.score == pytest.approx(fitted.history.val_loss.min()) == pytest.approx(loss, abs=1e-4)


@pytest.mark.parametrize("average", [None, 0.5])
@pytest.mark.parametrize("monitor", ["val_macro_f1", "val_mean_average_precision"])
def test_figures_that_keras_does_not_compute_choose_the_epoch(tmp_path, monitor, average):
    fitted = _fit(tmp_path, monitor=monitor, average=average)
    scores = fitted.network.predict(VALIDATION[0], verbose=0)
    assert fitted.score == fitted.history[monitor].max() == pytest.approx(figure(monitor, VALIDATION[1], scores=scores))
    assert fitted.history[monitor].nunique() > 1


def test_class_weights_equal_scikit_learn_and_weigh_mixed_targets_by_their_shares():
    labels = np.array([0, 0, 0, 1, 2, 2])
    targets = np.eye(3, dtype="float32")[labels]
    weights = class_weights(targets)
    np.testing.assert_allclose(weights, compute_class_weight("balanced", classes=np.arange(3), y=labels), atol=1e-6)
    training_model = TrainingModel(_build(), class_weights=np.array([2.0, 4.0, 6.0], "float32"))
    training_model.compile("sgd", keras.losses.CategoricalCrossentropy())
    mixed, scores = np.array([[0.5, 0.5, 0.0]], "float32"), np.array([[0.2, 0.2, 0.6]], "float32")
    loss = float(training_model.compute_loss(None, None, (scores, mixed)))
    assert loss == pytest.approx(-3.0 * np.log(0.2), abs=1e-5)


def test_balanced_odds_give_labels_and_their_clips_equal_shares():
    targets = np.eye(2, dtype="float32")[[0, 0, 0, 0, 1]]
    odds = balanced(targets, ["a", "a", "a", "b", "c"])
    np.testing.assert_allclose(odds, [1 / 12, 1 / 12, 1 / 12, 1 / 4, 1 / 2])
    batches = Batches(np.arange(5.0)[:, None, None, None], targets, batch_size=5, seed=1, odds=odds)
    drawn = []
    for _ in range(300):
        drawn += np.ravel(batches[0][0][0]).tolist()
        batches.on_epoch_end()
    np.testing.assert_allclose(np.bincount(np.array(drawn, int)) / len(drawn), odds, atol=0.05)
    some, none = balanced(np.array([[1.0, 1.0], [0.0, 0.0]]), ["a", "b"])
    assert some > 0 and none > 0


def test_batches_for_several_devices_are_filled_with_samples_that_weigh_nothing():
    features, targets = np.arange(5.0)[:, None, None, None], np.eye(5, dtype="float32")
    (filled, _), _, weights = Batches(features, targets, batch_size=8, multiple=4)[0]
    assert len(filled) == 8 and weights.tolist() == [1] * 5 + [0] * 3
    for batch_size, multiple in ((8, 4), (3, 2), (2, 1), (5, 4)):
        batches = Batches(features, targets, batch_size=batch_size, multiple=multiple)
        heard = np.concatenate([batches[index][0][0] for index in range(len(batches))])
        np.testing.assert_array_equal(batches.without_filling(heard), features)


@pytest.mark.parametrize("task", ["single-label", "multi-label"])
def test_samples_with_which_batches_are_filled_up_count_in_no_metric(task):
    features, targets = TRAIN[0][:7], TRAIN[1][:7]
    model = TrainingModel(_build())
    model.build([(None, *features.shape[1:]), (None, targets.shape[1])])
    _compile(model, False, training=TrainingSection(), task=task, steps=1, frozen=False)
    found, filled = (
        model.evaluate(Batches(features, targets, batch_size=7, multiple=multiple), verbose=0, return_dict=True)
        for multiple in (1, 20)
    )
    assert "accuracy" in found and ("missed_and_false" in found) == (task == "multi-label")
    for name in found.keys() - {"loss"}:
        assert filled[name] == pytest.approx(found[name], rel=1e-5), name


def test_without_validation_the_last_epoch_is_kept(tmp_path):
    training = TrainingSection(epochs=2, batch_size=8, learning_rate=0.02, monitor="last")
    fitted = fit(_build, training, train=TRAIN, validation=None, seed=1, state=tmp_path)
    assert fitted.score == fitted.history.loss.iloc[-1] and "val_loss" not in fitted.history


def test_batches_hold_every_sample_once_an_epoch_in_an_order_of_the_epoch():
    features, targets = np.arange(10.0)[:, None, None, None], np.eye(10, dtype="float32")
    batches = Batches(features, targets, batch_size=4, seed=1)
    seen = [[float(value) for index in range(len(batches)) for value in np.ravel(batches[index][0][0])]]
    batches.on_epoch_end()
    seen.append([float(value) for index in range(len(batches)) for value in np.ravel(batches[index][0][0])])
    assert sorted(seen[0]) == sorted(seen[1]) == list(range(10))
    assert seen[0] != seen[1]
    resumed = Batches(features, targets, batch_size=4, seed=1, epoch=1)
    assert [float(value) for index in range(3) for value in np.ravel(resumed[index][0][0])] == seen[1]
