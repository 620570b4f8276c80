"""Overlapping windowed frames of a waveform, with which most front ends begin."""

import math

import librosa
import numpy as np
from keras import ops

from kerasinst.core.types import Tensor

PIECE = 32
"""Frames are gathered from pieces of the greatest length that divides frame and hop, if it is at least this long."""


def frame(waveform: Tensor, frame_length: int, *, hop_length: int) -> Tensor:
    """Cuts waveforms into overlapping frames.

    Args:
        waveform: waveforms of shape `(batch, samples)`.
        frame_length: length of a frame, in samples.
        hop_length: distance between the beginnings of two frames, in samples.

    Returns:
        Frames of shape `(batch, frames, frame_length)`; samples that fill no whole frame are left out.
    """
    if math.gcd(frame_length, hop_length) >= PIECE:
        return ops.extract_sequences(waveform, frame_length, hop_length)
    # TensorFlow would gather small pieces here; hops side by side are faster, and smaller in TFLite.
    n, samples = n_frames(waveform.shape[1], frame_length, hop_length=hop_length), waveform.shape[1]
    hops = -(-frame_length // hop_length)
    length = (n - 1 + hops) * hop_length
    padded = ops.pad(waveform, [[0, 0], [0, max(0, length - samples)]])[:, :length]
    blocks = ops.reshape(padded, (-1, n - 1 + hops, hop_length))
    return ops.concatenate([blocks[:, first : first + n] for first in range(hops)], axis=-1)[..., :frame_length]


def centre(waveform: Tensor, frame_length: int, *, pad_mode: str = "constant") -> Tensor:
    """Pads `(batch, samples)` by half a frame at both ends, so that frame t is centred at `t * hop_length`."""
    return ops.pad(waveform, [[0, 0], [frame_length // 2, frame_length // 2]], mode=pad_mode)


def n_frames(samples: int, frame_length: int, *, hop_length: int) -> int:
    """Counts the whole frames that fit into a number of samples.

    Raises:
        ValueError: if not even one fits.
    """
    if samples < frame_length:
        raise ValueError(f"{samples} samples are shorter than one frame of {frame_length}: use longer segments")
    return 1 + (samples - frame_length) // hop_length


def window(name: str | tuple[str, float], win_length: int, *, frame_length: int) -> np.ndarray:
    """Makes a window, centred in a frame.

    Args:
        name: a window that `scipy.signal.get_window` knows, such as "hann", or a name with its parameter.
        win_length: length of the window, in samples.
        frame_length: length of the frame, in samples; zeros fill what the window leaves.

    Returns:
        The window of shape `(frame_length,)`, in float64.

    Raises:
        ValueError: if the window is longer than the frame, or there is no such window.
    """
    if win_length > frame_length:
        raise ValueError(f"win_length={win_length} must be from 1 to {frame_length}")
    try:
        return librosa.util.pad_center(librosa.filters.get_window(name, win_length), size=frame_length)
    except (ValueError, TypeError, librosa.ParameterError) as error:
        raise ValueError(f"window={name!r}: {error}") from None
