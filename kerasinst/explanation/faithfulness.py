"""Whether a heatmap points at what matters: how fast the score falls, or comes back, with its brightest places."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from scipy.ndimage import zoom

from kerasinst.core.progress import Progress, silent, track
from kerasinst.explanation.explained_segments import ExplainedSegments
from kerasinst.explanation.grad_cam import GradCam

STEPS = 20
JUDGED = 40
"""Segments on which faithfulness is measured."""
MASKS = 5
"""Random masks that each of their heatmaps is compared with."""


def curves(
    score: Callable[[np.ndarray], np.ndarray], picture: np.ndarray, *, heatmap: np.ndarray, steps: int = STEPS
) -> tuple[np.ndarray, np.ndarray]:
    """Scores while a heatmap's brightest places are deleted from a picture, and while they are put into an empty one.

    What is deleted takes the picture's own lowest value, which is silence in a spectrogram.

    Args:
        score: from pictures `(n, frames, bins, channels)` to the score of one label, `(n,)`.
        picture: `(frames, bins, channels)`.
        heatmap: `(frames, bins)`.
        steps: equal shares of the picture.

    Returns:
        Deletion and insertion, each `(steps + 1,)`. A faithful heatmap has a small mean of the first and a large mean
        of the second.

    Example:
        >>> deletion, insertion = curves(score, picture, heatmap)
        >>> deletion.mean(), insertion.mean()
        (0.21, 0.74)

    Source: Petsiuk et al., RISE, BMVC 2018, section 4.2.
    """
    order = np.argsort(-heatmap.ravel(), kind="stable")
    empty = np.full_like(picture, picture.min())
    deleted = np.repeat(picture[None], steps + 1, axis=0)
    inserted = np.repeat(empty[None], steps + 1, axis=0)
    flat = picture.reshape(len(order), -1)
    for step in range(steps + 1):
        places = order[: round(step / steps * len(order))]
        deleted[step].reshape(len(order), -1)[places] = picture.min()
        inserted[step].reshape(len(order), -1)[places] = flat[places]
    scores = score(np.concatenate([deleted, inserted]))
    return scores[: steps + 1], scores[steps + 1 :]


def random_masks(shape: tuple[int, int], grain: tuple[int, int], *, count: int, seed: int = 0) -> np.ndarray:
    """Smooth random heatmaps, as coarse as a convolution's own: what a heatmap must be better than.

    Args:
        shape: frames and bins.
        grain: frames and bins of the convolution's output.
        count: of heatmaps.
        seed: of what is drawn.

    Returns:
        `(count, frames, bins)`, within 0 and 1.
    """
    drawn = np.random.default_rng(seed).random((count, *grain))
    factors = [size / coarse for size, coarse in zip(shape, grain, strict=True)]
    return np.clip(zoom(drawn, (1, *factors), order=1, grid_mode=True, mode="nearest"), 0, 1)


def measure_faithfulness(
    network: keras.Model, cam: GradCam, *, segments: ExplainedSegments, progress: Progress = silent
) -> dict[str, Any]:
    """Mean deletion and insertion curves of heatmaps, and of random masks as coarse as they are."""
    rows = np.linspace(0, len(segments.truth) - 1, min(JUDGED, len(segments.truth))).astype(int)
    grain = (*cam.layer.output.shape[1:-1], 1)[:2]
    masks = random_masks(segments.heatmaps.shape[1:], grain, count=MASKS)
    found = {"heatmaps": [], "random": []}
    for row in track(rows, "deleting and inserting", progress=progress):

        def score(pictures: np.ndarray, label: int = segments.truth[row]) -> np.ndarray:
            return np.asarray(network.predict_on_batch(pictures))[:, label]

        found["heatmaps"].append(curves(score, segments.pictures[row], heatmap=segments.heatmaps[row]))
        found["random"].append(np.mean([curves(score, segments.pictures[row], heatmap=mask) for mask in masks], axis=0))
    told: dict[str, Any] = {"segments": len(rows), "random_masks": MASKS}
    for name, each in found.items():
        deletion, insertion = np.mean(each, axis=0)
        told[name] = {
            "deletion": round(float(deletion.mean()), 4),
            "insertion": round(float(insertion.mean()), 4),
            "deletion_curve": deletion.round(4).tolist(),
            "insertion_curve": insertion.round(4).tolist(),
        }
    better = [
        ours[0].mean() < random[0].mean() for ours, random in zip(found["heatmaps"], found["random"], strict=True)
    ]
    told["segments_where_heatmaps_delete_faster"] = int(np.sum(better))
    return told
