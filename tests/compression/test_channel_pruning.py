"""Shrinking: what does nothing may go, what is lost is made up for, and what cannot be cut is refused."""

import importlib
from functools import cache
from itertools import pairwise

import keras
import numpy as np
import pytest
from conftest import few
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from sizes import SMALL
from test_networks import pictures, randomise, scores_of

from kerasinst import networks
from kerasinst.compression.channel_pruning import MAKERS, remove_channels
from kerasinst.compression.channel_pruning.refit import _windows
from kerasinst.core.errors import BadInput
from kerasinst.networks.costs import multiply_adds
from kerasinst.networks.layers.statistics_pooling import SMALL as LEAST_VARIANCE
from kerasinst.networks.layers.statistics_pooling import StatisticsPooling

SHAPE = (32, 24, 3)
FAST = ("strided", "ds_cnn", "mobilenet_v3_small", "crnn", "resnet18")
RECURRENT = ("gru", "rcnn")  # nothing, or little, of their weight lies in channels that can go
SHRINKING = few([name for name in networks.names() if name not in RECURRENT], FAST)


@pytest.fixture(scope="module", autouse=True)
def few_blocks():
    """Makes one of each kind of MobileNetV3's blocks enough, since making and cutting all takes seconds."""
    mobilenet = importlib.import_module("kerasinst.networks.mobilenet_v3_small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mobilenet, "BLOCKS", [mobilenet.BLOCKS[index] for index in (0, 2, 3, 4)])
        yield


def make(name, shape=SHAPE):
    """A network with random weights, normalisations and biases included."""
    network = networks.create(name, shape, n_labels=4, **SMALL.get(name, {}))
    randomise(network)
    return network


@cache
def whole(name):
    """The same, made once; not to be changed."""
    return make(name)


def kill_every_other_channel(network):
    """Makes the channels of odd number 0 everywhere, as training on them with decaying weights would."""
    for before, layer in pairwise(network.layers):
        for weight in layer.weights:
            value = keras.ops.convert_to_numpy(weight).copy()
            made = type(layer) in MAKERS and layer.output is not network.output
            if isinstance(before, StatisticsPooling) and "mean" in weight.path:
                channels = value.shape[-1] // 2
                value[1:channels:2] = 0
                value[channels + 1 :: 2] = np.sqrt(LEAST_VARIANCE)  # which is what it gives for a channel of zeros
            elif isinstance(layer, layers.BatchNormalization) and layer.axis == 2 and "mean" in weight.path:
                value[:] = 0
            elif (made and "depthwise" not in weight.path) or weight.path.endswith(("beta", "mean")):
                value[..., 1::2] = 0
            weight.assign(value)


def widths(network):
    """By layer that makes channels, how many."""
    return {layer.name: layer.output.shape[-1] for layer in network.layers if type(layer) in MAKERS}


@pytest.mark.parametrize("name", few(networks.names(), FAST))
def test_keeping_all_channels_changes_nothing(name):
    network = whole(name)
    same = remove_channels(network, 1.0)
    np.testing.assert_allclose(scores_of(same, pictures(SHAPE)), scores_of(network, pictures(SHAPE)), atol=1e-6)
    assert [layer.name for layer in same.layers] == [layer.name for layer in network.layers]


@pytest.mark.parametrize("name", SHRINKING)
def test_half_of_every_network_is_a_network(name):
    network = whole(name)
    before = network.get_weights()
    small = remove_channels(network, 0.5)
    assert (small.input_shape, small.output_shape) == (network.input_shape, network.output_shape)
    assert small.count_params() < 0.5 * network.count_params()
    assert multiply_adds(small) < 0.7 * multiply_adds(network)
    np.testing.assert_allclose(scores_of(small, pictures(SHAPE)).sum(axis=1), 1, atol=1e-5)
    for ours, theirs in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", SHRINKING)
def test_dead_channels_go_without_a_trace(name):
    network = make(name)
    kill_every_other_channel(network)
    small = remove_channels(network, 0.5)
    np.testing.assert_allclose(scores_of(small, pictures(SHAPE)), scores_of(network, pictures(SHAPE)), atol=1e-5)
    assert small.count_params() < 0.5 * network.count_params()


def test_recurrent_units_stay_where_the_convolution_after_them_shrinks():
    network = make("rcnn")
    kill_every_other_channel(network)
    small = remove_channels(network, 0.5)
    np.testing.assert_allclose(scores_of(small, pictures(SHAPE)), scores_of(network, pictures(SHAPE)), atol=1e-5)
    (made, cut), (stayed, same) = (
        [[layer.output.shape[-1] for layer in model.layers if isinstance(layer, kind)] for model in (network, small)]
        for kind in (layers.Conv1D, layers.Bidirectional)
    )
    assert stayed == same
    assert [2 * width for width in cut] == made


BLOCKS = {
    "convolution": lambda hidden: layers.Conv2D(8, 3, padding="same", activation="relu")(hidden),
    "strides": lambda hidden: layers.Conv2D(12, (2, 3), strides=2, padding="same")(hidden),
    "dense": lambda hidden: layers.Dense(8, activation="tanh")(hidden),
    "separable": lambda hidden: layers.SeparableConv2D(10, 3, padding="same", depth_multiplier=2)(hidden),
    "depthwise": lambda hidden: layers.DepthwiseConv2D(3, padding="same", use_bias=False)(hidden),
    "residual": lambda hidden: layers.Add()([hidden, layers.Conv2D(hidden.shape[-1], 1)(hidden)]),
    "gate": lambda hidden: layers.Multiply()([hidden, _gate(layers.GlobalAveragePooling2D(keepdims=True)(hidden))]),
    "gate of one": lambda hidden: layers.Multiply()([hidden, layers.Conv2D(1, 1, activation="sigmoid")(hidden)]),
    "side by side": lambda hidden: layers.Concatenate()([layers.Conv2D(8, 1)(hidden), hidden]),
    "end to end": lambda hidden: layers.Concatenate(1)([layers.Conv2D(hidden.shape[-1], 1)(hidden), hidden]),
    "normalise": lambda hidden: layers.BatchNormalization()(hidden),
    "scale bins": lambda hidden: layers.BatchNormalization(axis=2, center=False)(hidden),
    "bend": lambda hidden: _bend(hidden),
    "pool": lambda hidden: layers.MaxPooling2D(2, padding="same")(hidden),
    "pad": lambda hidden: layers.Cropping2D(((0, 1), (1, 0)))(layers.ZeroPadding2D(1)(hidden)),
    "turn": lambda hidden: layers.Permute((2, 1, 3))(hidden),
    "turn twice": lambda hidden: layers.Permute((1, 3, 2))(_bend(layers.Permute((1, 3, 2))(hidden))),
}
ENDS = {
    "flatten": lambda hidden: layers.Dense(8)(layers.Flatten()(hidden)),
    "global": lambda hidden: layers.GlobalMaxPooling2D()(hidden),
    "recurrent": lambda hidden: layers.GRU(4)(_in_a_row(hidden)),
    "both directions": lambda hidden: layers.Bidirectional(layers.GRU(4))(_in_a_row(hidden)),
    "over time": lambda hidden: layers.Flatten()(layers.Conv1D(8, 2, padding="causal")(_in_a_row(hidden))),
}


def _gate(hidden):
    return layers.Dense(hidden.shape[-1], activation="sigmoid")(hidden)


def _bend(hidden):
    return layers.PReLU(shared_axes=[1])(hidden)


def _in_a_row(hidden):
    return layers.Reshape((hidden.shape[1], -1))(hidden)


@pytest.mark.parametrize(
    "block", [*BLOCKS.values(), layers.DepthwiseConv2D(2, depth_multiplier=2, use_bias=False)], ids=[*BLOCKS, "2"]
)
def test_dead_channels_go_through_every_layer(block):
    check_dead_channels_go([block], ENDS["flatten"])


@pytest.mark.slow
@settings(max_examples=20)
@given(st.lists(st.sampled_from(sorted(BLOCKS)), min_size=2, max_size=5), st.sampled_from(sorted(ENDS)))
def test_dead_channels_go_from_any_network(blocks, end):
    check_dead_channels_go([BLOCKS[block] for block in blocks], ENDS[end])


def check_dead_channels_go(blocks, end):
    inputs = keras.Input((6, 5, 2))
    hidden = layers.Conv2D(8, 1)(inputs)
    for block in blocks:
        hidden = block(hidden)
    network = keras.Model(inputs, layers.Dense(3)(end(hidden)))
    randomise(network)
    kill_every_other_channel(network)
    small = remove_channels(network, 0.5)
    assert small.count_params() < network.count_params()
    expected = scores_of(network, pictures((6, 5, 2)))
    np.testing.assert_allclose(scores_of(small, pictures((6, 5, 2))), expected, rtol=1e-4, atol=1e-4)


def chain(*widths, shape=(12, 10, 1), **options):
    """Convolutions one after another."""
    inputs = hidden = keras.Input(shape)
    for number, width in enumerate(widths, start=1):
        hidden = layers.Conv2D(width, 3, activation="relu", name=f"convolution{number}", **options)(hidden)
    network = keras.Model(inputs, layers.Dense(3, name="scores")(layers.GlobalAveragePooling2D()(hidden)))
    randomise(network)
    return network


@pytest.mark.parametrize(
    ("keep", "expected"),
    [(0.5, (5, 4)), (0.51, (6, 5)), (0.7, (7, 6)), (0.01, (4, 4)), ({"convolution2": 0.5}, (10, 4))],
)
def test_each_layer_keeps_its_share_but_never_fewer_than_four(keep, expected):
    assert tuple(widths(remove_channels(chain(10, 8), keep)).values()) == (*expected, 3)
    assert widths(remove_channels(chain(3, 8), keep))["convolution1"] == 3


@pytest.mark.parametrize("normalised", [False, True])
def test_the_strongest_channels_stay(normalised):
    inputs = keras.Input((6, 5, 1))
    hidden = layers.Conv2D(8, 3, use_bias=False, name="look")(inputs)
    if normalised:
        hidden = layers.BatchNormalization(name="normalise")(hidden)
    network = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(hidden)))
    kernel = np.array([3, 1, 7, 2, 8, 4, 6, 5]) * np.ones((3, 3, 1, 1))
    network.get_layer("look").set_weights([kernel])
    strongest = [2, 4, 6, 7]
    if normalised:
        gamma = -np.array([9, 9, 1, 9, 1, 9, 1, 1])  # a sign makes no channel weaker
        network.get_layer("normalise").set_weights([gamma, *network.get_layer("normalise").get_weights()[1:]])
        strongest = [0, 1, 3, 5]
    (found,) = remove_channels(network, 0.5).get_layer("look").get_weights()
    np.testing.assert_array_equal(found, kernel[..., strongest])


