"""What each layer loses, and in what pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_fine_tuning import pytestmark as on_tensorflow
from test_fine_tuning import taught

from kerasinst.compression import pruning
from kerasinst.compression.pruning import kernel_of, shares_of
from kerasinst.core.errors import BadInput
from kerasinst.experiment.compression import PruneSection

pytestmark = on_tensorflow


def scores(kernel):
    """By the paper's definition, one weight after the other."""
    return [w**2 / (kernel[np.abs(kernel) >= abs(w)] ** 2).sum() for w in kernel.ravel()]


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    sparsity=st.floats(0.01, 0.9),
    seed=st.integers(0, 99),
)
def test_what_goes_matters_least_by_the_paper(sizes, sparsity, seed):
    random = np.random.default_rng(seed)
    kernels = {str(place): random.standard_normal((size, 2)) for place, size in enumerate(sizes)}
    shares = shares_of(kernels, sparsity)
    gone, kept = [], []
    for name, kernel in kernels.items():
        of_layer = sorted(scores(kernel))
        lost = round(shares[name] * kernel.size)
        gone, kept = gone + of_layer[:lost], kept + of_layer[lost:]
        assert lost < kernel.size  # no layer loses all
    assert max(gone, default=0) < min(kept) * (1 + 1e-9)
    most = sum(kernel.size for kernel in kernels.values()) - len(kernels)  # the largest of each layer stay
    assert len(gone) == min(round(sparsity * (most + len(kernels))), most)


def test_zeros_that_are_there_stay():
    sparse, full = np.array([0.0, 0.0, 0.0, 1.0]), np.array([1.0, 2.0])
    assert shares_of({"sparse": sparse, "full": full}, 0.2) == {"sparse": 0.75, "full": 0.0}


def test_layers_that_are_named_have_a_share_of_their_own_and_small_ones_lose_less(content):
    fine_tuner, network = taught(content, augment=[])
    plan = PruneSection(sparsity=0.6, schedule="constant", per_layer={"scores": 0.25})
    pruned = pruning.prune(network, fine_tuner, plan=plan)
    shares = {layer.name: float((kernel_of(layer) == 0).mean()) for layer in pruning.with_kernels(pruned)}
    sizes = {layer.name: kernel_of(layer).size for layer in pruning.with_kernels(pruned)}
    assert shares.pop("scores") == pytest.approx(0.25, abs=0.1)
    lost = sum(share * sizes[name] for name, share in shares.items()) / sum(sizes[name] for name in shares)
    assert lost == pytest.approx(0.6, abs=0.03)
    assert shares[min(shares, key=sizes.get)] < 0.6


def dense(content, units):
    """FineTuner and a network with a dense layer after a convolution."""
    layers = {"conv_filters": [4], "kernel_sizes": [3], "dense_units": units, "dense_dropouts": [0.0] * len(units)}
    content["network"] = {"name": "ee5180", **layers}
    return taught(content, augment=[])


def test_dense_layers_lose_whole_blocks(content):
    fine_tuner, network = dense(content, [32])
    pruned = pruning.prune(network, fine_tuner, plan=PruneSection(sparsity=0.75, schedule="constant", block=16))
    kernels = [kernel_of(layer) for layer in pruning.with_kernels(pruned)]
    in_blocks = [kernel for kernel in kernels if kernel.ndim == 2]
    assert len(in_blocks) == 2 and sum((kernel == 0).sum() for kernel in kernels) > 0.7 * sum(map(np.size, kernels))
    for kernel in in_blocks:  # also one of so few blocks that no share is met exactly
        zeros = (kernel == 0).reshape(-1, 16, kernel.shape[-1])
        assert (zeros.all(axis=1) == zeros.any(axis=1)).all()


@pytest.mark.slow
def test_layers_that_blocks_do_not_fit_lose_single_weights(content):
    fine_tuner, network = dense(content, [8])
    pruned = pruning.prune(network, fine_tuner, plan=PruneSection(sparsity=0.75, schedule="constant", block=1000))
    assert pruning.sparsity(pruned) == pytest.approx(0.75, abs=0.02)


def test_no_sparsity_rises_where_all_layers_are_named(content):
    fine_tuner, network = dense(content, [8])
    plan = PruneSection(until_drop=0.1, per_layer={layer.name: 0.5 for layer in pruning.with_kernels(network)})
    with pytest.raises(BadInput, match="per_layer names all layers"):
        pruning.prune(network, fine_tuner, plan=plan)
