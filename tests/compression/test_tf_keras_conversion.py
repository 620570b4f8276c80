"""Conversion to tf_keras and back: the same layers, the same weights, the same scores."""

import importlib

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from conftest import few
from keras import layers
from sizes import SMALL

from kerasinst import networks
from kerasinst.compression import tf_keras_conversion
from kerasinst.compression.tf_keras_conversion import copy_weights, to_keras, to_tf_keras
from kerasinst.core.errors import BadInput
from kerasinst.networks.layers.statistics_pooling import StatisticsPooling

VARIANTS = [
    *((name, {}) for name in networks.names()),
    ("crnn", {"unroll": True}),
    ("mobilenet_v3_small", {"minimalistic": True}),
    ("panns", {"head_units": (8,)}),
    ("strided", {"penalty": 0.1}),
]
FAST = ("strided", "ds_cnn", "crnn", "ee5180", "resnet18")
SMALLER = SMALL | {
    "audioset4": {"filters": (8, 8, 16, 16)},
    "crnn": {"filters": (8, 8), "units": (8, 8)},
    "ds_cnn": {"filters": 16, "blocks": 2},
    "multi_stft": {"filters": (8, 8)},
    "panns": {"variant": "cnn6", "width": 1 / 32},
    "separable": {"filters": (8, 12)},
    "tc_resnet": {"filters": (8, 12)},
}
SHAPE = (20, 16, 2)
SEQUENCE_LAYERS = [
    lambda: layers.Conv1D(4, 3, padding="causal", dilation_rate=2, kernel_constraint="non_neg"),
    lambda: layers.SeparableConv1D(4, 3, depth_multiplier=2),
    lambda: layers.DepthwiseConv1D(3),
    lambda: layers.Dense(4, activation=layers.LeakyReLU(0.1), kernel_initializer="orthogonal"),
    lambda: layers.LeakyReLU(negative_slope=0.05),
    lambda: layers.ELU(0.3),
    lambda: layers.ReLU(max_value=1, negative_slope=0.1, threshold=0.2),
    lambda: layers.Softmax(axis=1),
    lambda: layers.MaxPooling1D(3, 2, "same"),
    lambda: layers.AveragePooling1D(3, 2, "same"),
    lambda: layers.GlobalMaxPooling1D(),
    lambda: layers.GlobalAveragePooling1D(keepdims=True),
    lambda: layers.ZeroPadding1D(2),
    lambda: layers.Cropping1D((1, 2)),
    lambda: layers.UpSampling1D(2),
    lambda: layers.Dropout(0.3, noise_shape=(None, 1, 6), seed=3),
    lambda: layers.SpatialDropout1D(0.3, seed=4),
    lambda: layers.GaussianDropout(0.3),
    lambda: layers.GaussianNoise(0.3, seed=1),
    lambda: layers.AlphaDropout(0.3),
    lambda: layers.LSTM(4, return_sequences=True, dropout=0.2, recurrent_activation="hard_sigmoid", unroll=True),
    lambda: layers.GRU(4, reset_after=False, go_backwards=True, use_cudnn=False, seed=2, unroll=True),
    lambda: layers.SimpleRNN(4, seed=5, unroll=True),
    lambda: layers.RNN([layers.GRUCell(3), layers.LSTMCell(4)], unroll=True),
    lambda: layers.Bidirectional(layers.GRU(3, return_sequences=True, unroll=True)),
    lambda: layers.Bidirectional(
        layers.SimpleRNN(3, unroll=True),
        merge_mode="sum",
        backward_layer=layers.SimpleRNN(3, go_backwards=True, activation="relu", unroll=True),
    ),
    lambda: layers.TimeDistributed(layers.Dense(4, activation="hard_swish")),
    lambda: layers.Rescaling([0.1] * 6, offset=3),
    lambda: layers.Normalization(),
    lambda: layers.Normalization(mean=[1.0] * 6, variance=[2.0] * 6),
]
PICTURE_LAYERS = [
    lambda: layers.Conv2D(4, 3, strides=2, groups=2, activation="silu", kernel_constraint=keras.constraints.MaxNorm(2)),
    lambda: layers.Conv2DTranspose(4, 3, strides=2, padding="same"),
    lambda: layers.SeparableConv2D(4, 3, strides=2, depth_multiplier=2, depthwise_regularizer="l2"),
    lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
    lambda: layers.BatchNormalization(axis=2),
    lambda: layers.BatchNormalization(scale=False, synchronized=True),
    lambda: layers.LayerNormalization(axis=[1, 2], epsilon=0.01),
    lambda: layers.LayerNormalization(),
    lambda: layers.GroupNormalization(groups=2),
    lambda: layers.PReLU(shared_axes=[1, 2]),
    lambda: layers.MaxPooling2D(3, 2, "same"),
    lambda: layers.AveragePooling2D((2, 3)),
    lambda: layers.GlobalMaxPooling2D(keepdims=True),
    lambda: layers.GlobalAveragePooling2D(),
    lambda: layers.ZeroPadding2D(((1, 0), (0, 2))),
    lambda: layers.Cropping2D(((1, 0), (2, 1))),
    lambda: layers.UpSampling2D((2, 3), interpolation="bilinear"),
    lambda: layers.Resizing(5, 7),
    lambda: layers.Flatten(),
    lambda: layers.Reshape((-1, 4)),
    lambda: layers.Permute((2, 1, 3)),
    lambda: layers.SpatialDropout2D(0.3),
    lambda: StatisticsPooling(),
]


