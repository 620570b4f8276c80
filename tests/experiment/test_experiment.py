"""Experiment files: what they accept, and how their errors help."""

import pytest
import yaml

from kerasinst.core.errors import BadInput
from kerasinst.experiment import PROJECT, Experiment, read_yaml

EXPERIMENTS = [path for path in sorted((PROJECT / "experiments").glob("*.yaml")) if path.stem != "compression"]


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_experiment_of_the_project_is_valid_and_survives_writing(path, tmp_path):
    experiment = Experiment.from_yaml(path)
    (tmp_path / "again.yaml").write_text(experiment.to_yaml())
    assert Experiment.from_yaml(tmp_path / "again.yaml") == experiment


def test_the_plan_of_compression_fits_every_experiment():
    plan = read_yaml(PROJECT / "experiments" / "compression.yaml")
    for path in EXPERIMENTS:
        assert len(Experiment.from_yaml(path).override({"compression": plan}).compression.variants) > 10


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("network.name", "seperable", "network: there is no network 'seperable'; did you mean 'separable'?"),
        ("network.filtres", [4], "network 'separable' has no 'filtres'; did you mean 'filters'?"),
        ("frontend.name", "logmel", "there is no front end 'logmel'; did you mean 'log_mel'?"),
        ("dataset.reader", "foldr", "there is no reader 'foldr'; did you mean 'folder'?"),
        ("dataset.verified_only", True, "reader 'folder' has no 'verified_only'"),
        ("training.epoch", 3, "training.epoch: there is no such key; did you mean 'epochs'?"),
        ("trainng", {}, "trainng: there is no such key; did you mean 'training'?"),
        ("training.epochs", "many", "training.epochs: Input should be a valid integer"),
        ("training.augment", ["cutmx"], "there is no augmentation 'cutmx'; did you mean 'cutmix'?"),
        ("training.augment", [{"cutmix": {"alpah": 1}}], "augmentation 'cutmix' has no 'alpah'; did you mean 'alpha'?"),
        ("split", {"validation": 0.6, "test": 0.5}, "make them less than 1"),
        ("split.by", "clip", "split.by: Input should be 'group', 'session' or 'segment', but 'clip' was given"),
        ("audio", {"segments": 10, "hop_seconds": 1}, "give segments or hop_seconds, not both"),
        ("dataset.labels", ["low", "low"], "a label stands there twice"),
        ("network.filters.5", 3, "is a list of 2: use a number from 0 to 1"),
        ("name", "a/b", "name: String should match pattern"),
        ("split.validation", 0, "set training.monitor: last"),
        ("training.patience", {"monitor": "last"}, "training.patience"),
        ("audio.trim_db", -3, "audio.trim_db: Input should be greater than 0"),
    ],
)
def test_an_error_names_key_and_cure_in_one_line(experiment, key, value, message):
    with pytest.raises(BadInput) as error:
        experiment.override({key: value})
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_number_in_a_key_indexes_a_list_that_is_left_at_its_default(experiment):
    changed = experiment.override({"network": {"name": "ee5180"}}).override({"network.kernel_sizes.1": 3})
    assert changed.network.options == {"kernel_sizes": [1, 3, 1]}
    several = experiment.override({"frontend": {"name": "multi_stft"}, "frontend.win_lengths.0": 1024})
    assert several.frontend.options["win_lengths"][0] == 1024 and len(several.frontend.options["win_lengths"]) == 3
    with pytest.raises(BadInput, match="is a list of 3"):
        experiment.override({"network": {"name": "ee5180"}, "network.kernel_sizes.5": 3})


def test_override_changes_what_it_names_and_nothing_else(experiment):
    changed = experiment.override({"network.filters.0": 6, "training.learning_rate": "1e-2"})
    assert changed.network.options["filters"] == [6, 8]
    assert changed.training.learning_rate == 0.01
    assert experiment.network.options["filters"] == [4, 8]
    assert changed.override({"network.filters.0": 4, "training.learning_rate": 0.02}) == experiment


def test_a_file_that_is_not_there_suggests_its_neighbour():
    with pytest.raises(BadInput, match=r"no such file; did you mean 'ee5180.yaml'"):
        Experiment.from_yaml(PROJECT / "experiments" / "ee518.yaml")


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", "!!python/object/apply:os.system [id]", ""])
def test_a_file_that_is_no_safe_mapping_is_refused(tmp_path, text):
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(BadInput, match=r"bad.yaml"):
        Experiment.from_yaml(tmp_path / "bad.yaml")


def test_the_search_space_is_found_and_written_out(tmp_path, content):
    (tmp_path / "space.yaml").write_text("network.dropout: {choice: [0.0, 0.5]}\n")
    content["search"]["space"] = "space.yaml"
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(content))
    experiment = Experiment.from_yaml(tmp_path / "mine.yaml")
    assert experiment.search.space == {"network.dropout": {"choice": [0.0, 0.5]}}
    assert "space.yaml" not in experiment.to_yaml()


def test_other_data_replaces_rendered_audio_by_a_folder(recordings):
    quickstart = Experiment.from_yaml(PROJECT / "experiments" / "quickstart.yaml").on_data(recordings)
    assert (quickstart.dataset.reader, quickstart.dataset.path) == ("folder", recordings)
    study = Experiment.from_yaml(PROJECT / "experiments" / "ee5180.yaml").on_data(recordings)
    assert (study.dataset.reader, study.dataset.path) == ("fsdkaggle2018", recordings)


def test_another_reader_drops_the_options_of_the_old_one_and_keeps_the_study_s_labels(recordings):
    study = Experiment.from_yaml(PROJECT / "experiments" / "ee5180.yaml").override({"dataset.verified_only": True})
    assert study.on_data(recordings).dataset.options == {"verified_only": True}
    other = study.on_data(recordings, reader="folder").dataset
    assert (other.reader, other.labels, other.options) == ("folder", study.dataset.labels, {})


def test_a_published_figure_of_what_the_experiment_does_not_have_is_refused(content, tmp_path):
    results = [{"where": {"network.filter": [4, 8]}, "accuracy": 0.9}]
    content["published"] = {"study": "A", "protocol": "group", "results": results}
    (tmp_path / "typo.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(BadInput, match=r"has no 'network\.filter'"):
        Experiment.from_yaml(tmp_path / "typo.yaml")
