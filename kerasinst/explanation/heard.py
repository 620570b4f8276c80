"""Test segments of a run as its network sees them, each with a heatmap for its true label."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasinst import console
from kerasinst.errors import BadInput
from kerasinst.explanation.grad_cam import GradCam
from kerasinst.frontends.gallery import Panel
from kerasinst.model import WaveformModel
from kerasinst.run import Run
from kerasinst.training.data import prepare, waveforms

MOST = 200
"""Segments of one label."""


@dataclass(frozen=True)
class Heard:
    """What a network sees of some segments, and what of it counts.

    Attributes:
        segments: of test clips.
        waveforms: of each, `(segments, samples)`.
        pictures: scaled, `(segments, frames, bins, channels)`.
        scores: `(segments, labels)`.
        truth: number of the true label.
        heatmaps: `(segments, frames, bins)`.
    """

    segments: Sequence[Any]
    waveforms: np.ndarray
    pictures: np.ndarray
    scores: np.ndarray
    truth: np.ndarray
    heatmaps: np.ndarray

    def of(self, label: int) -> np.ndarray:
        """Which segments have that label."""
        return self.truth == label

    def examples(self) -> Iterator[tuple[str, int]]:
        """For each label, the segment that is named most surely, and the one that is mistaken most surely."""
        right, best = self.scores.argmax(axis=1) == self.truth, self.scores.max(axis=1)
        for label in range(self.scores.shape[1]):
            for kind, rows in (("right", self.of(label) & right), ("mistaken", self.of(label) & ~right)):
                if rows.any():
                    yield kind, int(np.where(rows, best, -1).argmax())


def hear(run: Run, model: WaveformModel, cam: GradCam) -> Heard:
    """Reads the test segments of a run, at most `MOST` of each label, and draws their heatmaps.

    Raises:
        BadInput: if the run has no test split, or its data cannot be read any more.
    """
    experiment = run.trained(run.experiment())
    data = prepare(experiment)
    segments = _at_most(data.segments["test"], MOST)
    if not segments:
        raise BadInput(f"{run.path}: has no test split, so there is nothing that the network did not learn from")
    sound = np.concatenate(list(waveforms(segments, data.collection.decoded, experiment.audio)))
    truth = np.array([model.labels.index(segment.labels[0]) for segment in segments])
    pictures, heatmaps, scores = [], [], []
    for first in console.track(range(0, len(segments), 32), "drawing heatmaps"):
        part = slice(first, first + 32)
        picture = model.frontend(sound[part])
        picture = np.asarray(model.scaling(picture) if model.scaling else picture)
        pictures.append(picture)
        scores.append(np.asarray(model.network(picture, training=False)))
        heatmaps.append(cam(picture, truth[part]))
    return Heard(
        segments, sound, *(np.concatenate(each) for each in (pictures, scores)), truth, np.concatenate(heatmaps)
    )


def _at_most(segments: Sequence[Any], most: int) -> list[Any]:
    """So many of each label, spread evenly."""
    by_label: dict[str, list[Any]] = {}
    for segment in segments:
        if segment.labels:
            by_label.setdefault(segment.labels[0], []).append(segment)
    return [
        each
        for found in by_label.values()
        for each in (found[index] for index in np.linspace(0, len(found) - 1, min(most, len(found))).astype(int))
    ]


def panel(model: WaveformModel, picture: np.ndarray, title: str = "") -> Panel:
    """The first channel of a picture, with what its axes stand for."""
    layer = model.frontend
    seconds = layer.hop_length / model.sample_rate
    return Panel(title, picture, -seconds / 2 if layer.center else 0.0, seconds, layer.bins_of(0), layer.bin_unit)
