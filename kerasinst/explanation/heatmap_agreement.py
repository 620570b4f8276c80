"""How far the heatmaps of two networks agree, such as a network and its compressed form."""

import numpy as np


def heatmap_agreement(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Likeness of heatmaps, averaged over those that are not flat.

    Args:
        ours: `(n, frames, bins)`.
        theirs: of the same pictures.

    Returns:
        Pearson's correlation, and the share that the hottest tenths of both have in common (intersection over union).

    Example:
        >>> heatmap_agreement(heatmaps, heatmaps)
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
