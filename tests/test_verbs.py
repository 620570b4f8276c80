"""Verbs: their files, their tables, their errors, from the command line as from Python."""

import errno
import json
import shutil

import keras
import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml
from conftest import make_recordings, tone

from kerasinst import evaluate, predict, prepare, search, train
from kerasinst.experiment import Experiment
from kerasinst.reporting.run_data import RunData
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_from

FIGURES = {
    "accuracy", "accuracy_ci95", "macro_precision", "macro_recall", "macro_f1", "micro_f1", "mean_average_precision",
    "ece", "per_label", "confusion",
}  # fmt: skip


def test_search_writes_every_file_of_the_contract(finished):
    assert {path.name for path in finished.path.iterdir()} == {
        "audit.json", "best.yaml", "environment.json", "examples", "examples.csv", "experiment.yaml", "figures",
        "history.csv", "labels.txt", "leaderboard.csv", "logs", "metrics.json", "model.keras", "predictions.csv",
        "report.html", "split.csv", "trials", ".lock",
    }  # fmt: skip
    metrics = finished.metrics()
    assert (metrics["split"], metrics["task"], metrics["protocol"], metrics["n_clips"]) == (
        "test", "single-label", "group", 4
    )  # fmt: skip
    assert set(metrics["clip"]) == set(metrics["segment"]) == FIGURES
    assert metrics["clip"]["accuracy"] == 1.0  # two labels an octave and a timbre apart
    assert sum(map(sum, metrics["clip"]["confusion"])) == 4 and sum(map(sum, metrics["segment"]["confusion"])) == 8
    assert metrics["parameters"] > 0 and metrics["seconds_to_train"] > 0 and metrics["milliseconds"] > 0
    assert metrics["bytes"] == finished.model_file.stat().st_size
    assert finished.labels() == ["high", "low"]
    assert list(finished.predictions().columns) == ["clip", "labels", "split", "high", "low"]
    assert list(finished.split().columns) == ["clip", "group", "labels", "split"]
    assert set(finished.split().split) == {"train", "validation", "test"}
    assert len(finished.leaderboard()) == 2
    assert len(finished.history()) == 12
    environment = finished.environment()
    assert environment["packages"]["keras"] == keras.__version__ and environment["seeds"]["split"] == 1


def test_metrics_are_those_of_the_saved_model_on_the_files(finished, tmp_path):
    """No drift: the model that was written, fed with decoded audio, gives the figures that were written."""
    again = evaluate.evaluate(finished.path, run=tmp_path / "again")
    written = finished.predictions().query("split == 'test'").set_index("clip").sort_index()
    computed = again.predictions().set_index("clip").sort_index()
    np.testing.assert_allclose(computed[["high", "low"]], written[["high", "low"]], atol=1e-4)
    assert again.metrics()["clip"]["accuracy_ci95"] == finished.metrics()["clip"]["accuracy_ci95"]


def test_the_best_trial_can_be_trained_again_from_its_own_file(finished, tmp_path):
    best = Experiment.from_yaml(finished.path / "best.yaml")
    assert best.network.options["dropout"] == finished.leaderboard()["network.dropout"][0]
    assert best.search is None
    repeated = train.train(best, tmp_path / "again")
    for name in ("clip", "segment"):
        assert repeated.metrics()[name] == finished.metrics()[name]


def test_train_from_the_command_line(run_verb, experiment_file, tmp_path):
    code, out, err = run_verb(train, experiment_file, "--run", tmp_path / "run", "--set", "training.epochs=2")
    assert code == 0, err
    assert "accuracy (95 %)" in out and "report" in out and str(tmp_path / "run" / "model.keras") in out
    assert "decoding audio" in err
    again = run_verb(train, experiment_file, "--run", tmp_path / "run", "--set", "training.epochs=2")
    assert again[0] == 0 and "finished already" in again[2]


def test_quiet_leaves_only_the_result(run_verb, experiment_file, tmp_path):
    code, out, err = run_verb(
        train, experiment_file, "--run", tmp_path / "run", "--set", "training.epochs=1", "--quiet", "--seed", 3
    )
    assert code == 0 and "accuracy" in out and err == ""
    assert Run.open(tmp_path / "run").experiment().split.seed == 3
    assert Run.open(tmp_path / "run").experiment().training.seeds == [3]


