"""Tagging files, from the command line and from Python."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pretty_midi
import pytest
import soundfile
from conftest import tone

import kerasinst as ki
from kerasinst import predict
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.models.tagger import PACKAGED
from kerasinst.train import train


@pytest.fixture(scope="module")
def exported():
    """A small TFLite file, with the labels "high" and "low"."""
    return Path(__file__).parent / "data" / "version-0.1" / "run" / "compressed" / "int8" / "model.tflite"


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
    assert all(part["skipped"] is None for part in rows["long.flac"]["timeline"])
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


def tags(out):
    """What `--json` printed, by the names of files."""
    return {Path(row["file"]).name: row for row in map(json.loads, out.splitlines())}


@pytest.fixture
def folder(tmp_path):
    """Three recordings, one of them in a folder, and a picture."""
    for name, frequency in (("low.wav", 160), ("high.wav", 900), ("more/higher.wav", 950)):
        (tmp_path / "music" / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(tmp_path / "music" / name, tone(frequency, harmonics=8 if frequency < 500 else 1), 8000)
    (tmp_path / "music" / "cover.png").write_bytes(b"picture")
    return tmp_path / "music"


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.wav", {"low.wav", "high.wav"}),
        ("*", {"low.wav", "high.wav", "higher.wav"}),
        ("**/h*.wav", {"high.wav", "higher.wav"}),
        ("[l]ow.wav", {"low.wav"}),
    ],
)
def test_patterns_name_files(run_verb, exported, folder, pattern, names):
    code, out, err = run_verb(predict, exported, folder / pattern, folder / "low.wav", "--json", "--quiet")
    assert (code, err) == (0, "") and set(tags(out)) == names | {"low.wav"}
    assert len(out.splitlines()) == len(names | {"low.wav"})  # each once
    code, _, err = run_verb(predict, exported, folder / "*.mp3", "--quiet")
    assert code == 2 and "matches no audio file" in err


def piped(content, *arguments):
    """What `predict` does with standard input."""
    command = [sys.executable, "-m", "kerasinst.predict", *map(str, arguments)]
    return subprocess.run(command, input=content, capture_output=True, cwd=PROJECT)


def test_standard_input_is_a_file_or_raw_samples(exported, folder):
    file = folder / "high.wav"
    (expected,) = tags(piped(b"", exported, file, "--json", "--quiet").stdout.decode()).values()
    content = file.read_bytes()
    endless = content[:4] + b"\xff" * 4 + content[8:40] + b"\xff" * 4 + content[44:]  # as FFmpeg writes into a pipe
    raw = content[44:] + b"\0"  # and half a sample
    for given, options in ((content, ()), (endless, ()), (raw, ()), (raw, ("--rate", 8000))):
        done = piped(given, exported, "-", "-", "--json", "--quiet", *options)  # which is read once
        assert done.returncode == 0, done.stderr
        (tag,) = tags(done.stdout.decode()).values()
        assert tag["file"] == "standard input" and tag["scores"] == pytest.approx(expected["scores"], abs=1e-5)
    slower = tags(piped(raw, exported, "-", "--rate", 16000, "--json", "--quiet").stdout.decode())["standard input"]
    assert slower["timeline"][-1]["end"] == pytest.approx(expected["timeline"][-1]["end"] / 2, abs=0.01)
    assert b"taken for raw samples, mono, 16 bits, at 8,000 Hz" in piped(raw, exported, "-").stderr
    for given, message in (
        (b"", b"standard input: holds no samples"),
        (b"RIFF", b"standard input: cannot be decoded"),
        (b"# Not audio\n" * 100, b"standard input: holds text"),
    ):
        done = piped(given, exported, "-", "--quiet")
        assert done.returncode == 2 and message in done.stderr and done.stderr.count(b"\n") == 1


def test_results_are_written_in_the_formats_of_other_programs(run_verb, exported, folder, tmp_path):
    arguments = (exported, folder, "--to", tmp_path / "tags", "--format", "json,csv,audacity,raven", "--quiet")
    code, _, err = run_verb(predict, *arguments)
    assert code == 0, err
    suffixes = (".json", ".csv", ".audacity.txt", ".raven.txt")
    names = {f"{name}{suffix}" for name in ("low", "high", "higher") for suffix in suffixes}
    assert {path.name for path in (tmp_path / "tags").iterdir()} == names | {"tags.csv", "settings.json"}
    table = pd.read_csv(tmp_path / "tags" / "tags.csv").set_index("name")
    assert table.labels.to_dict() == {"high": "high", "higher": "high", "low": "low"}
    tag = json.loads((tmp_path / "tags" / "high.json").read_text())
    assert tag["label"] == "high" and tag["scores"]["high"] == table.loc["high", "high"]
    events = pd.read_csv(tmp_path / "tags" / "high.csv")
    assert list(events.columns) == ["start", "end", "label", "score"] and set(events.label) == {"high"}
    labels = pd.read_csv(tmp_path / "tags" / "high.audacity.txt", sep="\t", header=None)
    assert labels.iloc[0].tolist() == [0.0, events.end[0], "high"]
    selections = pd.read_csv(tmp_path / "tags" / "high.raven.txt", sep="\t")
    assert selections.loc[0, ["Selection", "Begin Time (s)", "High Freq (Hz)", "Annotation"]].tolist() == [
        1,
        0,
        4000,
        "high",
    ]
    code, _, err = run_verb(predict, *arguments)
    assert code == 2 and "holds the tags of 3 files; add --resume" in err
    code, _, err = run_verb(predict, exported, folder, "--to", tmp_path / "other", "--format", "xml")
    assert code == 2 and "there is no such format" in err and not (tmp_path / "other").exists()


def test_decisions_know_another_hop(finished):
    tagger = ki.Tagger(finished.path, hop_seconds=0.1)
    assert tagger.decision.hop_seconds == 0.1 and ki.Tagger(finished.path).decision.hop_seconds == 0.5


def test_a_table_is_gone_on_with(run_verb, exported, folder, tmp_path):
    """Also if a kill has left a row half written."""
    to = tmp_path / "tags"
    assert run_verb(predict, exported, folder / "low.wav", "--to", to, "--quiet")[0] == 0
    whole = (to / "tags.csv").read_text()
    (to / "tags.csv").write_text(whole + f"{folder / 'high.wav'},high,hi")
    (folder / "broken.wav").write_text("no audio")
    code, out, err = run_verb(predict, exported, folder, "--to", to, "--resume", "--json", "--quiet")
    assert code == 0 and set(tags(out)) == {"high.wav", "higher.wav"} and "broken.wav" in err
    assert (to / "tags.csv").read_text().startswith(whole)
    assert sorted(pd.read_csv(to / "tags.csv").name) == ["high", "higher", "low"]
    code, out, err = run_verb(predict, exported, folder, "--to", to, "--resume", "--json", "--quiet")
    assert (code, out) == (0, "") and err.count("\n") == 1  # the broken one is tried again
    for options, told in (
        ((folder / "low.wav",), "made with another model"),
        ((exported, folder, "--threshold", 0.9), "made with threshold None, not 0.9"),
        ((exported, folder, "--format", "json"), "made with formats ['csv'], not ['json']"),
    ):
        code, _, err = run_verb(predict, *options, "--to", to, "--resume", "--quiet")
        assert code == 2 and told in err, err
    (to / "tags.csv").write_text("a,b\n1,2\n")
    code, _, err = run_verb(predict, exported, folder, "--to", to, "--resume", "--quiet")
    assert code == 2 and "is no table of tags" in err


def test_names_of_files_never_clash(run_verb, exported, folder, tmp_path):
    """With the table's, with those of an earlier run, or with the limits of file systems."""
    for name in ("tags", "settings", "x" * 240):
        os.link(folder / "high.wav", folder / f"{name}.wav")
    to = ("--to", tmp_path / "tags", "--timeline", tmp_path / "times", "--format", "csv,json", "--quiet", "--resume")
    assert run_verb(predict, exported, folder / "high.wav", *to)[0] == 0
    before = (tmp_path / "times" / "high.csv").read_bytes()
    os.link(folder / "low.wav", folder / "more" / "high.wav")
    code, _, err = run_verb(predict, exported, folder, *to)
    assert code == 0, err
    table = pd.read_csv(tmp_path / "tags" / "tags.csv")
    assert len(table) == 7 and set(table.name) == {"high", "high-2", "higher", "low", "settings-2", "tags-2", "x" * 150}
    assert (tmp_path / "times" / "high.csv").read_bytes() == before
    assert {f"{name}.csv" for name in table.name} == {path.name for path in (tmp_path / "times").glob("*.csv")}
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("mine")
    code, _, err = run_verb(predict, exported, folder, "--to", tmp_path / "full")
    assert code == 2 and "holds other files" in err and len(list((tmp_path / "full").iterdir())) == 1


