"""Rendered ensembles: who enters and rests, what sounds, and that the test split has makers of its own."""

from collections import Counter

import librosa
import numpy as np
import pytest
import soundfile

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.datasets.readers import musicnet
from kerasinst.datasets.rendering import ensembles, soundbank
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
