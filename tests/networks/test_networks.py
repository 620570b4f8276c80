"""Networks: shapes, sizes, arguments."""

import numpy as np
import pytest

from kerasinst import networks
from kerasinst.errors import BadInput


@pytest.mark.parametrize("input_shape", [(275, 13, 1), (63, 64, 1), (20, 1, 1), (87, 128, 3)])
@pytest.mark.parametrize("name", networks.names())
def test_every_network_gives_probabilities_for_any_picture(name, input_shape):
    network = networks.create(name, input_shape, n_labels=4)
    scores = network.predict(np.random.default_rng(0).standard_normal((2, *input_shape)).astype("float32"), verbose=0)
    assert scores.shape == (2, 4)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    assert f"{networks.NETWORKS.get(name).__name__}" == name


def test_ee5180_has_the_study_s_layers():
    network = networks.create("ee5180", (275, 13, 1), n_labels=5)
    convolutions = [layer for layer in network.layers if layer.__class__.__name__ == "Conv2D"]
    assert [(layer.filters, layer.kernel_size[0], layer.padding) for layer in convolutions] == [
        (40, 1, "same"),
        (32, 5, "same"),
        (16, 1, "same"),
    ]
    dense = [layer.units for layer in network.layers if layer.__class__.__name__ == "Dense"]
    assert dense == [64, 16, 12, 5]
    dropouts = [layer.rate for layer in network.layers if layer.__class__.__name__ == "Dropout"]
    assert dropouts == [0.2, 0.2, 0.2, 0.2, 0.2, 0.1]
    by_hand = (40 + 40) + (40 * 25 * 32 + 32) + (32 * 16 + 16) + (275 * 13 * 16 * 64 + 64) + 1040 + 204 + 65
    assert network.count_params() == by_hand == 3_694_813


@pytest.mark.parametrize("n_conv", range(4))
@pytest.mark.parametrize("n_dense", range(4))
def test_ee5180_can_be_ablated_to_nothing(n_conv, n_dense):
    network = networks.create(
        "ee5180", (20, 13, 1), 5, conv_filters=(4, 3, 2)[:n_conv], dense_units=(8, 6, 4)[:n_dense]
    )
    assert network.output_shape == (None, 5)


@pytest.mark.parametrize("n_mels", [40, 64, 128])
def test_the_compact_network_is_compact(n_mels):
    assert networks.create("separable", (87, 64, 1), n_labels=8).count_params() == 20_232
    assert networks.create("separable", (63, n_mels, 1), n_labels=10).count_params() < 50_000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(conv_filters=[1, 2], kernel_sizes=[1]), "kernel_sizes"),
        (dict(dense_units=[1, 2], dense_dropouts=[0.1]), "dense_dropouts"),
        (dict(conv_filters="many"), "network 'ee5180'"),
        (dict(conv_filter=[1]), "did you mean 'conv_filters'"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(options, message):
    with pytest.raises(BadInput, match=message) as error:
        networks.create("ee5180", (20, 13, 1), 5, **options)
    assert "\n" not in str(error.value)
