"""Describes what all models have in common, whatever file they come from."""

from typing import Protocol

import numpy as np

from kerasinst.audio import Recording
from kerasinst.decisions import Decision


class Model(Protocol):
    """A model that takes segments of audio and gives scores of labels.

    Attributes:
        labels: labels in the order of scores.
        sample_rate: sample rate of the audio in Hz.
        segment_samples: length of a segment in samples.
    """

    labels: list[str]
    sample_rate: int
    segment_samples: int

    def score(self, segments: np.ndarray) -> np.ndarray:
        """Scores segments.

        Args:
            segments: floats in [-1, 1] of shape `(segments, segment_samples)`.

        Returns:
            Scores of shape `(segments, labels)`.
        """
        ...


class RecordingModel(Model, Protocol):
    """A model that also knows how recordings are cut into segments for it, and what it costs.

    Attributes:
        hop_samples: distance from one segment of a recording to the next in samples.
        trim_db: silence at both ends of a recording, more than this many dB below its peak, is left out; None keeps
            all.
        quiet_db: segments whose peak is more than this many dB below the recording's are left out; None keeps all.
        label_seconds: length in seconds of the middle of a segment, to which its scores belong; None is all of it.
        frame_seconds: length in seconds of the frames that the network scores one by one; None if it scores segments.
        decision: decision from scores to labels; None reports the best score alone.
    """

    decision: Decision | None
    label_seconds: float | None
    frame_seconds: float | None
    hop_samples: int
    trim_db: float | None
    quiet_db: float | None

    @property
    def parameters(self) -> int | None:
        """Number of the network's parameters, or None if it is unknown."""
        ...

    def starts(self, waveform: np.ndarray | Recording) -> np.ndarray:
        """Gives the first samples of the segments of a recording that the model hears, as in training.

        Args:
            waveform: floats of shape `(samples,)`, or a recording.

        Returns:
            Integers of shape `(segments,)`.
        """
        ...

    def milliseconds(self) -> float:
        """Measures the median time in ms from the waveform of one segment to its scores on this machine."""
        ...
