"""Figures by which epochs and trials are compared, against scikit-learn and Keras."""

import keras
import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from kerasinst.evaluation.figures import figure, quality, sign

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.dirichlet(np.ones(4), 60)
SINGLE = np.eye(4)[RANDOM.integers(3, size=60)]  # the last label does not occur
SEVERAL = (RANDOM.random((60, 4)) < [0.5, 0.3, 0.2, 0.0]).astype(float)


def test_figures_of_one_label_are_those_of_scikit_learn_and_keras():
    true, named = SINGLE.argmax(axis=1), SCORES.argmax(axis=1)
    assert figure("val_accuracy", SINGLE, scores=SCORES) == np.mean(true == named)
    assert figure("val_macro_f1", SINGLE, scores=SCORES) == pytest.approx(
        f1_score(true, named, labels=[0, 1, 2], average="macro")
    )
    assert figure("val_mean_average_precision", SINGLE, scores=SCORES) == pytest.approx(
        np.mean([average_precision_score(SINGLE[:, label], SCORES[:, label]) for label in range(3)])
    )
    loss = keras.losses.CategoricalCrossentropy()(SINGLE, SCORES)
    assert figure("val_loss", SINGLE, scores=SCORES) == pytest.approx(float(loss), rel=1e-5)


def test_figures_of_several_labels_are_those_of_scikit_learn_and_keras():
    given = dict(scores=SCORES, task="multi-label")
    accuracy = keras.metrics.BinaryAccuracy()
    accuracy.update_state(SEVERAL, SCORES)
    assert figure("val_accuracy", SEVERAL, **given) == pytest.approx(float(accuracy.result()))
    assert figure("val_macro_f1", SEVERAL, **given) == pytest.approx(
        f1_score(SEVERAL[:, :3], SCORES[:, :3] >= 0.5, average="macro", zero_division=0)
    )
    loss = keras.losses.BinaryCrossentropy()(SEVERAL, SCORES)
    assert figure("val_loss", SEVERAL, **given) == pytest.approx(float(loss), rel=1e-5)


def test_a_segment_is_right_by_its_label_or_by_the_share_of_its_labels():
    assert quality(np.eye(2), scores=np.array([[0.9, 0.1], [0.8, 0.2]])).tolist() == [1, 0]
    scores = np.array([[0.9, 0.1, 0.6], [0.2, 0.2, 0.2]])
    assert quality(np.array([[1, 0, 0], [0, 0, 0]]), scores=scores, task="multi-label") == pytest.approx([2 / 3, 1])


def test_losses_and_costs_are_best_if_small():
    assert sign("val_accuracy") == sign("int8:val_macro_f1") == 1
    assert sign("val_loss") == sign("int8:val_loss") == sign("parameters") == -1


def test_macro_f1_of_a_single_label_is_that_of_the_label():
    targets, scores = np.array([[1], [1], [0], [0]]), np.array([[0.9], [0.2], [0.8], [0.1]])
    assert figure("val_macro_f1", targets, scores=scores, task="multi-label") == f1_score([1, 1, 0, 0], [1, 0, 1, 0])