def test_what_is_added_stays_or_goes_together():
    inputs = keras.Input((6, 5, 1))
    one, other = (layers.Conv2D(8, 1, name=name, use_bias=False)(inputs) for name in ("one", "other"))
    network = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(layers.Add()([one, other]))))
    kernels = np.array([8.0, 1, 8, 1, 8, 1, 8, 1]), np.array([100.0, 110, 100, 110, 100, 110, 100, 110])
    for name, kernel in zip(("one", "other"), kernels, strict=True):
        network.get_layer(name).set_weights([kernel.reshape(1, 1, 1, 8)])
    for keep in (0.5, {"one": 0.5}, {"one": 0.125, "other": 0.5}):
        small = remove_channels(network, keep)
        for name, kernel in zip(("one", "other"), kernels, strict=True):
            np.testing.assert_array_equal(small.get_layer(name).get_weights()[0].ravel(), kernel[::2])


def test_channels_that_became_bins_stay():
    inputs = keras.Input((6, 5, 1))
    turned = layers.Permute((1, 3, 2))(layers.Conv2D(8, 1, name="turned")(inputs))
    hidden = layers.Conv2D(8, 3, name="over channels")(turned)
    network = keras.Model(inputs, layers.Dense(2, name="scores")(layers.Flatten()(hidden)))
    assert widths(remove_channels(network, 0.5)) == {"turned": 8, "over channels": 4, "scores": 2}


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2D(3, (3, 2)),
        layers.Conv2D(3, (3, 4), padding="same", strides=2),
        layers.Conv2D(3, (2, 3), padding="same", dilation_rate=(3, 1)),
        layers.Conv2D(3, 4, padding="same", strides=(3, 1), use_bias=False),
        layers.Conv1D(3, 3, padding="causal", dilation_rate=2),
        layers.Conv1D(3, 4, padding="causal", strides=3),
        layers.Dense(3),
    ],
    ids=lambda layer: layer.name,
)
def test_windows_are_what_kernels_lie_over(layer):
    values = pictures((9, 6) if isinstance(layer, layers.Conv1D) else (9, 8, 6), 1)
    expected = keras.ops.convert_to_numpy(layer(values)).reshape(-1, 3)
    seen = _windows(layer, values, 10_000, np.random.default_rng(0))
    kernel = layer.get_weights()[0].reshape(-1, 3)
    np.testing.assert_allclose(np.sort(seen @ kernel, axis=0), np.sort(expected, axis=0), atol=1e-5)