@pytest.mark.slow
def test_a_search_does_not_take_over_a_training(experiment, run_verb, experiment_file, tmp_path, monkeypatch):
    """Both keep their state in the run; weights of the untuned network must not pass for those of the best."""
    alone = search.search(experiment, tmp_path / "alone")

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train.train(experiment, tmp_path / "run")
    monkeypatch.undo()
    assert search.search(experiment, tmp_path / "run").metrics()["clip"] == alone.metrics()["clip"]
    train.train(experiment, tmp_path / "trained")
    code, _, err = run_verb(search, experiment_file, "--run", tmp_path / "trained")
    assert code == 2 and "a finished training without a search" in err


def test_a_run_does_not_go_on_with_other_data(experiment, run_verb, experiment_file, recordings, tmp_path, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train.train(experiment, tmp_path / "run")
    monkeypatch.undo()
    soundfile.write(recordings / "low" / "new.wav", tone(170), 8000)
    code, _, err = run_verb(train, experiment_file, "--run", tmp_path / "run", "--quiet")
    assert (code, err.count("\n")) == (2, 1) and "the data set is not the one this run began with" in err


def test_several_seeds_give_mean_and_spread(experiment, tmp_path):
    run = train.train(experiment.override({"training.seeds": [1, 2], "training.epochs": 2}), tmp_path / "run")
    metrics = run.metrics()
    assert [row["seed"] for row in metrics["seeds"]] == [1, 2]
    accuracies = [row["accuracy"] for row in metrics["seeds"]]
    assert metrics["over_seeds"]["accuracy"]["mean"] == pytest.approx(np.mean(accuracies), abs=1e-6)
    assert metrics["over_seeds"]["accuracy"]["standard_deviation"] == pytest.approx(
        np.std(accuracies, ddof=1), abs=1e-6
    )
    assert run.history().groupby("seed").size().tolist() == [2, 2]


def test_without_a_test_split_there_are_no_test_figures_and_evaluate_wants_other_clips(
    run_verb, experiment_file, tmp_path
):
    options = ["--run", tmp_path / "run", "--set", "split.test=0", "--set", "training.epochs=1"]
    code, out, err = run_verb(train, experiment_file, *options)
    assert code == 0, err
    run = Run.open(tmp_path / "run")
    assert run.metrics()["split"] is None and "clip" not in run.metrics()
    assert set(run.split().split) == {"train", "validation"}
    assert set(run.predictions().split) == {"validation"}
    assert "without a test split" in out
    code, _, err = run_verb(evaluate, run.path, "--run", tmp_path / "out", "--quiet")  # on clips that training saw
    assert (code, err.count("\n")) == (2, 1) and "give --data DIR" in err


def test_by_segment_is_marked_leaky_and_evaluate_wants_other_clips(run_verb, experiment_file, tmp_path):
    options = ["--run", tmp_path / "run", "--set", "split.by=segment", "--set", "training.epochs=1"]
    code, out, _ = run_verb(train, experiment_file, *options)
    assert code == 0 and "leaky" in out
    assert Run.open(tmp_path / "run").metrics()["protocol"] == "segment"
    code, _, err = run_verb(evaluate, tmp_path / "run", "--run", tmp_path / "out", "--quiet")
    assert (code, err.count("\n")) == (2, 1) and "give --data DIR" in err


def test_a_broken_file_is_reported_and_skipped(run_verb, experiment_file, recordings, tmp_path):
    (recordings / "low" / "broken.wav").write_text("no audio")
    code, out, _ = run_verb(train, experiment_file, "--run", tmp_path / "run", "--set", "training.epochs=1")
    assert code == 0 and "1 left out, the first: low/broken.wav" in out
    assert "low/broken.wav" not in set(Run.open(tmp_path / "run").split()["clip"])


def test_own_data_give_the_default_experiment_their_name(recordings):
    assert experiment_from(None, recordings).name == "recordings"
    assert experiment_from(None, recordings.parent / "My (best) takes").name == "My-best-takes"


def test_a_model_outlives_its_network_s_file(run_verb, finished, tmp_path):
    shutil.copytree(finished.path, tmp_path / "run")
    experiment = (tmp_path / "run" / "experiment.yaml").read_text()
    (tmp_path / "run" / "experiment.yaml").write_text(experiment.replace("separable", "gone"))
    soundfile.write(tmp_path / "a.wav", tone(900), 8000)
    code, out, err = run_verb(predict, tmp_path / "run", tmp_path / "a.wav", "--json", "--quiet")
    assert (code, err) == (0, "") and json.loads(out)["label"] == "high"


def test_evaluate_on_another_collection(run_verb, finished, tmp_path):
    other = make_recordings(tmp_path / "other recordings", each=3)
    (other / "noise").mkdir()
    soundfile.write(other / "noise" / "a.wav", tone(50), 8000)
    shutil.copytree(finished.path, tmp_path / "run")
    options = ["--data", other, "--run", tmp_path / "out", "--set", "dataset.reader=folder"]
    code, _, err = run_verb(evaluate, tmp_path / "run", *options)
    assert code == 0, err
    results = Run.open(tmp_path / "out")
    assert results.metrics()["n_clips"] == 6 and results.metrics()["clip"]["accuracy"] == 1.0
    assert results.audit()["other_labels"] == 1
    assert {path.name for path in results.path.iterdir()} >= {"metrics.json", "predictions.csv", "report.html"}
    lone = shutil.copy(finished.model_file, tmp_path / "lone.keras")
    code, _, err = run_verb(evaluate, lone, "--data", other, "--run", tmp_path / "out2")
    assert code == 0, err
    assert Run.open(tmp_path / "out2").metrics()["clip"] == results.metrics()["clip"]
    shutil.rmtree(other / "low")
    shutil.rmtree(other / "high")
    code, _, err = run_verb(evaluate, tmp_path / "run", "--data", other, "--run", tmp_path / "out3")
    assert (code, err.count("\n")) == (2, 1) and "no clip has one of the model's labels (high, low)" in err


@pytest.mark.slow
def test_evaluate_counts_sessions_as_the_experiment_does(finished, tmp_path):
    (tmp_path / "data" / "audio_train").mkdir(parents=True)
    rows = [(f"{index}.wav", "low" if index < 4 else "high", 10_000 * (index // 2) + index) for index in range(8)]
    for name, _, serial in rows:
        soundfile.write(tmp_path / "data" / "audio_train" / name, tone(200 + serial % 97), 8000)
    pd.DataFrame(rows, columns=["fname", "label", "freesound_id"]).to_csv(tmp_path / "data" / "train.csv", index=False)
    for by, groups in (("group", 8), ("session", 4)):
        changes = {"dataset.reader": "fsdkaggle2018", "split.by": by}
        results = evaluate.evaluate(finished.path, tmp_path / "data", run=tmp_path / by, changes=changes)
        assert results.split()["group"].nunique() == groups


def _no_folder(root, recordings):
    return ["--data", root / "nowhere"], "no such folder"


def _no_audio(root, recordings):
    (root / "empty").mkdir()
    return ["--data", root / "empty"], "expected one sub-folder with recordings for each label"


def _one_label(root, recordings):
    shutil.rmtree(recordings / "low")
    return [], "one label only ('high')"


def _few_groups(root, recordings):
    for path in sorted((recordings / "low").iterdir())[2:]:
        path.unlink()
    return [], "label 'low' has 2 groups"


def _one_label_broken(root, recordings):
    for path in (recordings / "low").iterdir():
        path.write_text("no audio")
    return [], "label 'low': none of its clips can be used"


def _all_silent(root, recordings):
    for path in recordings.rglob("*.wav"):
        soundfile.write(path, np.zeros(8000), 8000)
    return [], "none of 16 clips can be used: 0 broken, 16 silent"


@pytest.mark.parametrize("spoil", [_no_folder, _no_audio, _one_label, _few_groups, _one_label_broken, _all_silent])
@pytest.mark.parametrize("verb", [prepare, train, search], ids=lambda verb: verb.__name__)
def test_bad_data_end_in_one_line_and_code_2(run_verb, experiment_file, recordings, tmp_path, verb, spoil):
    options, message = spoil(tmp_path, recordings)
    code, out, err = run_verb(verb, experiment_file, "--run", tmp_path / "run", "--quiet", *options)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "network.name=seperable"], "did you mean 'separable'"),
        (["--set", "training.epoch=3"], "did you mean 'epochs'"),
        (["--set", "training.epochs"], "expected KEY=VALUE"),
        (["--set", "training.epochs=[1"], "is not a value"),
        (["--set", "audio.segment_seconds=5"], "longer than every clip"),
        (["--set", "frontend.fmax=9000"], "within half of 8000 Hz"),
        (["--set", "network.blocks=0"], "at least one stage and block"),
        (["--set", "search.space={network.droput: {choice: [1]}}"], "did you mean 'dropout'"),
        (["--set", "training.augment=[{cutmix: {alpha: -1}}]"], "alpha=-1 must be above 0"),
        (["--set", "frontend.hop_length=2.5"], "should be a valid integer"),
        (["--set", "search.space=nowhere.yaml"], "nowhere.yaml: no such file"),
        (["--set", "search="], "there is no search section"),
        (["--nonsense"], "--nonsense"),
        (["--seed", "x"], "'--seed'"),
    ],
)
def test_bad_settings_end_in_one_line_and_code_2(run_verb, experiment_file, tmp_path, options, message):
    code, out, err = run_verb(search, experiment_file, "--run", tmp_path / "run", "--quiet", *options)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("kerasinst: ") and message in err
    assert not (tmp_path / "run").exists()


