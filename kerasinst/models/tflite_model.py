"""A `.tflite` file as a model of waveforms, run by LiteRT alone: no TensorFlow, no Keras."""

import struct
from pathlib import Path

import numpy as np

from kerasinst import audio
from kerasinst.core.errors import BadInput
from kerasinst.tflite.description import description_of
from kerasinst.tflite.interpreter import TFLiteInterpreter


class TFLiteModel:
    """What `WaveformModel` is for `.keras` files: waveform in, scores out, and how recordings are cut for it.

    Args:
        content: of a file that kerasinst wrote, which says in it what it hears and its labels.
        threads: that compute.

    Raises:
        ValueError: if it is no TFLite file, or kerasinst did not write it.
    """

    def __init__(self, content: bytes, *, threads: int = 1):
        about = description_of(content)
        if about is None:
            raise ValueError("there is no description of kerasinst in it")
        self.labels: list[str] = about["labels"]
        self.sample_rate: int = about["sample_rate"]
        self.segment_samples: int = about["segment_samples"]
        self.hop_samples: int = about["hop_samples"]
        self.trim_db: float | None = about["trim_db"]
        self.quiet_db: float | None = about["quiet_db"]
        self.review_below: float | None = about.get("review_below")
        self.parameters: int | None = about.get("parameters")
        self._interpreter = TFLiteInterpreter(content, threads=threads)
        shapes = self._interpreter.input_shape, self._interpreter.output_shape
        if shapes != ((1, self.segment_samples), (1, len(self.labels))):
            raise ValueError(f"tensors of shapes {shapes}, where segments go in and scores of labels come out")

    def starts(self, waveform: np.ndarray) -> np.ndarray:
        """First samples of the segments of a recording that the model is to hear, as it did in training."""
        return audio.starts_in(
            waveform, self.segment_samples, hop=self.hop_samples, trim_db=self.trim_db, quiet_db=self.quiet_db
        )

    def score(self, segments: np.ndarray) -> np.ndarray:
        """Scores of segments `(n, segment_samples)`, of shape `(n, labels)`."""
        return self._interpreter.run(segments)

    def milliseconds(self) -> float:
        """Median time from the waveform of one segment to its scores, on this machine."""
        return self._interpreter.milliseconds()


def load(path: str | Path, *, threads: int = 1) -> TFLiteModel:
    """Loads a `.tflite` file.

    Raises:
        BadInput: if there is no such file, or kerasinst did not write it.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path}: no such model; give a run directory, or a .keras or .tflite file that kerasinst wrote")
    try:
        model = TFLiteModel(path.read_bytes(), threads=threads)
        model.score(np.zeros((1, model.segment_samples)))
        return model
    except (ValueError, KeyError, RuntimeError, TypeError, AttributeError, IndexError, struct.error) as error:
        wrong = str(error).strip().splitlines() or [type(error).__name__]
        raise BadInput(f"{path}: not a TFLite model that kerasinst wrote: {wrong[0][:200]}") from None
