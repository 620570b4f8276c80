"""Augmentations of pictures and of waveforms: what changes, what stays, what the labels become."""

import keras
import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasinst.core.errors import BadInput
from kerasinst.training import augmentations

N, FRAMES, BINS, RATE = 8, 30, 12, 8000
FEATURES = np.broadcast_to(np.arange(N, dtype="float32")[:, None, None, None], (N, FRAMES, BINS, 1)).copy()
TARGETS = np.eye(N, dtype="float32")
TONE = (0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype("float32")
TARGET = np.array([1, 0, 0], "float32")
ON_PICTURES = ["cutmix", "mixup", "spec_augment", "equalize"]
ON_WAVEFORMS = ["gain", "noise", "time_shift", "time_stretch", "pitch_shift", "room", "mix_clips"]


def _another():
    return np.flip(TONE) * 0.1, np.array([0, 1, 0], "float32")


def _change(name, seed=0, task="single-label", **options):
    augment = augmentations.create(name, task=task, **options)
    return augment(TONE, TARGET, RATE, np.random.default_rng(seed), _another)


def _power_db(waveform):
    return 10 * np.log10(np.mean(np.square(waveform, dtype=float)))


def test_every_augmentation_is_of_one_kind_that_is_tested_here():
    assert sorted([*ON_PICTURES, *ON_WAVEFORMS, "cutmix_copies"]) == augmentations.names()


@pytest.mark.parametrize("task", ["single-label", "multi-label"])
@pytest.mark.parametrize("name", ON_PICTURES)
def test_pictures_keep_their_shape_and_labels_what_the_task_says(name, task):
    keras.utils.set_random_seed(3)
    augment = augmentations.create(name, task=task)
    for _ in range(5):
        features, targets = map(np.asarray, augment(FEATURES, TARGETS))
        assert features.shape == FEATURES.shape and np.isfinite(features).all()
        if task == "single-label" or name in ("spec_augment", "equalize"):
            np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-5)
        else:
            assert set(np.unique(targets)) <= {0, 1} and (targets >= TARGETS * targets.min()).all()
    assert (np.asarray(augment(FEATURES, TARGETS)[0]) != np.asarray(augment(FEATURES, TARGETS)[0])).any()


@pytest.mark.parametrize("name", ON_PICTURES)
def test_augmentations_of_pictures_serialise(name):
    augment = augmentations.create(name)
    again = type(augment).from_config(augment.get_config())
    assert again.get_config() == augment.get_config()


@pytest.mark.parametrize(("form", "whole_axis"), [("time", 2), ("frequency", 1)])
def test_strips_of_cutmix_span_the_other_axis(form, whole_axis):
    keras.utils.set_random_seed(1)
    cutmix = augmentations.create("cutmix", form=form)
    for _ in range(10):
        features, targets = map(np.asarray, cutmix(FEATURES, TARGETS))
        foreign = features[..., 0] != FEATURES[..., 0]
        strips = foreign.any(axis=whole_axis)
        assert (strips == foreign.all(axis=whole_axis)).all()
        for row in np.flatnonzero(foreign.any(axis=(1, 2))):
            assert targets[row, row] == pytest.approx(1 - foreign[row].mean(), abs=1e-5)


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.5, 2.0]))
def test_mixup_blends_pictures_as_it_blends_labels(seed, alpha):
    keras.utils.set_random_seed(seed)
    features, targets = map(np.asarray, augmentations.create("mixup", alpha=alpha)(FEATURES, TARGETS))
    np.testing.assert_allclose(features[:, 0, 0, 0], targets @ np.arange(N), atol=1e-4)
    assert (features == features[:, :1, :1]).all()


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1))
def test_spec_augment_masks_no_more_than_it_may(seed, time_share, frequency_share):
    keras.utils.set_random_seed(seed)
    augment = augmentations.create("spec_augment", time_share=time_share, frequency_share=frequency_share)
    noise = np.random.default_rng(seed).random((4, FRAMES, BINS, 1)).astype("float32")
    masked = np.asarray(augment(noise, TARGETS[:4])[0]) != noise
    assert masked.all(axis=2).sum(axis=1).max() <= int(time_share * FRAMES) or frequency_share == 1
    assert masked.all(axis=1).sum(axis=1).max() <= int(frequency_share * BINS) or time_share == 1


def test_equalize_adds_one_smooth_curve_to_all_frames():
    keras.utils.set_random_seed(1)
    pictures = np.zeros((500, 4, 21, 2), "float32")
    curves = np.asarray(augmentations.create("equalize", deviation=0.5, points=3)(pictures, TARGETS[:1])[0])
    assert (curves == curves[:, :1, :, :1]).all()
    np.testing.assert_allclose(np.diff(curves[:, 0, :11, 0], n=2), 0, atol=1e-5)  # straight between points
    assert curves[:, 0, [0, 10, 20], 0].std(axis=0) == pytest.approx(np.full(3, 0.5), rel=0.15)


@pytest.mark.parametrize("name", ON_WAVEFORMS)
def test_waveforms_keep_their_length_and_repeat_with_the_same_draws(name):
    first, again, other = (_change(name, seed)[0] for seed in (1, 1, 2))
    assert first.shape == TONE.shape and first.dtype == np.float32 and np.isfinite(first).all()
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    augment = augmentations.create(name)
    assert type(augment)(**augment.get_config()).get_config() == augment.get_config()


