"""The committed reports of the studies: made from what is committed with them, by the experiments of today."""

import pandas as pd
import pytest

from kerasinst.experiment import Experiment
from kerasinst.experiment.locations import PROJECT
from kerasinst.experiment.studies import STUDIES, experiments_of
from kerasinst.report import report

ELSEWHERE = ["bytes", "run"]
"""Columns that need the models, which are not committed, and paths."""


@pytest.fixture(params=STUDIES)
def study(request):
    return request.param


def test_experiments_are_those_of_today(study):
    runs = PROJECT / "reports" / "studies" / study / "runs"
    today = experiments_of(study, fast=True)
    for name, experiment in today.items():
        assert Experiment.from_yaml(runs / name / "experiment.yaml") == experiment, f"make reports ARGS={study}"
    assert {path.name.removesuffix("-leaky") for path in _compared(runs)} == set(today)


def test_tables_are_made_from_the_measurements(study, tmp_path):
    folder = PROJECT / "reports" / "studies" / study
    report(_compared(folder / "runs"), tmp_path / f"report-{study}")
    tables = sorted((folder / "tables").glob("*.csv"))
    assert {"published.csv", "comparison-1-group.csv"} <= {path.name for path in tables}
    for path in tables:
        committed, made = (
            pd.read_csv(each).drop(columns=ELSEWHERE, errors="ignore")
            for each in (path, tmp_path / f"report-{study}" / "tables" / path.name)
        )
        pd.testing.assert_frame_equal(made, committed, obj=f"{study}: {path.name}")


def _compared(runs):
    """The runs that the report compares: all but the closer look at one of them."""
    return [path for path in sorted(runs.iterdir()) if not path.name.endswith("-closer")]
