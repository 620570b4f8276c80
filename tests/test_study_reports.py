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
    if today[study].published.protocol == "segment":
        today[f"{study}-leaky"] = today[study].override({"split.by": "segment"})
    for name, experiment in today.items():
        assert Experiment.from_yaml(runs / name / "experiment.yaml") == experiment, f"make reports ARGS={study}"
    assert {path.name for path in _compared(runs)} == set(today)


def test_tables_are_made_from_the_measurements(study, tmp_path):
    folder = PROJECT / "reports" / "studies" / study
    report(_compared(folder / "runs"), tmp_path / f"report-{study}")
    made = tmp_path / f"report-{study}" / "tables"
    committed = sorted((folder / "tables").iterdir())
    assert {path.name for path in committed} == {path.name for path in made.iterdir() if path.suffix != ".tex"}
    for path in committed:
        if path.suffix == ".md":
            assert _markdown(made / path.name) == _markdown(path), f"make reports ARGS={study}: {path.name}"
        else:
            pd.testing.assert_frame_equal(_csv(made / path.name), _csv(path), obj=f"{study}: {path.name}")


def _compared(runs):
    """The runs that the report compares: all but the closer look at one of them."""
    return [path for path in sorted(runs.iterdir()) if not path.name.endswith("-closer")]


def _csv(path):
    """The columns of a table that can be compared."""
    return pd.read_csv(path).drop(columns=ELSEWHERE, errors="ignore")


def _markdown(path):
    """The cells of a table that can be compared, and what stands below it."""
    lines = path.read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    kept = [column for column, name in enumerate(rows[0]) if name not in ELSEWHERE]
    return [[row[column] for column in kept] for row in rows if not row[0].startswith(":")], lines[len(rows) :]
