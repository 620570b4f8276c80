"""What most front ends begin with: overlapping windowed frames of a waveform."""

import math

import librosa
import numpy as np
from keras import ops

PIECE = 32
"""Samples that are worth a gather of pieces of the greatest length that frames and hops share."""


def frame(waveform, frame_length: int, *, hop_length: int):
    """Cuts `(batch, samples)` into `(batch, frames, frame_length)`, one frame every `hop_length` samples."""
    if math.gcd(frame_length, hop_length) >= PIECE:
        return ops.extract_sequences(waveform, frame_length, hop_length)
    # TensorFlow would gather small pieces here; hops side by side are faster, and smaller in TFLite.
    n, samples = n_frames(waveform.shape[1], frame_length, hop_length=hop_length), waveform.shape[1]
    hops = -(-frame_length // hop_length)
    length = (n - 1 + hops) * hop_length
    padded = ops.pad(waveform, [[0, 0], [0, max(0, length - samples)]])[:, :length]
    blocks = ops.reshape(padded, (-1, n - 1 + hops, hop_length))
    return ops.concatenate([blocks[:, first : first + n] for first in range(hops)], axis=-1)[..., :frame_length]


def centre(waveform, frame_length: int, *, pad_mode: str = "constant"):
    """Pads `(batch, samples)` by half a frame at both ends, so that frame t is centred at `t * hop_length`."""
    return ops.pad(waveform, [[0, 0], [frame_length // 2, frame_length // 2]], mode=pad_mode)


def n_frames(samples: int, frame_length: int, *, hop_length: int) -> int:
    """How many whole frames fit.

    Raises:
        ValueError: if there is not even one.
    """
    if samples < frame_length:
        raise ValueError(f"{samples} samples are shorter than one frame of {frame_length}: use longer segments")
    return 1 + (samples - frame_length) // hop_length


def window(name: str | tuple[str, float], win_length: int, *, frame_length: int) -> np.ndarray:
    """A window that `scipy.signal.get_window` knows, centred in a frame, in float64.

    Raises:
        ValueError: if it does not fit, or there is no such window.
    """
    if win_length > frame_length:
        raise ValueError(f"win_length={win_length} must be from 1 to {frame_length}")
    try:
        return librosa.util.pad_center(librosa.filters.get_window(name, win_length), size=frame_length)
    except (ValueError, TypeError, librosa.ParameterError) as error:
        raise ValueError(f"window={name!r}: {error}") from None
