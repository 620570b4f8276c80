"""Between Keras 3 and tf_keras, the only Keras that TensorFlow's model optimisation toolkit takes."""

import inspect
from functools import cache, partial
from textwrap import shorten
from typing import Any

import keras
import tensorflow as tf
import tf_keras

from kerasinst.core.errors import BadInput
from kerasinst.networks.layers import statistics_pooling


@tf_keras.saving.register_keras_serializable("kerasinst")
class StatisticsPooling(tf_keras.layers.Layer):
    """The equal of `kerasinst.networks.layers.statistics_pooling.StatisticsPooling`."""

    def call(self, features):
        """Pools."""
        mean = tf.reduce_mean(features, axis=(1, 2), keepdims=True)
        variance = tf.reduce_mean(tf.square(features - mean), axis=(1, 2))
        return tf.concat([mean[:, 0, 0], tf.sqrt(variance + statistics_pooling.SMALL)], axis=-1)


@tf_keras.saving.register_keras_serializable("kerasinst")
def hard_sigmoid(x):
    """Keras 3's; tf_keras has a steeper one, which it does not take for this one, since this one is registered."""
    return tf.nn.relu6(x + 3.0) / 6.0


@tf_keras.saving.register_keras_serializable("kerasinst")
def hard_silu(x):
    """Keras 3's, also called `hard_swish`; tf_keras has none."""
    return x * hard_sigmoid(x)


EQUALS = {  # in Keras 3, and in tf_keras; other layers are found by their names
    statistics_pooling.StatisticsPooling: StatisticsPooling,
    keras.activations.hard_sigmoid: hard_sigmoid,
    keras.activations.hard_silu: hard_silu,
    keras.activations.leaky_relu: tf.nn.leaky_relu,
    keras.activations.relu6: tf.nn.relu6,
    keras.activations.silu: tf_keras.activations.swish,
} | {
    getattr(keras.activations, name): getattr(tf_keras.activations, name)
    for name in (
        "elu", "exponential", "gelu", "linear", "mish", "relu",
        "selu", "sigmoid", "softmax", "softplus", "softsign", "tanh",
    )
}  # fmt: skip
SYNONYMS = {"alpha": "negative_slope", "negative_slope": "alpha"}  # of LeakyReLU
UNLISTED = {"zero_output_for_mask"}  # that tf_keras's recurrent layers take, though their signatures do not say so
SILENT = {  # options that change no output; layers that lack `trainable` have no weights
    "trainable", "seed", "implementation", "batch_input_shape", "query_shape", "key_shape", "value_shape",
}  # fmt: skip


def to_tf_keras(network: keras.Model) -> tf_keras.Model:
    """Rebuilds a network in tf_keras: layers of the same names, with the same weights, in float32.

    Models within it, layers that are called several times, frozen layers and regularisers are kept. `training=` in
    calls within it is not: as in Keras 3, who calls the network says whether it trains.

    Args:
        network: functional or sequential.

    Raises:
        BadInput: if it holds what tf_keras cannot compute: operations of `keras.ops`, `Lambda`, layers of one's own.

    Example:
        >>> to_tf_keras(networks.create("strided", (87, 64, 1), 5)).output_shape
        (None, 5)
    """
    return _Rebuilding(keras, tf_keras, EQUALS).whole(network)


def to_keras(model: tf_keras.Model) -> keras.Model:
    """Rebuilds a tf_keras model in Keras 3, as `to_tf_keras` does the other way.

    Raises:
        BadInput: if it holds what Keras 3 cannot compute.
    """
    return _Rebuilding(tf_keras, keras, {theirs: ours for ours, theirs in EQUALS.items()}).whole(model)


