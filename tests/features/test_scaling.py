"""Scaling: what it learns, and that it stays in the model."""

import keras
import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from kerasinst.features.scaling import Scaling

FEATURES = np.random.default_rng(0).normal(3, 5, (50, 7, 4, 2)).astype("float32")


def test_standardize_equals_scikit_learn_per_bin():
    scaling = Scaling("standardize")
    scaling.adapt(FEATURES, chunk=16)
    theirs = StandardScaler().fit_transform(FEATURES.reshape(-1, 8)).reshape(FEATURES.shape)
    np.testing.assert_allclose(scaling(FEATURES), theirs, atol=1e-4)


def test_min_max_equals_scikit_learn_over_all_values():
    scaling = Scaling("min_max")
    scaling.adapt(FEATURES, chunk=16)
    theirs = MinMaxScaler().fit_transform(FEATURES.reshape(-1, 1)).reshape(FEATURES.shape)
    np.testing.assert_allclose(scaling(FEATURES), theirs, atol=1e-5)


def test_peak_does_not_change_with_the_gain_and_learns_nothing():
    decibels = np.random.default_rng(1).uniform(-90, -10, (4, 7, 5, 1)).astype("float32")
    scaling = Scaling("peak")
    scaling.adapt(decibels)
    scaled = np.asarray(scaling(decibels))
    np.testing.assert_allclose(scaled.max(axis=(1, 2, 3)), 1, atol=1e-6)
    np.testing.assert_allclose(np.asarray(scaling(decibels - 12)), scaled, atol=1e-5)
    np.testing.assert_allclose(scaled, (decibels - decibels.max(axis=(1, 2, 3), keepdims=True)) / 40 + 1, atol=1e-6)
    assert not scaling.weights


@pytest.mark.parametrize("method", ["min_max", "standardize"])
def test_constant_features_stay_finite_and_weights_are_saved(method, tmp_path):
    scaling = Scaling(method)
    scaling.adapt(np.full((5, 3, 2, 1), 4.0, "float32"))
    inputs = keras.Input((3, 2, 1))
    keras.Model(inputs, scaling(inputs)).save(tmp_path / "a.keras")
    loaded = keras.models.load_model(tmp_path / "a.keras", safe_mode=True)
    scaled = loaded.predict(np.full((1, 3, 2, 1), 5.0, "float32"), verbose=0)
    np.testing.assert_allclose(scaled, 1.0, atol=1e-6)


def test_per_clip_standardizes_every_channel_of_every_picture_and_keeps_silence():
    scaling = Scaling("per_clip")
    scaling.adapt(FEATURES)
    scaled = np.asarray(scaling(np.concatenate([FEATURES, np.full((1, 7, 4, 2), -100, "float32")])))
    np.testing.assert_allclose(scaled[:-1].mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(scaled[:-1].std(axis=(1, 2)), 1, atol=1e-4)
    assert not scaled[-1].any() and not scaling.weights
    np.testing.assert_allclose(np.std(scaling(1e-4 * FEATURES), axis=(1, 2)), 1, atol=1e-4)


def test_features_are_read_a_part_at_a_time():
    class Counted:
        shape, most = FEATURES.shape, 0

        def __len__(self):
            return len(FEATURES)

        def __getitem__(self, rows):
            Counted.most = max(Counted.most, len(FEATURES[rows]))
            return FEATURES[rows].copy()

    streamed, whole = Scaling("standardize"), Scaling("standardize")
    streamed.adapt(Counted(), chunk=8)
    whole.adapt(FEATURES)
    assert Counted.most == 8
    for ours, theirs in zip(streamed.weights, whole.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="min_max, standardize, per_clip"):
        Scaling("zscore")
