"""Networks: shapes, sizes, arguments."""

import keras
import numpy as np
import pytest
from conftest import few
from keras import ops
from sizes import SMALL

from kerasinst import networks
from kerasinst.core.errors import BadInput
from kerasinst.networks.costs import multiply_adds

SHAPES = [(275, 13, 1), (63, 64, 1), (20, 1, 1), (87, 128, 3)]
WITH_WIDTH = ["separable", "strided", "panns", "yamnet", "ds_cnn", "tc_resnet", "mobilenet_v3_small"]


def pictures(input_shape, n=2):
    """Noise, the same each time."""
    return np.random.default_rng(0).standard_normal((n, *input_shape)).astype("float32")


def scores_of(network, batch):
    """Computed by one program on JAX, which otherwise compiles each operation of its own."""
    if keras.backend.backend() == "jax":
        return network.predict(batch, verbose=0)
    return ops.convert_to_numpy(network(batch))


def randomise(network):
    """Gives a network weights that no initialiser gives, its batch normalisations included."""
    random = np.random.default_rng(1)
    for layer in network.layers:
        layer.set_weights(
            [
                random.uniform(0.5, 1.5, weight.shape)
                if "gamma" in weight.path or "variance" in weight.path
                else random.standard_normal(weight.shape) / np.sqrt(max(1, np.prod(weight.shape[:-1])))
                for weight in layer.weights
            ]
        )


@pytest.mark.parametrize("input_shape", few(SHAPES, [(20, 1, 1), (87, 128, 3)]))
@pytest.mark.parametrize("name", networks.names())
def test_every_network_gives_probabilities_for_any_picture(name, input_shape):
    network = networks.create(name, input_shape, n_labels=4, **SMALL.get(name, {}))
    scores = scores_of(network, pictures(input_shape))
    assert scores.shape == (2, 4)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    assert f"{networks.NETWORKS.get(name).__name__}" == network.name == name


@pytest.mark.parametrize("name", networks.names())
def test_every_network_survives_saving(name, tmp_path):
    network = networks.create(name, (20, 6, 2), n_labels=3, activation="sigmoid", **SMALL.get(name, {}))
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_allclose(*(scores_of(model, pictures((20, 6, 2))) for model in (network, loaded)))
    assert network.output.dtype == "float32"


@pytest.mark.parametrize(
    ("name", "input_shape", "n_labels", "options", "parameters", "millions"),
    [
        ("ee5180", (275, 13, 1), 5, {}, 3_694_813, "120 million"),
        ("audioset4", (801, 128, 1), 4, {}, 106_516, "130 million"),
        ("multi_stft", (87, 96, 9), 11, {}, 498_419, "48 million"),
        ("multi_stft", (87, 96, 3), 11, dict(filters=(16, 32, 64, 128), dense_units=(256, 128)), 918_011, "87 million"),
        ("resnet18", (224, 224, 3), 11, {}, 11_191_755, "1.81 billion"),
        ("yamnet", (96, 64, 1), 521, {}, 3_751_369, "69.2 million"),
        ("gru", (801, 128, 1), 4, {}, 62_468, "49.2 million"),
        ("crnn", (801, 128, 1), 4, {}, 158_100, "271 million"),
        ("rcnn", (801, 128, 1), 4, {}, 123_972, "98.4 million"),
        ("strided", (87, 64, 1), 5, {}, 44_949, "3.7 million"),
        ("ds_cnn", (49, 10, 1), 12, {}, 24_332, "2.66 million"),
        ("tc_resnet", (98, 40, 1), 12, {}, 65_836, "1.52 million"),
        ("mobilenet_v3_small", (224, 224, 3), 1000, {}, 2_554_968, "56.5 million"),
        ("mobilenet_v3_small", (96, 64, 1), 8, {}, 1_537_880, "7.28 million"),
    ],
)
def test_networks_are_of_the_size_that_they_state(name, input_shape, n_labels, options, parameters, millions):
    network = networks.create(name, input_shape, n_labels=n_labels, **options)
    assert network.count_params() == parameters
    check_statement(name, network, f"{parameters:,}", millions)


@pytest.mark.parametrize(
    ("variant", "parameters", "billions"),
    [
        ("cnn6", 4_837_455, "9.93 billion"),
        ("cnn10", 5_219_279, "13.0 billion"),
        pytest.param("cnn14", 80_753_615, "20.0 billion", marks=pytest.mark.slow),  # fills 320 MB
    ],
)
def test_panns_are_of_the_published_sizes(variant, parameters, billions):
    network = networks.create("panns", (1001, 64, 1), n_labels=527, variant=variant)
    assert sum(np.prod(weight.shape) for weight in network.trainable_weights) == parameters
    check_statement("panns", network, f"{parameters:,}", billions)


def test_the_irmas_study_counts_as_many_parameters():
    network = networks.create("irmas_panns", (87, 96, 3), n_labels=11)
    sizes = {weight.path: int(np.prod(weight.shape)) for weight in network.trainable_weights}
    assert sum(sizes.values()) == 8_598_603
    assert sum(size for path, size in sizes.items() if "branch2_" in path) == 1_550_784
    check_statement("irmas_panns", network, "8,598,603", "1.35 billion")


def check_statement(name, network, parameters, multiplied):
    """The docstring says both, and the multiply-adds are those."""
    stated = " ".join(networks.NETWORKS.get(name).__doc__.split())
    assert parameters in stated and multiplied in stated.replace("7.28 million on", "7.28 million multiply-adds on")
    number, unit = multiplied.split()
    digits = len(number.partition(".")[2])
    assert round(multiply_adds(network) / {"million": 1e6, "billion": 1e9}[unit], digits) == float(number)