def test_a_table_knows_files_by_any_path(run_verb, exported, folder, tmp_path, monkeypatch):
    assert run_verb(predict, exported, folder, "--to", tmp_path / "tags", "--quiet")[0] == 0
    monkeypatch.chdir(folder)
    code, _, err = run_verb(predict, exported, ".", "--to", tmp_path / "tags", "--resume")
    assert code == 0 and "all 3 files are tagged already" in err
    assert len(pd.read_csv(tmp_path / "tags" / "tags.csv")) == 3


def test_a_missing_source_leaves_nothing(run_verb, exported, folder, tmp_path):
    code, _, err = run_verb(predict, exported, folder / "nowhere.wav", "--to", tmp_path / "tags")
    assert code == 2 and "nowhere.wav: no such" in err and not (tmp_path / "tags").exists()
    (folder / "broken.wav").write_text("no audio")
    assert run_verb(predict, exported, folder / "broken.wav", "--to", tmp_path / "tags")[0] == 2
    assert run_verb(predict, exported, folder, "--to", tmp_path / "tags", "--quiet")[0] == 0  # no tags were there


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--resume"], "--to DIR"),
        (["--format", "json"], "--to DIR"),
        (["--rate", "8000"], "add - to the sources"),
        (["--hop", "1e-9"], "expected 0.01 to 3600 seconds"),
    ],
)
def test_options_that_would_do_nothing_are_refused(run_verb, exported, folder, options, told):
    code, out, err = run_verb(predict, exported, folder, *options, "--quiet")
    assert (code, out, err.count("\n")) == (2, "", 1) and told in err


