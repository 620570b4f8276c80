"""Recordings in which several labels sound at once, and enter and rest: every verb, by segments and by frames."""

import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml

from kerasinst import ablate, baselines, compress, evaluate, explain, export, predict, report, train
from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment
from kerasinst.models.tagger import Tagger

RATE = 8000
PITCHES = {"low": 220, "mid": 700, "high": 1900}
BY_SEGMENT = {
    "audio": {"sample_rate": RATE, "segment_seconds": 0.5, "hop_seconds": 0.1, "label_seconds": 0.1},
    "network": {"name": "strided", "filters": [8, 8, 16]},
}
BY_FRAME = {
    "audio": {"sample_rate": RATE, "segment_seconds": 2.0, "hop_seconds": 0.5, "frame_seconds": 0.1},
    "network": {
        "name": "sed_tcn", "filters": [8, 8], "pool_bins": [4, 4], "channels": 16, "dilations": [1, 2, 4]
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    """Twenty pieces of 4 s in which tones of three pitches come and go, as a manifest of events."""
    folder = tmp_path_factory.mktemp("pieces")
    random = np.random.default_rng(0)
    time = np.arange(4 * RATE) / RATE
    rows = []
    for number in range(20):
        waveform = 0.01 * random.standard_normal(len(time))
        for label, pitch in PITCHES.items():
            if random.random() < 0.75:
                start = random.uniform(0, 2)
                end = start + random.uniform(0.8, 2)
                wave = np.sin(2 * np.pi * pitch * 2 ** random.uniform(-0.1, 0.1) * time + random.uniform(0, 6))
                waveform += 0.2 * wave * ((time >= start) & (time < end))
                rows.append((f"{number:02}.wav", label, round(start, 3), round(end, 3)))
        soundfile.write(folder / f"{number:02}.wav", waveform, RATE)
    pd.DataFrame(rows, columns=["path", "label", "start", "end"]).to_csv(folder / "manifest.csv", index=False)
    return folder


def experiment_on(pieces, how):
    """An experiment that trains in seconds."""
    return Experiment.model_validate(
        {
            "name": "pieces",
            "dataset": {"reader": "manifest", "path": str(pieces), "rows": "events"},
            "split": {"validation": 0.2, "test": 0.3, "seed": 1},
            "task": "multi-label",
            "frontend": {"name": "log_mel", "n_fft": 512, "hop_length": 200, "n_mels": 32, "scaling": "standardize"},
            "training": {"epochs": 20, "batch_size": 16, "learning_rate": 0.01, "seeds": [1]},
            "decision": {"rule": "threshold", "steps": [{"median": {"seconds": 0.3}}]},
            **how,
        }
    )


@pytest.fixture(scope="module", params=[BY_SEGMENT, BY_FRAME], ids=["segments", "frames"])
def run(request, pieces, tmp_path_factory):
    """A finished training, and what it was trained by."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("run")
        patch.setenv("KERASINST_CACHE", str(folder / "cache"))
        yield train.train(experiment_on(pieces, request.param), folder / "run")


def by_frames(run):
    return run.experiment().audio.frame_seconds is not None


def test_the_model_tells_who_plays_when(run):
    figures = run.metrics()
    assert figures["frame"]["recall_playing"] > 0.85 and figures["frame"]["false_positives_per_frame"] < 0.2
    assert figures["frame"]["mean_average_precision"] > 0.95 and 0 < figures["frame"]["polyphony"] < 2
    assert figures["clip"]["recall_playing"] > 0.9
    assert run.experiment().training.monitor == "val_mean_average_precision"
    tested = run.predictions().query("split == 'test'")
    assert set(tested.columns) >= {"clip", "labels", "reported", *PITCHES}


def test_the_timeline_is_that_of_the_events(run, pieces):
    tagger = Tagger(run.path)
    events = pd.read_csv(pieces / "manifest.csv")
    right = total = 0
    for clip in run.split().query("split == 'test'")["clip"].unique():
        tag = tagger(pieces / clip)
        assert set(tag.labels) == {label for each in tag.timeline for label in each["labels"]}
        for each in tag.timeline:
            assert each["end"] - each["start"] == pytest.approx(0.1, abs=0.002)
            middle = (each["start"] + each["end"]) / 2
            sounding = events[(events.path == clip) & (events.start <= middle) & (events.end > middle)]
            right += set(each["labels"]) == set(sounding.label)
            total += 1
    assert right / total > 0.75


def test_evaluate_cuts_and_decides_as_the_training_did(run, tmp_path):
    again = evaluate.evaluate(run.path, run=tmp_path / "again").metrics()
    for level in ("clip", "frame"):
        for name in ("recall_playing", "false_positives_per_frame", "mean_average_precision"):
            assert again[level][name] == pytest.approx(run.metrics()[level][name])
        assert again[level]["per_label"] == run.metrics()[level]["per_label"]
    assert set(again["probes"]["silence"]) == set(PITCHES)


def test_predict_prints_all_labels(run, pieces, run_verb):
    clips = sorted(pieces.glob("*.wav"))[:6]
    code, out, _ = run_verb(predict, run.path, *clips, "--quiet")
    assert code == 0 and "of the time" in out and "%" in out
    code, out, _ = run_verb(predict, run.path, *clips, "--json", "--quiet")
    tags = [json.loads(line) for line in out.splitlines()]
    assert max(len(tag["labels"]) for tag in tags) > 1
    assert all(set(tag["labels"]) <= set(PITCHES) for tag in tags)


@pytest.mark.slow
def test_explain_draws_a_heatmap_of_each_label(run):
    explained = explain.explain(run.path).explanation()
    assert explained["segments"] > explained["empty"] and {clip["label"] for clip in explained["clips"]} <= set(PITCHES)
    assert set(run.read("bands").label) == set(PITCHES)


def test_baselines_are_one_model_a_label(run, run_verb):
    asked = (baselines, run.path, "--model", "naive_bayes", "--features", "statistics")
    if by_frames(run):
        code, _, err = run_verb(*asked)
        assert code == 2 and "classical models score whole segments" in err
        return
    code, out, err = run_verb(*asked)
    assert code == 0, err
    assert "mAP (95 %)" in out and "found" in out
    row = run.baselines().iloc[0]
    assert row.mean_average_precision > 0.8 and row.recall_playing > 0.8


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TFLite is made from TensorFlow")
def test_compressed_and_exported_files_decide_alike(run, pieces, tmp_path, run_verb):
    compress.compress(run.experiment(), run.path, variants=["float", "int8"])
    table = run.compression().set_index("variant")
    assert (table.mean_average_precision > 0.9).all() and table.mean_average_precision_drop["float"] == 0
    code, out, _ = run_verb(compress, run.path, "--variants", "float", "--gate", "mean_average_precision>=0.9")
    assert code == 0 and "mAP (95 %)" in out
    folder = export.export(run.path, "float")
    facts = json.loads((folder / "export.json").read_text())
    assert facts["hears"]["decision"]["by_frame"] and facts["recall_playing"] > 0.85
    clips = sorted(pieces.glob("*.wav"))
    done = subprocess.run(
        [sys.executable, str(folder / "example.py"), *map(str, clips)],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    tags = [Tagger(folder / "model.tflite")(clip) for clip in clips]
    expected = [", ".join(f"{label} ({tag.scores[label]:.2f})" for label in tag.labels) or "nothing" for tag in tags]
    assert done.stdout.splitlines() == [f"{clip}: {text}" for clip, text in zip(clips, expected, strict=True)]
    scored = evaluate.evaluate(folder / "model.tflite", run=tmp_path / "scored").metrics()
    assert scored["frame"]["recall_playing"] == pytest.approx(run.metrics()["frame"]["recall_playing"], abs=0.02)


def test_reports_compare_by_mean_average_precision(run, run_verb, tmp_path):
    code, out, err = run_verb(report, run.path, "--to", tmp_path / "report")
    assert code == 0, err
    assert "mAP (95 %)" in out and "found" in out
    page = (tmp_path / "report" / "index.html").read_text()
    assert "finds " in page and "mean average precision" in page


@pytest.mark.slow
def test_ablations_compare_by_mean_average_precision(run, tmp_path):
    shorter = run.experiment().override({"training.epochs": 2, "ablation": {"decision.rule": ["top_n"]}})
    table = ablate.ablate(shorter, tmp_path / "run").ablation()
    assert table.mean_average_precision.iloc[0] == table.mean_average_precision.iloc[1]  # the same network
    assert table.recall_playing.iloc[1] == 1.0  # three of three labels


def test_one_label_is_learned_and_several_are_tested_on(recordings, content, run_verb, tmp_path):
    rows = [
        (f"{label}/{index}.wav", label, split)
        for label in ("low", "high")
        for index, split in enumerate(["train"] * 4 + ["validation"] * 2)
    ]
    for name, labels, parts in (
        ("both", "low|high", ("low/6.wav", "high/6.wav")),
        ("lower", "low", ("low/7.wav",)),
        ("higher", "high", ("high/7.wav",)),
    ):
        mixed = sum(soundfile.read(recordings / part)[0] for part in parts)
        soundfile.write(recordings / f"{name}.wav", mixed, RATE)
        rows.append((f"{name}.wav", labels, "test"))
    pd.DataFrame(rows, columns=["path", "labels", "split"]).to_csv(recordings / "manifest.csv", index=False)
    content["dataset"]["reader"] = "manifest"
    file = tmp_path / "mixed.yaml"
    file.write_text(yaml.safe_dump({**content, "split": {"validation": 0.2, "test": 0.2, "seed": 1}, "search": None}))
    code, out, err = run_verb(train, file, "--run", tmp_path / "run")
    assert code == 0 and "top-1 in labels (95 %)" in out, err
    run = train.Run(tmp_path / "run")
    figures = run.metrics()["clip"]
    tested = run.predictions().query("split == 'test'").set_index("clip")
    best = tested[run.labels()].idxmax(axis=1)
    hits = [best[clip] in labels.split("|") for clip, labels in tested.labels.items()]
    assert len(hits) == 3 and hits[list(tested.index).index("both.wav")]  # whatever is named
    assert figures["top1_in_labels"] == figures["accuracy"] == pytest.approx(np.mean(hits), abs=1e-6)
    assert "confusion" not in figures


def test_timelines_are_written_as_pictures_and_tables(run, pieces, run_verb, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copyfile(pieces / "00.wav", tmp_path / folder / "same.wav")
    shutil.copyfile(pieces / "01.wav", tmp_path / "a" / "<i>..wav")
    folders = (tmp_path / "a", tmp_path / "b")
    code, _, err = run_verb(predict, run.path, *folders, "--timeline", tmp_path / "out", "--quiet")
    assert code == 0, err
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"same.csv", "same.png", "same-2.csv", "same-2.png", "i-.csv"} <= made | {"i.csv", "i-.csv"}
    events = pd.read_csv(tmp_path / "out" / "same.csv")
    assert list(events.columns) == ["start", "end", "label", "score"]
    timeline = Tagger(run.path)(pieces / "00.wav").timeline
    for each in timeline:
        middle = (each["start"] + each["end"]) / 2
        now = events[(events.start <= middle) & (events.end > middle)]
        assert set(now.label) == set(each["labels"])
    for _, rows in events.groupby("label"):
        assert (rows.start.to_numpy()[1:] > rows.end.to_numpy()[:-1]).all()


@pytest.mark.parametrize("name", ["cutmix", "cutmix_copies", "time_shift", "time_stretch"])
@pytest.mark.parametrize("how", [BY_SEGMENT, BY_FRAME], ids=["segments", "frames"])
def test_augmentations_that_move_sounds_are_refused(name, how, pieces, tmp_path):
    with pytest.raises(BadInput, match=rf"training\.augment: {name} changes what sounds when, which audio\.\w+ says"):
        train.train(experiment_on(pieces, {**how, "training": {"epochs": 1, "augment": [name]}}), tmp_path / "run")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mixup", "spec_augment", "noise", {"mix_clips": {"min_clips": 1, "max_clips": 2}}])
def test_augmentations_that_leave_times_alone_are_taken(name, pieces, tmp_path):
    shorter = {**BY_FRAME, "training": {"epochs": 1, "augment": [name]}}
    assert train.train(experiment_on(pieces, shorter), tmp_path / "run").finished


@pytest.mark.slow
@pytest.mark.parametrize("name", ["musicnet", "timeline"])
def test_packaged_experiments_train_on_rendered_ensembles(name, tmp_path):
    few = {"reader": "ensembles", "pieces": 40, "seconds": 10.0, "sample_rate": 8000}
    experiment = Experiment.from_yaml(name).override({"dataset": few, "training.epochs": 1})
    network = {"musicnet": {"filters": [4, 8], "blocks": 1}, "timeline": {"filters": [4, 4, 4], "units": [4]}}[name]
    experiment = experiment.override({f"network.{key}": value for key, value in network.items()})
    figures = train.train(experiment, tmp_path / "run").metrics()
    assert figures["frame"]["polyphony"] > 0.3 and figures["clip"]["polyphony"] > figures["frame"]["polyphony"]


def test_decisions_are_refused_before_anything_is_trained(pieces, tmp_path):
    unknown = {**BY_FRAME, "decision": {"rule": {"threshold": {"value": {"tuba": 0.4}}}}}
    with pytest.raises(BadInput, match="decision: threshold: value: the model has no label 'tuba', only"):
        train.train(experiment_on(pieces, unknown), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", [BY_SEGMENT, BY_FRAME], ids=["segments", "frames"])
def test_recordings_may_have_events_in_the_test_split_alone(how, pieces, tmp_path):
    """Clips of training and validation have labels as a whole; those of the test split have events."""
    events = pd.read_csv(pieces / "manifest.csv")
    rows = []
    for number, (name, of_clip) in enumerate(events.groupby("path")):
        shutil.copyfile(pieces / name, tmp_path / name)
        split = ("train", "train", "validation", "test")[number % 4]
        if split == "test":
            of_clip[["start", "end", "label"]].to_csv(tmp_path / f"{name}.csv", index=False)
        rows.append(
            (name, "" if split == "test" else "|".join(of_clip.label), split, f"{name}.csv" * (split == "test"))
        )
    table = pd.DataFrame(rows, columns=["path", "labels", "split", "annotations"])
    table.to_csv(tmp_path / "manifest.csv", index=False)
    weak = {**how, "dataset": {"reader": "manifest", "path": str(tmp_path)}, "training": {"epochs": 2}}
    run = train.train(experiment_on(pieces, weak), tmp_path / "run")
    counts = run.predictions().split.value_counts()
    assert counts.to_dict() == table.split[table.split != "train"].value_counts().to_dict()
    assert run.metrics()["frame"]["polyphony"] < run.metrics()["clip"]["polyphony"]


@pytest.mark.slow
def test_clips_without_events_have_no_figures_of_frames(pieces, tmp_path):
    events = pd.read_csv(pieces / "manifest.csv")
    for name in events.path.unique():
        shutil.copyfile(pieces / name, tmp_path / name)
    whole = events.groupby("path").label.agg(lambda labels: "|".join(labels)).rename("labels").reset_index()
    whole.to_csv(tmp_path / "manifest.csv", index=False)
    for number, how in enumerate((BY_SEGMENT, BY_FRAME)):
        weak = {**how, "dataset": {"reader": "manifest", "path": str(tmp_path)}, "training": {"epochs": 2}}
        run = train.train(experiment_on(pieces, {**weak, "decision": {}}), tmp_path / f"run-{number}")
        assert "frame" not in run.metrics() and set(run.metrics()) >= {"clip", "segment"}
        closer = evaluate.evaluate(run.path, run=tmp_path / f"closer-{number}")
        heard = closer.inspection_table("segments_heard")
        assert heard.accuracy.iloc[-1] == pytest.approx(closer.metrics()["clip"]["accuracy"])


def test_no_event_of_a_short_file_ends_before_it_starts(run, tmp_path):
    for seconds in (0.05, 0.15, 0.6):
        time = np.arange(round(seconds * RATE)) / RATE
        soundfile.write(tmp_path / "short.wav", 0.2 * np.sin(2 * np.pi * 700 * time), RATE)
        tag, timeline = Tagger(run.path).listen(tmp_path / "short.wav")
        assert (timeline.starts < timeline.ends).all() and timeline.ends.max() <= seconds + 1e-6
        assert all(event.start < event.end for event in timeline.events()) and tag.timeline


def test_a_file_that_lies_alone_is_evaluated_on_several_labels(run, pieces, tmp_path):
    alone = tmp_path / "alone" / "model.keras"
    alone.parent.mkdir()
    shutil.copyfile(run.model_file, alone)
    changes = {"dataset": {"reader": "manifest", "rows": "events", "path": str(pieces)}}
    figures = evaluate.evaluate(alone, pieces, run=tmp_path / "scored", changes=changes).metrics()
    assert figures["task"] == "multi-label" and figures["frame"]["recall_playing"] > 0.8


def test_a_timeline_needs_a_folder(run, pieces, run_verb, tmp_path):
    (tmp_path / "taken").write_text("a file")
    for place in (tmp_path / "taken", tmp_path / "taken" / "below"):
        code, _, err = run_verb(predict, run.path, pieces / "00.wav", "--timeline", place)
        assert code == 2 and "cannot be made a folder" in err and err.strip().count("\n") == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "single-label"}, r"decision\.rule: needs task: multi-label"),
        ({"task": "single-label", "decision": {}}, r"audio\.frame_seconds: needs task: multi-label"),
        ({"split.by": "segment"}, r"split\.by: segments overlap in time"),
        ({"audio.frame_seconds": 0.0999375}, r"is 799\.5 samples at 8000 Hz|no whole number"),
        ({"audio.hop_seconds": 4.0}, "hop_seconds must not be longer than segment_seconds"),
        ({"frontend.hop_length": 512}, r"choose frontend\.hop_length"),
        ({"network": {"name": "strided"}}, r"scores no frames \(audio\.frame_seconds\): use sed_crnn or sed_tcn"),
    ],
)
def test_what_frames_cannot_have_is_refused_in_one_line(changes, message, pieces, tmp_path):
    with pytest.raises(BadInput, match=message) as error:
        train.train(experiment_on(pieces, BY_FRAME).override(changes), tmp_path / "run")
    assert "\n" not in str(error.value)


def test_old_experiments_that_name_argmax_are_the_same_as_today(content):
    named = Experiment.model_validate({**content, "decision": {"rule": "argmax", "review_below": 0.5}})
    assert named == Experiment.model_validate(content)
