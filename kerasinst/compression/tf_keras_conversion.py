"""Conversion between Keras 3 and tf_keras, the only Keras that TensorFlow's model optimisation toolkit takes."""

import inspect
from collections.abc import Mapping
from functools import cache, partial
from textwrap import shorten
from types import ModuleType
from typing import Any, NamedTuple

import keras
import tensorflow as tf
import tf_keras

from kerasinst.core.errors import BadInput
from kerasinst.core.types import Tensor
from kerasinst.networks.layers import statistics_pooling


@tf_keras.saving.register_keras_serializable("kerasinst")
class StatisticsPooling(tf_keras.layers.Layer):
    """The equivalent of `kerasinst.networks.layers.statistics_pooling.StatisticsPooling` in tf_keras."""

    def call(self, features: Tensor) -> Tensor:
        """Computes the statistics."""
        mean = tf.reduce_mean(features, axis=(1, 2), keepdims=True)
        variance = tf.reduce_mean(tf.square(features - mean), axis=(1, 2))
        return tf.concat([mean[:, 0, 0], tf.sqrt(variance + statistics_pooling.SMALL)], axis=-1)


@tf_keras.saving.register_keras_serializable("kerasinst")
def hard_sigmoid(x: Tensor) -> Tensor:
    """Computes the hard sigmoid of Keras 3; that of tf_keras is steeper, and not mistaken for this registered one."""
    return tf.nn.relu6(x + 3.0) / 6.0


@tf_keras.saving.register_keras_serializable("kerasinst")
def hard_silu(x: Tensor) -> Tensor:
    """Computes the hard SiLU of Keras 3, also called `hard_swish`, which tf_keras lacks."""
    return x * hard_sigmoid(x)


