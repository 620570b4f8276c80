"""Rendered ensembles: who enters and rests, what sounds, and that the test split has makers of its own."""

from collections import Counter
from dataclasses import replace

import librosa
import numpy as np
import pytest
import soundfile

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.datasets.readers import musicnet
from kerasinst.datasets.rendering import ensembles, makers, soundbank
from kerasinst.datasets.rendering.players import open_bank
from kerasinst.datasets.rendering.shared_samples import shared_samples


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    """Twenty-two pieces with their stems."""
    return datasets.read("ensembles", tmp_path_factory.mktemp("ensembles"), pieces=22, seconds=12.0, stems=True)


def test_ensembles_are_read_as_musicnet(pieces):
    assert {label for clip in pieces for label in clip.labels} == set(musicnet.INSTRUMENTS.values())
    assert {len(clip.labels) for clip in pieces} == {1, 2, 3, 4, 5}
    assert Counter(clip.split for clip in pieces) == {"train": 18, "test": 4}
    assert len({clip.group for clip in pieces}) == 22
    for clip in pieces:
        about = soundfile.info(clip.path)
        assert (about.frames, about.channels) == (12 * about.samplerate, 2)
        assert {note.label for note in clip.notes} == set(clip.labels)
        assert all(0 <= note.start < note.end <= 12 for note in clip.notes)


def test_instruments_enter_and_rest(pieces):
    playing = [
        datasets.activity(clip.notes, [label], n_frames=24, hop_seconds=0.5).mean()
        for clip in pieces
        for label in clip.labels
    ]
    assert 0.2 < np.mean(playing) < 0.9 and np.min(playing) < 0.5


def test_notes_are_what_sounds(pieces):
    heard, silence = [], []
    for clip in pieces:
        for label in clip.labels:
            stem = clip.path.parent.parent / f"{clip.split}_stems" / clip.path.stem / f"{label}.flac"
            waveform, sample_rate = soundfile.read(stem)
            chroma = librosa.feature.chroma_stft(y=waveform, sr=sample_rate, n_fft=4096, hop_length=441, tuning=0)
            level = librosa.feature.rms(y=waveform, frame_length=882, hop_length=441)[0]
            sounds = datasets.activity(clip.notes, [label], n_frames=len(level), hop_seconds=0.02)[:, 0]
            before = sounds.argmax() - 5
            silence.append(level[: max(1, before)].max() < 0.05 * level.max())
            for note in clip.notes:
                if note.label == label and note.end - note.start > 0.3:
                    sounding = chroma[:, round((note.start + note.end) / 2 * 50)]
                    heard.append(note.pitch % 12 in np.argsort(sounding)[-4:])
    assert np.mean(silence) == 1 and len(heard) > 100 and np.mean(heard) > 0.8


