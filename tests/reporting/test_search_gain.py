"""What a search gained, as results say it."""

import shutil

import pytest

from kerasinst.reporting.search_gain import gain
from kerasinst.runs import Run


@pytest.mark.parametrize(
    ("epochs", "said"), [([27, 3], " (after 3 and 27 epochs)"), ([9, 9], ""), ([9, None], ""), (None, "")]
)
def test_epochs_are_named_where_they_differ(finished, epochs, said, tmp_path):
    """With hyperband, the best trial may have more of them; leaderboards of earlier versions lack the column."""
    run = Run(tmp_path / "run")
    run.path.mkdir()
    shutil.copy(finished.file("experiment"), run.file("experiment"))
    run.write_experiment(run.experiment().override({"network.dropout": 0.3}))
    board = finished.leaderboard().assign(score=[0.9, 0.5], **{"network.dropout": [0.1, 0.3]})
    board = board.drop(columns="epochs") if epochs is None else board.assign(epochs=epochs)
    run.write_table("leaderboard", board)
    assert str(gain(run)) == f"val_accuracy 0.500 as written, 0.900 with dropout 0.3 -> 0.1{said}"


def test_keys_that_one_of_the_trials_does_not_have(finished, tmp_path):
    """Blanks make whole numbers of a column floats in the file."""
    run = Run(tmp_path / "run")
    run.path.mkdir()
    shutil.copy(finished.file("experiment"), run.file("experiment"))
    space = {"network.dropout": {"choice": [0.1, 0.3]}, "training.batch_size": {"choice": [16, 32]}}
    values = {"network.dropout": 0.3, "training.batch_size": 32, "search.space": space}
    run.write_experiment(run.experiment().override(values))
    board = finished.leaderboard().assign(score=[0.9, 0.5], epochs=9)
    keys = {"network.dropout": [0.1, 0.3], "training.batch_size": [None, 32], "network.dense.0": [2048, None]}
    run.write_table("leaderboard", board.assign(**keys))
    changed = [("network.dropout", "0.3", "0.1"), ("training.batch_size", "32", "–"), ("network.dense.0", "–", "2048")]
    assert gain(run).changed == changed
