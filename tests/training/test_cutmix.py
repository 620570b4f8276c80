"""CutMix: boxes, labels by area, fresh draws."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasinst.core.errors import BadInput
from kerasinst.training import augmentations

N, FRAMES, BINS = 8, 30, 12
FEATURES = np.broadcast_to(np.arange(N, dtype="float32")[:, None, None, None], (N, FRAMES, BINS, 1)).copy()
TARGETS = np.eye(N, dtype="float32")


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([0.3, 0.8, 1.0, 3.0]))
def test_the_label_is_mixed_by_the_area_of_one_box(seed, alpha):
    keras.utils.set_random_seed(seed)
    mixed, targets = map(np.asarray, augmentations.create("cutmix", alpha=alpha)(FEATURES, TARGETS))
    foreign = mixed[..., 0] != FEATURES[..., 0]
    for row in range(N):
        pasted = np.unique(mixed[row][foreign[row]])
        assert len(pasted) <= 1
        share = foreign[row].mean()
        assert targets[row, row] == pytest.approx(1 - share if len(pasted) else 1, abs=1e-5)
        assert targets[row].sum() == pytest.approx(1, abs=1e-5)
        if len(pasted):
            assert targets[row, int(pasted[0])] == pytest.approx(share, abs=1e-5)
            frames, bins = np.nonzero(foreign[row])
            assert foreign[row].sum() == (np.ptp(frames) + 1) * (np.ptp(bins) + 1)
    boxes = {foreign[row].tobytes() for row in range(N) if foreign[row].any()}
    assert len(boxes) <= 1


def test_each_call_draws_a_fresh_box_and_permutation():
    keras.utils.set_random_seed(1)
    cutmix = augmentations.create("cutmix")
    draws = {np.asarray(cutmix(FEATURES, TARGETS)[0]).tobytes() for _ in range(10)}
    assert len(draws) == 10


def test_the_area_follows_the_beta_distribution():
    """With alpha 1, lambda is uniform, so a box that no edge clips covers half the picture on average."""
    keras.utils.set_random_seed(1)
    cutmix = augmentations.create("cutmix", alpha=1.0)
    covered = [1 - float(np.asarray(cutmix(FEATURES, TARGETS)[1]).max(axis=1).min()) for _ in range(300)]
    assert 0.15 < np.mean(covered) < 0.5
    assert min(covered) == pytest.approx(0, abs=0.02)


def test_copies_are_the_study_s_three_after_the_originals():
    keras.utils.set_random_seed(1)
    features, targets = augmentations.create("cutmix_copies", betas=[1.0, 0.9, 0.8]).extend(FEATURES, TARGETS)
    assert features.shape == (4 * N, FRAMES, BINS, 1)
    np.testing.assert_array_equal(features[:N], FEATURES)
    np.testing.assert_array_equal(targets[:N], TARGETS)
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-5)
    boxes = [(features[k * N : (k + 1) * N] != FEATURES).any(axis=0).tobytes() for k in range(1, 4)]
    assert len(set(boxes)) == 3


@pytest.mark.parametrize(("name", "options"), [("cutmix", dict(alpha=0)), ("cutmix_copies", dict(betas=[]))])
def test_wrong_arguments_are_refused(name, options):
    with pytest.raises(BadInput, match="above 0"):
        augmentations.create(name, **options)
