"""Classical models: one contract for all, their tuning, and their files."""

import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.base import clone

from kerasinst import classical
from kerasinst.core.errors import BadInput


@pytest.fixture(scope="module")
def statistics():
    """Three labels that lie apart, 20 samples each, in 15 groups."""
    random = np.random.default_rng(0)
    labels = np.repeat(["cello", "flute", "drums"], 20)
    features = random.standard_normal((60, 12)) + 3 * np.eye(3, 12)[np.repeat([0, 1, 2], 20)]
    return features.astype("float32"), labels, np.arange(60) // 4


@pytest.mark.parametrize("name", classical.names())
def test_every_model_learns_and_survives_saving(name, statistics, tmp_path):
    features, labels, _ = statistics
    model = classical.create(name).fit(features, labels)
    scores = model.predict_proba(features)
    assert list(model.classes_) == ["cello", "drums", "flute"] and (model.predict(features) == labels).mean() > 0.9
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    classical.save(model, tmp_path / "model.skops")
    np.testing.assert_array_equal(classical.load(tmp_path / "model.skops").predict_proba(features), scores)


@pytest.mark.parametrize("name", classical.names())
def test_every_model_is_a_scikit_learn_estimator(name, statistics):
    features, labels, _ = statistics
    model = clone(classical.create(name, seed=3))
    assert np.array_equal(
        *(each.fit(features, labels).predict_proba(features) for each in (model, classical.create(name, seed=3)))
    )


@pytest.mark.parametrize("name", ["svm_rbf", "xgboost"])
def test_a_tuned_model_learns(name, statistics):
    features, labels, groups = statistics
    assert (classical.tuned(name, features, labels=labels, groups=groups).predict(features) == labels).mean() > 0.9


def test_tuning_keeps_groups_whole(statistics):
    """Rows of one group are alike and labelled alike: only if some are held out does one neighbour look best."""
    random = np.random.default_rng(0)
    labels = random.permutation(np.repeat(["cello", "flute"], 15))
    centres = random.standard_normal((30, 8)) + 0.8 * (labels == "cello")[:, None]
    features, labels, groups = (np.repeat(each, 6, axis=0) for each in (centres, labels, np.arange(30)))
    features = features + 0.01 * random.standard_normal(features.shape)
    by_groups = classical.tuned("k_neighbors", features, labels=labels, groups=groups)[-1].n_neighbors
    row_by_row = classical.tuned("k_neighbors", features, labels=labels, groups=np.arange(180))[-1].n_neighbors
    assert row_by_row == 1 < by_groups
    features, labels, groups = statistics
    with pytest.raises(BadInput, match="at least 3 groups"):
        classical.tuned("k_neighbors", features, labels=labels, groups=groups // 10)


def test_an_unknown_model_is_refused():
    with pytest.raises(BadInput, match="did you mean 'svm_rbf'"):
        classical.create("svm_rfb")


def test_files_that_bring_other_types_are_not_opened(tmp_path):
    class Strange:
        def __init__(self):
            self.value = 1

    Strange.__qualname__ = "Strange"
    globals()["Strange"] = Strange
    skops.io.dump(Strange(), tmp_path / "strange.skops")
    with pytest.raises(BadInput, match="Strange, which no model of kerasinst is made of"):
        classical.load(tmp_path / "strange.skops")


def test_broken_files_are_refused(tmp_path):
    (tmp_path / "text.skops").write_text("not a model")
    with zipfile.ZipFile(tmp_path / "empty.skops", "w"):
        pass
    for name in ("text", "empty", "missing"):
        with pytest.raises(BadInput, match=r"not a \.skops model"):
            classical.load(tmp_path / f"{name}.skops")


def test_statistics_are_those_of_numpy():
    features = np.random.default_rng(0).standard_normal((3, 20, 4, 2)).astype("float32")
    rows = classical.summarize(features, chunk=2).reshape(3, 7, 8)
    flat, changes = features.reshape(3, 20, 8), np.diff(features.reshape(3, 20, 8), axis=1)
    expected = [
        flat.mean(1), flat.std(1), *np.percentile(flat, (10, 50, 90), axis=1), np.abs(changes).mean(1), changes.std(1)
    ]  # fmt: skip
    np.testing.assert_allclose(rows, np.stack(expected, axis=1), atol=1e-5)
    np.testing.assert_array_equal(classical.flatten(features), features.reshape(3, -1))