EQUALS: dict[Any, Any] = {
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
"""Layers and activations of tf_keras, by those of Keras 3; other layers are found by their names."""
SYNONYMS = {"alpha": "negative_slope", "negative_slope": "alpha"}
"""Options of LeakyReLU that have another name in the other library."""
UNLISTED = {"zero_output_for_mask"}
"""Options that recurrent layers of tf_keras take, though their signatures do not say so."""
SILENT = {
    "trainable", "seed", "implementation", "batch_input_shape", "query_shape", "key_shape", "value_shape",
}  # fmt: skip
"""Options that change no output; layers that lack `trainable` have no weights."""


def to_tf_keras(network: keras.Model) -> tf_keras.Model:
    """Rebuilds a network in tf_keras: layers of the same names with the same weights, in float32.

    Nested models, layers that are called several times, frozen layers and regularisers are kept. Arguments `training=`
    of calls within the network are not; as in Keras 3, whoever calls the network says whether it trains.

    Args:
        network: functional or sequential model.

    Raises:
        BadInput: if the network holds what tf_keras cannot compute: operations of `keras.ops`, `Lambda`, or custom
            layers.

    Example:
        >>> to_tf_keras(networks.create("strided", (87, 64, 1), n_labels=5)).output_shape
        (None, 5)
    """
    return _Rebuilding(keras, tf_keras, equals=EQUALS).whole(network)


def to_keras(model: tf_keras.Model) -> keras.Model:
    """Rebuilds a tf_keras model in Keras 3: the reverse of `to_tf_keras`.

    Args:
        model: functional or sequential model.

    Raises:
        BadInput: if the model holds what Keras 3 cannot compute.
    """
    return _Rebuilding(tf_keras, keras, equals={theirs: ours for ours, theirs in EQUALS.items()}).whole(model)


def copy_weights(source: keras.Model | tf_keras.Model, target: keras.Model | tf_keras.Model) -> None:
    """Copies the weights of a model to another one with the same layers, by the layers' names.

    Args:
        source: model of Keras 3 or tf_keras.
        target: model of Keras 3 or tf_keras.

    Raises:
        ValueError: if only one of the models has some weights, or shapes differ; the target is then unchanged.
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
        if hasattr(layer, "finalize_state"):  # Normalization computes with values that it derives from its weights
            layer.finalize_state()


def _with_weights(model: keras.Model | tf_keras.Model, path: str = "") -> dict[str, Any]:
    """Lists the layers that have weights, by name; those of nested models by their path."""
    found: dict[str, Any] = {}
    for layer in model.layers:
        inner = getattr(layer, "layer", layer)  # of TimeDistributed
        if hasattr(inner, "layers"):
            found |= _with_weights(inner, f"{path}{layer.name}/")
        elif layer.weights:
            found[path + layer.name] = layer
    return found


class _Call(NamedTuple):
    """A call of a layer within a model."""

    layer: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: list[Tensor]


class _Rebuilding:
    """Rebuilds a model with the layers of another library, each layer once, however often it is called.

    Args:
        source: library of the model.
        target: library of its twin.
        equals: layers and activations of the target, by those of the source.
    """

    def __init__(self, source: ModuleType, target: ModuleType, *, equals: Mapping[Any, Any]) -> None:
        self.source, self.target, self.equals = source, target, equals
        self.twins: dict[Any, Any] = {}
        self.refused: list[str] = []

    def whole(self, model: Any) -> Any:
        """Makes the model's twin, with the same weights."""
        twin = self._twin(model)
        if self.refused:
            raise BadInput(
                f"model '{model.name}' cannot be rebuilt in {self.target.__name__}: {', '.join(self.refused)}; make it "
                "of layers and options that keras.layers and tf_keras.layers share"
            )
        copy_weights(model, twin)
        return twin

    def _twin(self, layer: Any) -> Any:
        """Gives the twin of a layer or a nested model; None if it cannot be rebuilt."""
        if layer not in self.twins:
            known = len(self.refused)
            try:
                make = self._model if isinstance(layer, self.source.Model) else self._layer
                self.twins[layer] = make(layer)
            except (TypeError, ValueError) as error:
                self.twins[layer] = None
                if len(self.refused) == known:  # otherwise a nested layer is to blame
                    self._refuse(layer, error)
        return self.twins[layer]

    def _refuse(self, layer: Any, error: Exception) -> None:
        """Notes that a layer cannot be rebuilt, and why."""
        self.refused.append(f"'{layer.name}' ({type(layer).__name__}: {shorten(str(error), 200)})")

    def _model(self, model: Any) -> Any:
        """Rebuilds a functional or sequential model."""
        graph = getattr(model, "_functional", model)  # of Keras 3's Sequential; None before its input is known
        if not hasattr(graph, "_nodes_by_depth"):
            raise ValueError("a Sequential without an Input" if graph is None else "not a functional model")
        if type(model).call.__qualname__ not in ("Functional.call", "Sequential.call"):
            raise ValueError("a model with a call of its own")
        calls = _calls(graph)
        if not all([self._twin(call.layer) for call in calls]):  # of a list, so that all that are refused are named
            return None
        tensors = {id(given): self._input(given) for given in graph.inputs}
        swap = partial(tf.nest.map_structure, lambda tensor: tensors.get(id(tensor), tensor))
        for layer, args, kwargs, outputs in calls:
            try:
                made = self.twins[layer](*swap(args), **swap(kwargs))
            except (TypeError, ValueError) as error:
                self._refuse(layer, error)
                return None
            tensors.update(zip(map(id, outputs), tf.nest.flatten(made), strict=True))
        return self.target.Model(swap(graph.input), swap(graph.output), name=model.name)

    def _input(self, given: Tensor) -> Tensor:
        """Rebuilds an input."""
        dtype = tf.as_dtype(given.dtype)
        dtype = "float32" if dtype.is_floating else dtype.name
        return self.target.Input(batch_shape=tuple(given.shape), dtype=dtype, name=given._keras_history[0].name)

    def _layer(self, layer: Any) -> Any:
        """Rebuilds a layer."""
        name = type(layer).__name__
        kind = self.equals.get(type(layer))
        if name != "Lambda" and type(layer) is getattr(self.source.layers, name, None):
            kind = getattr(self.target.layers, name, None)
        if kind:
            return kind(**self._arguments(layer, kind))
        if isinstance(layer, self.source.layers.Layer):
            raise ValueError("has no equal there")
        raise ValueError(f"an operation; use {f'layers.{name}' if hasattr(self.target.layers, name) else 'a layer'}")

    def _arguments(self, thing: Any, kind: type) -> dict[str, Any]:
        """Gives the arguments for the twin of a layer, an initialiser, a regulariser or a constraint."""
        known, defaults = _parameters(kind).keys() | UNLISTED, _parameters(thing.__class__)
        arguments: dict[str, Any] = {}
        for option, value in thing.get_config().items():
            key = option if option in known else SYNONYMS.get(option)
            try:
                if key in known:
                    arguments[key] = self._argument(getattr(thing, option, None), option, value)
                elif option not in SILENT and value and value not in (defaults.get(option), "channels_last"):
                    raise ValueError(f"{option} has no equal there")
            except (TypeError, ValueError):
                if not option.endswith("initializer"):  # initial values are not needed any more
                    raise
        return arguments

    def _argument(self, part: Any, option: str, value: Any) -> Any:
        """Gives an argument, from the attribute that it became (`part`) and from its value in the configuration."""
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


def _calls(graph: Any) -> list[_Call]:
    """Lists the calls of a model's layers, in the order of computing.

    The calls are found from the outputs back. Masks that layers hand on by themselves are left out, since the graph of
    Keras 3 includes the operations that make them.
    """
    wanted = _ids(graph.output)
    calls: list[_Call] = []
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
            calls.append(_Call(layer, args, kwargs, outputs))
    return calls[::-1]


def _ids(structure: Any) -> set[int]:
    """Gives the identities of all tensors in a nested structure."""
    return set(map(id, tf.nest.flatten(structure)))


@cache
def _parameters(kind: type) -> dict[str, Any]:
    """Gives the parameters of a class, with their defaults, including those that it hands on to its parents."""
    found: dict[str, Any] = {}
    for parent in kind.__mro__:
        if "__init__" in vars(parent):
            parameters = inspect.signature(vars(parent)["__init__"]).parameters
            found = {name: parameter.default for name, parameter in parameters.items()} | found
            if all(parameter.kind != parameter.VAR_KEYWORD for parameter in parameters.values()):
                break
    return found
