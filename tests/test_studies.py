"""Study scripts: the same models by both protocols, published figures beside them."""

import pandas as pd
import pytest
import yaml

from experiments import ablation, compare
from kerasinst.core.errors import BadInput
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.runs import Run

PUBLISHED = {
    "study": "A study",
    "protocol": "segment",
    "results": [
        {"model": "naive_bayes", "accuracy": 0.5},
        {"where": {"network.filters": [4, 8]}, "accuracy": 0.9},
        {"where": {"network.filters": [4]}, "accuracy": 0.7},
        {"variant": "pruned", "accuracy": 0.8},
    ],
}


@pytest.fixture
def study(content, tmp_path, monkeypatch):
    """The name of a study on two easy labels, among the project's experiments."""
    folder = tmp_path / "project" / "experiments"
    folder.mkdir(parents=True)
    content["training"] |= {"epochs": 2}
    content |= {"published": PUBLISHED, "ablation": {"network.filters": [[4]]}}
    (folder / "tiny.yaml").write_text(yaml.safe_dump(content))
    best = (PROJECT / "experiments" / "best.yaml").read_text()
    weights = str(PROJECT / "experiments" / "pretrained.npz")
    (folder / "best.yaml").write_text(
        best.replace("experiments/pretrained.npz", weights).replace("2.0, hop_seconds", "0.5, hop_seconds")
    )
    for script in (compare, ablation):
        monkeypatch.setattr(script, "PROJECT", tmp_path / "project")
    return "tiny"


@pytest.mark.slow
def test_the_table_of_a_study_is_made_by_both_protocols(study, tmp_path):
    options = dict(data=None, segments=60, epochs=2, runs=tmp_path / "runs", to=tmp_path / "report")
    compare.main(study, **options, reader=None)
    table = pd.read_csv(tmp_path / "report" / "tables" / "protocols.csv").set_index("model")
    published = {"naive_bayes (picture)": 0.5, "cnn": 0.9, "cnn-cutmix": 0.9, "cnn-cutmix (pruned)": 0.8}
    assert table.published_accuracy.dropna().to_dict() == published and set(table.index) == {*published, "best"}
    assert table[["leaky_segments", "whole_segments", "whole_clips"]].notna().all(axis=None)
    for by in ("segment", "group"):
        folder = tmp_path / "runs" / by / "cnn-cutmix"
        assert Experiment.from_yaml(folder / "experiment.yaml").split.by == by
        pruned = Run(folder).variants()["pruned"].metrics()
        assert pruned["sparsity"] == pytest.approx(0.5, abs=0.01) and pruned["seconds_to_train"] > 0
    written = (tmp_path / "runs" / "segment" / "cnn" / "metrics.json").stat().st_mtime_ns
    compare.main(study, **options, reader=None)  # goes on where it stood: nothing is trained again
    assert (tmp_path / "runs" / "segment" / "cnn" / "metrics.json").stat().st_mtime_ns == written


@pytest.mark.slow
def test_the_ablation_of_a_study_shows_both_protocols_and_what_is_published(study, tmp_path, capsys):
    options = dict(data=None, reader=None, segments=60, epochs=2, runs=tmp_path / "runs", to=tmp_path / "report")
    ablation.main(study, **options)
    rows = capsys.readouterr().out.splitlines()[-2:]
    assert rows[0].split()[:2] == ["nothing", "0.900"] and rows[1].split()[:3] == ["network.filters", "[4]", "0.700"]
    page = (tmp_path / "report" / "index.html").read_text()
    assert "ablation-segment" in page and "ablation-group" in page


def test_a_study_without_published_figures_is_refused(study, tmp_path):
    file = tmp_path / "project" / "experiments" / "tiny.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "published": None}))
    with pytest.raises(BadInput, match="no published figures"):
        compare.main(study)


def test_the_experiment_file_holds_what_the_study_reports():
    experiment = Experiment.from_yaml(PROJECT / "experiments" / "ee5180.yaml")
    rows = [experiment.override({key: value}) for key, values in experiment.ablation.items() for value in values]
    published = [each.as_published().accuracy for each in [*rows, experiment]]
    assert published == [0.4698, 0.5727, 0.8277, 0.8068, 0.8176, 0.8319, 0.86]
    assert experiment.override({"training.augment": []}).as_published().accuracy == 0.79
    assert experiment.as_published(variant="pruned").parameters == 1835989
    classical = ("logistic_regression", "naive_bayes", "svm_rbf", "decision_tree", "random_forest", "ada_boost", "mlp")
    assert [experiment.as_published(model).accuracy for model in classical] == [
        0.68,
        0.58,
        0.71,
        0.64,
        0.80,
        0.66,
        0.47,
    ]
    assert experiment.as_published("mlp", "statistics") is None
    assert experiment.override({"network.dense_units": [5]}).as_published() is None
