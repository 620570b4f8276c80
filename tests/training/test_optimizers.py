"""Optimizers: schedules, warm-up, decay, clipping."""

import keras
import numpy as np
import pytest

from kerasinst.experiment.training import TrainingSection
from kerasinst.training.optimizers import create_optimizer


def _rates(frozen=False, **options):
    training = TrainingSection(epochs=10, learning_rate=0.1, **options)
    optimizer = create_optimizer(training, steps_of_an_epoch=5, frozen=frozen)
    rate = optimizer._learning_rate
    return [float(rate(step)) if callable(rate) else float(optimizer.learning_rate) for step in range(51)]


def test_cosine_falls_to_nothing_after_a_warm_up():
    rates = _rates(schedule="cosine", warmup_epochs=2)
    np.testing.assert_allclose(rates[:11], np.linspace(0, 0.1, 11), atol=1e-7)
    expected = 0.05 * (1 + np.cos(np.pi * np.arange(41) / 40))
    np.testing.assert_allclose(rates[10:], expected, atol=1e-6)


def test_a_constant_rate_stays_and_can_be_warmed_up():
    assert _rates() == pytest.approx([0.1] * 51)
    warmed = _rates(warmup_epochs=1)
    assert warmed[0] == 0 and warmed[5] == pytest.approx(0.1) and warmed[50] == pytest.approx(0.1)


def test_frozen_epochs_and_the_others_have_a_rate_and_a_cosine_of_their_own():
    pretrain = {"weights": "x.npz", "frozen_epochs": 4, "frozen_learning_rate": 0.003}
    frozen = 0.003 * 0.5 * (1 + np.cos(np.pi * np.arange(21) / 20))
    assert _rates(frozen=True, schedule="cosine", pretrain=pretrain)[:21] == pytest.approx(frozen, abs=1e-8)
    assert _rates(frozen=True, pretrain=pretrain) == pytest.approx([0.003] * 51)
    assert _rates(schedule="cosine", pretrain=pretrain)[30] == pytest.approx(0, abs=1e-7)


def test_gradients_are_clipped_and_biases_do_not_decay():
    kernel, bias = keras.Variable(np.ones((2, 2)), name="kernel"), keras.Variable(np.ones(2), name="bias")
    training = TrainingSection(optimizer="adamw", weight_decay=0.5, learning_rate=0.1, clip_norm=1.0)
    optimizer = create_optimizer(training, 1)
    assert optimizer.global_clipnorm == 1.0
    optimizer.build([kernel, bias])
    optimizer.apply([keras.ops.zeros((2, 2)), keras.ops.zeros(2)])
    np.testing.assert_allclose(np.asarray(kernel), 0.95, atol=1e-6)
    np.testing.assert_allclose(np.asarray(bias), 1.0)
