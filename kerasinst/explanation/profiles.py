"""Summarises heatmaps: by bands, by moments, and by coefficients that are hot together."""

import numpy as np


def heat_profiles(heatmaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Computes how much of the heat lies in each band and at each moment.

    Args:
        heatmaps: heatmaps of shape `(segments, frames, bins)`.

    Returns:
        Shares of the bins, shape `(bins,)`, and of the frames, shape `(frames,)`. Each sums to 1, or is all 0 if all
        heatmaps are empty.

    Example:
        >>> bands, moments = heat_profiles(np.ones((5, 87, 64)))
        >>> bands.sum(), len(moments)
        (1.0, 87)
    """
    total = heatmaps.sum(axis=(1, 2), keepdims=True)
    shares = np.divide(heatmaps, total, out=np.zeros_like(heatmaps), where=total > 0)
    hot = max(1, int((total > 0).sum()))
    return shares.sum(axis=(0, 1)) / hot, shares.sum(axis=(0, 2)) / hot


def column_products(heatmap: np.ndarray) -> np.ndarray:
    """Computes the inner products of a heatmap's columns, which show the coefficients that are hot at the same moments.

    Args:
        heatmap: heatmap of shape `(frames, bins)`.

    Returns:
        Symmetric matrix of shape `(bins, bins)`.

    Example:
        >>> column_products(np.eye(3))
        array([[1., 0., 0.],
               [0., 1., 0.],
               [0., 0., 1.]])

    Source: the Grad-CAM section of "CNN based Music Instrument Classification" (EE5180, group 4).
    """
    return heatmap.T @ heatmap