@pytest.mark.parametrize("use_bias", [True, False])
def test_a_refit_makes_others_do_what_their_copies_did(use_bias):
    network = chain(8, 8, padding="same", use_bias=use_bias)
    for layer in network.layers[1:3]:  # of each two channels the second does half of what the first does
        weights = layer.get_weights()
        for weight in weights:
            weight[..., 1::2] = weight[..., ::2] / 2
        layer.set_weights(weights)
    check_refit(network, 0.5, nearer=0.15)


def test_a_refit_leaves_constants_in_biases():
    network = chain(8, 8)
    for layer in network.layers[1:3]:
        kernel, bias = layer.get_weights()
        kernel[..., 1::2], bias[1::2] = 0, 2
        layer.set_weights([kernel, bias])
    check_refit(network, 0.5, nearer=0.001)


def check_refit(network, keep, nearer):
    """A refit brings scores nearer to those of the network, on pictures that it has not seen."""
    seen, unseen = np.split(pictures(network.input_shape[1:], 192), [128])
    refitted, cut = (remove_channels(network, keep, features=given) for given in (seen, None))
    wanted = scores_of(network, unseen)
    apart = [np.sqrt(np.mean((scores_of(model, unseen) - wanted) ** 2)) for model in (refitted, cut)]
    assert apart[0] < nearer * apart[1], apart
    assert refitted.count_params() == cut.count_params() < network.count_params()


