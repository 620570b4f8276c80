"""Runs a `.tflite` file as a model of waveforms by LiteRT alone, without TensorFlow and Keras."""

import struct
from pathlib import Path

import numpy as np

from kerasinst import audio, decisions
from kerasinst.core.errors import BadInput
from kerasinst.tflite import checksum
from kerasinst.tflite.description import description_of
from kerasinst.tflite.interpreter import TFLiteInterpreter


class TFLiteModel:
    """A model of waveforms from a `.tflite` file, as `WaveformModel` is one from a `.keras` file.

    Args:
        content: content of a `.tflite` file that kerasinst wrote.
        threads: number of threads.

    Attributes:
        description: all that its file says of it.
        labels: labels in the order of scores.
        sample_rate: sample rate of the waveform in Hz.
        segment_samples: length of a segment in samples.
        hop_samples: distance from one segment of a recording to the next in samples.
        trim_db: silence at both ends of a recording, more than this many dB below its peak, is left out; None keeps
            all.
        quiet_db: segments whose peak is more than this many dB below the recording's are left out; None keeps all.
        label_seconds: length in seconds of the middle of a segment, to which its scores belong; None is all of it.
        frame_seconds: length in seconds of the frames that the network scores one by one; None if it scores segments.
        n_frames: number of these frames in a segment, or None.
        decision: decision from scores to labels; None reports the best score alone.
        review_below: files whose best score is below this need review, or None.
        parameters: number of the network's parameters, or None if it is unknown.

    Raises:
        Damaged: if it is not as kerasinst wrote it.
        ValueError: if it is not a TFLite file, or kerasinst did not write it.
    """

    def __init__(self, content: bytes, *, threads: int = 1):
        checksum.verify(content)
        about = description_of(content)
        if about is None:
            raise ValueError("there is no description of kerasinst in it")
        self.description = about
        self.labels: list[str] = about["labels"]
        self.sample_rate: int = about["sample_rate"]
        self.segment_samples: int = about["segment_samples"]
        self.hop_samples: int = about["hop_samples"]
        self.trim_db: float | None = about["trim_db"]
        self.quiet_db: float | None = about["quiet_db"]
        self.label_seconds: float | None = about.get("label_seconds")
        self.frame_seconds: float | None = about.get("frame_seconds")
        self.decision = decisions.from_config(about["decision"]) if about.get("decision") else None
        self.review_below: float | None = about.get("review_below")
        self.parameters: int | None = about.get("parameters")
        self._interpreter = TFLiteInterpreter(content, threads=threads)
        shapes = self._interpreter.input_shape, self._interpreter.output_shape
        seconds = self.segment_samples / self.sample_rate
        self.n_frames = round(seconds / self.frame_seconds) if self.frame_seconds else None
        scored = (1, self.n_frames, len(self.labels)) if self.n_frames else (1, len(self.labels))
        if shapes != ((1, self.segment_samples), scored):
            raise ValueError(f"tensors of shapes {shapes}, where segments go in and scores of labels come out")

    def starts(self, waveform: np.ndarray | audio.Recording) -> np.ndarray:
        """Gives the first samples of the segments of a recording that the model hears, as in training."""
        if self.frame_seconds:
            return np.arange(0, len(waveform), self.hop_samples)
        return audio.starts_in(
            waveform, self.segment_samples, hop=self.hop_samples, trim_db=self.trim_db, quiet_db=self.quiet_db
        )

    def score(self, segments: np.ndarray) -> np.ndarray:
        """Scores segments of shape `(segments, segment_samples)`; the scores have shape `(segments, labels)`."""
        return self._interpreter.run(segments)

    def milliseconds(self) -> float:
        """Measures the median time in ms from the waveform of one segment to its scores on this machine."""
        return self._interpreter.milliseconds()


def load(path: str | Path, *, threads: int = 1) -> TFLiteModel:
    """Loads a `.tflite` file.

    Args:
        path: path of a file that kerasinst wrote.
        threads: number of threads.

    Raises:
        BadInput: if there is no such file, kerasinst did not write it, or it was changed since.

    Example:
        >>> load("runs/quickstart/export/model.tflite").score(np.zeros((1, 44100))).shape
        (1, 5)
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path}: no such model; give a run directory, or a .keras or .tflite file that kerasinst wrote")
    try:
        model = TFLiteModel(path.read_bytes(), threads=threads)
        model.score(np.zeros((1, model.segment_samples)))
        return model
    except checksum.Damaged as error:
        raise BadInput(f"{path}: damaged: {error}; copy or export it again") from None
    except (ValueError, KeyError, RuntimeError, TypeError, AttributeError, IndexError, struct.error) as error:
        wrong = str(error).strip().splitlines() or [type(error).__name__]
        raise BadInput(f"{path}: not a TFLite model that kerasinst wrote: {wrong[0][:200]}") from None
