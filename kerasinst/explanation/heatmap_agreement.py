"""Measures how well the heatmaps of two networks agree, such as a network and its compressed form."""

import numpy as np


def compare_heatmaps(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Compares heatmaps, averaged over those that are not flat.

    Args:
        ours: heatmaps of one network, shape `(segments, frames, bins)`.
        theirs: heatmaps of the other network for the same segments.

    Returns:
        Pearson's correlation, and the intersection over union of the hottest tenths.

    Example:
        >>> compare_heatmaps(heatmaps, heatmaps)
        {'correlation': 1.0, 'overlap_of_the_hottest_tenth': 1.0}
    """
    alike, shared = [], []
    for one, other in zip(ours, theirs, strict=True):
        if one.std() > 0 and other.std() > 0:
            alike.append(np.corrcoef(one.ravel(), other.ravel())[0, 1])
            hottest, their_hottest = (each >= np.quantile(each, 0.9) for each in (one, other))
            shared.append((hottest & their_hottest).sum() / (hottest | their_hottest).sum())
    correlation, overlap = (float(np.mean(values)) if values else 0.0 for values in (alike, shared))
    return {"correlation": round(correlation, 4), "overlap_of_the_hottest_tenth": round(overlap, 4)}
