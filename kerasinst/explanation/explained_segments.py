"""Test segments of a run as its network sees them, each with a heatmap for its true label."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.core.progress import Progress, silent, track
from kerasinst.explanation.grad_cam import GradCam
from kerasinst.features import prepare_data, segment_waveforms
from kerasinst.features.visualization import Panel
from kerasinst.models.waveform_model import WaveformModel
from kerasinst.runs import Run

MOST = 200
"""Segments of one label."""


@dataclass(frozen=True)
class ExplainedSegments:
    """What a network sees of some segments, and what of it counts.

    Attributes:
        segments: of test clips.
        waveforms: of each, `(segments, samples)`.
        pictures: scaled, `(segments, frames, bins, channels)`.
        scores: `(segments, labels)`.
        truth: number of the label that is explained; a segment with several labels stands there once for each.
        heatmaps: `(segments, frames, bins)`.
        task: "single-label" or "multi-label".
    """

    segments: Sequence[Any]
    waveforms: np.ndarray
    pictures: np.ndarray
    scores: np.ndarray
    truth: np.ndarray
    heatmaps: np.ndarray
    task: str = "single-label"

    def hot(self) -> "ExplainedSegments":
        """The segments whose heatmap is not empty, as it is if nothing that the convolution finds raises the score."""
        some = self.heatmaps.any(axis=(1, 2))
        chosen = [segment for segment, hot in zip(self.segments, some, strict=True) if hot]
        arrays = (self.waveforms, self.pictures, self.scores, self.truth, self.heatmaps)
        return ExplainedSegments(chosen, *(each[some] for each in arrays), task=self.task)

    def of(self, label: int) -> np.ndarray:
        """Which segments have that label."""
        return self.truth == label

    def examples(self) -> Iterator[tuple[str, int]]:
        """For each label, the segment that is named most surely, and the one that is mistaken most surely."""
        best, own = self.scores.max(axis=1), self.scores[np.arange(len(self.truth)), self.truth]
        right = own == best if self.task == "single-label" else own >= 0.5
        for label in range(self.scores.shape[1]):
            for kind, rows in (("right", self.of(label) & right), ("mistaken", self.of(label) & ~right)):
                if rows.any():
                    yield kind, int(np.where(rows, best, -1).argmax())


def explain_segments(run: Run, model: WaveformModel, *, cam: GradCam, progress: Progress = silent) -> ExplainedSegments:
    """Reads the test segments of a run, at most `MOST` of each label, and makes their heatmaps.

    Args:
        run: of a trained network.
        model: of the run.
        cam: makes heatmaps of its network.
        progress: is told of what takes long.

    Raises:
        BadInput: if the run has no test split, or its data cannot be read any more.
    """
    experiment = run.trained(run.experiment())
    data = prepare_data(experiment, progress=progress)
    chosen = _at_most(data.segments["test"], MOST)
    if not chosen:
        raise BadInput(f"{run.path}: has no test split, so there is nothing that the network did not learn from")
    segments = [segment for segment, _ in chosen]
    sound = np.concatenate(list(segment_waveforms(segments, data.collection.decoded, cut=experiment.audio)))
    truth = np.array([model.labels.index(label) for _, label in chosen])
    pictures, heatmaps, scores = [], [], []
    for first in track(range(0, len(segments), 32), "drawing heatmaps", progress=progress):
        part = slice(first, first + 32)
        picture = model.frontend(sound[part])
        picture = keras.ops.convert_to_numpy(model.scaling(picture) if model.scaling else picture)
        pictures.append(picture)
        scores.append(keras.ops.convert_to_numpy(model.network(picture, training=False)))
        heatmaps.append(cam(picture, truth[part]))
    pictures, scores, heatmaps = (np.concatenate(each) for each in (pictures, scores, heatmaps))
    return ExplainedSegments(segments, sound, pictures, scores, truth, heatmaps, experiment.task)


def _at_most(segments: Sequence[Any], most: int) -> list[tuple[Any, str]]:
    """So many segments of each label, spread evenly, each with that label."""
    by_label: dict[str, list[Any]] = {}
    for segment in segments:
        for label in segment.labels:
            by_label.setdefault(label, []).append(segment)
    return [
        (found[index], label)
        for label, found in by_label.items()
        for index in np.linspace(0, len(found) - 1, min(most, len(found))).astype(int)
    ]


def panel(model: WaveformModel, picture: np.ndarray, *, title: str = "", channel: int | None = None) -> Panel:
    """One channel of a picture, by default the first, with what its axes stand for."""
    layer, channel = model.frontend, channel or 0
    seconds = layer.hop_length / model.sample_rate
    return Panel(title, picture, -seconds / 2 if layer.center else 0.0, seconds, layer.bins_of(channel), layer.bin_unit)
