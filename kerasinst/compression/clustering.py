"""Weight clustering: the weights of a layer share a few values, so that the model's file compresses well."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras
from tensorflow_model_optimization.python.core.clustering.keras.experimental.cluster import cluster_weights

from kerasinst.compression.fine_tuning import FineTuner
from kerasinst.compression.pruning import kernel_of, with_kernels
from kerasinst.compression.tf_keras_conversion import copy_weights, to_tf_keras
from kerasinst.core.errors import BadInput

WEIGHTS = 8
"""Number of weights that share a value on average, at least; smaller layers are not clustered."""


def cluster(network: keras.Model, fine_tuner: FineTuner, *, clusters: int) -> keras.Model:
    """Makes a network with the same layers whose kernels hold only a few different values each.

    Zeros stay zeros. Layers with few weights per value are left as they are.

    Args:
        network: trained network; it is not changed.
        fine_tuner: fine-tuner that trains the values.
        clusters: number of different values in each kernel, at most.

    Raises:
        BadInput: if no layer can be clustered.

    Source: Han, Mao and Dally, Deep compression (ICLR 2016).
    """
    names = [layer.name for layer in with_kernels(network) if _worth_it(kernel_of(layer), clusters)]
    if not names:
        raise BadInput(
            f"cluster: no layer of network '{network.name}' has {WEIGHTS * clusters} weights, of either sign, to share "
            f"{clusters} values"
        )
    initial = tfmot.clustering.keras.CentroidInitialization.KMEANS_PLUS_PLUS

    def wrapped(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
        if layer.name not in names:
            return layer
        sparse = bool((layer.kernel.numpy() == 0).any())
        return cluster_weights(layer, clusters, cluster_centroids_init=initial, preserve_sparsity=sparse)

    model = tf_keras.models.clone_model(to_tf_keras(network), clone_function=wrapped)
    others = [layer.name for layer in with_kernels(network) if layer.name not in names]
    fine_tuner.fit(model, [_KeepsZeros([model.get_layer(name).kernel for name in others])])
    clustered = keras.models.clone_model(network)
    copy_weights(tfmot.clustering.keras.strip_clustering(model), clustered)
    return clustered


class _KeepsZeros(tf_keras.callbacks.Callback):
    """A callback that keeps the zeros of kernels that nothing else masks."""

    def __init__(self, kernels: list[tf.Variable]) -> None:
        super().__init__()
        self.masked = [(kernel, tf.cast(kernel != 0, kernel.dtype)) for kernel in kernels]

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Sets the weights that were zero back to zero."""
        for kernel, mask in self.masked:
            kernel.assign(kernel * mask)


def most_values(network: keras.Model) -> int:
    """Counts the different values in each kernel, and gives the greatest number."""
    return max((len(np.unique(kernel_of(layer))) for layer in with_kernels(network)), default=0)


def _worth_it(kernel: np.ndarray, clusters: int) -> bool:
    """Tells whether a kernel has enough weights; in small layers each weight counts, and little is to be saved.

    Values are sought among the negative and among the positive weights, so there must be enough of either.
    """
    return kernel.size >= WEIGHTS * clusters and min((kernel < 0).sum(), (kernel > 0).sum()) >= clusters
