"""What prepare says of a data set."""

import shutil

import matplotlib.image
import numpy as np
import soundfile
import trees
from conftest import tone
from matplotlib.figure import Figure

from kerasinst import datasets, prepare, train
from kerasinst.experiment import Experiment
from kerasinst.reporting.plots import features
from kerasinst.runs import Run


def test_prepare_leaves_a_finished_run_alone(run_verb, finished, tmp_path):
    shutil.copytree(finished.path, tmp_path / "run")
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()}
    code, out, err = run_verb(prepare, tmp_path / "run" / "experiment.yaml", "--run", tmp_path / "run")
    assert code == 0 and "finished already" in err and "low" in out
    assert before == {path.name: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()}


def test_prepare_shows_and_writes_what_the_data_hold(run_verb, experiment_file, tmp_path):
    code, out, err = run_verb(prepare, experiment_file, "--run", tmp_path / "run", "--split-only")
    assert code == 0, err
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines()[2:]}
    assert rows["low"] == ["8", "8", "0.002", "4", "2", "2"] and rows["all"] == ["16", "16", "0.004", "8", "4", "4"]
    assert {path.name for path in (tmp_path / "run").iterdir()} >= {"split.csv", "audit.json", "experiment.yaml"}
    code, _, err = run_verb(train, experiment_file, "--run", tmp_path / "run", "--set", "training.epochs=1")
    assert code == 0, err  # nothing was trained yet, so another setting spoils nothing


def test_prepare_says_what_is_wrong_with_the_data_and_what_would_leak(run_verb, experiment_file, recordings, tmp_path):
    (recordings / "low" / "broken.wav").write_text("not audio")
    soundfile.write(recordings / "low" / "silent.wav", np.zeros(8000), 8000)
    waveform = tone(333, harmonics=5)
    soundfile.write(recordings / "low" / "twice.wav", waveform, 8000)
    soundfile.write(recordings / "low" / "twice.flac", waveform, 8000)
    shutil.copy(recordings / "low" / "twice.wav", recordings / "low" / "again.wav")
    soundfile.write(recordings / "low" / "loud.wav", np.clip(5 * tone(250, harmonics=7), -1, 1), 8000)
    code, out, err = run_verb(prepare, experiment_file, "--run", tmp_path / "run", "--split-only")
    assert code == 0
    assert "low/broken.wav: cannot be decoded (" in err
    assert "1 broken, 1 silent, 0 too short" in out and "1 clips reach full scale" in out
    assert "would part 0 pairs of one group" in out
    audit = Run.open(tmp_path / "run").audit()
    same = audit["duplicates"] + audit["near_duplicates"]
    assert {name for names in same for name in names} == {"low/again.wav", "low/twice.flac", "low/twice.wav"}
    split = Run.open(tmp_path / "run").split().set_index("clip")
    assert len(set(split.loc[["low/again.wav", "low/twice.flac", "low/twice.wav"], "split"])) == 1


def test_polyphonic_data_are_described_but_not_trained_on_as_single_label(run_verb, experiment_file, tmp_path):
    options = ("--data", tmp_path / "data", "--set", "dataset.reader=manifest", "--set", "audio.segment_seconds=0.2")
    trees.manifest(tmp_path / "data")
    code, out, err = run_verb(prepare, experiment_file, *options, "--run", tmp_path / "a")
    assert code == 0, err
    assert "horn" in out and "oboe" in out
    code, _, err = run_verb(train, experiment_file, *options, "--run", tmp_path / "b")
    assert code == 2 and "single-label needs one label a clip, but take" in err and "(oboe, horn)" in err
    assert not (tmp_path / "b" / "experiment.yaml").exists()


def test_sessions_are_joined_on_request(run_verb, experiment_file, tmp_path):
    trees.fsdkaggle2018(tmp_path / "fsd")
    settings = ("dataset.reader=fsdkaggle2018", "audio.segment_seconds=0.2", "split.by=session", "split.test=0")
    options = ["--data", tmp_path / "fsd", *(part for setting in settings for part in ("--set", setting))]
    code, _, err = run_verb(prepare, experiment_file, *options, "--run", tmp_path / "a")
    assert code == 2 and "has 1 group" in err
    code, _, err = run_verb(prepare, experiment_file, *options, "--set", "split.session_gap=0", "--run", tmp_path / "b")
    assert code == 0, err


def test_a_cluster_that_does_not_answer_is_one_clear_line(run_verb, experiment_file, tmp_path):
    code, _, err = run_verb(prepare, experiment_file, "--run", tmp_path / "run", "--cluster", "spark:here")
    assert code == 2 and "expected dask:tcp://HOST:PORT" in err and len(err.splitlines()) == 1


def test_show_draws_every_front_end_of_a_file_or_a_clip(run_verb, experiment_file, recordings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    soundfile.write("long $1 音 $2.flac", tone(440, seconds=12.0, sample_rate=22050), 22050)
    code, out, err = run_verb(prepare, experiment_file, "--show", "long $1 音 $2.flac", "--quiet")
    assert (code, err) == (0, "") and "long $1 音 $2-pictures.png" in out
    code, out, err = run_verb(prepare, experiment_file, "--show", "low/3.wav", "--run", tmp_path / "drawn", "--quiet")
    assert (code, err) == (0, "")
    for path in (tmp_path / "long $1 音 $2-pictures.png", tmp_path / "drawn" / "3-pictures.png"):
        height, width, _ = matplotlib.image.imread(path).shape
        assert height > 500 and width > 1000
    assert not (tmp_path / "runs").exists()
    code, _, err = run_verb(prepare, experiment_file, "--show", "low/99.wav")
    assert code == 2 and err.count("\n") == 1 and "no such file, and no such clip" in err


def test_show_draws_the_part_of_a_file_that_a_clip_is(experiment_file, tmp_path, monkeypatch):
    drawn = {}
    monkeypatch.setattr(features, "front_ends", lambda waveform, *rest, **options: drawn.update(w=waveform) or Figure())
    soundfile.write(tmp_path / "x.wav", np.concatenate([np.zeros(8000), tone(440, 1.0, 8000)]), 8000)
    (tmp_path / "manifest.csv").write_text("path,label,start,end\nx.wav,a,0,1\nx.wav,b,1,2\n")
    asked = Experiment.from_yaml(experiment_file).on_data(tmp_path, "manifest")
    names = [clip.name for clip in datasets.read("manifest", tmp_path)]
    paths = [prepare.show(asked, name, folder=tmp_path) for name in names]
    assert len(drawn["w"]) == asked.audio.sample_rate and np.abs(drawn["w"]).max() > 0.1
    assert len(set(paths)) == 2
