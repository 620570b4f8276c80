"""Search spaces: what they declare, and what they refuse."""

import keras_tuner
import pytest

from kerasinst import networks
from kerasinst.core.errors import BadInput
from kerasinst.experiment import PROJECT, Experiment, read_yaml
from kerasinst.tuning.space import Space


def test_entries_become_keras_tuner_s_own(experiment):
    space = Space(
        {
            "network.filters.0": {"int": {"min": 4, "max": 8, "step": 2}},
            "network.dropout": {"float": {"min": 0.1, "max": 0.3}},
            "training.learning_rate": {"float": {"min": 0.001, "max": 0.1, "sampling": "log"}},
            "network.kernel_size": {"choice": [3, 5]},
            "network.filters": {"choice": [[4, 8], [8, 8]]},
            "training.batch_size": {"choice": [8, "16"]},
        },
        experiment,
    )
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    kinds = {parameter.name: type(parameter).__name__ for parameter in hyperparameters.space}
    assert kinds == {
        "network.filters.0": "Int",
        "network.dropout": "Float",
        "training.learning_rate": "Float",
        "network.kernel_size": "Choice",
        "network.filters": "Choice",
        "training.batch_size": "Choice",
    }
    drawn = space.values({**hyperparameters.values, "network.filters": 1, "training.batch_size": 1})
    assert drawn["network.filters"] == [8, 8]
    assert experiment.override(drawn).training.batch_size == 16


def test_the_study_s_space_has_its_table():
    experiment = Experiment.from_yaml(PROJECT / "experiments" / "ee5180.yaml")
    extremes = Space(experiment.search.space, experiment).extremes()
    assert extremes["network.conv_filters.0"] == [16, 64]
    assert extremes["network.conv_filters.1"] == [16, 32]
    assert extremes["network.conv_filters.2"] == [8, 16]
    assert extremes["network.kernel_sizes.1"] == [1, 3, 5]
    assert extremes["training.learning_rate"] == [1.0, 0.1, 0.01, 0.001]


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({}, "it is empty"),
        ({"network.droput": {"choice": [0.1]}}, "no 'droput'; did you mean 'dropout'"),
        ({"network.dropout": {"int": {"min": 3, "max": 1}}}, "min 3 must be below max 1"),
        ({"network.dropout": {"int": {"min": 1}}}, "network.dropout.int.max: Field required"),
        ({"network.dropout": {"choice": [1], "int": {"min": 1, "max": 2}}}, "exactly one of int, float, choice"),
        ({"network.dropout": {"boolean": True}}, "network.dropout.boolean: Input should be"),
        ({"network.dropout": {"float": {"min": 0.1, "max": 0.4, "step": 0.1, "sampling": "log"}}}, "must be above 1"),
        (
            {"network.dropout": {"float": {"min": 0.1, "max": 0.4, "step": 2, "sampling": "reverse_log"}}},
            "takes no step",
        ),
        ({"network.dropout": {"choice": [0.1], "when": {"network.nam": "strided"}}}, "network.nam: no such key"),
        (
            {"network.dropout": {"choice": [0.1], "when": {"network.blocks": 4}}, "network.blocks": {"choice": [1, 2]}},
            "when: network.blocks: 4 is no value",
        ),
        (
            {
                "network.dropout": {"choice": [0.1], "when": {"network.blocks": 1}},
                "network.blocks": {"choice": [1], "when": {"network.dropout": 0.1}},
            },
            "wait for each other",
        ),
        (
            {
                "network.name": {"choice": ["separable", "ds_cnn"]},
                "network.units": {"choice": [8], "when": {"network.name": "ds_cnn"}},
            },
            "network 'ds_cnn' has no 'units'",
        ),
        ({"network.dropout": {"choise": [1]}}, "choise"),
        ({"network.dropout": {"float": None}}, "exactly one of int, float, choice"),
        ({"network.dropout": {"float": {"min": 0, "max": 0.5, "sampling": "log"}}}, "needs a min above 0"),
        ({"training.learning_rate": {"choice": [0.1, -1]}}, "training.learning_rate: Input should be greater than 0"),
        ({"split.seed": {"choice": [1, 2]}}, "'split.seed' cannot vary in a search"),
    ],
)
def test_a_wrong_space_is_refused_before_any_work(experiment, space, message):
    with pytest.raises(BadInput, match=message):
        Space(space, experiment)


@pytest.mark.parametrize(
    ("space", "size"),
    [
        ({"network.dropout": {"choice": [0.0, 0.1]}, "network.blocks": {"int": {"min": 1, "max": 3}}}, 6),
        ({"network.dropout": {"float": {"min": 0.0, "max": 0.3, "step": 0.1}}}, 4),
        ({"training.batch_size": {"int": {"min": 8, "max": 32, "step": 8}}}, 4),
        ({"network.dropout": {"float": {"min": 0.0, "max": 0.3}}, "network.blocks": {"choice": [1, 2]}}, None),
        ({"training.batch_size": {"int": {"min": 8, "max": 33, "step": 2, "sampling": "log"}}}, 3),
        ({"training.batch_size": {"int": {"min": 8, "max": 33, "sampling": "log"}}}, 26),
        ({"frontend.center": {"boolean": {}}, "training.batch_size": {"fixed": 16}}, 2),
        (
            {
                "network.dropout": {"choice": [0.0, 0.1, 0.2], "when": {"network.blocks": [2, 3]}},
                "network.blocks": {"int": {"min": 1, "max": 3}},
            },
            7,
        ),
    ],
)
def test_combinations_are_counted(space, size, experiment):
    assert Space(space, experiment).size == size


