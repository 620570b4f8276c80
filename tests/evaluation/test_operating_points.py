"""Operating points: against scikit-learn's recall, and by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import recall_score

from kerasinst import evaluation

LABELS = ["cello", "flute", "oboe"]


def _table(split, *, clips=6, frames=30, seed=0):
    """Frames of clips, with scores that tell the truth more or less; nobody judged the oboe of the last clip."""
    random = np.random.default_rng(seed)
    truth = random.random((clips * frames, 3)) < [0.6, 0.3, 0.2]
    scores = np.clip(0.4 * truth + random.normal(0.3, 0.15, truth.shape), 0, 1)
    names = np.repeat([f"{split}-{number}" for number in range(clips)], frames)
    last = names == names[-1]
    truth[last, 2] = False
    about = {
        "clip": names, "group": names, "split": split, "whole": "cello|flute|oboe",
        "labels": ["|".join(np.array(LABELS, dtype=object)[row]) for row in truth],
        "unjudged": np.where(last, "oboe", ""),
    }  # fmt: skip
    known = ~(last[:, None] & np.array([False, False, True]))
    return pd.DataFrame(about).join(pd.DataFrame(scores, columns=LABELS)), truth, known


def test_the_curve_is_that_of_scikit_learn():
    table, truth, known = _table("test")
    curve = evaluation.operating_curve(table, LABELS)
    assert 20 < len(curve) <= 100 and curve.found.iloc[0] == 0 and curve.found.iloc[-1] == 1
    for row in curve.iloc[1::10].itertuples():
        named = table[LABELS].to_numpy() >= row.threshold
        assert row.found == pytest.approx(recall_score(truth[known], named[known], zero_division=0), abs=0.01)
        assert row.false == pytest.approx((named & ~truth & known).sum() / len(table), abs=0.01)


def test_each_rule_is_fitted_to_validation_and_counted_on_the_test_split():
    validation, test = _table("validation", seed=1)[0], _table("test")
    table, truth, known = test
    rules = evaluation.compare_rules(validation, table, labels=LABELS, hop_seconds=0.1).set_index("rule")
    best = table[LABELS].to_numpy().argmax(axis=1)[:, None] == np.arange(3)
    assert rules.found["top 1"] == pytest.approx((best & truth).sum() / truth.sum(), abs=1e-6)
    assert rules.false["top 1"] == pytest.approx((best & ~truth & known).sum() / len(table), abs=1e-6)
    assert rules.found["top 3"] == 1
    assert rules.micro_f1["one threshold"] > rules.micro_f1[["top 1", "top 2", "top 3"]].max()


def test_rules_that_report_more_labels_than_there_are_are_left_out():
    two = [
        table.assign(labels=table["labels"].str.replace(r"\|?oboe", "", regex=True), unjudged="")
        for table in (_table("validation", seed=1)[0], _table("test")[0])
    ]
    rules = evaluation.compare_rules(*two, labels=LABELS[:2], hop_seconds=0.1)
    assert "top 2" in set(rules.rule) and "top 3" not in set(rules.rule)
