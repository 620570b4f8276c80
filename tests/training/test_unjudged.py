"""Labels that nobody judged: they count in no loss, no metric and no figure, and nothing is learned from them."""

import keras
import numpy as np
import pytest

from kerasinst.evaluation.figures import figure, quality
from kerasinst.evaluation.multilabel import mean_average_precision
from kerasinst.experiment.training import FIGURES, TrainingSection
from kerasinst.training import augmentations, losses
from kerasinst.training.batches import balanced
from kerasinst.training.fit import fit
from kerasinst.training.losses.iou_like import MissAndFalseAlarmRate
from kerasinst.training.training_model import TrainingModel

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.uniform(0.05, 0.95, (40, 4)).astype("float32")
TRUE = (RANDOM.random((40, 4)) < 0.4).astype("float32")
HIDDEN = RANDOM.random((40, 4)) < 0.3
TARGETS = np.where(HIDDEN, np.nan, TRUE).astype("float32")


def _model(loss):
    """A model that gives its features as scores."""
    inputs = keras.Input((2, 2, 1))
    model = TrainingModel(keras.Model(inputs, keras.layers.Reshape((4,))(inputs)), masks=True)
    model.build([(None, 2, 2, 1), (None, 4)])
    model.compile(
        "sgd",
        losses.create(loss, "multi-label"),
        weighted_metrics=[keras.metrics.BinaryAccuracy("accuracy"), MissAndFalseAlarmRate()],
    )
    return model


def _evaluated(loss, scores):
    features = scores.reshape(-1, 2, 2, 1)
    return _model(loss).evaluate((features, TARGETS), TARGETS, batch_size=40, verbose=0, return_dict=True)


@pytest.mark.parametrize("loss", ["binary_crossentropy", "mean_squared_error", "focal", "iou_like"])
def test_scores_of_labels_that_nobody_judged_change_no_loss_and_no_metric(loss):
    found, other = (_evaluated(loss, each) for each in (SCORES, np.where(HIDDEN, 1 - SCORES, SCORES)))
    assert found == pytest.approx(other, rel=1e-6)
    assert found["accuracy"] == pytest.approx(((SCORES >= 0.5) == TRUE)[~HIDDEN].mean(), rel=1e-5)


def test_losses_are_those_of_the_labels_that_were_judged():
    judged = ~HIDDEN
    squared = np.where(judged, (TRUE - SCORES) ** 2, 0).mean()
    assert _evaluated("mean_squared_error", SCORES)["loss"] == pytest.approx(squared, rel=1e-5)
    missed = ((1 - SCORES) * TRUE)[judged].sum() / TRUE[judged].sum()
    false = (SCORES * (1 - TRUE))[judged].sum() / (1 - TRUE)[judged].sum()
    assert _evaluated("iou_like", SCORES)["loss"] == pytest.approx(missed + false, rel=1e-5)


@pytest.mark.parametrize("name", FIGURES)
def test_scores_of_labels_that_nobody_judged_change_no_figure(name):
    flipped = np.where(HIDDEN, 1 - SCORES, SCORES)
    one, other = (figure(name, TARGETS, scores=each, task="multi-label") for each in (SCORES, flipped))
    assert one == pytest.approx(other) and np.isfinite(one)
    assert quality(TARGETS, scores=SCORES, task="multi-label") == pytest.approx(
        quality(TARGETS, scores=flipped, task="multi-label")
    )


def test_a_model_that_reports_nothing_is_no_better_than_one_that_reports_everything():
    nothing, everything, right = np.zeros_like(TRUE), np.ones_like(TRUE), 0.2 + 0.6 * TRUE
    for name, sign in (("val_mean_average_precision", 1), ("val_missed_and_false", -1), ("val_macro_f1", 1)):
        values = [sign * figure(name, TRUE, scores=each, task="multi-label") for each in (nothing, everything, right)]
        assert values[0] <= values[1] < values[2], name
    known = np.ones_like(TRUE, bool)
    assert mean_average_precision(TRUE > 0, scores=nothing, known=known) == pytest.approx(TRUE.mean(axis=0).mean())


@pytest.mark.parametrize("augment", [[], [{"mixup": {"alpha": 0.5}}], [{"cutmix": {"alpha": 1.0}}]])
def test_nothing_is_learned_of_labels_that_nobody_judged(augment, tmp_path):
    """The scores of a label that nobody judged keep their weights, whatever the others learn."""
    features = RANDOM.normal(size=(32, 4, 2, 1)).astype("float32")
    targets = np.stack([features.mean(axis=(1, 2, 3)) > 0, np.full(32, np.nan)], axis=1).astype("float32")

    def build():
        inputs = keras.Input((4, 2, 1))
        dense = keras.layers.Dense(2, "sigmoid", kernel_initializer=keras.initializers.GlorotUniform(0), name="scores")
        scores = dense(keras.layers.Flatten()(inputs))
        return keras.Model(inputs, scores)

    training = TrainingSection(
        epochs=2, batch_size=8, learning_rate=0.05, augment=augment, monitor="val_mean_average_precision"
    )
    keras.utils.set_random_seed(1)
    before = build().get_weights()
    fitted = fit(
        build, training, train=(features, targets), validation=(features, targets), seed=1, state=tmp_path,
        task="multi-label",
    )  # fmt: skip
    kernel = fitted.network.get_weights()[0]
    np.testing.assert_array_equal(kernel[:, 1], before[0][:, 1])
    assert (kernel[:, 0] != before[0][:, 0]).all()
    assert np.isfinite(fitted.history.to_numpy(float)).all()


def test_labels_that_nobody_judged_stay_so_in_mixes():
    for name in ("mixup", "cutmix"):
        mix = augmentations.create(name, task="multi-label", alpha=1.0)
        features = RANDOM.normal(size=(40, 6, 6, 1)).astype("float32")
        _, targets = mix(features, TARGETS)
        targets = keras.ops.convert_to_numpy(targets)
        assert np.isnan(targets[HIDDEN]).all() and ((targets >= 0) | np.isnan(targets)).all()


def test_they_do_not_count_in_balanced_odds():
    odds = balanced(np.array([[1, np.nan], [1, 0], [0, 1]], "float32"), ["a", "b", "c"])
    np.testing.assert_allclose(odds, [0.25, 0.25, 0.5])