def randomise(network):
    """Gives a network weights that no initialiser gives, its batch normalisations included."""
    random = np.random.default_rng(1)
    for weight in network.weights:
        if "gamma" in weight.path or "variance" in weight.path:
            weight.assign(random.uniform(0.5, 1.5, weight.shape))
        elif "float" in str(weight.dtype):
            weight.assign(random.standard_normal(weight.shape) / np.sqrt(max(1, np.prod(weight.shape[:-1]))))
    for layer in network.layers:
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()
    return network


def create(name, input_shape=SHAPE, **options):
    """A small network with random weights."""
    return randomise(networks.create(name, input_shape, n_labels=3, **SMALLER.get(name, {}) | options))


def noise(*shape):
    """Noise, the same each time."""
    return np.random.default_rng(0).standard_normal(shape).astype("float32")


def outputs(model, *inputs):
    """All outputs of a model of either Keras, as arrays; without `training`, Keras 3 trains what follows a Resizing."""
    made = model(inputs[0] if len(inputs) == 1 else list(inputs), training=False)
    return [np.asarray(output) for output in tf.nest.flatten(made)]


def check_equal(expected, found):
    """Equal within 1e-6, and within as much of the largest value where values are larger than scores."""
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=0, atol=1e-6 * max(1, np.abs(one).max()))


def check_both_ways(network, *inputs):
    """Outputs are the same in tf_keras, in a clone (as TFMOT makes) and back in Keras 3; gives the first and last."""
    expected = outputs(randomise(network), *inputs)
    assert all(output.std() > 0 for output in expected)
    there = to_tf_keras(network)
    clone = tf_keras.models.clone_model(there)
    copy_weights(there, clone)
    back = to_keras(there)
    for model in (there, clone, back):
        check_equal(expected, outputs(model, *inputs))
    return there, back


@pytest.mark.parametrize(
    ("name", "options"),
    [pytest.param(name, how, marks=[] if name in FAST and not how else pytest.mark.slow) for name, how in VARIANTS],
)
def test_every_network_scores_the_same_in_both(name, options, monkeypatch):
    mobilenet = importlib.import_module("kerasinst.networks.mobilenet_v3_small")
    monkeypatch.setattr(mobilenet, "BLOCKS", mobilenet.BLOCKS[:1] + mobilenet.BLOCKS[4:6])  # all kinds, in less time
    network, pictures = create(name, **options), noise(2, *SHAPE)
    network = keras.Model(network.input, [layer.output for layer in network.layers[1:]], name=name)  # all can be seen
    before, expected = network.get_weights(), outputs(network, pictures)
    assert expected[-1].shape == (2, 3) and all((one != other).any() for one, other in expected)
    there = to_tf_keras(network)
    back = to_keras(there)
    kinds = [(layer.name, type(layer).__name__) for layer in network.layers]
    for model, kind in ((there, tf_keras.Model), (back, keras.Model)):
        check_equal(expected, outputs(model, pictures))
        assert isinstance(model, kind) and model.name == name
        assert sorted((layer.name, type(layer).__name__) for layer in model.layers) == sorted(kinds)
        assert model.count_params() == network.count_params()
    for weight, old in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)