@pytest.mark.parametrize("name", ON_WAVEFORMS)
def test_a_probability_of_zero_changes_nothing(name):
    waveform, target = _change(name, probability=0.0)
    np.testing.assert_array_equal(waveform, TONE)
    np.testing.assert_array_equal(target, TARGET)


@pytest.mark.parametrize("name", ON_WAVEFORMS)
def test_silence_stays_finite(name):
    augment = augmentations.create(name)
    silent = np.zeros_like(TONE)
    changed, _ = augment(silent, TARGET, RATE, np.random.default_rng(1), lambda: (silent, TARGET))
    assert np.isfinite(changed).all()


def test_gain_is_in_decibels():
    assert _power_db(_change("gain", min_db=-6, max_db=-6)[0]) - _power_db(TONE) == pytest.approx(-6, abs=1e-3)


def test_noise_has_the_ratio_that_is_asked_for():
    noise = _change("noise", min_snr_db=20, max_snr_db=20)[0] - TONE
    assert _power_db(TONE) - _power_db(noise) == pytest.approx(20, abs=0.2)


def test_a_shift_moves_and_fills_or_rolls():
    for seed in range(5):
        rolled = _change("time_shift", seed, roll=True)[0]
        np.testing.assert_allclose(np.sort(rolled), np.sort(TONE))
        filled = _change("time_shift", seed)[0]
        assert (filled == 0).sum() <= 0.25 * RATE + 100
        assert ((filled == rolled) | (filled == 0)).all()


@pytest.mark.parametrize("semitones", [-3, 4])
def test_pitch_moves_by_semitones_and_speed_by_a_rate(semitones):
    shifted = _change("pitch_shift", min_semitones=semitones, max_semitones=semitones)[0]
    heard = np.median(librosa.yin(shifted, fmin=100, fmax=2000, sr=RATE)[3:-3])
    assert librosa.hz_to_midi(heard) - librosa.hz_to_midi(440) == pytest.approx(semitones, abs=0.2)
    faster = _change("time_stretch", min_rate=2, max_rate=2)[0]
    heard = np.median(librosa.yin(faster[: RATE // 3], fmin=100, fmax=2000, sr=RATE))
    assert librosa.hz_to_midi(heard) == pytest.approx(librosa.hz_to_midi(440), abs=0.2)
    assert _power_db(faster[: RATE // 3]) - _power_db(faster[2 * RATE // 3 :] + 1e-9) > 30


def test_a_room_keeps_the_direct_sound_and_decays_in_the_time_that_is_asked_for():
    click = np.zeros(2 * RATE, "float32")
    click[0] = 1
    options = dict(min_seconds=1, max_seconds=1, min_wet_db=0, max_wet_db=0)
    room = augmentations.create("room", **options)
    heard = room(click, TARGET, RATE, np.random.default_rng(0), _another)[0]
    tail = heard - click
    level = [_power_db(tail[round(at * RATE) : round((at + 0.1) * RATE)]) for at in (0.1, 0.6)]
    assert level[0] - level[1] == pytest.approx(30, abs=2)  # 60 dB a second
    assert np.sum(tail[:RATE] ** 2) == pytest.approx(1, rel=0.05)


def test_mixes_hold_every_label_equally_or_all_of_them():
    options = dict(min_clips=4, max_clips=4)
    mixed, target = _change("mix_clips", **options)
    np.testing.assert_allclose(target, [0.25, 0.75, 0])
    assert abs(np.vdot(mixed, TONE)) > 0 and abs(np.vdot(mixed, np.flip(TONE))) > 0
    np.testing.assert_allclose(_change("mix_clips", task="multi-label", **options)[1], [1, 1, 0])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("cutmix", dict(form="circle"), "box, time, frequency"),
        ("mixup", dict(alpha=0), "above 0"),
        ("spec_augment", dict(time_share=2), "within 0 and 1"),
        ("gain", dict(min_db=3, max_db=-3), "min_db=3 and max_db=-3"),
        ("noise", dict(probability=2), "within 0 and 1"),
        ("time_stretch", dict(min_rate=0, max_rate=1), "above 0.1"),
        ("pitch_shift", dict(max_semitones=60), "within -24 and 24"),
        ("mix_clips", dict(min_clips=0), "above 0"),
        ("gain", dict(db=3), "has no 'db'"),
        ("mixup", dict(union=True), "has no 'union'"),
    ],
)
def test_wrong_options_are_refused(name, options, message):
    with pytest.raises(BadInput, match=message):
        augmentations.create(name, **options)


def test_waveforms_come_before_pictures():
    with pytest.raises(BadInput, match="gain works before cutmix does"):
        augmentations.create_all([{"cutmix": {}}, {"gain": {}}])
    chain = augmentations.create_all([{"gain": {}}, {"room": {}}, {"cutmix_copies": {}}, {"mixup": {}}])
    assert [len(part) for part in (chain.on_waveforms, chain.extending, chain.on_features)] == [2, 1, 1]