@pytest.mark.parametrize("name", few(["strided", "ds_cnn", "ee5180", "resnet18"], ["strided"]))
def test_a_refit_brings_networks_nearer_to_what_they_were(name):
    network = make(name, (16, 12, 1))
    network(pictures((16, 12, 1), 64), training=True)
    check_refit(network, 0.75, nearer=0.8)


def test_a_refit_of_all_channels_changes_nothing():
    network = make("strided")
    same = remove_channels(network, 1.0, features=pictures(SHAPE, 8))
    np.testing.assert_allclose(scores_of(same, pictures(SHAPE)), scores_of(network, pictures(SHAPE)), atol=1e-5)


def test_a_shrunk_network_survives_saving(tmp_path):
    small = remove_channels(make("strided"), 0.5, features=pictures(SHAPE, 8))
    small.save(tmp_path / "small.keras")
    loaded = keras.models.load_model(tmp_path / "small.keras", safe_mode=True)
    np.testing.assert_allclose(*(scores_of(model, pictures(SHAPE)) for model in (small, loaded)))


def test_the_example_is_true():
    assert remove_channels(networks.create("strided", (87, 64, 1), n_labels=5), 0.5).count_params() == 11_725


def test_a_sequential_network_shrinks():
    network = keras.Sequential([keras.Input((6,)), layers.Dense(8), layers.ELU(), layers.Dense(2)])
    assert list(widths(remove_channels(network, 0.5)).values()) == [4, 2]


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        (0.0, "keep=0.0"),
        (1.01, "above 0 and up to 1"),
        (float("nan"), "keep=nan"),
        ({"convolution1": -1}, "keep=-1"),
        ({"convolutio1": 0.5}, "did you mean 'convolution1'"),
        ({"scores": 0.5}, "'scores' is no layer that can lose channels"),
    ],
)
def test_wrong_shares_are_refused(keep, message):
    with pytest.raises(BadInput, match=message):
        remove_channels(chain(8, 8), keep)


