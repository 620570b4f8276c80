"""Training again: what stays as it was, and which epoch counts."""

import keras
import numpy as np
import pytest
import tf_keras

from kerasinst.compression import pruning
from kerasinst.compression.fine_tuning import FineTuner
from kerasinst.compression.tf_keras_conversion import to_tf_keras
from kerasinst.experiment import Experiment
from kerasinst.experiment.compression import CompressionSection, PruneSection
from kerasinst.features import extract_features, prepare_data
from kerasinst.training.network import create_network

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="pruning is TensorFlow's")
PLAN = CompressionSection(epochs=2, learning_rate=0.01)


def taught(content, **training):
    """FineTuner for an untrained network of the experiment, and that network."""
    content["training"] |= training
    experiment = Experiment.model_validate(content)
    data = prepare_data(experiment)
    features = extract_features(experiment, data)
    keras.utils.set_random_seed(1)
    network = create_network(experiment, features.frontend, n_labels=len(data.labels))
    return FineTuner(experiment, data, features=features, teacher=network, plan=PLAN), network


def statistics(network):
    layers = [layer for layer in network.layers if type(layer).__name__ == "BatchNormalization"]
    return np.concatenate([np.asarray(weight).ravel() for layer in layers for weight in layer.get_weights()[2:]])


@pytest.mark.parametrize(("frozen", "stay"), [(3, True), pytest.param(1, False, marks=pytest.mark.slow)])
def test_statistics_stay_frozen_where_training_kept_them_so(content, frozen, stay):
    fine_tuner, network = taught(content, pretrain={"weights": "some.npz", "frozen_epochs": frozen})
    pruned = pruning.prune(network, fine_tuner, plan=PruneSection(schedule="constant"))
    assert np.array_equal(statistics(pruned), statistics(network)) == stay
    assert pruning.sparsity(pruned) == pytest.approx(0.5, abs=0.02)


def test_an_epoch_before_the_sparsity_is_reached_is_not_the_best(content):
    fine_tuner, network = taught(content)
    model, rows = to_tf_keras(network), []
    fine_tuner.on_epoch = rows.append

    class Spoil(tf_keras.callbacks.Callback):  # all epochs but the first would lose
        def on_epoch_end(self, epoch, logs=None):
            logs["val_accuracy"] = 1.0 - epoch / 2
            self.model.get_layer("scores").bias.assign([epoch, 0.0])

    fine_tuner.fit(model, [Spoil()], counts_from=1)
    assert [row["epoch"] for row in rows] == [1, 2]
    assert model.get_layer("scores").bias.numpy()[0] == 1.0


def test_targets_are_the_teachers_as_far_as_they_are_asked_for(content):
    fine_tuner, network = taught(content, augment=[])
    for share in (0.0, 0.25, 1.0):
        fine_tuner.plan = PLAN.model_copy(update={"distill": share})
        features, targets = _first_lesson(fine_tuner)
        said = np.asarray(network(features, training=False))
        plain = np.eye(2)[(targets - share * said).argmax(axis=1)]
        np.testing.assert_allclose(targets, (1 - share) * plain + share * said, atol=1e-5)


def test_a_copy_of_the_teacher_stays_one(content):
    """Its dropout and the loss of the training would move it."""
    smoothing = {"categorical_crossentropy": {"label_smoothing": 0.5}}
    frozen = {"weights": "some.npz", "frozen_epochs": 3}
    fine_tuner, network = taught(content, loss=smoothing, augment=[{"mixup": {"alpha": 1.0}}], pretrain=frozen)
    features = fine_tuner.features.scaled("train")
    noisy = keras.Sequential([network, keras.layers.GaussianNoise(1.0), keras.layers.Dropout(0.5)])
    noisy.build(network.input_shape)
    copy = to_tf_keras(noisy)
    assert np.abs(copy(features, training=True) - noisy(features, training=False)).max() > 0.1
    fine_tuner.plan = CompressionSection(epochs=4, learning_rate=0.001)
    fine_tuner.fit(copy)
    np.testing.assert_allclose(copy(features, training=True), noisy(features, training=False), atol=0.01)


def _first_lesson(fine_tuner):
    from kerasinst.compression.fine_tuning import _DistillationBatches
    from kerasinst.training.batches import Batches

    features, targets, odds = fine_tuner._train
    return _DistillationBatches(Batches(features, targets, batch_size=8, seed=1, odds=odds), fine_tuner)[0]
