"""Philharmonia samples: facts from file names."""

import librosa
import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput


def read_by_stem(path):
    return {clip.path.stem: clip for clip in datasets.read("philharmonia", path)}


@pytest.mark.parametrize("inner", [".", "all-samples", "Woodwind"])
def test_the_folder_is_the_label_and_the_name_gives_the_facts(inner, tmp_path):
    trees.philharmonia(tmp_path, inner)
    clips = read_by_stem(tmp_path)
    assert len(clips) == len(trees.PHILHARMONIA_NAMES)  # without the ._ file
    assert {label for clip in clips.values() for label in clip.labels} == {"saxophone", "double bass", "percussion"}
    clip = clips["saxophone_As3_05_forte_normal"]
    assert (clip.labels, clip.group) == (("saxophone",), "saxophone_As3")
    facts = {"note": "As3", "pitch": 58, "length": "05", "dynamic": "forte", "technique": "normal"}
    assert clip.columns == facts
    assert clips["saxophone_As3_15_pianissimo_normal"].group == clip.group
    nested = clips["double-bass_E1_phrase_mezzo-forte_arco-au-talon"]
    assert (nested.labels, nested.group) == (("double bass",), "double-bass_E1")


def test_pitches_are_those_of_librosa(tmp_path):
    trees.philharmonia(tmp_path)
    notes = {
        clip.columns["note"]: clip.columns["pitch"]
        for clip in read_by_stem(tmp_path).values()
        if "note" in clip.columns
    }
    assert len(notes) == 8
    assert notes == {note: librosa.note_to_midi(note.replace("s", "#")) for note in notes}


def test_percussion_has_no_note(tmp_path):
    trees.philharmonia(tmp_path)
    clips = read_by_stem(tmp_path)
    triangle = clips["triangle__long_piano_struck-singly"]
    assert (triangle.labels, triangle.group) == (("percussion",), "triangle")
    assert triangle.columns == {"length": "long", "dynamic": "piano", "technique": "struck-singly"}
    assert clips["triangle__phrase_mezzo-piano_rhythm"].group == "triangle"
    long, short, alone = clips["Thai gong (long)"], clips["Thai gong (short)"], clips["vibraslap"]
    assert long.labels == alone.labels == ("percussion",) and long.columns == alone.columns == {}
    assert long.group == short.group == "percussion/Thai gong" and alone.group == "all-samples/percussion/vibraslap.mp3"


def test_archives_that_were_not_unpacked_are_named(tmp_path):
    (tmp_path / "all-samples").mkdir()
    (tmp_path / "banjo.zip").write_bytes(b"PK")
    with pytest.raises(BadInput, match=r"expected <instrument>/.*; found: all-samples, banjo\.zip"):
        datasets.read("philharmonia", tmp_path)
