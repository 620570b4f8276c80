"""What each layer loses, and in what pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_lessons import pytestmark as on_tensorflow
from test_lessons import taught

from kerasinst.compression import pruning
from kerasinst.compression.pruning import kernel_of, shares_of
from kerasinst.sections import PruneSection

pytestmark = on_tensorflow


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    sparsity=st.floats(0.01, 0.99),
    seed=st.integers(0, 99),
)
def test_shares_are_those_of_the_paper(sizes, sparsity, seed):
    random = np.random.default_rng(seed)
    kernels = {str(place): random.standard_normal((size, 2)) for place, size in enumerate(sizes)}
    scores = {
        name: [w**2 / (kernel[np.abs(kernel) >= abs(w)] ** 2).sum() for w in kernel.ravel()]
        for name, kernel in kernels.items()
    }
    every = sorted(score for each in scores.values() for score in each)
    least = every[min(round(sparsity * len(every)), len(every) - 1)]
    shares = shares_of(kernels, sparsity)
    for name, each in scores.items():
        lost = np.sum(np.array(each) < least * (1 - 1e-9))
        assert shares[name] == pytest.approx(lost / len(each)) and shares[name] < 1


def test_layers_that_are_named_have_a_share_of_their_own_and_small_ones_lose_less(content):
    lessons, network = taught(content, augment=[])
    plan = PruneSection(sparsity=0.6, schedule="constant", per_layer={"scores": 0.25})
    pruned = pruning.prune(network, lessons, plan)
    shares = {layer.name: float((kernel_of(layer) == 0).mean()) for layer in pruning.with_kernels(pruned)}
    sizes = {layer.name: kernel_of(layer).size for layer in pruning.with_kernels(pruned)}
    assert shares.pop("scores") == pytest.approx(0.25, abs=0.1)
    lost = sum(share * sizes[name] for name, share in shares.items()) / sum(sizes[name] for name in shares)
    assert lost == pytest.approx(0.6, abs=0.03)
    assert shares[min(shares, key=sizes.get)] < 0.6


def test_dense_layers_lose_whole_blocks(content):
    content["network"] = {
        "name": "ee5180",
        "conv_filters": [4],
        "kernel_sizes": [3],
        "dense_units": [8],
        "dense_dropouts": [0.0],
    }
    lessons, network = taught(content, augment=[])
    pruned = pruning.prune(network, lessons, PruneSection(sparsity=0.75, schedule="constant", block=16))
    kernel = max((kernel_of(layer) for layer in pruning.with_kernels(pruned)), key=np.size)
    zeros = (kernel == 0).reshape(-1, 16, kernel.shape[-1])
    assert zeros.all(axis=1).mean() == pytest.approx(0.75, abs=0.05) and (zeros.all(axis=1) == zeros.any(axis=1)).all()
