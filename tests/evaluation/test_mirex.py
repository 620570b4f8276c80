"""Figures of MIREX 2026's task, against scikit-learn and by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from kerasinst.core.errors import BadInput
from kerasinst.evaluation.mirex import measure_mirex


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