@pytest.mark.parametrize(
    ("shape", "makers"), [((5, 6), SEQUENCE_LAYERS), ((10, 12, 4), PICTURE_LAYERS)], ids=["sequences", "pictures"]
)
def test_layers_compute_the_same_in_both(shape, makers):
    inputs = keras.Input(shape)
    check_both_ways(keras.Model(inputs, [make()(inputs) for make in makers]), noise(2, *shape))


def test_activations_are_the_same_in_both():
    functions = [function for function in tf_keras_conversion.EQUALS if not isinstance(function, type)]
    assert {function.__name__ for function in functions} == {
        *("elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "leaky_relu", "linear", "mish", "relu", "relu6"),
        *("selu", "sigmoid", "silu", "softmax", "softplus", "softsign", "tanh"),
    }
    inputs = keras.Input((101,))
    network = keras.Model(inputs, [layers.Activation(function)(inputs) for function in functions])
    check_both_ways(network, np.linspace(-8, 8, 101, dtype="float32")[None])


def make_graph():
    """Two inputs, two outputs, a layer and two models that are called twice, one of them with two outputs."""
    first, second = keras.Input((8, 6), name="first"), keras.Input((8, 6), name="second")
    shared = layers.Conv1D(4, 3, name="shared")
    inner = keras.Sequential([layers.Dense(3, activation="relu"), layers.BatchNormalization()], name="inner")
    left, right = keras.Input((6, 4)), keras.Input((6, 4))
    dense = layers.Dense(4, name="within")(left)
    two = keras.Model([left, right], [layers.Add()([dense, right]), dense], name="two")
    one, other = shared(first), shared(second)
    added, weighed = two([one, other])
    turned, _ = two([other, one])
    joined = layers.Concatenate()([inner(added), inner(weighed), layers.Multiply()([turned, weighed])])
    return keras.Model(
        [first, second],
        [layers.Dense(2, name="scores")(layers.Flatten()(joined)), layers.GlobalMaxPooling1D()(inner(turned))],
    )


def test_a_graph_of_shared_layers_and_models_is_rebuilt():
    network = make_graph()
    pair = noise(2, 2, 8, 6)
    there, back = check_both_ways(network, *pair)
    for model in (there, back):
        assert [given.name.split(":")[0] for given in model.inputs] == ["first", "second"]
        assert model.get_layer("two").get_layer("within") and model.get_layer("inner")
        assert model.count_params() == network.count_params()


def test_only_the_calls_of_this_model_count():
    dense = layers.Dense(3)
    inputs, others = keras.Input((3,)), keras.Input((3,))
    once, twice = keras.Model(inputs, dense(inputs)), keras.Model(others, dense(dense(others)))
    for network in (once, twice):
        check_both_ways(network, noise(2, 3))


def test_named_inputs_and_outputs_keep_their_names():
    one, other = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    network = keras.Model({"b": other, "a": one}, {"sum": layers.Add()([one, layers.Dense(4)(other)]), "same": one})
    given = {"a": noise(2, 4), "b": 1 + noise(2, 4)}
    expected, there = network(given), to_tf_keras(network)
    for model in (there, to_keras(there)):
        found = model(given)
        for name in ("sum", "same"):
            np.testing.assert_allclose(found[name], expected[name], atol=1e-6)


def test_models_over_time_and_sequentials_are_rebuilt():
    inside = [layers.Conv2D(3, 2), layers.BatchNormalization(), layers.Conv2D(2, 2), layers.BatchNormalization()]
    over_time = layers.TimeDistributed(keras.Sequential([*inside, layers.Flatten()]), name="over_time")
    check_both_ways(keras.Sequential([keras.Input((5, 6, 6, 2)), over_time, layers.GRU(4)]), noise(2, 5, 6, 6, 2))


def test_masks_are_handed_on():
    words, frames, heard = keras.Input((5,), dtype="int32"), keras.Input((5, 3)), keras.Input((5,), dtype="bool")
    embedded = layers.LSTM(3, unroll=True)(layers.Embedding(9, 4, mask_zero=True)(words))
    masked = layers.Bidirectional(layers.GRU(2, return_sequences=True, unroll=True))(layers.Masking()(frames))
    network = keras.Model(
        [words, frames, heard], [embedded, masked, layers.SimpleRNN(3, unroll=True)(frames, mask=heard)]
    )
    sounds = noise(2, 5, 3)
    sounds[0, 2:] = 0
    given = np.array([[1, 2, 0, 0, 0], [3, 4, 5, 6, 0]], "int32")
    check_both_ways(network, given, sounds, given > 0)


def test_attention_is_rebuilt():
    frames = keras.Input((5, 6))
    attended = layers.MultiHeadAttention(2, 3, seed=1)(frames, frames)
    check_both_ways(keras.Model(frames, layers.LayerNormalization()(layers.Add()([frames, attended]))), noise(2, 5, 6))


def test_who_calls_says_whether_it_trains():
    inputs = keras.Input((5, 6))
    frames = keras.Sequential([layers.LSTM(4, dropout=0.5, return_sequences=True, unroll=True)], name="inner")(inputs)
    dropped = layers.Dropout(0.5)(inputs, training=False)  # which Keras 3 overrules too
    network = keras.Model(inputs, [frames, dropped])
    there, back = check_both_ways(network, noise(2, 5, 6))
    for model in (network, there, back):
        for trained, quiet in zip(model(noise(2, 5, 6), training=True), outputs(model, noise(2, 5, 6)), strict=True):
            assert np.abs(np.asarray(trained) - quiet).max() > 0.01


def test_what_training_needs_is_kept():
    inputs = keras.Input(SHAPE)
    normalised = layers.BatchNormalization(axis=2, momentum=0.7, epsilon=0.1, name="normal")(inputs)
    hidden = layers.Conv2D(3, 2, kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2), name="conv")(normalised)
    inner = keras.Sequential(
        name="inner", layers=[keras.Input((1, 4)), layers.Dense(3, name="cold"), layers.Dense(2, name="warm")]
    )
    network = keras.Model(inputs, inner(layers.Dense(4, name="dense")(layers.Reshape((1, -1))(hidden))))
    network.get_layer("conv").trainable = False
    inner.trainable = False
    inner.get_layer("warm").trainable = True
    there = to_tf_keras(network)
    for model in (there, to_keras(there)):
        axis = model.get_layer("normal").axis
        assert (list(axis) if isinstance(axis, (list, tuple)) else [axis]) == [2]
        assert (model.get_layer("normal").momentum, model.get_layer("normal").epsilon) == (0.7, 0.1)
        regularizer = model.get_layer("conv").kernel_regularizer
        assert (float(regularizer.l1), float(regularizer.l2)) == pytest.approx((0.1, 0.2))
        assert not model.get_layer("conv").trainable and not model.get_layer("inner").get_layer("cold").trainable
        trained = [tuple(weight.shape) for weight in model.trainable_weights]
        assert sorted(trained) == sorted(tuple(weight.shape) for weight in network.trainable_weights)


