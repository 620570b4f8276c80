"""Shards: decoded once, never stale, one changed at a time."""

import os

import numpy as np
import pytest
import soundfile
from conftest import make_recordings, tone

from kerasinst import audio, datasets
from kerasinst.datasets import Clip, audio_cache


@pytest.fixture
def many(tmp_path, monkeypatch):
    """Sixty clips in several shards."""
    monkeypatch.setattr(audio_cache, "CLIPS_OF_A_SHARD", 4)
    return make_recordings(tmp_path / "many", each=30)


def test_waveforms_are_those_of_the_files(many):
    clips = datasets.read("folder", many)
    found = datasets.decode(clips, 8000)
    assert len(found.shards) > 3 and sum(len(shard.clips) for shard in found.shards) == 60
    for clip in clips[::7]:
        np.testing.assert_array_equal(found.waveform(clip), audio.load(clip.path, 8000))
        part = found.shard_of[clip.name].waveform(clip, 100, length=50)
        np.testing.assert_array_equal(part, audio.load(clip.path, 8000)[100:150])
    resampled = datasets.decode(clips, 6000)
    np.testing.assert_array_equal(resampled.waveform(clips[9]), audio.load(clips[9].path, 6000))


def test_nothing_is_decoded_twice_and_one_change_concerns_one_shard(many, monkeypatch):
    before = datasets.decode(datasets.read("folder", many), 8000)
    read, calls = audio.read, []
    monkeypatch.setattr(audio, "read", lambda path, *part, **how: calls.append(path) or read(path, *part, **how))
    datasets.decode(datasets.read("folder", many), 8000)
    assert not calls
    soundfile.write(many / "low" / "999.wav", tone(500), 8000)
    soundfile.write(many / "high" / "3.wav", tone(501, seconds=0.5), 8000)
    after = datasets.decode(datasets.read("folder", many), 8000)
    assert 2 <= len(calls) < 60
    assert after.facts["high/3.wav"].seconds == 0.5
    assert len({shard.key for shard in after.shards} - {shard.key for shard in before.shards}) <= 3


def test_a_file_of_the_same_size_and_date_is_read_anew(many):
    path = many / "high" / "3.wav"
    old, stat = datasets.decode(datasets.read("folder", many), 8000), path.stat()
    soundfile.write(path, tone(1234), 8000)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    new = datasets.decode(datasets.read("folder", many), 8000)
    assert old.facts["high/3.wav"].digest != new.facts["high/3.wav"].digest


def test_a_kill_leaves_whole_shards_and_nothing_half(many, monkeypatch):
    write, written = audio_cache._write, []

    def killed(shard):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(shard.key)
        return write(shard)

    monkeypatch.setattr(audio_cache, "_write", killed)
    monkeypatch.setattr(audio_cache, "in_order", map)  # threads would end what they write after the kill
    with pytest.raises(KeyboardInterrupt):
        datasets.decode(datasets.read("folder", many), 8000)
    monkeypatch.setattr(audio_cache, "_write", lambda shard: written.append(shard.key) or write(shard))
    found = datasets.decode(datasets.read("folder", many), 8000)
    assert sorted(written) == sorted(shard.key for shard in found.shards)


def test_parts_of_one_file_are_clips_of_their_own(tmp_path):
    soundfile.write(tmp_path / "long.wav", tone(300, seconds=2.0), 8000)
    (tmp_path / "manifest.csv").write_text("path,label,start,end\nlong.wav,a,0,0.5\nlong.wav,b,0.5,2\n")
    clips = datasets.read("manifest", tmp_path)
    found = datasets.decode(clips, 8000)
    assert [found.facts[clip.name].seconds for clip in clips] == [0.5, 1.5]
    np.testing.assert_array_equal(found.waveform(clips[1]), audio.load(tmp_path / "long.wav", 8000)[4000:])


def test_a_file_with_many_parts_is_decoded_once(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "long.mp3", tone(440, 3.0, 22050, harmonics=4), 22050)
    (tmp_path / "few.wav").write_bytes(b"")
    soundfile.write(tmp_path / "few.wav", tone(330, 1.0), 8000)
    parts = [Clip(f"{n}", tmp_path / "long.mp3", ("a",), f"{n}", start=n / 2, end=n / 2 + 0.5) for n in range(6)]
    parts += [
        Clip("late", tmp_path / "long.mp3", ("a",), "late", start=9.0),
        Clip("w", tmp_path / "few.wav", ("a",), "w"),
    ]
    whole, rate = audio.read(tmp_path / "long.mp3")
    read, calls = audio.read, []
    monkeypatch.setattr(audio, "read", lambda path, *part, **how: calls.append(path.name) or read(path, *part, **how))
    found = datasets.decode(parts, 22050)
    assert calls.count("long.mp3") <= len(found.shards)
    for clip in parts[:6]:
        first, last = (round(at * rate) for at in (clip.start, clip.end))
        np.testing.assert_array_equal(found.waveform(clip), whole[first:last])
    assert found.facts["late"].problem == "holds no samples from 9 s on"


def test_a_missing_file_with_many_parts_is_reported(tmp_path):
    soundfile.write(tmp_path / "good.wav", tone(330, 1.0), 8000)
    clips = [Clip(f"{n}", tmp_path / "gone.mp3", ("a",), f"{n}", start=n / 2) for n in range(5)]
    facts = datasets.decode([*clips, Clip("good", tmp_path / "good.wav", ("a",), "good")], 8000).facts
    assert {facts[clip.name].problem for clip in clips} == {"the file is missing"} and not facts["good"].problem
