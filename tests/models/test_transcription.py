"""Notes from scores of pitches, their instruments, and MIDI files, read back by pretty_midi."""

import numpy as np
import pretty_midi
import pytest

from kerasinst import datasets, reporting
from kerasinst.core.errors import BadInput
from kerasinst.datasets import Clip, Note
from kerasinst.datasets.pitches import label_by_pitch, sort_pitches
from kerasinst.models.timeline import Timeline
from kerasinst.models.transcription import HeardNote, notes_of, transposed, with_instruments

HOP = 0.02


def heard(spans: dict[str, list[tuple[int, int]]], *, frames: int = 100, hop: float = HOP) -> Timeline:
    """Makes a timeline in which labels sound from one frame to another, with a score of 0.9."""
    scores = np.full((frames, len(spans)), 0.1)
    for column, of_label in enumerate(spans.values()):
        for first, last in of_label:
            scores[first:last, column] = 0.9
    starts = hop * np.arange(frames)
    return Timeline(list(spans), starts, starts + hop, scores, scores > 0.5)


def test_a_note_lasts_from_its_beginning_until_its_pitch_falls_silent():
    found = notes_of(heard({"A4": [(10, 50)], "C5": [(30, 40)], "A4 begins": [(10, 12)], "C5 begins": [(29, 31)]}))
    assert found == [HeardNote(0.2, 1.0, 69, 0.9), HeardNote(0.58, 0.8, 72, 0.9)]


def test_a_pitch_that_is_struck_again_is_two_notes_and_one_that_never_begins_is_none():
    found = notes_of(heard({"A4": [(10, 50)], "E3": [(0, 90)], "A4 begins": [(10, 12), (30, 32)], "E3 begins": []}))
    assert [(note.start, note.end, note.pitch) for note in found] == [(0.2, 0.6, 69), (0.6, 1.0, 69)]


def test_a_beginning_without_a_sound_and_a_sound_of_two_frames_are_no_notes():
    assert notes_of(heard({"A4": [(50, 52)], "A4 begins": [(10, 12), (50, 51)]})) == []


def test_notes_go_to_the_instruments_that_sound_and_can_play_them():
    notes = [HeardNote(0.0, 1.0, 40, 0.9), HeardNote(0.0, 1.0, 80, 0.9), HeardNote(1.5, 1.9, 80, 0.9)]
    instruments = heard({"cello": [(0, 10)], "flute": [(0, 10)], "violin": []}, frames=20, hop=0.1)
    assert [note.instrument for note in with_instruments(notes, instruments)] == ["cello", "flute", None]


def test_an_instrument_of_single_notes_leaves_a_second_one_to_another_instrument():
    notes = [HeardNote(0.0, 1.0, 70, 0.9), HeardNote(0.0, 1.0, 74, 0.9)]
    both = heard({"flute": [(0, 10)], "violin": [(0, 10)]}, frames=20, hop=0.1)
    assert {note.instrument for note in with_instruments(notes, both)} == {"flute", "violin"}
    piano = heard({"piano": [(0, 10)]}, frames=20, hop=0.1)
    assert [note.instrument for note in with_instruments(notes, piano)] == ["piano", "piano"]


def test_transposed_notes_that_leave_midi_are_left_out():
    notes = [HeardNote(0.0, 1.0, 60, 0.9), HeardNote(0.0, 1.0, 120, 0.9)]
    assert [note.pitch for note in transposed(notes, 12)] == [72]
    assert [note.pitch for note in transposed(notes, -12)] == [48, 108]


def test_midi_files_have_a_track_for_each_instrument(tmp_path):
    notes = [
        HeardNote(0.0, 1.0, 60, 0.5, "cello"),
        HeardNote(0.5, 1.25, 72, 1.0, "flute"),
        HeardNote(2.0, 2.5, 50, 0.9),
    ]
    folder = reporting.MidiFiles(tmp_path / "midi")
    first, second = (folder.write(notes, tmp_path / "a song: no. 1.wav") for _ in range(2))
    assert first.parent == second.parent == tmp_path / "midi" and first != second
    tracks = {track.name: track for track in pretty_midi.PrettyMIDI(str(first)).instruments}
    assert {name: track.program for name, track in tracks.items()} == {"cello": 42, "flute": 73, "unknown": 0}
    note = tracks["flute"].notes[0]
    assert (note.pitch, note.start, note.velocity) == (72, pytest.approx(0.5, abs=0.01), 127)


def test_notes_are_labelled_by_pitch():
    clip = Clip("a.wav", None, ("cello",), "a", notes=(Note(0.0, 1.0, "cello", 60), Note(0.5, 2.0, "x", None)))
    (labelled,) = label_by_pitch([clip])
    assert labelled.labels == ("C4", "C4 begins")
    assert [(note.start, note.end, note.label) for note in labelled.notes] == [
        (0.0, 1.0, "C4"),
        (0.0, 0.04, "C4 begins"),
    ]
    assert sort_pitches({"A3 begins", "C4", "A3", "C#-1"}) == ["C#-1", "A3", "C4", "A3 begins"]
    with pytest.raises(BadInput, match="needs notes with pitches"):
        label_by_pitch([Clip("a.wav", None, ("cello",), "a")])


def test_ensembles_are_read_by_pitch(tmp_path):
    from kerasinst.experiment.dataset import DatasetSection

    section = DatasetSection(
        reader="ensembles", path=tmp_path, pieces=5, seconds=2.0, sample_rate=8000, label_by="pitch"
    )
    clips = datasets.read_section(section)
    assert all(label.removesuffix(" begins")[-1].isdigit() for clip in clips for label in clip.labels)