def test_inputs_are_float32_or_whole_numbers():
    half, whole = keras.Input((3,), dtype="float16"), keras.Input((3,), dtype="int32")
    network = keras.Model([half, whole], [layers.Dense(2)(half), layers.Embedding(4, 2)(whole)])
    there, back = check_both_ways(network, noise(2, 3).astype("float16"), np.array([[0, 1, 2], [3, 2, 1]], "int32"))
    for model in (there, back):
        assert [tf.as_dtype(given.dtype).name for given in model.inputs] == ["float32", "int32"]


@pytest.mark.parametrize("policy", ["mixed_float16", "bfloat16"])
def test_all_is_float32_whatever_the_policy(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        network = create("strided")
        there = to_tf_keras(network)
        back = to_keras(there)
    finally:
        keras.config.set_dtype_policy(before)
    weights = there.weights + back.weights
    assert {tf.as_dtype(weight.dtype).name for weight in weights} == {"float32"}
    assert {layer.compute_dtype for layer in there.layers} == {"float32"}
    pictures = noise(2, *SHAPE)
    check_equal(outputs(there, pictures), outputs(back, pictures))
    np.testing.assert_allclose(outputs(there, pictures)[0], outputs(network, pictures)[0], atol=0.02)


@keras.saving.register_keras_serializable("test_bridge")
class Mine(layers.Layer):
    """A layer of one's own."""

    def call(self, inputs):
        """Changes nothing."""
        return inputs

    def compute_output_shape(self, input_shape):
        """The same."""
        return input_shape


@keras.saving.register_keras_serializable("test_bridge")
def squared(values):
    """An activation or a regulariser of one's own."""
    return values**2


class Penalty(keras.regularizers.L2):
    """A regulariser of one's own, which Keras has not been told of."""


class Dense(layers.Dense):
    """A layer of one's own with the name of another."""


class Doubling(keras.Model):
    """A functional model that computes something else."""

    def call(self, inputs):
        """Doubles."""
        return 2 * super().call(inputs)


class Subclassed(keras.Model):
    """Not functional."""

    def call(self, inputs):
        """Changes nothing."""
        return inputs


def doubling():
    """A functional model with a call of its own."""
    inputs = keras.Input((3,))
    return Doubling(inputs, layers.Dense(3)(inputs), name="doubling")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: x + 1, r"\(Add: an operation; use layers.Add\)"),
        (lambda x: keras.ops.mean(x, axis=-1), r"\(Mean: an operation; use a layer\)"),
        (layers.Lambda(lambda x: x, name="any"), r"'any' \(Lambda: has no equal there\)"),
        (Mine(name="own"), r"'own' \(Mine: has no equal there\)"),
        (Dense(2, name="own"), r"'own' \(Dense: has no equal there\)"),
        (layers.RMSNormalization(name="rms"), r"'rms' \(RMSNormalization: has no equal there\)"),
        (layers.Dense(2, lora_rank=1, name="d"), r"'d' \(Dense: lora_rank has no equal there\)"),
        (layers.Dense(2, activation="celu", name="d"), r"'d' \(Dense: activation celu has no equal there\)"),
        (layers.Dense(2, activation=squared, name="d"), r"'d' \(Dense: activation squared has no equal there\)"),
        (layers.Dense(2, kernel_regularizer=squared, name="d"), r"'d' \(Dense: kernel_regularizer squared has no"),
        (layers.Dense(2, kernel_regularizer=Penalty(), name="d"), r"'d' \(Dense: kernel_regularizer Penalty has no"),
        (layers.Dense(2, name="a b"), r"'a b' \(Dense: 'a b/' is not a valid root scope name"),
        (lambda x: doubling()(x), r"'doubling' \(Doubling: a model with a call of its own\)"),
        (Subclassed(name="sub"), r"'sub' \(Subclassed: not a functional model\)"),
        (keras.Sequential([Mine(name="own")], name="inner"), r"keras: 'own' \(Mine: has no equal there\); make"),
    ],
)
def test_what_tf_keras_cannot_compute_is_refused_by_name(make, message):
    inputs = keras.Input((3,))
    with pytest.raises(BadInput, match=message) as error:
        to_tf_keras(keras.Model(inputs, make(inputs), name="mine"))
    assert str(error.value).startswith("model 'mine' cannot be rebuilt in tf_keras: ")
    assert str(error.value).endswith("make it of layers and options that keras.layers and tf_keras.layers share")
    assert "\n" not in str(error.value)


