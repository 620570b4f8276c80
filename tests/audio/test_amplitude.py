"""Channels that cancel each other out, and samples in a wrong scale."""

import numpy as np
import pytest
import soundfile
from conftest import tone
from hypothesis import given
from hypothesis import strategies as st

from kerasinst import audio
from kerasinst.audio.amplitude import integer_scale
from kerasinst.core.errors import AudioError


def read(path, channels):
    """The mix of channels, and what is said of it."""
    remarks = []
    soundfile.write(path, np.stack(channels, axis=1), 8000, subtype="FLOAT")
    return audio.read(path, on_remark=remarks.append)[0], remarks


def level(waveform):
    return 10 * np.log10(np.mean(np.square(waveform)))


def test_opposite_phases_are_heard_and_not_their_noise(tmp_path):
    cello, noise = tone(220, 2.0, harmonics=6), 1e-3 * np.random.default_rng(0).standard_normal((2, 16000))
    for right in (-cello, -0.9 * cello, noise[0].astype("f4") - cello):
        heard, remarks = read(tmp_path / "a.wav", [cello, right])
        assert np.corrcoef(heard, cello)[0, 1] > 0.99 and level(heard) == pytest.approx(level(cello), abs=0.1)
        assert len(remarks) == 1 and "the mean of its 2 channels is far softer" in remarks[0]


def test_channels_that_sound_are_taken_where_most_are_silent(tmp_path):
    left, right = tone(220, 2.0, harmonics=6), tone(330, 2.0, harmonics=3)
    silence = np.zeros_like(left)
    heard, remarks = read(tmp_path / "a.wav", [silence] * 4 + [left, silence])
    np.testing.assert_allclose(heard, left, atol=1e-6)
    assert "only channel 5 is used" in remarks[0]
    heard, remarks = read(tmp_path / "a.wav", [left, right] + [silence] * 6)
    np.testing.assert_allclose(heard, (left + right) / 2, atol=1e-6)
    assert "only channels 1 and 2 are used" in remarks[0]
    heard, remarks = read(tmp_path / "a.wav", [left, -left] + [silence] * 4)
    np.testing.assert_allclose(heard, left, atol=1e-6)
    assert len(remarks) == 1


@pytest.mark.parametrize("channels", [2, 5])
def test_channels_that_have_nothing_in_common_are_averaged(channels, tmp_path):
    sounds = list(0.1 * np.random.default_rng(0).standard_normal((channels, 8000)))
    heard, remarks = read(tmp_path / "a.wav", sounds)
    np.testing.assert_allclose(heard, np.mean(sounds, axis=0), atol=1e-6)
    assert not remarks
    heard, remarks = read(tmp_path / "a.wav", [sounds[0], np.zeros(8000)])
    np.testing.assert_allclose(heard, sounds[0] / 2, atol=1e-6)
    assert not remarks


def test_an_offset_is_no_energy(tmp_path):
    cello = tone(220, 2.0, harmonics=6)
    heard, remarks = read(tmp_path / "a.wav", [cello + 0.3, 0.3 - cello])
    assert abs(np.corrcoef(heard, cello)[0, 1]) > 0.99 and remarks
    assert audio.is_silent(np.full(100, 0.01)) and not audio.is_silent(cello)


@pytest.mark.parametrize(("kind", "full_scale"), [("int8", 128), ("int16", 32768), ("int32", 2**31)])
def test_integers_are_divided_by_their_full_scale(kind, full_scale):
    samples = (tone(440) * (full_scale - 1)).astype(kind)
    floats = audio.as_floats(samples)
    assert floats.dtype == np.float32
    np.testing.assert_allclose(floats, samples.astype("f8") / full_scale, rtol=1e-6)
    np.testing.assert_allclose(audio.as_floats(np.array([0, 128, 255], np.uint8)), [-1, 0, 127 / 128])


@pytest.mark.parametrize(("bits", "full_scale"), [(16, 2**15), (24, 2**23), (32, 2**31)])
def test_integers_in_a_file_of_floats_are_scaled_and_that_is_said(bits, full_scale, tmp_path):
    remarks, waveform = [], tone(440)
    soundfile.write(tmp_path / "a.wav", np.round(waveform * (full_scale - 1)), 8000, subtype="FLOAT")
    heard, _ = audio.read(tmp_path / "a.wav", on_remark=remarks.append)
    np.testing.assert_allclose(heard, waveform, atol=4e-5 if bits == 16 else 1e-6)
    assert remarks == [f"its floats hold {bits}-bit integers; they are divided by {full_scale}"]


@given(st.floats(0.001, 200), st.integers(0, 100))
def test_a_recording_in_full_scale_is_never_scaled(gain, seed):
    loud = np.random.default_rng(seed).standard_normal(1000)
    assert integer_scale(gain * loud / np.abs(loud).max()) is None


def test_a_few_damaged_floats_are_refused(tmp_path):
    waveform = tone(440)
    waveform[[5, 70]] = 1e5
    soundfile.write(tmp_path / "a.wav", waveform, 8000, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"holds samples of 1e\+05 times full scale"):
        audio.read(tmp_path / "a.wav")


def test_channels_that_cancel_each_other_out_from_time_to_time_are_not_averaged(tmp_path):
    left = tone(220, 10.0, harmonics=6) + 0.05 * np.random.default_rng(0).standard_normal(80_000).astype("f4")
    right = np.where(np.arange(80_000) < 40_000, left, -left)
    heard, remarks = read(tmp_path / "a.wav", [left, right])
    np.testing.assert_allclose(heard, left, atol=1e-6)
    assert len(remarks) == 1


def test_of_channels_as_loud_the_first_is_taken_in_parts_as_in_the_whole(tmp_path):
    noise = np.random.default_rng(0).standard_normal(16_000).astype("f4") / 10
    whole, _ = read(tmp_path / "a.wav", [noise, -noise] * 4)
    np.testing.assert_allclose(whole, noise, atol=1e-6)
    np.testing.assert_array_equal(audio.read(tmp_path / "a.wav", 0.5, end=1.0)[0], whole[4000:8000])
