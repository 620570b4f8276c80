"""What `--explain` says of a search."""

import pytest

from kerasinst.core.errors import BadInput
from kerasinst.features import prepare_data
from kerasinst.reporting import show_preview
from kerasinst.tuning.costs import NetworkCosts
from kerasinst.tuning.preview import preview


def test_samples_have_costs_and_the_share_within_limits(experiment, tmp_path, capsys):
    space = {"network.filters": {"choice": [[4, 8], [8, 16]]}, "network.dropout": {"choice": [0.0, 0.1, 0.2]}}
    written = {"network.filters": [4, 8], "network.dropout": 0.1, "search.space": space, "search.trials": 5}
    asked = experiment.override({**written, "search.limits.parameters": 400})
    found = preview(asked, prepare_data(asked))
    assert found.size == found.drawn == len(found.samples) == 6 and found.within == 3
    assert found.samples["network.filters"][0] == [4, 8] and found.samples["network.dropout"][0] == 0.1
    costs = NetworkCosts(2, tmp_path)
    for row in found.samples.to_dict("records"):
        own = costs.of_graph(asked.override({key: row[key] for key in space}))
        assert row["parameters"] == own["parameters"] and row["multiply_adds"] == own["multiply_adds"]
        assert (row["over"] == "parameters") == (own["parameters"] > 400)
    assert found.samples.tflite_bytes.isna().all() and found.seconds > 0
    show_preview(asked, found)
    shown = capsys.readouterr().out
    assert "6 combinations" in shown and "3 of 6 samples are within them" in shown and "time" in shown


def test_samples_that_cannot_be_built_are_shown_as_such(experiment):
    space = {"frontend.n_fft": {"choice": [256, 8192]}}
    asked = experiment.override({"search.space": space, "frontend.center": False, "search.measure": True})
    found = preview(asked, prepare_data(asked))
    rows = found.samples.set_index("frontend.n_fft")
    assert rows.over[8192] == "cannot be built" and rows.over[256] is None
    assert rows.tflite_bytes[256] > 1000 and rows.milliseconds[256] > 0


def test_an_experiment_without_a_search_is_refused(experiment):
    with pytest.raises(BadInput, match="no search section to explain"):
        preview(experiment.override({"search": None}), None)
