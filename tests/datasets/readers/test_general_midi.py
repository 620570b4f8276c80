"""Rendered notes of every family: from banks and from recorded notes, in takes."""

import numpy as np
import pytest
import soundfile
from signals import RATE

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.datasets.readers import general_midi
from kerasinst.datasets.rendering import gm_instruments, recording_effects, soundbank
from kerasinst.datasets.rendering.recorded_notes import Recorded

SMALL = dict(clips=8, seconds=1.0, sample_rate=RATE)


def test_clips_sound_and_are_the_same_for_the_same_seed(tmp_path):
    clips = datasets.read("general_midi", tmp_path / "a", **SMALL)
    again = datasets.read("general_midi", tmp_path / "b", **SMALL)
    other = datasets.read("general_midi", tmp_path / "b", **SMALL, seed=2)
    assert len(clips) == 8 and {clip.labels for clip in clips} != {clip.labels for clip in other}
    for clip, twin in zip(clips, again, strict=True):
        waveform, rate = soundfile.read(clip.path)
        assert rate == RATE and waveform.shape == (RATE,) and 0.01 < np.abs(waveform).max() <= 1
        assert clip.path.read_bytes() == twin.path.read_bytes() and clip.labels == twin.labels


def test_programs_are_those_of_general_midi_and_registers_are_sensible():
    programs = [program for each in gm_instruments.INSTRUMENTS.values() for program in each.programs]
    assert len(set(programs)) == len(programs) and max(programs) < 128
    assert all(0 <= each.low < each.high < 128 and each.chord <= 6 for each in gm_instruments.INSTRUMENTS.values())
    keys = [key for each in gm_instruments.DRUMS.values() for key in each.programs]
    assert len(set(keys)) == len(keys) and min(keys) >= 35 and max(keys) <= 81


@pytest.mark.parametrize("name", ["cello", "steel_guitar", "piccolo"])
def test_music_stays_in_the_register(name):
    instrument = gm_instruments.INSTRUMENTS[name]
    for seed in range(50):
        notes = gm_instruments.music(instrument, 3.0, random=np.random.default_rng(seed))
        assert notes and all(instrument.low <= pitch <= instrument.high for _, _, pitch, _ in notes)
        assert all(start >= 0 and duration > 0 and 20 <= velocity <= 127 for start, duration, _, velocity in notes)


def test_takes_differ_keep_their_length_and_never_clip():
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    made = [recording_effects.take(tone, RATE, random=np.random.default_rng(seed)) for seed in range(20)]
    assert all(len(each) == RATE and np.abs(each).max() == pytest.approx(1, abs=1e-3) for each in made)
    assert len({each.tobytes() for each in made}) > 15
    for seed in range(30):
        part = recording_effects.crop(tone, RATE // 2, from_start=True, random=np.random.default_rng(seed))
        assert len(part) == RATE // 2 and np.abs(part).max() > 0.5


def test_recorded_notes_are_played_at_their_pitch(tmp_path):
    folder = tmp_path / "notes" / "flute"
    folder.mkdir(parents=True)
    for name, frequency in (("A4", 440.0), ("Cs5", 554.37)):
        soundfile.write(folder / f"{name}.wav", 0.3 * np.sin(2 * np.pi * frequency * np.arange(RATE) / RATE), RATE)
    soundfile.write(folder / "readme.wav", np.ones(RATE) * 0.1, RATE)
    recorded = Recorded(folder, RATE)
    assert sorted(pitch for pitch, _ in recorded.notes) == [69, 73]
    played = recorded.play([(0.0, 0.9, 40, 127)], 1.0, random=np.random.default_rng(1))  # moved to a note that is there
    loudest = np.fft.rfftfreq(RATE, 1 / RATE)[np.abs(np.fft.rfft(played)).argmax()]
    nearest = min(abs(12 * np.log2(loudest / frequency)) for frequency in (440, 554.37))
    assert nearest < 1.0  # it may be out of tune, as instruments are
    clips = datasets.read("general_midi", tmp_path / "cache", notes=str(tmp_path / "notes"), **SMALL)
    assert any(clip.labels == ("flute",) for clip in clips)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(clips=0), "above 0"),
        (dict(banks=["nowhere.sf2"]), "no such sound bank"),
        (dict(notes="nowhere"), "no such folder"),
    ],
)
def test_bad_options_are_refused(options, message, tmp_path):
    with pytest.raises(BadInput, match=message):
        general_midi.read(tmp_path, **options)


def test_broken_banks_and_unknown_instruments_are_refused(tmp_path):
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(soundbank.find().read_bytes()[:5000])
    with pytest.raises(BadInput, match=r"not a sound bank"):
        general_midi.read(tmp_path, clips=1, banks=[str(broken)])
    (tmp_path / "notes" / "flutte").mkdir(parents=True)
    with pytest.raises(BadInput, match="did you mean 'flute'"):
        general_midi.read(tmp_path, clips=1, notes=str(tmp_path / "notes"))
    (tmp_path / "notes" / "flutte").rename(tmp_path / "notes" / "flute")
    with pytest.raises(BadInput, match="named after a note"):
        general_midi.read(tmp_path, clips=1, notes=str(tmp_path / "notes"))
    assert not list(tmp_path.glob("*/manifest.csv"))
