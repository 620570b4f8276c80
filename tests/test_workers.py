"""Verbs give the same on workers of this machine as in this process; the tests compute in one thread in both."""

import pandas as pd
import pytest

from kerasinst import ablate, baselines, compress, train
from kerasinst.core import parallel
from kerasinst.features import extract_features, prepare_data


def _table(table: pd.DataFrame) -> pd.DataFrame:
    """A table without times and sizes, which differ from run to run."""
    return table.loc[:, ~table.columns.str.contains("seconds|bytes")]


@pytest.mark.slow
def test_seeds_changes_models_and_variants_are_the_same_on_workers(experiment, tmp_path):
    short = {"training.epochs": 2, "training.seeds": [1, 2], "search": None}
    asked = experiment.override({**short, "ablation": {"network.filters": [[4], [8]]}})
    runs = []
    for workers in (None, 2):
        with parallel.backend(workers):
            run = ablate.ablate(asked, tmp_path / f"{workers}")
            baselines.baselines(asked, run.path, models=["naive_bayes", "svm_rbf"])
            compress.compress(asked, run.path, variants=["float", "int8"])
        runs.append(run)
    here, there = runs
    assert train.train(asked, there.path).history().epoch.tolist() == [1, 2, 1, 2]
    for table in ("history", "predictions", "ablation"):
        pd.testing.assert_frame_equal(_table(here.read(table)), _table(there.read(table)))
    columns = ["model", "features", "accuracy", "macro_f1"]
    pd.testing.assert_frame_equal(here.baselines()[columns], there.baselines()[columns])
    for variant in ("float", "int8"):
        pd.testing.assert_frame_equal(here.variant(variant).predictions(), there.variant(variant).predictions())


@pytest.mark.slow
def test_workers_that_compute_features_print_nothing(experiment, cache, capfd):
    new = experiment.override({"frontend.n_mels": 17})
    data = prepare_data(new)
    capfd.readouterr()
    with parallel.backend(2):
        extract_features(new, data)
    assert capfd.readouterr() == ("", "")
