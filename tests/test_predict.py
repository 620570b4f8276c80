"""Tagging files, from the command line and from Python."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pretty_midi
import pytest
import soundfile
from conftest import tone

import kerasinst as ki
from kerasinst import predict
from kerasinst.experiment import Experiment
from kerasinst.models.tagger import PACKAGED
from kerasinst.train import train


def test_predict_prints_json_lines_for_files_and_folders(run_verb, finished, tmp_path):
    soundfile.write(tmp_path / "long.flac", tone(900, seconds=1.7, sample_rate=44100), 44100)
    soundfile.write(tmp_path / "short.wav", tone(160, seconds=0.1, harmonics=8), 8000)
    (tmp_path / "broken.wav").write_text("no audio")
    code, out, err = run_verb(predict, finished.path, tmp_path, "--json", "--quiet")
    assert code == 0
    rows = {Path(row["file"]).name: row for row in map(json.loads, out.splitlines())}
    assert set(rows) == {"long.flac", "short.wav"}
    assert set(rows["long.flac"]) == {"file", "label", "labels", "scores", "timeline", "needs_review"}
    assert rows["long.flac"]["label"] == "high"
    assert sum(rows["long.flac"]["scores"].values()) == pytest.approx(1, abs=1e-4)
    assert [(part["start"], part["end"]) for part in rows["long.flac"]["timeline"]] == [
        (0.0, 0.5), (0.5, 1.0), (1.0, 1.5), (1.2, 1.7)
    ]  # fmt: skip
    assert rows["short.wav"]["timeline"][0]["end"] == 0.1
    assert err.count("\n") == 1 and "broken.wav: cannot be decoded" in err and "skipped" in err


def test_predict_prints_a_table(run_verb, finished, tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(900), 8000)
    code, out, _ = run_verb(predict, finished.model_file, tmp_path / "a.wav")
    assert code == 0 and "high" in out and str(tmp_path / "a.wav") in out


def test_predict_takes_another_threshold_and_nothing_else(run_verb, finished, tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(900), 8000)
    for threshold, needs_review in ((0, False), (1, True)):
        setting = f"decision.review_below={threshold}"
        code, out, _ = run_verb(predict, finished.path, tmp_path / "a.wav", "--json", "--quiet", "--set", setting)
        assert code == 0 and json.loads(out)["needs_review"] is needs_review
    for setting in ("decision.review_below=high", "decision.review_below=7", "training.epochs=3"):
        code, _, err = run_verb(predict, finished.path, tmp_path / "a.wav", "--quiet", "--set", setting)
        assert (code, err.count("\n")) == (2, 1)


def test_the_tagger_takes_waveforms_and_marks_what_needs_review(finished):
    tagger = ki.Tagger(finished.path, review_below=1.0)
    tag = tagger(tone(900, seconds=2, sample_rate=16000), sample_rate=16000)
    assert tag.label == "high" and tag.needs_review and tag.file is None
    assert not ki.Tagger(finished.path, review_below=0.0)(tone(900), sample_rate=8000).needs_review
    for waveform in (np.zeros(8000), np.zeros((2, 8)), np.zeros(0), np.full(8000, np.nan)):
        with pytest.raises(ki.AudioError):
            tagger(waveform, sample_rate=8000)
    with pytest.raises(ki.AudioError):  # nothing is left of one sample at 192 kHz
        tagger(np.ones(1), sample_rate=192000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{run}", "nowhere.wav"], "nowhere.wav: no such run, model, file or folder"),
        (["{run}", "{empty}"], "no audio found in this folder"),
        (["{run}", "{broken}"], "broken.wav: cannot be decoded"),
        (["{run}", "{silent}"], "silent"),
        (["nowhere", "{silent}"], "nowhere: no such run, model, file or folder"),
        (["{empty}", "{silent}"], "no audio found in this folder"),
        (["{broken}", "{silent}"], "none of 2 files could be tagged"),
        (["{run}"], "a model, but nothing to listen to"),
        (["{run}", "{silent}", "--transpose", "2"], "name a folder for them with --midi DIR"),
        (
            ["{run}", "{silent}", "--midi", "{midi}", "--notes", "{run}"],
            "and no notes; train a model with dataset.label_by=pitch",
        ),
        (["{run}", "{silent}", "--notes", "{run}"], "name a folder for them with --midi DIR"),
        (["{fake}", "{silent}"], "not a .keras model that can be loaded"),
        (["{foreign}", "{silent}"], "not a model of kerasinst"),
    ],
)
def test_predict_errors_are_one_line_and_code_2(run_verb, finished, tmp_path, arguments, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.wav").write_text("no audio")
    soundfile.write(tmp_path / "silent.wav", np.zeros(8000), 8000)
    (tmp_path / "fake.keras").write_text("no model")
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]).save(tmp_path / "foreign.keras")
    names = {
        "empty": "empty",
        "broken": "broken.wav",
        "silent": "silent.wav",
        "fake": "fake.keras",
        "foreign": "foreign.keras",
        "midi": "midi",
    }
    places = {"run": finished.path, **{key: tmp_path / name for key, name in names.items()}}
    code, out, err = run_verb(predict, *(argument.format(**places) for argument in arguments), "--json", "--quiet")
    assert (code, out) == (2, "")
    assert message in err.splitlines()[-1]


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems take no such names")
def test_names_that_are_no_utf8_are_printed_with_all_others(run_verb, finished, tmp_path):
    for name in (b"a.wav", b"caf\xe9.wav", b"silent\xe9.wav"):
        file = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)))
        soundfile.write(tmp_path / "written.wav", tone(900) * (not name.startswith(b"silent")), 8000)
        os.rename(tmp_path / "written.wav", file)
    code, out, err = run_verb(predict, finished.path, tmp_path, "--json", "--quiet")
    assert code == 0, err
    assert [Path(json.loads(line)["file"]).name for line in out.splitlines()] == ["a.wav", r"caf\xe9.wav"]
    assert r"silent\xe9.wav: silent; skipped" in err
    code, out, err = run_verb(predict, finished.path, tmp_path, "--quiet")
    assert code == 0 and r"caf\xe9.wav" in out and out.encode(), err


def test_the_tagger_scales_integers_and_refuses_floats_in_their_range(finished):
    tagger, waveform = ki.Tagger(finished.path), tone(900, harmonics=3)
    expected = tagger(waveform, 8000).scores
    for kind, scale in ((np.int16, 2**15 - 1), (np.int32, 2**31 - 1)):
        scores = tagger((waveform * scale).astype(kind), 8000).scores
        assert scores == pytest.approx(expected, abs=2e-3)
    assert tagger((128 + 127 * waveform).astype(np.uint8), 8000).label == tagger(waveform, 8000).label
    for wrong, message in (
        (1e12 * waveform, "reaches"),
        (np.where(np.arange(len(waveform)) % 3, waveform, 9000.0), "reaches 9000"),
        (waveform * 32767, r"lie within \[-1, 1\]"),
        ((waveform * 9).astype(np.int64), "holds int64"),
    ):
        with pytest.raises(ki.AudioError, match=message):
            tagger(wrong, 8000)


def test_what_is_odd_about_a_file_is_said_once(run_verb, finished, tmp_path):
    waveform = tone(900)
    soundfile.write(tmp_path / "opposite.wav", np.stack([waveform, -waveform], axis=1), 8000)
    soundfile.write(tmp_path / "plain.wav", waveform, 8000)
    code, out, err = run_verb(predict, finished.path, tmp_path, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and rows[0]["scores"] == pytest.approx(rows[1]["scores"], abs=1e-3)
    assert err.count("opposite.wav: the mean of its 2 channels is far softer") == 1 and "plain.wav" not in err


@pytest.fixture(scope="module")
def piano(tmp_path_factory):
    """Ten seconds of a piano, and its notes."""
    from kerasinst.datasets.rendering import ensembles, soundbank
    from kerasinst.datasets.rendering.players import open_bank

    player = open_bank(soundbank.find(), 22050, programs=ensembles.PROGRAMS)
    notes = [
        (0.2 + 0.6 * step, 0.5, 60 + pitch, 100)
        for step, pitch in enumerate((0, 4, 7, 12, 7, 4, 0, 5, 9, 12, 9, 5, 0, 7, 12, 7))
    ]
    file = tmp_path_factory.mktemp("song") / "a song.wav"
    soundfile.write(file, 0.5 * player.play(0, notes, seconds=10.0), 22050)
    return file, notes


def test_the_tagger_that_comes_with_kerasinst_needs_no_model(run_verb, piano, tmp_path):
    file, _ = piano
    code, out, err = run_verb(predict, file, "--json", "--quiet", "--timeline", tmp_path / "times")
    assert (code, err) == (0, "")
    tag = json.loads(out)
    assert "piano" in tag["labels"] and tag["label"] == "piano" and len(tag["scores"]) == 11
    assert {path.name for path in (tmp_path / "times").iterdir()} == {"a-song.csv", "a-song.png", "a-song.svg"}


def test_notes_are_written_without_a_model(run_verb, piano, tmp_path):
    file, notes = piano
    code, _, err = run_verb(predict, file, "--quiet", "--midi", tmp_path)
    assert (code, err) == (0, "")
    heard = pretty_midi.PrettyMIDI(str(tmp_path / "a-song.mid"))
    assert {track.name for track in heard.instruments} == {"piano"}
    found = sorted((note.start, note.pitch) for track in heard.instruments for note in track.notes)
    right = [
        any(pitch == heard_pitch and abs(start - begins) < 0.1 for begins, heard_pitch in found)
        for start, _, pitch, _ in notes
    ]
    assert sum(right) >= len(notes) - 2 and len(found) <= len(notes) + 2


@pytest.mark.slow
def test_notes_are_heard_by_a_second_model_and_transposed(run_verb, piano, tmp_path):
    small = {"dataset.pieces": 60, "dataset.seconds": 10.24, "training.epochs": 6, "training.learning_rate": 0.004}
    network = {"network.filters": [8, 8, 16], "network.channels": 64}
    heard = train(Experiment.from_yaml("notes").override({**small, **network}), tmp_path / "notes")
    assert {"pitch_f1", "note_f1"} <= set(heard.metrics()["frame"])
    pitches = {}
    for semitones in (0, 5):
        asked = ("--midi", tmp_path / str(semitones), "--notes", heard.path, "--transpose", str(semitones))
        code, _, err = run_verb(predict, piano[0], "--quiet", *asked)
        assert code == 0, err
        score = pretty_midi.PrettyMIDI(str(tmp_path / str(semitones) / "a-song.mid"))
        pitches[semitones] = sorted(note.pitch for track in score.instruments for note in track.notes)
    assert pitches[0] and pitches[5] == [pitch + 5 for pitch in pitches[0]]


def test_the_packaged_files_are_small_and_import_neither_keras_nor_tensorflow(piano):
    assert PACKAGED.stat().st_size <= 300_000
    code = "import sys, kerasinst; kerasinst.Tagger()(sys.argv[1]); print({'keras', 'tensorflow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, piano[0]], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
