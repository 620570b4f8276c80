"""The leak audit, on planted cases."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import tone

from experiments.benchmarks import leaks as planted
from kerasinst import datasets
from kerasinst.datasets import Clip, fingerprint, leaks


@pytest.mark.slow
def test_planted_copies_are_found_and_nothing_is_made_up(phrases, tmp_path):
    found, right = planted.near_duplicates(phrases[::2], tmp_path, planted.tuned_tones(16))
    assert min(found.values()) >= 0.85 and np.mean(list(found.values())) >= 0.95, found
    assert right == 1.0


def test_a_planted_copy_is_found(phrases, tmp_path):
    for name, (waveform, sample_rate) in (
        ("trimmed.wav", planted.trimmed(*phrases[0])),
        ("resampled.wav", planted.resampled(*phrases[1])),
        *((f"{index}.wav", phrases[index]) for index in range(6)),
    ):
        soundfile.write(tmp_path / name, waveform, sample_rate)
    names = sorted(path.name for path in tmp_path.iterdir())
    audit = datasets.collect([Clip(name, tmp_path / name, ("any",), name) for name in names]).audit
    assert sorted(map(sorted, audit["near_duplicates"])) == [["0.wav", "trimmed.wav"], ["1.wav", "resampled.wav"]]


@pytest.mark.parametrize("change", [planted.offset, planted.hum, planted.tuning_tone])
def test_what_all_recordings_have_in_common_does_not_join_them(change, phrases, tmp_path):
    for index, recording in enumerate(phrases[::2]):
        soundfile.write(tmp_path / f"{index}.wav", *change(*recording))
    names = sorted(path.name for path in tmp_path.iterdir())
    audit = datasets.collect([Clip(name, tmp_path / name, ("any",), name) for name in names]).audit
    assert not audit["near_duplicates"] and not audit["duplicates"]


@pytest.mark.parametrize("harmonics", [1, 8])
def test_tones_of_one_tuning_are_not_one_recording(harmonics, tmp_path):
    for index in range(12):
        soundfile.write(tmp_path / f"{index}.wav", tone(440, 2.0, 22050, harmonics, seed=index), 22050)
    names = sorted(path.name for path in tmp_path.iterdir())
    audit = datasets.collect([Clip(name, tmp_path / name, ("any",), name) for name in names]).audit
    assert not audit["near_duplicates"]


def test_copies_are_joined_into_one_group_and_stand_in_the_audit(phrases, tmp_path):
    for index, (waveform, sample_rate) in enumerate(phrases[:6]):
        soundfile.write(tmp_path / f"{index}.wav", waveform, sample_rate)
    soundfile.write(tmp_path / "same.flac", phrases[0][0], 22050)
    soundfile.write(tmp_path / "same-again.flac", phrases[0][0], 22050)
    soundfile.write(tmp_path / "louder.wav", *planted.louder(*phrases[1]))
    names = sorted(path.name for path in tmp_path.iterdir())
    clips = [Clip(name, tmp_path / name, ("b" if name.startswith("lou") else "a",), name) for name in names]
    collection = datasets.collect(clips)
    groups = {clip.name: clip.group for clip in collection.clips}
    assert groups["0.wav"] == groups["same.flac"] == groups["same-again.flac"] == "0.wav"
    assert groups["1.wav"] == groups["louder.wav"] == "1.wav"
    assert len(set(groups.values())) == 6
    audit = collection.audit
    assert ["same-again.flac", "same.flac"] in [sorted(set(names) - {"0.wav"}) for names in audit["duplicates"]]
    assert audit["same_audio_other_labels"] == [["1.wav", "louder.wav"]]
    assert audit["clipped"] == ["louder.wav"]
    assert audit["pairs"]["duplicates"] + audit["pairs"]["near_duplicates"] >= 2


def _clips(serials) -> list[Clip]:
    return [Clip(f"{index}", Path(f"{index}"), ("a",), f"{index}", serial=n) for index, n in enumerate(serials)]


def test_neighbouring_uploads_are_a_session(recordings):
    found = datasets.read("folder", recordings)
    numbered = [
        replace(clip, serial=n)
        for clip, n in zip(found, [*range(0, 4000, 1000), *range(9000, 21000, 1001)], strict=False)
    ]
    audit = datasets.collect(numbered).audit
    assert audit["sessions_by"] == "number" and audit["sessions"] == [[clip.name for clip in found[:4]]]
    assert len({clip.group for clip in datasets.collect(numbered).clips}) == 16
    by_session = datasets.collect(numbered, by="session")
    assert by_session.audit["groups"] == len({clip.group for clip in by_session.clips}) == 13
    assert datasets.collect(numbered, session_gap=1001).audit["sessions"][1] == [clip.name for clip in found[4:]]


def test_without_numbers_sessions_are_told_by_sound(phrases, tmp_path):
    """Two instruments, each through a room of its own; phrases of one are alike, and labels are not mixed."""
    clips = []
    for index in range(6):
        waveform = tone(220, 1.0, 8000, harmonics=6, seed=index) if index % 2 else tone(1200, 1.0, 8000, seed=index)
        soundfile.write(tmp_path / f"{index}.wav", waveform * (0.3 + index / 10), 8000)
        clips.append(Clip(f"{index}.wav", tmp_path / f"{index}.wav", ("a" if index else "b",), f"{index}"))
    audit = datasets.collect(clips).audit
    assert audit["sessions_by"] == "sound"
    assert audit["sessions"] == [["1.wav", "3.wav", "5.wav"], ["2.wav", "4.wav"]]


def test_joining_follows_chains_and_keeps_the_first_name():
    clips = _clips([None] * 5)
    joined = leaks.join(clips, [["3", "4"], ["4", "1"]])
    assert [clip.group for clip in joined] == ["0", "1", "2", "1", "1"]
    assert leaks.join(clips, []) == clips


def test_a_random_split_parts_so_many_pairs_on_average():
    clips = [replace(clip, group="one") for clip in _clips([None] * 10)]
    nothing = leaks.Leaks([], [["0", "1", "2"]], [], "sound")
    described = leaks.describe(clips, nothing, held_out=0.5)
    assert described["pairs"] == {"group": 45, "duplicates": 0, "near_duplicates": 3, "sessions": 0}
    assert described["pairs_leaked_by_a_random_split"]["group"] == round(45 * 2 * 0.5 * 0.5)


@pytest.mark.parametrize("samples", [0, 1, 100, 8000])
def test_silence_and_next_to_nothing_have_no_landmarks(samples):
    landmarks, background = fingerprint.take(np.zeros(samples, np.float32))
    assert len(landmarks) == 0 and np.isfinite(background).all()


def test_a_copy_with_its_polarity_inverted_is_found(phrases, tmp_path):
    for index, (waveform, sample_rate) in enumerate(phrases[:8:2]):
        soundfile.write(tmp_path / f"{index}.wav", waveform, sample_rate)
        soundfile.write(tmp_path / f"{index}-inverted.wav", -0.7 * waveform, sample_rate)
    names = sorted(path.name for path in tmp_path.iterdir())
    audit = datasets.collect([Clip(name, tmp_path / name, ("any",), name) for name in names]).audit
    assert audit["near_duplicates"] == [[f"{index}-inverted.wav", f"{index}.wav"] for index in range(4)]