def test_a_run_directory_of_another_experiment_is_not_touched(run_verb, experiment_file, finished, tmp_path):
    shutil.copytree(finished.path, tmp_path / "run")
    code, _, err = run_verb(train, experiment_file, "--run", tmp_path / "run")
    assert (code, err.count("\n")) == (2, 1) and "holds another experiment (dataset.path:" in err
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").touch()
    code, _, err = run_verb(train, experiment_file, "--run", tmp_path / "other")
    assert code == 2 and "not a run directory" in err
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.tex"]


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_loses_nothing(run_verb, experiment_file, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device", "model.keras")

    monkeypatch.setattr(keras.Model, "save", full)
    code, _, err = run_verb(train, experiment_file, "--run", tmp_path / "run", "--quiet")
    assert (code, err.count("\n")) == (2, 1) and "the disk is full" in err
    assert not (tmp_path / "run" / "model.keras").exists()
    monkeypatch.undo()
    epochs = pd.read_csv(next((tmp_path / "run" / ".training").rglob("history.csv")))
    done = train.train(Experiment.from_yaml(experiment_file), tmp_path / "run")
    pd.testing.assert_frame_equal(done.history(), epochs)


@pytest.mark.slow
def test_an_interrupted_verb_says_so_and_goes_on(run_verb, experiment_file, tmp_path, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "save", interrupt)
    code, _, err = run_verb(search, experiment_file, "--run", tmp_path / "run", "--quiet")
    assert code == 1 and "goes on where it stopped" in err
    board = pd.read_csv(tmp_path / "run" / "leaderboard.csv")
    monkeypatch.undo()
    code, _, _ = run_verb(search, experiment_file, "--run", tmp_path / "run", "--quiet")
    assert code == 0
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "run" / "leaderboard.csv"), board)


