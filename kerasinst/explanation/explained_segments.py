"""Reads the test segments of a run as its network sees them, each with a heatmap for its true label."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets import Segment
from kerasinst.explanation.grad_cam import GradCam, label_scores
from kerasinst.features import prepare_data, segment_waveforms
from kerasinst.features.visualization import Panel
from kerasinst.models.waveform_model import WaveformModel
from kerasinst.runs import Run

MOST_PER_LABEL = 200
"""Largest number of segments of one label that are explained."""


@dataclass(frozen=True)
class ExplainedSegments:
    """What a network sees of some segments, and which parts of it matter.

    Attributes:
        segments: segments of test clips.
        waveforms: waveform of each segment, shape `(segments, samples)`.
        features: scaled features, shape `(segments, frames, bins, channels)`.
        scores: scores of shape `(segments, labels)`.
        truth: number of the label that is explained, shape `(segments,)`. A segment with several labels occurs once for
            each of them.
        heatmaps: heatmaps of shape `(segments, frames, bins)`.
        task: "single-label" or "multi-label".
    """

    segments: Sequence[Segment]
    waveforms: np.ndarray
    features: np.ndarray
    scores: np.ndarray
    truth: np.ndarray
    heatmaps: np.ndarray
    task: str = "single-label"

    def non_empty(self) -> "ExplainedSegments":
        """Selects the segments whose heatmaps are not empty.

        A heatmap is empty if nothing that the convolution finds raises the score.
        """
        hot = np.flatnonzero(self.heatmaps.any(axis=(1, 2)))
        return ExplainedSegments(
            [self.segments[index] for index in hot],
            waveforms=self.waveforms[hot],
            features=self.features[hot],
            scores=self.scores[hot],
            truth=self.truth[hot],
            heatmaps=self.heatmaps[hot],
            task=self.task,
        )

    def of(self, label: int) -> np.ndarray:
        """Tells which segments have a label, shape `(segments,)`."""
        return self.truth == label

    def examples(self) -> Iterator[tuple[str, int]]:
        """Yields, for each label, "right" or "mistaken" and the number of the segment with the surest such score."""
        best, own = self.scores.max(axis=1), self.scores[np.arange(len(self.truth)), self.truth]
        right = own == best if self.task == "single-label" else own >= 0.5
        for label in range(self.scores.shape[1]):
            for kind, rows in (("right", self.of(label) & right), ("mistaken", self.of(label) & ~right)):
                if rows.any():
                    yield kind, int(np.where(rows, best, -1).argmax())


def explain_segments(run: Run, model: WaveformModel, *, cam: GradCam, progress: Progress = silent) -> ExplainedSegments:
    """Reads the test segments of a run, at most `MOST_PER_LABEL` of each label, and makes their heatmaps.

    Args:
        run: run of a trained network.
        model: model of the run.
        cam: Grad-CAM of the model's network.
        progress: shows the progress of decoding and of heatmaps.

    Raises:
        BadInput: if the run has no test split, or its data cannot be read any more.
    """
    experiment = run.trained(run.experiment())
    data = prepare_data(experiment, progress=progress)
    chosen = _at_most(data.segments["test"], MOST_PER_LABEL)
    if not chosen:
        raise BadInput(f"{run.path}: has no test split, so there is nothing that the network did not learn from")
    segments = [segment for segment, _ in chosen]
    sound = np.concatenate(list(segment_waveforms(segments, data.collection.decoded, cut=experiment.audio)))
    truth = np.array([model.labels.index(label) for _, label in chosen])
    features, heatmaps, scores = [], [], []
    for first in track(range(0, len(segments), 32), "drawing heatmaps", progress=progress):
        part = slice(first, first + 32)
        batch = model.frontend(sound[part])
        batch = keras.ops.convert_to_numpy(model.scaling(batch) if model.scaling else batch)
        features.append(batch)
        scores.append(keras.ops.convert_to_numpy(label_scores(model.network(batch, training=False))))
        heatmaps.append(cam(batch, truth[part]))
    return ExplainedSegments(
        segments,
        waveforms=sound,
        features=np.concatenate(features),
        scores=np.concatenate(scores),
        truth=truth,
        heatmaps=np.concatenate(heatmaps),
        task=experiment.task,
    )


def _at_most(segments: Sequence[Segment], most: int) -> list[tuple[Segment, str]]:
    """Selects so many segments of each label, spread evenly, each with that label."""
    by_label: dict[str, list[Segment]] = {}
    for segment in segments:
        for label in segment.labels:
            by_label.setdefault(label, []).append(segment)
    return [
        (found[index], label)
        for label, found in by_label.items()
        for index in np.linspace(0, len(found) - 1, min(most, len(found))).astype(int)
    ]


def panel(model: WaveformModel, features: np.ndarray, *, title: str = "", channel: int | None = None) -> Panel:
    """Describes the axes of one channel of features, so that it can be drawn.

    Args:
        model: model whose front end made the features.
        features: values of the channel, shape `(frames, bins)`.
        title: title of the panel.
        channel: number of the channel; None is the first.
    """
    layer, channel = model.frontend, channel or 0
    seconds = layer.hop_length / model.sample_rate
    start = -seconds / 2 if layer.center else 0.0
    return Panel(title, features, start, seconds, layer.bins_of(channel), layer.bin_unit)
