"""Models that take audio and give labels: the Keras model, the TFLite model, and the tagger, which uses either."""

from pathlib import Path

from kerasinst.core.errors import BadInput
from kerasinst.models.protocol import Model, RecordingModel

__all__ = ["Model", "RecordingModel", "load"]


def load(path: str | Path) -> RecordingModel:
    """Loads a model by the kind of its file; a `.tflite` file needs neither Keras nor TensorFlow.

    Args:
        path: `model.keras` of a run, or a `.tflite` file that kerasinst wrote.

    Raises:
        BadInput: if there is no such file, it is of another kind, or kerasinst did not write it.

    Example:
        >>> load("runs/quickstart/model.keras").labels[:2]
        ['cello', 'drums']
    """
    path = Path(path)
    if path.suffix == ".tflite":
        from kerasinst.models import tflite_model

        return tflite_model.load(path)
    if path.suffix == ".keras":
        from kerasinst.models import waveform_model

        return waveform_model.load(path)
    raise BadInput(f"{path}: expected a run directory, a .keras or a .tflite file")
