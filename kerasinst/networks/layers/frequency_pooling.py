"""Convolutions that pool the bins and keep the frames."""

from collections.abc import Sequence

from keras import layers

from kerasinst.core.types import Tensor


def frequency_pooled(features: Tensor, filters: Sequence[int], *, kernel_size: int, pool_bins: Sequence[int]) -> Tensor:
    """Applies convolutions, each with batch normalisation, ReLU and max-pooling over the bins.

    Args:
        features: features of shape `(batch, frames, bins, channels)`.
        filters: number of filters of each convolution.
        kernel_size: side of their square kernels.
        pool_bins: number of bins that are pooled after each convolution; fewer if fewer are left.

    Returns:
        Features of shape `(batch, frames, fewer bins, filters[-1])`.

    Raises:
        ValueError: if there are not as many numbers of bins as filters.
    """
    if len(filters) != len(pool_bins):
        raise ValueError(f"filters={list(filters)}, pool_bins={list(pool_bins)}: give as many of both")
    for count, pool in zip(filters, pool_bins, strict=True):
        features = layers.Conv2D(count, kernel_size, padding="same", use_bias=False)(features)
        features = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(features))
        features = layers.MaxPooling2D((1, min(pool, features.shape[2])))(features)
    return features
