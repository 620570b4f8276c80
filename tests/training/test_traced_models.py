"""Models that are trained again without being traced: the result is that of a model of its own."""

import numpy as np
import pytest
from conftest import few

from kerasinst import networks
from kerasinst.experiment.training import TrainingSection
from kerasinst.training import traced_models
from kerasinst.training.fit import fit

RANDOM = np.random.default_rng(0)
TARGETS = np.eye(3, dtype="float32")[np.arange(48) % 3]
FEATURES = (RANDOM.normal(0, 1, (48, 12, 9, 1)) + TARGETS.argmax(axis=1)[:, None, None, None]).astype("float32")


def _fit(state, structure, seed=1, on_epoch=lambda row: None, **options):
    options = {"epochs": 3, "learning_rate": 0.01, "batch_size": 8, "augment": ["cutmix"], **options}
    return fit(
        lambda: networks.create("separable", (12, 9, 1), n_labels=3, filters=[4, 8], blocks=1, dropout=0.2),
        TrainingSection(**options),
        train=(FEATURES[:36], TARGETS[:36]),
        validation=(FEATURES[36:], TARGETS[36:]),
        seed=seed,
        state=state,
        structure=structure,
        on_epoch=on_epoch,
    )


@pytest.fixture(autouse=True)
def nothing_kept():
    traced_models._models.clear()
    yield
    traced_models._models.clear()


FAST = {"batch_size": 12, "schedule": "cosine", "optimizer": "adamw"}


@pytest.mark.parametrize(
    "options",
    few(
        [
            {"seed": 2},
            {"learning_rate": 0.003},
            {"schedule": "cosine", "optimizer": "adamw", "epochs": 4, "learning_rate": 0.02},
            FAST,
        ],
        [FAST],
    ),
)
def test_another_training_of_the_same_structure_is_as_if_it_came_first(options, tmp_path):
    first = {"schedule": options.get("schedule", "constant"), "optimizer": options.get("optimizer", "adam")}
    expected = _fit(tmp_path / "alone", "alone", **options)
    _fit(tmp_path / "first", "same", **first)
    found = _fit(tmp_path / "second", "same", **options)
    columns = ["loss", "val_loss", "val_accuracy"]
    np.testing.assert_allclose(found.history[columns], expected.history[columns], rtol=5e-3)
    for one, other in zip(found.network.get_weights(), expected.network.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=5e-3)  # threads add in any order


def test_the_step_is_not_traced_again(tmp_path):
    first = _fit(tmp_path / "first", "same")
    (kept,) = traced_models._models.values()
    step = kept.model.train_function
    second = _fit(tmp_path / "second", "same", seed=2, learning_rate=0.003, batch_size=12)
    assert kept.model.train_function is step and second.network is first.network


def test_an_interrupted_training_is_not_used_again_and_goes_on_as_it_would_have(tmp_path):
    expected = _fit(tmp_path / "whole", "whole", schedule="cosine")

    def interrupt(row):
        if row["epoch"] == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        _fit(tmp_path / "parts", "parts", schedule="cosine", on_epoch=interrupt)
    assert list(traced_models._models) == ["whole"]
    _fit(tmp_path / "other", "parts", schedule="cosine", seed=5)
    found = _fit(tmp_path / "parts", "parts", schedule="cosine")
    np.testing.assert_allclose(found.history.val_loss, expected.history.val_loss, rtol=5e-3)


@pytest.mark.parametrize("options", [{"average": 0.9}, {"warmup_epochs": 1}])
def test_trainings_with_more_state_are_compiled_each_time(options, tmp_path):
    _fit(tmp_path, "same", **options)
    assert not traced_models._models


@pytest.mark.slow
def test_few_models_are_kept(tmp_path):
    for number in range(traced_models.KEPT + 2):
        _fit(tmp_path / str(number), str(number), epochs=1)
    assert len(traced_models._models) == traced_models.KEPT