def test_all_that_is_refused_is_named_at_once():
    inputs = keras.Input((4, 3), name="features")
    hidden = layers.TimeDistributed(Mine(name="first"), name="wrapper")(inputs)
    hidden = Mine(name="third")(layers.Dense(2, activation="glu", name="second")(hidden) * 2)
    with pytest.raises(BadInput, match=r"'first' .*'second' .*\(Multiply: .*'third' ") as error:
        to_tf_keras(keras.Model(inputs, hidden))
    assert "wrapper" not in str(error.value)


def test_whole_models_that_are_no_graph_are_refused():
    with pytest.raises(BadInput, match="a Sequential without an Input"):
        to_tf_keras(keras.Sequential([layers.Dense(2)]))
    with pytest.raises(BadInput, match="not a functional model"):
        to_tf_keras(Subclassed())


def test_what_keras_3_cannot_compute_is_refused_by_name():
    inputs = tf_keras.Input((3,))
    with pytest.raises(BadInput, match=r"in keras: 'steep' \(Activation: activation hard_sigmoid has no equal there\)"):
        to_keras(tf_keras.Model(inputs, tf_keras.layers.Activation("hard_sigmoid", name="steep")(inputs)))
    with pytest.raises(BadInput, match=r"\(TFOpLambda: has no equal there\)"):
        to_keras(tf_keras.Model(inputs, tf.abs(inputs)))