@pytest.mark.parametrize("name", WITH_WIDTH)
def test_width_shrinks_a_network(name):
    wide, narrow = (
        networks.create(name, (20, 16, 1), n_labels=4, **SMALL.get(name, {}) | {"width": width})
        for width in (0.5, 0.25)
    )
    assert narrow.count_params() < 0.7 * wide.count_params()
    assert multiply_adds(narrow) < 0.7 * multiply_adds(wide)


def test_audioset4_has_the_study_s_layers():
    network = networks.create("audioset4", (801, 128, 1), n_labels=4)
    convolutions = [layer for layer in network.layers if layer.__class__.__name__ == "Conv2D"]
    assert [layer.filters for layer in convolutions] == [8, 8, 16, 16, 32, 32, 64, 64]
    assert {(layer.kernel_size, layer.strides, layer.padding) for layer in convolutions} == {((2, 2), (1, 1), "valid")}
    assert {layer.kernel_initializer.__class__.__name__ for layer in convolutions} == {"HeNormal"}
    assert [layer.__class__.__name__ for layer in network.layers].count("MaxPooling2D") == 4
    assert not any(isinstance(layer, keras.layers.ZeroPadding2D) for layer in network.layers)


@pytest.mark.parametrize(("name", "options"), [("multi_stft", {}), ("panns", {"variant": "cnn6", "width": 1 / 16})])
def test_each_channel_has_a_branch_that_hears_no_other(name, options):
    network = networks.create(name, (32, 16, 3), n_labels=4, **options)
    randomise(network)
    joined = next(layer for layer in network.layers if isinstance(layer, keras.layers.Concatenate))
    embed = keras.Model(network.input, joined.output)
    picture = pictures((32, 16, 3), n=1)
    before = scores_of(embed, picture).reshape(3, -1)
    picture[..., 1] += pictures((32, 16), n=1)
    changed = (scores_of(embed, picture).reshape(3, -1) != before).any(axis=1)
    assert changed.tolist() == [False, True, False]


def test_panns_with_a_head_are_the_irmas_study_s_model():
    network = networks.create("panns", (32, 64, 3), n_labels=11, variant="cnn10", head_units=(768, 512))
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [512, 512, 512, 768, 512, 11]
    assert dense[3].input.shape == (None, 3 * 512)
    smaller = networks.create("panns", (32, 64, 1), n_labels=11, embedding=512, width=1 / 16)
    assert smaller.get_layer("fc1").kernel.shape == (128, 512)


@pytest.mark.parametrize("options", [{}, {"width": 0.5, "minimalistic": True}])
def test_mobilenet_v3_small_equals_keras_applications(options):
    alpha, minimalistic = options.get("width", 1.0), options.get("minimalistic", False)
    theirs = keras.applications.MobileNetV3Small(
        (48, 33, 3), alpha, minimalistic, weights=None, classes=7, include_preprocessing=False
    )
    ours = networks.create("mobilenet_v3_small", (48, 33, 3), n_labels=7, **options)
    randomise(theirs)
    kernels = zip(ours.weights, theirs.get_weights(), strict=True)
    ours.set_weights([weight.reshape(of_ours.shape) for of_ours, weight in kernels])  # theirs has 1 x 1 convolutions
    picture = pictures((48, 33, 3))
    np.testing.assert_allclose(*(scores_of(model, picture) for model in (ours, theirs)), rtol=1e-4, atol=1e-6)


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
        "ee5180", (20, 13, 1), n_labels=5, conv_filters=(4, 3, 2)[:n_conv], dense_units=(8, 6, 4)[:n_dense]
    )
    assert network.output_shape == (None, 5)


@pytest.mark.parametrize("n_mels", [40, 64, 128])
def test_the_compact_network_is_compact(n_mels):
    assert networks.create("separable", (87, 64, 1), n_labels=8).count_params() == 20_232
    assert networks.create("separable", (63, n_mels, 1), n_labels=10).count_params() < 50_000


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("ee5180", dict(conv_filters=[1, 2], kernel_sizes=[1]), "kernel_sizes"),
        ("ee5180", dict(dense_units=[1, 2], dense_dropouts=[0.1]), "dense_dropouts"),
        ("ee5180", dict(conv_filters="many"), "network 'ee5180'"),
        ("ee5180", dict(conv_filter=[1]), "did you mean 'conv_filters'"),
        ("audioset4", dict(pool_size=0), "pool_size=0"),
        ("audioset4", dict(convolutions_per_pool=0), "convolutions_per_pool=0"),
        ("multi_stft", dict(filters=[]), "filters is empty"),
        ("panns", dict(variant="cnn12"), "none of cnn6, cnn10, cnn14"),
        ("panns", dict(width=0), "width=0"),
        ("panns", dict(embedding=0), "embedding=0"),
        ("resnet18", dict(filters=[]), "at least one stage"),
        ("resnet18", dict(blocks=0), "blocks=0"),
        ("yamnet", dict(filters=[8]), "1 and 14 layers"),
        ("yamnet", dict(width=-1), "width=-1"),
        ("gru", dict(units=[]), "units is empty"),
        ("crnn", dict(units=[]), "units is empty"),
        ("crnn", dict(filters="many"), "network 'crnn'"),
        ("ds_cnn", dict(blocks=0), "blocks=0"),
        ("tc_resnet", dict(filters=[]), "at least one convolution"),
        ("mobilenet_v3_small", dict(width=0), "width=0"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(name, options, message):
    with pytest.raises(BadInput, match=message) as error:
        networks.create(name, (20, 13, 1), n_labels=5, **options)
    assert "\n" not in str(error.value)