@pytest.mark.parametrize("verb", [prepare, search, train, evaluate, predict], ids=lambda verb: verb.__name__)
def test_help_shows_an_example(run_verb, verb):
    code, out, _ = run_verb(verb, "--help")
    name = verb.__name__.rpartition(".")[2]
    assert code == 0 and f"Example: kerasinst {name}" in " ".join(out.split())


def test_the_page_is_one_file_with_its_figures_inside(finished):
    page = finished.file("report").read_text(encoding="utf-8")
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page and 'src="data:' in page
    for text in ("What is mistaken for what", "Search", "Training", "Data", "Run it again", "100.0 %"):
        assert text in page
    for name in ("confusion", "training", "search-scores", "labels"):
        assert (finished.file("figures") / f"{name}.png").read_bytes()[:4] == b"\x89PNG"
        assert "<svg" in (finished.file("figures") / f"{name}.svg").read_text()


def test_a_label_may_be_called_none_and_none_breaks_the_page(experiment, recordings, tmp_path):
    (recordings / "low").rename(recordings / "None")
    (recordings / "high").rename(recordings / "<b>high & $x")
    run = train.train(experiment.override({"training.epochs": 1}), tmp_path / "run")
    assert set(run.split().labels) == set(run.predictions().labels) == {"<b>high & $x", "None"}
    page = run.file("report").read_text()
    assert "<b>high" not in page and "&lt;b&gt;high &amp; $x" in page
    assert train.train(experiment.override({"training.epochs": 1}), tmp_path / "run").finished