def test_own_initialisers_do_not_matter():
    class Own(keras.initializers.Zeros):
        pass

    network = keras.Sequential([keras.Input((3,)), layers.Dense(2, kernel_initializer=Own())])
    check_both_ways(network, noise(2, 3))


def test_weights_are_copied_between_all_kinds():
    source = randomise(make_graph())
    pair = noise(2, 2, 8, 6)
    expected = outputs(source, *pair)
    there = to_tf_keras(source)
    models = {"keras": keras.models.clone_model(source), "tf_keras": tf_keras.models.clone_model(there)}
    for given in (source, there):
        for target in models.values():
            for weight in target.weights:
                weight.assign(0.5 * np.ones(weight.shape))
            copy_weights(given, target)
            check_equal(expected, outputs(target, *pair))


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ({"one": 3}, r"layer 'two' has \[\(3, 5\), \(5,\)\], in the target none$"),
        ({"one": 4, "two": 5}, r"'one' has \[\(2, 3\), \(3,\)\], in the target \[\(2, 4\), \(4,\)\]; layer 'two' has "),
        ({"one": 3, "two": 5, "three": 1}, r"layer 'three' has none, in the target \[\(5, 1\), \(1,\)\]$"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_nothing_is_changed(units, message):
    def make(library, units):
        hidden = [library.layers.Dense(count, name=name) for name, count in units.items()]
        return library.Sequential([library.Input((2,)), *hidden])

    source, target = make(tf_keras, {"one": 3, "two": 5}), make(keras, units)
    before = target.get_weights()
    with pytest.raises(ValueError, match=message):
        copy_weights(source, target)
    for weight, old in zip(target.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)


@pytest.mark.parametrize("name", few(["strided", "ds_cnn"], ["ds_cnn"]))
def test_pruned_weights_come_home(name):
    import tensorflow_model_optimization as tfmot

    network = create(name)
    there = to_tf_keras(network)
    half = tfmot.sparsity.keras.ConstantSparsity(0.5, begin_step=0, frequency=1)

    def prune(layer):
        if type(layer) not in (tf_keras.layers.Conv2D, tf_keras.layers.Dense):
            return layer
        return tfmot.sparsity.keras.prune_low_magnitude(layer, half)

    pruned = tf_keras.models.clone_model(there, clone_function=prune)
    pruned.compile("sgd", "categorical_crossentropy", run_eagerly=True)
    pruned.fit(
        noise(4, *SHAPE), np.eye(3)[[0, 1, 2, 0]], verbose=0, callbacks=[tfmot.sparsity.keras.UpdatePruningStep()]
    )
    stripped = tfmot.sparsity.keras.strip_pruning(pruned)
    copy_weights(stripped, network)
    pictures = noise(2, *SHAPE)
    check_equal(outputs(stripped, pictures), outputs(network, pictures))
    kernels = [layer.kernel for layer in network.layers if type(layer) in (layers.Conv2D, layers.Dense)]
    zeros = [float(np.mean(np.asarray(kernel) == 0)) for kernel in kernels]
    assert zeros == pytest.approx([0.5] * len(zeros), abs=0.05)


def test_the_twin_of_mean_deviation_becomes_tflite():
    from ai_edge_litert.interpreter import Interpreter

    inputs = keras.Input(batch_shape=(1, 5, 4, 3))
    there = to_tf_keras(keras.Model(inputs, StatisticsPooling()(inputs)))
    assert there.input_shape == (1, 5, 4, 3)
    interpreter = Interpreter(model_content=tf.lite.TFLiteConverter.from_keras_model(there).convert())
    interpreter.allocate_tensors()
    picture = noise(1, 5, 4, 3)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
    interpreter.invoke()
    found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(found, StatisticsPooling()(picture), atol=1e-6)