def test_the_experiment_as_it_is_written_is_drawn_where_the_space_holds_it(experiment):
    written = experiment.override({"network.dropout": 0.2, "training.augment": [{"mixup": {"alpha": 0.3}}]})
    space = {
        "network.dropout": {"float": {"min": 0.0, "max": 0.4, "step": 0.1}},
        "network.filters": {"choice": [[8, 8], [4, 8]]},
        "network.blocks": {"int": {"min": 1, "max": 3}},
        "training.augment": {"choice": [[], [{"mixup": {"alpha": 0.3}}]]},
        "training.batch_size": {"choice": [4, 8]},
    }
    drawn = Space(space, written).as_written()
    assert drawn == {
        "network.dropout": 0.2, "network.filters": 1, "network.blocks": 1, "training.augment": 1,
        "training.batch_size": 8,
    }  # fmt: skip
    assert written.override(Space(space, written).values(drawn)) == written
    for change in (
        {"network.dropout": 0.25},
        {"network.filters": [4, 4]},
        {"network.blocks": 4},
        {"training.augment": []},
        {"training.batch_size": 16},
    ):
        found = Space(space, written.override(change)).as_written()
        assert (found is None) != (change == {"training.augment": []})
    default = Space({"network.kernel_size": {"choice": [5, 3]}}, experiment).as_written()
    assert default == {"network.kernel_size": 3}  # which is not written out


def test_a_network_that_is_drawn_has_the_keys_under_it_and_no_others(experiment):
    space = Space(
        {
            "network.name": {"choice": ["separable", "strided", "ds_cnn"]},
            "network.filters": [
                {"choice": [[4, 8], [8, 8]], "when": {"network.name": "separable"}},
                {"choice": [[4, 4, 8]], "when": {"network.name": "strided"}},
            ],
            "network.dropout": {
                "float": {"min": 0.0, "max": 0.4, "step": 0.1},
                "when": {"network.name": ["separable", "strided"]},
            },
        },
        experiment.override({"network.dropout": 0.1}),
    )
    assert space.size == 2 * 5 + 5 + 1
    assert space.as_written() == {"network.name": "separable", "network.filters 1": 0, "network.dropout": 0.1}
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    assert hyperparameters.values == space.as_written()
    strided = space.experiment_with({"network.name": "strided", "network.filters 2": 0, "network.dropout": 0.2})
    assert strided.network.name == "strided" and strided.network.options == {"filters": [4, 4, 8], "dropout": 0.2}
    assert space.experiment_with({"network.name": "ds_cnn"}).network.options == {}
    own = space.experiment_with(space.as_written())
    assert own.network.options == {**experiment.network.options, "filters": [4, 8], "dropout": 0.1}


def test_steps_of_a_logarithmic_range_multiply(experiment):
    space = Space({"training.batch_size": {"int": {"min": 4, "max": 32, "step": 2, "sampling": "log"}}}, experiment)
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    drawn = {hyperparameters.space[0].random_sample(seed) for seed in range(200)}
    assert drawn == {4, 8, 16, 32}
    assert all(space.entries["training.batch_size"].holds(value) for value in drawn)
    assert not space.entries["training.batch_size"].holds(12)


def test_the_packaged_spaces_hold_their_experiments_as_they_are_written():
    for name in ("quickstart", "ee5180"):
        experiment = Experiment.from_yaml(PROJECT / "experiments" / f"{name}.yaml")
        space = Space(experiment.search.space, experiment)
        assert experiment.override(space.values(space.as_written())) == experiment


def test_every_network_has_a_space_that_holds_what_it_is_by_default():
    quickstart = Experiment.from_yaml("quickstart")
    for name in networks.names():
        content = read_yaml(PROJECT / "search_spaces" / f"{name}.yaml")
        experiment = quickstart.override({"network": {"name": name}, "search.space": content})
        if name == "panns":  # whose default, cnn14, is too large to be searched
            experiment = experiment.override({"network.variant": "cnn10", "network.width": 0.5})
        space = Space(experiment.search.space, experiment)
        assert any(key.startswith("network.") for key in space.keys)
        assert space.as_written() is not None


def test_the_space_of_all_compact_networks_begins_with_its_experiment():
    experiment = Experiment.from_yaml("compact")
    space = Space(experiment.search.space, experiment)
    drawn = space.as_written()
    assert drawn["network.name"] == "strided" and space.experiment_with(drawn) == experiment
    assert {"network.filters 2", "network.blocks"}.isdisjoint(drawn)


@pytest.mark.parametrize(
    "order", [("optimizer", "weight_decay", "clip_norm"), ("clip_norm", "weight_decay", "optimizer")]
)
def test_conditions_may_be_chained_in_any_order(order, experiment):
    content = {
        "optimizer": {"choice": ["adamw"]},
        "weight_decay": {"choice": [0.01, 0.1], "when": {"training.optimizer": "adamw"}},
        "clip_norm": {"choice": [1, 2], "when": {"training.weight_decay": 0.01}},
    }
    space = Space({f"training.{name}": content[name] for name in order}, experiment)
    hyperparameters = keras_tuner.HyperParameters()
    space.declare(hyperparameters)
    assert space.size == 3
    assert space.experiment_with(hyperparameters.values).training.clip_norm == 1


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"network.blocks": [{"choice": [1, 2]}, {"choice": [3]}]}, "two of its entries may apply at once"),
        ({"training.monitor": {"choice": ["val_loss", "val_accuracy"]}}, "trials are compared by search.objective"),
        ({"training.seeds": {"choice": [[1], [2]]}}, "repeat trials with search.repeats"),
    ],
)
def test_spaces_that_would_compare_what_differs_are_refused(space, message, experiment):
    with pytest.raises(BadInput, match=message):
        Space(space, experiment)
