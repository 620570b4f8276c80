"""The table of a run's artifacts knows all of its files, and the manual names them."""

import pytest

from kerasinst.core.errors import BadInput
from kerasinst.experiment import PROJECT
from kerasinst.runs import Run
from kerasinst.runs.artifacts import ARTIFACTS


def test_a_finished_run_holds_nothing_that_the_table_does_not_know(finished):
    known = {artifact.path.partition("/")[0] for artifact in ARTIFACTS.values()}
    assert {path.name for path in finished.path.iterdir()} <= known
    missing = [name for name, artifact in ARTIFACTS.items() if not artifact.optional and not finished.has(name)]
    assert missing == []


def test_what_is_needed_of_an_artifact_is_there(finished):
    for name, artifact in ARTIFACTS.items():
        if artifact.needs and finished.has(name):
            assert artifact.needs <= set(finished.read(name)), name


def test_the_manual_names_every_artifact():
    page = (PROJECT / "docs" / "reference" / "run.md").read_text(encoding="utf-8")
    hidden = {"state", "earlier", "tflite", "ablation_runs", "bands", "moments", "explanation"}
    unnamed = [name for name, artifact in ARTIFACTS.items() if name not in hidden and artifact.path not in page]
    assert unnamed == []


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"there is no metrics\.json; let the run finish first"):
        Run(tmp_path).metrics()
    assert Run(tmp_path).leaderboard() is None and Run(tmp_path).examples() is None
