"""Measures whether heatmaps point at what matters: how the score changes as their brightest places are deleted."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from scipy.ndimage import zoom

from kerasinst.core.progress import Progress, silent, track
from kerasinst.explanation.explained_segments import ExplainedSegments
from kerasinst.explanation.grad_cam import GradCam, label_scores

STEPS = 20
"""Number of steps in which features are deleted."""
JUDGED = 40
"""Largest number of segments on which faithfulness is measured."""
MASKS = 5
"""Number of random masks with which each heatmap is compared."""


def curves(
    score: Callable[[np.ndarray], np.ndarray], features: np.ndarray, *, heatmap: np.ndarray, steps: int = STEPS
) -> tuple[np.ndarray, np.ndarray]:
    """Computes scores while a heatmap's brightest places are deleted from features, and inserted into empty ones.

    Deleted features take the lowest value of all, which is silence in a spectrogram.

    Args:
        score: function from features of shape `(n, frames, bins, channels)` to the score of one label, shape `(n,)`.
        features: features of one segment, shape `(frames, bins, channels)`.
        heatmap: heatmap of shape `(frames, bins)`.
        steps: number of steps, in each of which an equal share is deleted.

    Returns:
        The curves of deletion and of insertion, each of shape `(steps + 1,)`. For a faithful heatmap, the mean of the
        first is small, and the mean of the second is large.

    Example:
        >>> deletion, insertion = curves(score, features, heatmap=heatmap)
        >>> deletion.mean(), insertion.mean()
        (0.21, 0.74)

    Source: Petsiuk et al., RISE, BMVC 2018, section 4.2.
    """
    order = np.argsort(-heatmap.ravel(), kind="stable")
    empty = np.full_like(features, features.min())
    deleted = np.repeat(features[None], steps + 1, axis=0)
    inserted = np.repeat(empty[None], steps + 1, axis=0)
    flat = features.reshape(len(order), -1)
    for step in range(steps + 1):
        places = order[: round(step / steps * len(order))]
        deleted[step].reshape(len(order), -1)[places] = features.min()
        inserted[step].reshape(len(order), -1)[places] = flat[places]
    scores = score(np.concatenate([deleted, inserted]))
    return scores[: steps + 1], scores[steps + 1 :]


def random_masks(shape: tuple[int, int], grain: tuple[int, int], *, count: int, seed: int = 0) -> np.ndarray:
    """Draws smooth random heatmaps, as coarse as those of a convolution, with which heatmaps are compared.

    Args:
        shape: number of frames and bins.
        grain: number of frames and bins of the convolution's output.
        count: number of heatmaps.
        seed: seed of the heatmaps.

    Returns:
        Array of shape `(count, frames, bins)`, from 0 to 1.

    Example:
        >>> random_masks((87, 64), (10, 8), count=5).shape
        (5, 87, 64)
    """
    drawn = np.random.default_rng(seed).random((count, *grain))
    factors = [size / coarse for size, coarse in zip(shape, grain, strict=True)]
    return np.clip(zoom(drawn, (1, *factors), order=1, grid_mode=True, mode="nearest"), 0, 1)


def measure_faithfulness(
    network: keras.Model, cam: GradCam, *, segments: ExplainedSegments, progress: Progress = silent
) -> dict[str, Any]:
    """Computes the mean deletion and insertion curves of heatmaps, and of random masks as coarse as they are.

    Args:
        network: network that is explained.
        cam: Grad-CAM that made the heatmaps.
        segments: segments with their heatmaps.
        progress: shows the progress of the segments.

    Returns:
        Figures and curves, as explanation.json holds them.
    """
    rows = np.linspace(0, len(segments.truth) - 1, min(JUDGED, len(segments.truth))).astype(int)
    frames, bins = segments.heatmaps.shape[1:]
    grain = (*cam.layer.output.shape[1:-1], 1)[:2]
    masks = random_masks((frames, bins), grain, count=MASKS)
    of_heatmaps, of_masks = [], []
    for row in track(rows, "deleting and inserting", progress=progress):

        def score(features: np.ndarray, label: int = segments.truth[row]) -> np.ndarray:
            return np.asarray(label_scores(network.predict_on_batch(features)))[:, label]

        features = segments.features[row]
        of_heatmaps.append(np.stack(curves(score, features, heatmap=segments.heatmaps[row])))
        of_masks.append(np.mean([curves(score, features, heatmap=mask) for mask in masks], axis=0))
    better = [ours[0].mean() < random[0].mean() for ours, random in zip(of_heatmaps, of_masks, strict=True)]
    return {
        "segments": len(rows),
        "random_masks": MASKS,
        "heatmaps": _described(of_heatmaps),
        "random": _described(of_masks),
        "segments_where_heatmaps_delete_faster": int(np.sum(better)),
    }


def _described(curves_of_segments: list[np.ndarray]) -> dict[str, Any]:
    """Averages the two curves of segments, shape `(2, steps + 1)` each."""
    deletion, insertion = np.mean(curves_of_segments, axis=0)
    return {
        "deletion": round(float(deletion.mean()), 4),
        "insertion": round(float(insertion.mean()), 4),
        "deletion_curve": deletion.round(4).tolist(),
        "insertion_curve": insertion.round(4).tolist(),
    }