@pytest.mark.parametrize("shape", [(0, 12, 10, 1), (4, 12, 9, 1), (12, 10, 1)])
def test_pictures_of_another_shape_are_refused(shape):
    with pytest.raises(BadInput, match=r"give at least one, \(n, 12, 10, 1\)"):
        remove_channels(chain(8, 8), 0.5, features=np.zeros(shape, "float32"))


def _twice(hidden):
    layer = layers.Conv2D(8, 1, name="odd")
    return layer(layer(hidden))


ODD = {
    "LayerNormalization": layers.LayerNormalization(name="odd"),
    "MultiHeadAttention": lambda hidden: layers.MultiHeadAttention(2, 4, name="odd")(hidden, hidden),
    "Conv2DTranspose": layers.Conv2DTranspose(8, 3, name="odd"),
    "Conv2D": layers.Conv2D(8, 3, groups=2, name="odd"),
    "MaxPooling2D": layers.MaxPooling2D(data_format="channels_first", name="odd"),
    "Sequential": keras.Sequential([keras.Input((10, 8, 8)), layers.Conv2D(8, 3)], name="odd"),
    "GRU": lambda hidden: layers.GRU(4, return_state=True, name="odd")(_in_a_row(hidden))[0],
    "Absolute": lambda hidden: keras.ops.abs(hidden),
    "Flatten": _twice,
    "Reshape": layers.Reshape((10, 32, 2), name="odd"),
}


@pytest.mark.parametrize("kind", list(ODD))
def test_what_cannot_be_cut_is_refused_by_name(kind):
    inputs = keras.Input((12, 10, 1))
    hidden = ODD[kind](layers.Conv2D(8, 3)(inputs))
    network = keras.Model(inputs, layers.Dense(3)(layers.Flatten()(hidden)))
    with pytest.raises(BadInput, match=f"{kind}\\) .*`width`.* distillation") as error:
        remove_channels(network, 0.8)
    assert "'odd'" in str(error.value) or kind in ("Absolute", "Flatten")
    assert "\n" not in str(error.value)


def test_networks_that_have_nothing_to_lose_are_refused():
    with pytest.raises(BadInput, match="fewer units"):
        remove_channels(make("gru"), 0.5)
    with pytest.raises(BadInput, match="features of any size"):
        inputs = keras.Input((None, 10, 1))
        remove_channels(keras.Model(inputs, layers.GlobalMaxPooling2D()(layers.Conv2D(8, 3)(inputs))), 0.5)

    class Own(keras.Model):
        def call(self, hidden):
            return hidden

    with pytest.raises(BadInput, match="functional or sequential"):
        remove_channels(Own(), 0.5)
