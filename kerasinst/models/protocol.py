"""What all models have in common, whatever file they come from."""

from typing import Protocol

import numpy as np


class Model(Protocol):
    """Takes segments of audio and gives scores of labels.

    Attributes:
        labels: one for each score.
        sample_rate: of the audio, in Hz.
        segment_samples: length of a segment.
    """

    labels: list[str]
    sample_rate: int
    segment_samples: int

    def score(self, segments: np.ndarray) -> np.ndarray:
        """Scores of segments `(n, segment_samples)`, floats in [-1, 1], of shape `(n, labels)`."""
        ...


class RecordingModel(Model, Protocol):
    """A model that also knows how recordings are cut into segments for it, and what it costs."""

    hop_samples: int
    trim_db: float | None
    quiet_db: float | None

    @property
    def parameters(self) -> int | None:
        """Of the network."""
        ...

    def starts(self, waveform: np.ndarray) -> np.ndarray:
        """First samples of the segments of a recording that the model is to hear, as it did in training."""
        ...

    def milliseconds(self) -> float:
        """Median time from the waveform of one segment to its scores, on this machine."""
        ...
