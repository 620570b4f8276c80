"""Classical models in the leaderboard of a search."""

import numpy as np
import pytest

from kerasinst import classical
from kerasinst.core.errors import BadInput
from kerasinst.features import extract_features, prepare_data
from kerasinst.tuning import baselines
from kerasinst.tuning.search import tune

SOME = ["naive_bayes", "k_neighbors"]


@pytest.fixture
def competing(experiment, monkeypatch):
    """A search of one short trial in which two classical models compete."""
    monkeypatch.setattr(classical, "names", lambda: SOME)
    return experiment.override({"search.baselines": True, "search.trials": 1, "training.epochs": 1})


def _tune(experiment, directory):
    boards = []
    best = tune(experiment, prepare_data(experiment), directory=directory, on_trial=[boards.append])
    return best, boards[-1]


def test_classical_models_are_tuned_and_scored_on_the_validation_segments_but_cannot_win(competing, tmp_path):
    best, board = _tune(competing, tmp_path / "trials")
    models = board[board.status == "BASELINE"].set_index("trial_id")
    assert sorted(models.index) == sorted(SOME) and (board.status == "COMPLETED").sum() == 1
    data = prepare_data(competing)
    features = extract_features(competing, data, splits=("train", "validation"))
    rows = {split: classical.summarize(features.scaled(split)) for split in ("train", "validation")}
    truth = {split: np.array(data.labels)[data.targets(split).argmax(axis=1)] for split in rows}
    groups = np.array([segment.group for segment in data.segments["train"]])
    for name in SOME:
        model = classical.tuned(name, rows["train"], labels=truth["train"], groups=groups, seed=1)
        assert models.score[name] == pytest.approx((model.predict(rows["validation"]) == truth["validation"]).mean())
    assert models.p_value.notna().all() and models.parameters.isna().all()
    assert best.network == competing.override({"network.dropout": 0.2}).network


def test_they_are_not_fitted_again_when_a_search_goes_on(competing, monkeypatch, tmp_path):
    _, first = _tune(competing, tmp_path / "trials")
    monkeypatch.setattr(baselines, "_fit", lambda *arguments, **options: pytest.fail("fitted again"))
    _, board = _tune(competing.override({"search.trials": 2}), tmp_path / "trials")
    assert (board.status == "BASELINE").sum() == (first.status == "BASELINE").sum() == 2


def test_they_take_several_labels_but_no_frames(experiment, monkeypatch, tmp_path):
    several = experiment.override(
        {"task": "multi-label", "search.baselines": True, "search.trials": 1, "training.epochs": 1}
    )
    monkeypatch.setattr(classical, "names", lambda: SOME)
    _, board = _tune(several, tmp_path / "trials")
    models = board[board.status == "BASELINE"]
    assert sorted(models.trial_id) == sorted(SOME) and models.score.between(0.5, 1.0001).all()  # mAP
    with pytest.raises(BadInput, match=r"classical models score whole segments; leave out audio\.frame_seconds"):
        several.override({"audio.frame_seconds": 0.1, "network": {"name": "sed_tcn"}})


def test_a_model_that_was_fitted_before_a_kill_is_not_fitted_again(competing, monkeypatch, tmp_path):
    fit, asked = classical.fit_models, []

    def killed(names, *arguments, **options):
        asked.append(list(names))
        for model in fit(names, *arguments, **options):
            yield model
            if len(asked) == 1:
                raise KeyboardInterrupt

    monkeypatch.setattr(classical, "fit_models", killed)
    with pytest.raises(KeyboardInterrupt):
        _tune(competing, tmp_path / "trials")
    _, board = _tune(competing, tmp_path / "trials")
    assert asked == [SOME, SOME[1:]]
    assert sorted(board.trial_id[board.status == "BASELINE"]) == sorted(SOME)