def copy_weights(source: keras.Model | tf_keras.Model, target: keras.Model | tf_keras.Model) -> None:
    """Gives a model the weights of another with the same layers, of either Keras, by the layers' names.

    Raises:
        ValueError: if weights are in one of them only, or are of other shapes; the target is then as it was.
    """
    given, taking = _with_weights(source), _with_weights(target)
    shapes = [
        {name: [tuple(weight.shape) for weight in layer.weights] for name, layer in some.items()}
        for some in (given, taking)
    ]
    odd = [
        f"layer '{name}' has {shapes[0].get(name, 'none')}, in the target {shapes[1].get(name, 'none')}"
        for name in given | taking
        if shapes[0].get(name) != shapes[1].get(name)
    ]
    if odd:
        raise ValueError(f"the weights do not fit: {'; '.join(odd)}")
    for name, layer in taking.items():
        layer.set_weights(given[name].get_weights())
        if hasattr(layer, "finalize_state"):  # Normalization computes with what it makes of its weights
            layer.finalize_state()


def _with_weights(model, path: str = "") -> dict[str, Any]:
    """Layers that have weights, by name; those of models within by their path."""
    found = {}
    for layer in model.layers:
        inner = getattr(layer, "layer", layer)  # of TimeDistributed
        if hasattr(inner, "layers"):
            found |= _with_weights(inner, f"{path}{layer.name}/")
        elif layer.weights:
            found[path + layer.name] = layer
    return found


class _Rebuilding:
    """Rebuilds a model with the layers of another library, each layer once, however often it is called."""

    def __init__(self, source, target, equals: dict):
        self.source, self.target, self.equals = source, target, equals
        self.twins, self.refused = {}, []

    def whole(self, model):
        """The model's twin, with the same weights."""
        twin = self._twin(model)
        if self.refused:
            raise BadInput(
                f"model '{model.name}' cannot be rebuilt in {self.target.__name__}: {', '.join(self.refused)}; make it "
                "of layers and options that keras.layers and tf_keras.layers share"
            )
        copy_weights(model, twin)
        return twin

    def _twin(self, layer):
        if layer not in self.twins:
            known = len(self.refused)
            try:
                make = self._model if isinstance(layer, self.source.Model) else self._layer
                self.twins[layer] = make(layer)
            except (TypeError, ValueError) as error:
                self.twins[layer] = None
                if len(self.refused) == known:  # otherwise it is a layer within
                    self._refuse(layer, error)
        return self.twins[layer]

    def _refuse(self, layer, error: Exception) -> None:
        self.refused.append(f"'{layer.name}' ({type(layer).__name__}: {shorten(str(error), 200)})")

    def _model(self, model):
        graph = getattr(model, "_functional", model)  # of Keras 3's Sequential; None before its input is known
        if not hasattr(graph, "_nodes_by_depth"):
            raise ValueError("a Sequential without an Input" if graph is None else "not a functional model")
        if type(model).call.__qualname__ not in ("Functional.call", "Sequential.call"):
            raise ValueError("a model with a call of its own")
        calls = _calls(graph)
        if not all([self._twin(layer) for layer, *_ in calls]):  # of a list, so that all that are refused are named
            return None
        tensors = {id(given): self._input(given) for given in graph.inputs}
        swap = partial(tf.nest.map_structure, lambda tensor: tensors.get(id(tensor), tensor))
        for layer, args, kwargs, outputs in calls:
            try:
                made = self.twins[layer](*swap(args), **swap(kwargs))
            except (TypeError, ValueError) as error:
                return self._refuse(layer, error)
            tensors.update(zip(map(id, outputs), tf.nest.flatten(made), strict=True))
        return self.target.Model(swap(graph.input), swap(graph.output), name=model.name)

    def _input(self, given):
        dtype = tf.as_dtype(given.dtype)
        dtype = "float32" if dtype.is_floating else dtype.name
        return self.target.Input(batch_shape=tuple(given.shape), dtype=dtype, name=given._keras_history[0].name)

    def _layer(self, layer):
        name = type(layer).__name__
        kind = self.equals.get(type(layer))
        if name != "Lambda" and type(layer) is getattr(self.source.layers, name, None):
            kind = getattr(self.target.layers, name, None)
        if kind:
            return kind(**self._arguments(layer, kind))
        if isinstance(layer, self.source.layers.Layer):
            raise ValueError("has no equal there")
        raise ValueError(f"an operation; use {f'layers.{name}' if hasattr(self.target.layers, name) else 'a layer'}")

    def _arguments(self, thing, kind: type) -> dict[str, Any]:
        """What to make the twin of a layer, an initialiser, a regulariser or a constraint with."""
        known, defaults, arguments = _parameters(kind).keys() | UNLISTED, _parameters(type(thing)), {}
        for option, value in thing.get_config().items():
            key = option if option in known else SYNONYMS.get(option)
            try:
                if key in known:
                    arguments[key] = self._argument(getattr(thing, option, None), option, value)
                elif option not in SILENT and value and value not in (defaults.get(option), "channels_last"):
                    raise ValueError(f"{option} has no equal there")
            except (TypeError, ValueError):
                if not option.endswith("initializer"):  # whose work is done
                    raise
        return arguments

    def _argument(self, part, option: str, value):
        """An argument, from the attribute that it became and from how it is written down."""
        if option == "dtype":
            return "float32"
        if option == "axis" and isinstance(value, (list, tuple)) and len(value) == 1:
            return value[0]  # tf_keras lists the axes of normalisations
        if isinstance(value, (list, tuple)):
            return [self._argument(None, option, inner) for inner in value]
        if isinstance(value, dict) and "class_name" in value:
            part = part or self.source.saving.deserialize_keras_object(value)
        elif not option.endswith("activation"):
            return value
        if isinstance(part, self.source.layers.Layer):
            return self._twin(part)
        name = type(part).__name__
        for where in ("initializers", "regularizers", "constraints"):
            kind = getattr(getattr(self.target, where), name, None)
            if kind and type(part) is getattr(getattr(self.source, where), name, None):
                return kind(**self._arguments(part, kind))
        if part not in self.equals:
            raise ValueError(f"{option} {getattr(part, '__name__', name)} has no equal there")
        return self.equals[part]


