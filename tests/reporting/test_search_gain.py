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
