"""Recordings of any length: the same samples and segments as in memory, with few of them in memory at once."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile

from kerasinst import audio
from kerasinst.audio import limits, recording
from kerasinst.core.errors import AudioError


def music(rate, seconds=3.0):
    """Two tones in noise, with silence at both ends and a soft part."""
    time = np.arange(round(seconds * rate)) / rate
    waveform = 0.4 * np.sin(2 * np.pi * 220 * time) + 0.01 * np.random.default_rng(0).standard_normal(len(time))
    return (waveform * np.select([time < 0.5, time > 2.5, time > 1.5], [0, 0, 0.05], 1)).astype("float32")


@pytest.fixture(params=[2**25, 1000], ids=["memory", "disk"])
def place(request, monkeypatch):
    monkeypatch.setattr(recording, "MOST_BYTES", request.param)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_a_recording_holds_what_is_loaded(place, tmp_path, suffix, rate):
    file = tmp_path / f"a.{suffix}"
    soundfile.write(file, np.stack([music(rate), 0.5 * music(rate)], axis=1), rate)
    loaded, recorded = audio.load(file, 22050), audio.record(file, 22050)
    np.testing.assert_allclose(recorded[:], loaded, atol=1e-6)
    assert len(recorded) == len(loaded)
    np.testing.assert_array_equal(recorded[7:100:3], recorded[:][7:100:3])
    np.testing.assert_array_equal(recorded[len(loaded) - 5 : len(loaded) + 5], recorded[:][-5:])


@pytest.mark.parametrize("options", [{}, {"trim_db": 40}, {"trim_db": 40, "quiet_db": 14}, {"quiet_db": 14}])
def test_segments_are_those_of_an_array(place, monkeypatch, options):
    monkeypatch.setattr(recording, "STRETCH", 999)
    waveform, recorded = music(8000), audio.Recording()
    for first in range(0, len(waveform), 777):
        recorded.append(waveform[first : first + 777])
    starts = audio.starts_in(waveform, 4000, hop=2000, **options)
    np.testing.assert_array_equal(audio.starts_in(recorded, 4000, hop=2000, **options), starts)
    np.testing.assert_array_equal(audio.cut(recorded, starts, length=4000), audio.cut(waveform, starts, length=4000))
    assert audio.peak(recorded) == audio.peak(waveform) == np.abs(waveform).max()
    assert audio.peak(recorded, 4000, last=6000) == np.abs(waveform[4000:6000]).max()
    assert not audio.is_silent(recorded)


def test_channels_and_integers_are_mended_as_in_memory(place, tmp_path):
    waveform, remarks = music(8000), []
    soundfile.write(tmp_path / "opposite.wav", np.stack([waveform, -waveform], axis=1), 8000)
    soundfile.write(tmp_path / "integers.wav", 32767 * waveform, 8000, "FLOAT")
    for name in ("opposite.wav", "integers.wav"):
        expected = []
        loaded = audio.load(tmp_path / name, 4000, on_remark=expected.append)
        recorded = audio.record(tmp_path / name, 4000, on_remark=remarks.append)
        np.testing.assert_allclose(recorded[:], loaded, rtol=1e-6)
        assert remarks == expected and len(expected) == 1
        remarks.clear()


def test_the_same_files_are_refused(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 8000)
    soundfile.write(tmp_path / "loud.wav", np.r_[np.full(10, 100.0), music(8000)], 8000, "FLOAT")
    soundfile.write(tmp_path / "long.wav", music(8000), 8000)
    (tmp_path / "text.wav").write_text("no audio")
    for name in ("empty.wav", "loud.wav", "text.wav", "missing.wav"):
        with pytest.raises(AudioError) as loading:
            audio.load(tmp_path / name, 8000)
        with pytest.raises(AudioError) as recording_:
            audio.record(tmp_path / name, 8000)
        assert str(recording_.value) == str(loading.value)
    monkeypatch.setattr(limits, "LONGEST_SECONDS", 1)
    with pytest.raises(AudioError, match="too long"):
        audio.record(tmp_path / "long.wav", 8000)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is in other units")
def test_an_hour_takes_little_memory(tmp_path):
    with soundfile.SoundFile(tmp_path / "hour.wav", "w", 22050, 1, "PCM_16") as file:
        for _ in range(60):
            file.write(music(22050, 60.0))
    code = """
import re, sys
from kerasinst import Tagger
tag = Tagger()(sys.argv[1])
print(len(tag.timeline), re.search("VmHWM: *(.*) kB", open("/proc/self/status").read().replace("\\t", " ")).group(1))
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "hour.wav"], capture_output=True, text=True)
    frames, kilobytes = map(int, done.stdout.split())
    assert frames == 36000 and kilobytes < 300_000, done.stderr