def _calls(graph) -> list[tuple]:
    """Calls of a model's layers, in the order of computing: `(layer, args, kwargs, outputs)`.

    Walked from the outputs back and without the masks that layers hand on by themselves, since Keras 3 has the
    operations that make these in its graph.
    """
    wanted, calls = _ids(graph.output), []
    for _, nodes in sorted(graph._nodes_by_depth.items()):
        for node in nodes:
            outputs = tf.nest.flatten(node.outputs)
            if node.is_input or wanted.isdisjoint(_ids(outputs)):
                continue
            if hasattr(node, "arguments"):  # of Keras 3
                layer, args, kwargs = node.operation, node.arguments.args, node.arguments.kwargs
            else:
                layer, args, kwargs = node.layer, node.call_args, node.call_kwargs
            masks = {id(getattr(tensor, "_keras_mask", None)) for tensor in tf.nest.flatten((args, kwargs))}
            own = {name for name, value in kwargs.items() if name.endswith("mask") and masks >= _ids(value)}
            kwargs = {name: value for name, value in kwargs.items() if name not in own | {"training"}}
            wanted |= _ids((args, kwargs))
            calls.append((layer, args, kwargs, outputs))
    return calls[::-1]


def _ids(structure) -> set[int]:
    return set(map(id, tf.nest.flatten(structure)))


@cache
def _parameters(kind: type) -> dict[str, Any]:
    """What a class can be made with, and the defaults, with what it hands on to its parents."""
    found = {}
    for parent in kind.__mro__:
        if "__init__" in vars(parent):
            parameters = inspect.signature(parent.__init__).parameters
            found = {name: parameter.default for name, parameter in parameters.items()} | found
            if all(parameter.kind != parameter.VAR_KEYWORD for parameter in parameters.values()):
                break
    return found
