"""Ablations: what is changed, what stays the same, and what is written."""

import shutil

import pytest
import yaml

from kerasinst import ablate, train
from kerasinst.core.errors import BadInput
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.experiment.ablation import ablated_experiments

PARTS = {
    "network.filters": [[4]],
    "no augmentation": {"training.augment": []},
}


@pytest.fixture
def short(experiment):
    return experiment.override({"training.epochs": 2, "search": None})


def test_each_part_is_trained_on_the_same_split_and_budget(short, tmp_path):
    run = ablate.ablate(short.override({"ablation": PARTS}), tmp_path / "run")
    table = run.ablation()
    assert table.changed.tolist() == ["nothing", *PARTS] and table.to.tolist() == ["", "[4]", ""]
    assert table.accuracy[0] == run.metrics()["clip"]["accuracy"] and table.difference[0] == 0
    assert table.parameters[1] < table.parameters[0] == table.parameters[2]
    assert table.p_value.isna().tolist() == [True, False, False] and table.p_value[1:].between(0, 1).all()
    parts = {folder.name: ablate.Run(folder) for folder in (run.path / "ablation").iterdir()}
    names = ["network.filters-4", "no-augmentation"]
    assert {name.rpartition("-")[0] for name in parts} == set(names)
    for name, changes in zip(names, PARTS.values(), strict=True):
        part = next(part for folder, part in parts.items() if folder.startswith(name))
        assert part.split().equals(run.split())
        assert len(part.history()) == 2
        changes = changes if isinstance(changes, dict) else {"network.filters": changes[0]}
        assert part.experiment() == short.override(changes)


@pytest.mark.slow
def test_a_finished_run_gets_an_ablation_and_a_killed_one_goes_on(short, run_verb, tmp_path, monkeypatch):
    run = train.train(short, tmp_path / "run")
    (tmp_path / "parts.yaml").write_text(yaml.safe_dump(PARTS, sort_keys=False))
    trained, original = [], train.train

    def dies_at_the_third(experiment, where):
        if len(trained) == 2:
            raise KeyboardInterrupt
        trained.append(where)
        return original(experiment, where)

    monkeypatch.setattr(train, "train", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        ablate.ablate(short.override({"ablation": PARTS}), run.path)
    monkeypatch.undo()
    first = next((run.path / "ablation").glob("network*/metrics.json")).stat().st_mtime_ns
    code, out, err = run_verb(ablate, run.path, "--parts", tmp_path / "parts.yaml")
    assert code == 0, err
    assert "no augmentation" in out and "p (Holm)" in out
    assert next((run.path / "ablation").glob("network*/metrics.json")).stat().st_mtime_ns == first


@pytest.mark.slow
def test_a_search_is_ablated_around_its_best(finished, tmp_path):
    run = ablate.Run(shutil.copytree(finished.path, tmp_path / "run"))
    best = Experiment.from_yaml(run.path / "best.yaml")
    ablate.ablate(run.experiment().override({"ablation": {"one epoch": {"training.epochs": 1}}}), run.path)
    (part,) = (run.path / "ablation").iterdir()
    assert ablate.Run(part).experiment() == best.override({"training.epochs": 1})
    assert run.ablation().changed.tolist() == ["nothing", "one epoch"]


@pytest.mark.slow
def test_changes_that_read_alike_are_kept_apart_and_null_stays_a_word(short, tmp_path):
    parts = {
        "rate +1": {"training.epochs": 1},
        "rate -1": {"training.learning_rate": 0.01},
        "training.patience": [None],
    }
    table = ablate.ablate(short.override({"ablation": parts}), tmp_path / "run").ablation()
    assert len(list((tmp_path / "run" / "ablation").iterdir())) == 3 and table.to.iloc[-1] == "None"


def test_bad_input_ends_in_one_line(run_verb, experiment_file, short, tmp_path):
    code, _, err = run_verb(ablate, experiment_file, "--run", tmp_path / "run")
    assert code == 2 and "there is nothing to take away" in err and not (tmp_path / "run").exists()
    code, _, err = run_verb(
        ablate, experiment_file, "--run", tmp_path / "run", "--set", "ablation={training.epoch: [1]}"
    )
    assert code == 2 and "did you mean 'epochs'" in err and not (tmp_path / "run").exists()
    with pytest.raises(BadInput, match="keep the data set"):
        ablate.ablate(short.override({"ablation": {"dataset.labels": [["low", "high"]]}}), tmp_path / "run")
    with pytest.raises(BadInput, match=r"split\.test larger than 0"):
        ablate.ablate(short.override({"split.test": 0, "ablation": PARTS}), tmp_path / "run")


def test_ee5180_lists_the_rows_of_the_study():
    changed = ablated_experiments(Experiment.from_yaml(PROJECT / "experiments" / "ee5180.yaml"))
    layers = [
        (len(each.network.options["conv_filters"]), len(each.network.options["dense_units"]))
        for each in changed.values()
    ]
    assert layers == [(0, 3), (1, 3), (2, 3), (3, 0), (3, 1), (3, 2)]