def test_a_model_is_named_first(run_verb, finished, folder):
    code, out, err = run_verb(predict, folder / "high.wav", finished.path, "--quiet")
    assert (code, out) == (2, "") and "put it before the audio files" in err


def test_other_encodings_take_every_name(exported, folder):
    os.link(folder / "high.wav", folder / "ünï 中文.wav")
    command = [sys.executable, "-m", "kerasinst.predict", exported, folder / "ünï 中文.wav", "--quiet"]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    for option in ((), ("--json",)):
        done = subprocess.run([*map(str, command), *option], capture_output=True, cwd=PROJECT, env=environment)
        assert done.returncode == 0 and rb"\u4e2d" in done.stdout, done.stderr
    assert json.loads(done.stdout)["file"] == str(folder / "ünï 中文.wav")


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems take no such names")
def test_names_with_line_breaks_stay_on_their_line(run_verb, exported, tmp_path):
    (tmp_path / "odd").mkdir()
    soundfile.write(tmp_path / "odd" / "two\nlines\x1b[31m.wav", tone(900), 8000)
    (tmp_path / "odd" / "bro\nken.wav").write_text("no audio")
    code, out, err = run_verb(predict, exported, tmp_path / "odd", "--quiet", "--to", tmp_path / "tags")
    assert code == 0 and r"two\nlines\x1b[31m.wav" in out and "\x1b" not in out and err.count("\n") == 1
    table = pd.read_csv(tmp_path / "tags" / "tags.csv")
    assert table.file.tolist() == [str(tmp_path / "odd" / "two\nlines\x1b[31m.wav")]
    code, out, _ = run_verb(predict, exported, tmp_path / "odd", "--quiet", "--to", tmp_path / "tags", "--resume")
    assert (code, out) == (0, "")


@pytest.mark.slow
def test_workers_say_the_same_in_the_same_order(exported, folder):
    (folder / "broken.wav").write_text("no audio")
    alone = piped(b"", exported, folder, "--json", "--quiet")
    together = piped(b"", exported, folder, "--json", "--quiet", "--workers", 2)
    assert together.returncode == 0, together.stderr
    assert together.stdout == alone.stdout and b"broken.wav" in together.stderr


