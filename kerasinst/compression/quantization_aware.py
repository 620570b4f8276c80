"""Quantisation-aware training: a network is trained with the rounding errors of integers."""

from typing import Any

import keras
import tensorflow_model_optimization as tfmot
import tf_keras

from kerasinst.compression.fine_tuning import FineTuner
from kerasinst.compression.tf_keras_conversion import to_tf_keras
from kerasinst.core.errors import BadInput

WEIGHTED = ("Conv2D", "DepthwiseConv2D", "Dense")
"""Layers whose weights become integers."""
PASSING = (
    "ReLU", "Activation", "Dropout", "SpatialDropout2D", "Flatten", "Reshape", "MaxPooling2D", "AveragePooling2D",
    "GlobalAveragePooling2D", "ZeroPadding2D", "Add", "Concatenate", "Permute",
)  # fmt: skip
"""Layers that integers pass through."""


def quantization_aware_training(
    network: keras.Model, fine_tuner: FineTuner, *, sparse: bool = False, clustered: bool = False
) -> tf_keras.Model:
    """Trains a network as if it computed in integers.

    Layers that the simulation does not know, such as recurrent ones and statistics pooling, and all layers after them
    stay in floating point.

    Args:
        network: trained network, which may be pruned or clustered; it is not changed.
        fine_tuner: fine-tuner that trains the network.
        sparse: whether to keep the zeros of the kernels.
        clustered: whether to keep the shared values of the kernels.

    Returns:
        A tf_keras model that is ready to be converted.

    Raises:
        BadInput: if no layer can be quantized.

    Source: Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only inference
        (CVPR 2018).
    """
    model = to_tf_keras(network)
    names = quantizable_layers(model)
    if not names & {layer.name for layer in model.layers if type(layer).__name__ in WEIGHTED}:
        raise BadInput(f"qat: no layer of network '{network.name}' can be trained in integers; quantize without qat")
    annotate = tfmot.quantization.keras.quantize_annotate_layer
    annotated = tf_keras.models.clone_model(
        model, clone_function=lambda layer: annotate(layer) if layer.name in names else layer
    )
    combine = tfmot.experimental.combine
    if clustered:
        scheme = combine.Default8BitClusterPreserveQuantizeScheme(preserve_sparsity=sparse)
    elif sparse:
        scheme = combine.Default8BitPrunePreserveQuantizeScheme()
    else:
        scheme = tfmot.quantization.keras.default_8bit.Default8BitQuantizeScheme()
    with tf_keras.utils.custom_object_scope({type(layer).__name__: type(layer) for layer in model.layers}):
        trained = tfmot.quantization.keras.quantize_apply(annotated, scheme)
    if sparse or clustered:  # the simulation preserves them only in the layers that it reaches
        for layer in model.layers:
            if layer.name not in names and hasattr(layer, "kernel"):
                trained.get_layer(layer.name).trainable = False
    fine_tuner.fit(trained)
    return combine.strip_clustering_cqat(trained) if clustered else trained


def quantizable_layers(model: tf_keras.Model) -> set[str]:
    """Gives the names of the layers that can compute in integers, as all layers before them can."""
    found: set[str] = set()
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            continue
        before = [node.layer for node in _before(layer)]
        reached = all(each.name in found or type(each).__name__ == "InputLayer" for each in before)
        folded = kind == "BatchNormalization" and all(type(each).__name__ in WEIGHTED[:2] for each in before)
        if reached and (kind in WEIGHTED or kind in PASSING or folded):
            found.add(layer.name)
    return found


def _before(layer: tf_keras.layers.Layer) -> list[Any]:
    """Lists the calls whose outputs a layer reads."""
    (node,) = layer.inbound_nodes[:1]
    return list(node.parent_nodes)