def test_evaluate_looks_closer(finished, tmp_path):
    recordings = make_recordings(tmp_path / "recordings", each=3)
    (recordings / "low" / "0.wav").unlink()
    shutil.copy(recordings / "high" / "0.wav", recordings / "low" / "9.wav")  # sounds high, and is called low
    run = evaluate.evaluate(finished.path, recordings, run=tmp_path / "run")
    mistakes = run.inspection_table("mistakes")
    assert mistakes["clip"].tolist() == ["low/9.wav"] and mistakes.predicted.tolist() == ["high"]
    sheet = run.inspection_table("error_sheet")
    assert list(sheet) == ["clip", "labels", "predicted", "cause", "remark"] and len(sheet) == 1
    waveform, rate = soundfile.read(run.file("mistakes_audio") / mistakes.audio[0])
    assert rate == 8000 and np.abs(waveform).max() > 0.1
    heard = run.inspection_table("segments_heard")
    assert heard.accuracy.iloc[-1] == run.metrics()["clip"]["accuracy"] == pytest.approx(5 / 6)
    assert run.inspection_table("reliability").n.sum() == 6
    assert set(run.metrics()["calibration"]) == {"temperature", "ece", "ece_at_temperature"}
    for scores in run.metrics()["probes"].values():
        assert sum(scores.values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.slow
def test_a_model_of_one_label_is_scored_on_clips_of_several(recordings, content, tmp_path, run_verb):
    """A run without a test split, and clips of both labels: right if the best label is among them."""
    both = tmp_path / "both"
    both.mkdir()
    rows = []
    for index in range(4):
        sounds = [soundfile.read(recordings / label / f"{index}.wav")[0] for label in ("low", "high")]
        for name, waveform, labels in (("both", sum(sounds), "low|high"), ("high", sounds[1], "high")):
            soundfile.write(both / f"{name}{index}.wav", waveform, 8000)
            rows.append(f"{name}{index}.wav,{labels}")
    (both / "manifest.csv").write_text("\n".join(["path,labels", *rows]))
    content["split"]["test"] = 0
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(content))
    assert run_verb(train, tmp_path / "one.yaml", "--run", tmp_path / "run")[0] == 0
    arguments = ("--data", both, "--set", "dataset.reader=manifest", "--run", tmp_path / "results")
    code, _, err = run_verb(evaluate, tmp_path / "run", *arguments)
    assert code == 0, err
    figures = Run(tmp_path / "results").metrics()["clip"]
    assert figures["accuracy"] >= 0.5 and "confusion" not in figures
    assert {label: row["n"] for label, row in figures["per_label"].items()} == {"high": 8, "low": 4}
    missing = RunData(tmp_path / "results").missing
    assert missing == []  # slices.csv has no rows, since the clips differ in nothing


@pytest.mark.slow
def test_a_finished_search_goes_on_when_it_is_given_more_trials(finished, tmp_path, run_verb):
    run = Run(shutil.copytree(finished.path, tmp_path / "run"))
    arguments = (finished.path / "experiment.yaml", "--run", run.path)
    first, model = run.leaderboard(), run.digest()
    code, _, err = run_verb(search, *arguments, "--set", "search.trials=4")
    assert code == 0, err
    after = run.leaderboard()
    assert len(first) == 2 and len(after) == 4 and set(first.score) <= set(after.score)
    assert run.experiment().search.trials == 4 and run.finished
    best_is_new = after["network.dropout"][0] != first["network.dropout"][0]
    assert (run.digest() != model) == best_is_new and ("no new trial is better" in err) != best_is_new
    trained_with = Experiment.from_yaml(run.path / "best.yaml").network.options["dropout"]
    assert trained_with == after["network.dropout"][0]
    code, _, err = run_verb(search, *arguments, "--set", "search.trials=3")
    assert code == 0 and "finished already" in err
    code, _, err = run_verb(search, *arguments, "--set", "search.trials=9")
    assert code == 0 and "the space has 4 combinations" in err and "no new trial is better" in err
    code, _, err = run_verb(search, *arguments, "--set", "search.trials=5", "--set", "network.blocks=2")
    assert code == 2 and "holds another experiment (network.blocks: 1 there, 2 here)" in err


def test_what_was_made_of_a_model_does_not_stay_beside_a_better_one(finished, tmp_path):
    run = Run(shutil.copytree(finished.path, tmp_path / "run"))
    (run.path / "explanations").mkdir()
    (run.path / "explanations" / "explanation.json").write_text("{}")
    (run.path / "compression.csv").write_text("variant\n")
    old = run.digest()
    kept = run.reopen()
    assert kept == run.path / "earlier" / old and not run.finished
    assert sorted(path.name for path in kept.iterdir()) == ["compression.csv", "explanations"]
    assert not run.file("explanations").exists() and run.leaderboard() is not None
    assert run.reopen() is None


def test_sections_that_change_nothing_of_a_model_do_not_train_it_again(finished):
    best = Experiment.from_yaml(finished.path / "best.yaml").model_copy(update={"name": "tiny"})
    assert finished.has_best(best) and finished.has_best(best.override({"compression.epochs": 7}))
    assert not finished.has_best(best.override({"training.batch_size": 3}))
