"""What all front ends begin with: overlapping frames and their power spectrum, on keras.ops."""

from keras import ops


def frame(waveform, frame_length: int, hop_length: int):
    """Cuts `(batch, samples)` into `(batch, frames, frame_length)`, one frame every `hop_length` samples."""
    return ops.extract_sequences(waveform, frame_length, hop_length)


def n_frames(samples: int, frame_length: int, hop_length: int) -> int:
    """How many whole frames fit.

    Raises:
        ValueError: if there is not even one.
    """
    if samples < frame_length:
        raise ValueError(f"{samples} samples are shorter than one frame of {frame_length}: use longer segments")
    return 1 + (samples - frame_length) // hop_length


def power_spectrum(frames, n_fft: int):
    """Squared magnitude of the real DFT of each frame: `(batch, frames, n_fft // 2 + 1)`."""
    real, imaginary = ops.rfft(frames, fft_length=n_fft)
    return ops.square(real) + ops.square(imaginary)


def refuse_uncountable(**arguments) -> None:
    """Raises a ValueError for the first argument that is no whole number above 0."""
    for name, value in arguments.items():
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{name}={value} must be a whole number, at least 1")


def refuse_non_numbers(**arguments) -> None:
    """Raises a ValueError for the first argument that is no number."""
    for name, value in arguments.items():
        if not isinstance(value, int | float):
            raise ValueError(f"{name}={value!r} must be a number")
