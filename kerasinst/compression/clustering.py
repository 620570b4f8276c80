"""Weight clustering: the weights of a layer share a few values, so that its file compresses well."""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras
from tensorflow_model_optimization.python.core.clustering.keras.experimental.cluster import cluster_weights

from kerasinst.compression.bridge import copy_weights, to_tf_keras
from kerasinst.compression.fine_tuning import FineTuner
from kerasinst.compression.pruning import kernel_of, with_kernels
from kerasinst.core.errors import BadInput

WEIGHTS = 8
"""That share a value on average, at least; smaller layers keep their own."""


def cluster(network: keras.Model, fine_tuner: FineTuner, *, clusters: int) -> keras.Model:
    """A network with the same layers, each of whose kernels holds at most so many different values.

    Zeros stay zeros. Layers with few weights a value are left as they are.

    Args:
        network: trained.
        fine_tuner: that train the values.
        clusters: values a layer.

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

    def wrapped(layer):
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
    """In kernels that nothing else masks."""

    def __init__(self, kernels: list[tf.Variable]):
        super().__init__()
        self.masked = [(kernel, tf.cast(kernel != 0, kernel.dtype)) for kernel in kernels]

    def on_train_batch_end(self, batch, logs=None):
        for kernel, mask in self.masked:
            kernel.assign(kernel * mask)


def most_values(network: keras.Model) -> int:
    """Different values in the kernel of a layer, at most."""
    return max((len(np.unique(kernel_of(layer))) for layer in with_kernels(network)), default=0)


def _worth_it(kernel: np.ndarray, clusters: int) -> bool:
    """Small layers are little of a file, and each of their weights counts.

    Values are found among negative and among positive weights; there must be as many of either.
    """
    return kernel.size >= WEIGHTS * clusters and min((kernel < 0).sum(), (kernel > 0).sum()) >= clusters
