"""Figures of coarse labels."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from kerasinst import evaluation
from kerasinst.core.errors import BadInput
from kerasinst.evaluation.coarse import coarsened
from kerasinst.features import prepare_data

LABELS = ["piano", "drums", "electric piano"]
COARSE = {"electric piano": "piano"}


@pytest.fixture
def table():
    random = np.random.default_rng(0)
    true = random.choice(LABELS, 60)
    scores = random.dirichlet([1, 1, 1], 60) + 0.4 * (true[:, None] == np.array(LABELS))
    about = pd.DataFrame({"clip": [f"{n}.wav" for n in range(60)], "labels": true, "split": "test"})
    return pd.concat([about.assign(group=about["clip"]), pd.DataFrame(scores, columns=LABELS)], axis=1)


def test_scores_of_kinds_are_added(table):
    coarse, labels = coarsened(table, LABELS, coarse=COARSE)
    assert labels == ["piano", "drums"] and set(coarse["labels"]) == {"piano", "drums"}
    np.testing.assert_allclose(coarse["piano"], table["piano"] + table["electric piano"])


def test_a_clip_with_two_kinds_has_their_coarse_label_once(table):
    both = table.assign(labels="electric piano|piano")
    assert set(coarsened(both, LABELS, coarse=COARSE)[0]["labels"]) == {"piano"}


def test_figures_are_those_of_scikit_learn(table):
    figures = evaluation.evaluate(table, LABELS, coarse=COARSE)
    piano = (table["piano"] + table["electric piano"] > table["drums"]).to_numpy()
    true = (table["labels"] != "drums").to_numpy()
    assert figures["coarse"]["accuracy"] == pytest.approx((piano == true).mean(), abs=1e-6)
    assert figures["coarse"]["macro_f1"] == pytest.approx(f1_score(true, piano, average="macro"), abs=1e-6)
    assert "coarse" not in evaluation.evaluate(table, LABELS)


def test_unknown_labels_and_several_labels_are_refused(experiment, table):
    with pytest.raises(BadInput, match=r"dataset\.coarse_labels: there is no label 'pianoo'; did you mean 'piano'"):
        coarsened(table, LABELS, coarse={"pianoo": "keys"})
    with pytest.raises(BadInput, match=r"dataset\.coarse_labels: there is no label 'tuba'"):
        prepare_data(experiment.override({"dataset.coarse_labels": {"tuba": "brass"}}))
    with pytest.raises(BadInput, match=r"dataset\.coarse_labels: needs task: single-label"):
        experiment.override({"dataset.coarse_labels": COARSE, "task": "multi-label"})