def test_the_same_pieces_come_from_the_cache(pieces, tmp_path):
    folder = pieces[0].path.parent.parent.parent
    again = datasets.read("ensembles", folder, pieces=22, seconds=12.0, stems=True)
    assert [clip.path for clip in again] == [clip.path for clip in pieces] and len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pieces": 4}, "pieces must be at least 5"),
        ({"seconds": 1}, "seconds at least 2"),
        ({"sample_rate": 100}, "sample_rate must be within"),
        ({"banks": ["none.sf2"]}, "none.sf2: there is no such sound bank"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(options, message, tmp_path):
    with pytest.raises(BadInput, match=message):
        datasets.read("ensembles", tmp_path, **options)


def test_instruments_that_share_recorded_notes_are_reported_each_time(tmp_path, capsys):
    for _ in range(2):
        datasets.read("ensembles", tmp_path, pieces=5, seconds=2.0, sample_rate=8000)
        told = capsys.readouterr().err
        assert "violin of TimGM6mb and viola of TimGM6mb are the same recording at " in told
        assert "flute" not in told


def test_a_copy_of_a_bank_shares_every_instrument(tmp_path):
    copy = tmp_path / "copy.sf2"
    copy.write_bytes(soundbank.find().read_bytes())
    few = {name: ensembles.INSTRUMENTS[name] for name in ("cello", "flute")}
    found = shared_samples([soundbank.find(), copy], few)
    assert {(each.one[1], each.other[1]) for each in found} == {("cello", "cello"), ("flute", "flute")}
    assert all(each.pitches == each.compared > 3 and each.correlation > 0.99 for each in found)


@pytest.fixture
def recorded(tmp_path):
    """A folder of recorded notes of a flute and a horn: pure tones, each with its octave."""
    time = np.arange(22050) / 22050
    for label, names in (("flute", ("C5", "G5", "Cs6")), ("horn", ("C3", "C4"))):
        (tmp_path / "notes" / label).mkdir(parents=True)
        for name in names:
            hertz = librosa.note_to_hz(name.replace("s", "#"))
            tone = np.sin(2 * np.pi * hertz * time) + 0.3 * np.sin(4 * np.pi * hertz * time)
            soundfile.write(tmp_path / "notes" / label / f"{name}.wav", 0.5 * tone, 22050)
    return tmp_path / "notes"


def test_a_folder_of_recorded_notes_plays_the_instruments_that_it_has(recorded, tmp_path):
    pieces = datasets.read("ensembles", tmp_path / "cache", pieces=15, seconds=6.0, test_banks=[str(recorded)])
    heard = {
        split: {label for clip in pieces if clip.split == split for label in clip.labels} for split in ("train", "test")
    }
    assert heard["test"] == {"flute", "horn"} and heard["train"] == set(musicnet.INSTRUMENTS.values())


def test_recorded_notes_keep_their_pitch_however_far_they_are_moved(recorded):
    bank = open_bank(recorded, 22050, programs=ensembles.PROGRAMS)
    assert bank.plays(ensembles.PROGRAMS["horn"]) and not bank.plays(ensembles.PROGRAMS["violin"])
    for pitch in (50, 60, 70):
        waveform = bank.play(ensembles.PROGRAMS["horn"], [(0.0, 0.8, pitch, 100)], seconds=1.0)
        spectrum = np.abs(np.fft.rfft(waveform[:16384] * np.hanning(16384)))
        assert abs(librosa.hz_to_midi(spectrum.argmax() * 22050 / 16384) - pitch) < 0.3


def test_the_bank_of_pretty_midi_has_a_name():
    assert soundbank.named(["TimGM6mb"]) == soundbank.named(None) == [soundbank.find()]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder.mkdir(), "no folder here is named after an instrument"),
        (lambda folder: (folder / "flute").mkdir(parents=True), "no file here is named after a note"),
        (lambda folder: folder.write_bytes(b"RIFF....sfbk"), "not a sound bank"),
    ],
)
def test_banks_that_cannot_be_played_are_one_line(make, message, tmp_path):
    make(tmp_path / "bank")
    with pytest.raises(BadInput, match=message):
        datasets.read("ensembles", tmp_path / "cache", pieces=5, seconds=2.0, banks=[str(tmp_path / "bank")])


@pytest.mark.parametrize("cents", [-30, 0, 30])
def test_notes_are_heard_when_they_are_written_however_an_instrument_is_tuned(cents):
    player = open_bank(soundbank.find(), 22050, programs=ensembles.PROGRAMS)
    made = makers.make(ensembles.INSTRUMENTS["harpsichord"], np.random.default_rng(1))
    maker = replace(made, cents=cents, attack=0.0, held=0.5)
    starts = [0.5, 9.5, 18.5]
    notes = [(start, 0.5, 60, 100) for start in starts]
    waveform = makers.sound_in_time(player, maker, notes=notes, seconds=20.0)
    assert len(waveform) == 20 * 22050
    for start in starts:
        before, after = (np.abs(waveform[round((start + at) * 22050) :][:441]).max() for at in (-0.03, 0.01))
        assert after > 20 * before