def test_ctrl_c_keeps_what_is_done_and_ends_with_130(exported, folder, tmp_path):
    for number in range(400):
        os.link(folder / "high.wav", folder / f"{number:03}.wav")
    command = [
        sys.executable,
        "-m",
        "kerasinst.predict",
        exported,
        folder,
        "--json",
        "--quiet",
        "--to",
        tmp_path / "tags",
    ]
    working = subprocess.Popen(list(map(str, command)), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first = json.loads(working.stdout.readline())
    working.send_signal(signal.SIGINT)
    _, err = working.communicate()
    assert working.returncode == 130 and err.count(b"\n") == 1 and b"--resume goes on" in err
    table = pd.read_csv(tmp_path / "tags" / "tags.csv")
    assert first["file"] in table.file.tolist() and len(table) < 403


def test_more_or_fewer_labels_are_reported(run_verb, exported, folder):
    def reported(*options):
        code, out, err = run_verb(predict, exported, folder / "high.wav", "--json", "--quiet", *options)
        assert code == 0, err
        (tag,) = tags(out).values()
        return tag

    tag = reported()
    assert tag["labels"] == ["high"]
    assert set(reported("--top", 2)["labels"]) == {"high", "low"} == set(reported("--top", 9)["labels"])
    assert set(reported("--threshold", 0)["labels"]) == {"high", "low"}
    assert reported("--threshold", 1)["labels"] == [] and reported("--threshold", 1)["needs_review"]
    assert reported("--threshold", 1)["scores"] == tag["scores"]
    code, _, err = run_verb(predict, exported, folder, "--top", 1, "--threshold", 0.5)
    assert code == 2 and "give one of them" in err


def test_segments_may_be_nearer_or_further_apart(run_verb, exported, folder):
    soundfile.write(folder / "long.wav", tone(900, seconds=2), 8000)

    def times(hop):
        code, out, err = run_verb(predict, exported, folder / "long.wav", "--json", "--quiet", "--hop", hop)
        assert code == 0, err
        (tag,) = tags(out).values()
        return [(part["start"], part["skipped"]) for part in tag["timeline"]]

    assert times(0.25)[:3] == [(0.0, None), (0.25, None), (0.5, None)]
    assert times(0.75) == [(0.0, None), (0.5, "between"), (0.75, None), (1.25, "between"), (1.5, None)]
    code, _, err = run_verb(predict, exported, folder, "--hop", 0)
    assert code == 2 and "--hop 0" in err


def test_the_tagger_of_frames_takes_another_hop(piano):
    file, _ = piano
    near, usual = ki.Tagger(hop_seconds=2.5)(file), ki.Tagger()(file)
    assert len(near.timeline) == len(usual.timeline) and near.label == usual.label == "piano"
    with pytest.raises(ki.BadInput, match="at most 10 s"):
        ki.Tagger(hop_seconds=11)


def test_what_is_not_scored_is_in_the_timeline(finished):
    """Quiet and silent spans, of a model that leaves them out."""
    tagger = ki.Tagger(finished.path)
    tagger.model.trim_db, tagger.model.quiet_db = 40.0, 14.0
    loud, silence = 0.5 * np.where(tone(900, seconds=1) >= 0, 1, -1), np.zeros(8000)
    quiet = 0.02 * loud
    tag, timeline = tagger.listen(np.concatenate([silence, loud, quiet, loud, silence]), 8000)
    assert [(each.start, each.end, each.reason) for each in timeline.skipped] == [
        (0.0, pytest.approx(1, abs=0.01), "silent"), (pytest.approx(2, abs=0.01), pytest.approx(3, abs=0.01), "quiet"),
        (pytest.approx(4, abs=0.01), 5.0, "silent"),
    ]  # fmt: skip
    spans = [(part["start"], part["end"]) for part in tag.timeline]
    assert spans == sorted(spans) and spans[0][0] == 0 and spans[-1][1] == 5
    assert all(start <= end for (_, end), (start, _) in zip(spans[1:], spans[:-1], strict=True))
    assert {part["label"] for part in tag.timeline if part["skipped"]} == {None}


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


def test_the_packaged_files_are_small_and_import_nothing_heavy(piano, tmp_path):
    assert PACKAGED.stat().st_size <= 300_000
    code = """
import sys
from kerasinst import predict
sys.argv = ["predict", sys.argv[1], "--to", sys.argv[2], "--quiet"]
predict.cli.command(predict.main)
heavy = {"keras", "tensorflow", "pandas", "scipy", "sklearn", "matplotlib", "librosa", "jinja2"}
print(heavy & {name.partition(".")[0] for name in sys.modules})
"""
    command = [sys.executable, "-c", code, piano[0], tmp_path / "tags"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout.splitlines()[-1] == "set()" and "piano" in done.stdout
