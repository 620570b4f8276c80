"""Figures of MIREX 2026's task, against scikit-learn and by hand."""

import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml
from conftest import tone
from sklearn.metrics import average_precision_score

from kerasinst import evaluate
from kerasinst.core.errors import BadInput
from kerasinst.datasets import Clip, Note
from kerasinst.evaluation.mirex import as_labelled, measure_mirex
from kerasinst.experiment import Experiment
from kerasinst.train import train


def clips(true: list[str], scores: dict[str, list[float]], **more) -> pd.DataFrame:
    """Makes a table of clips, each of a group of its own."""
    names = [f"clip {number}" for number in range(len(true))]
    about = {"clip": names, "group": names, "split": "test", "labels": true, **more}
    return pd.DataFrame({**about, **scores})


def test_average_precision_is_that_of_scikit_learn():
    random = np.random.default_rng(1)
    true, scores = random.random((50, 2)) < 0.4, random.random((50, 2))
    named = ["|".join(np.array(["cello", "flute"])[row]) for row in true]
    figures = measure_mirex(clips(named, dict(zip(("cello", "flute"), scores.T, strict=True))), ["cello", "flute"])
    expected = [average_precision_score(true[:, index], scores[:, index]) for index in range(2)]
    assert figures["mean_average_precision"] == pytest.approx(np.mean(expected), abs=1e-6)
    assert [row["average_precision"] for row in figures["per_label"].values()] == pytest.approx(expected, abs=1e-6)
    assert figures["labels"] == ["cello", "flute"] and "accordion" in figures["left_out"]


def test_other_names_are_mapped_and_other_instruments_do_not_count():
    labels = ["electric guitar", "acoustic guitar", "Drum kit", "oboe"]
    scores = {"electric guitar": [0.9, 0.1], "acoustic guitar": [0.2, 0.8], "Drum kit": [0.1, 0.9], "oboe": [0.9, 0.9]}
    figures = measure_mirex(clips(["electric guitar", "acoustic guitar|Drum kit"], scores), labels)
    assert figures["labels"] == ["drums", "guitar"] and figures["per_label"]["guitar"]["n"] == 2
    assert figures["mean_average_precision"] == figures["macro_f1"] == 1.0


def test_labels_that_nobody_judged_and_rare_labels_do_not_count():
    scores = {"cello": [0.9, 0.8, 0.1], "flute": [0.9, 0.1, 0.2]}
    table = clips(["cello", "flute", "cello"], scores, unjudged=["", "cello", ""])
    figures = measure_mirex(table, ["cello", "flute"], fewest=2)
    assert figures["labels"] == ["cello"] and figures["per_label"]["cello"]["average_precision"] == 1.0


def test_labels_outside_the_vocabulary_alone_are_one_line():
    with pytest.raises(BadInput, match=r"no label \(oboe\) is one of accordion, banjo"):
        measure_mirex(clips(["oboe"], {"oboe": [0.9]}), ["oboe"])


def test_clips_are_labelled_as_the_model_names_them_and_none_is_lost(tmp_path):
    clips = [
        Clip("a", tmp_path, ("drums", "banjo"), "a", unknown=("guitar",)),
        Clip("b", tmp_path, ("banjo",), "b"),
        Clip("c", tmp_path, ("guitar",), "c", notes=(Note(0.0, 1.0, "guitar"), Note(0.0, 1.0, "banjo"))),
    ]
    found = as_labelled(clips, ["Drum kit", "electric guitar", "acoustic guitar"])
    assert [clip.labels for clip in found] == [("Drum kit",), (), ("electric guitar",)]
    assert found[0].unknown == ("electric guitar",) and [note.label for note in found[2].notes] == ["electric guitar"]


def test_the_verb_prints_the_figures_of_the_protocol(run_verb, tmp_path):
    rows = []
    for number in range(24):
        label = ("flute", "oboe", "flute|banjo")[number % 3]
        hertz = 900 if "flute" in label else 160
        soundfile.write(tmp_path / f"{number}.wav", tone(hertz, 0.6, 8000, harmonics=3, seed=number), 8000)
        rows.append((f"{number}.wav", label))
    pd.DataFrame(rows, columns=["path", "labels"]).to_csv(tmp_path / "manifest.csv", index=False)
    content = {
        "dataset": {"reader": "manifest", "path": str(tmp_path)}, "task": "multi-label",
        "audio": {"sample_rate": 8000, "segment_seconds": 0.5}, "split": {"validation": 0.2, "test": 0.2},
        "frontend": {"name": "log_mel", "n_mels": 16}, "network": {"name": "strided", "width": 0.25},
        "training": {"epochs": 1}, "name": "tiny",
    }  # fmt: skip
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(content))
    trained = train(Experiment.from_yaml(tmp_path / "tiny.yaml"), tmp_path / "run")
    code, out, err = run_verb(
        evaluate, trained.path, "--protocol", "mirex2026", "--data", tmp_path, "--run", tmp_path / "scored",
        "--set", "dataset.reader=manifest",
    )  # fmt: skip
    assert code == 0, err
    assert "MIREX 2026" in out and "left out: accordion, bass" in " ".join(out.split())
    code, _, err = run_verb(evaluate, trained.path, "--protocol", "mirex2027")
    assert code == 2 and "did you mean 'mirex2026'" in err
