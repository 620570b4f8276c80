"""Turns a sound into a recording: adds a room, a microphone and noise, and cuts it somewhere."""

import numpy as np
import scipy.signal

from kerasinst.datasets.rendering.synthesis import coloured_noise, gain, level


def take(waveform: np.ndarray, sample_rate: int, *, random: np.random.Generator) -> np.ndarray:
    """Records a sound as someone might have done it, well or badly.

    Args:
        waveform: floats of shape `(samples,)`.
        sample_rate: sample rate in Hz.
        random: generator of everything random.

    Returns:
        Waveform of the same shape with a peak of 1.
    """
    for chance, change in ((0.6, _room), (0.7, _colour), (0.3, _dull), (0.2, _thin), (0.1, _overdrive), (0.8, _noise)):
        if random.random() < chance:
            waveform = change(waveform, sample_rate, random)
    return waveform / (np.abs(waveform).max() + 1e-9)


def crop(waveform: np.ndarray, length: int, *, from_start: bool, random: np.random.Generator) -> np.ndarray:
    """Cuts a waveform to a length, now and then with silence at one end, as in short recordings.

    Args:
        waveform: floats of shape `(samples,)`, at least `length` of them.
        length: length in samples.
        from_start: prefer the start of the waveform, where a single note is struck.
        random: generator of everything random.

    Returns:
        Waveform of shape `(length,)`.
    """
    room = len(waveform) - length
    first = 0 if from_start and random.random() < 2 / 3 else int(random.integers(room + 1))
    part = waveform[first : first + length].copy()
    chance = random.random()
    if chance < 0.2:
        part[int(random.uniform(0.125, 1) * length) :] = 0
    elif chance < 0.27:
        late = int(random.uniform(0.025, 0.3) * length)
        part = np.concatenate([np.zeros(late, part.dtype), part[:-late]])
    return part


def _room(waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Adds the echoes of a room: exponentially decaying noise, bright or dark."""
    decay = random.uniform(0.08, 1.2)
    time = np.arange(round(decay * sample_rate)) / sample_rate
    response = random.standard_normal(len(time)) * 10 ** (-3 * time / decay)
    if random.random() < 0.7:
        cutoff = min(random.uniform(800, 8000), 0.45 * sample_rate)
        response = scipy.signal.lfilter(*scipy.signal.butter(1, cutoff, fs=sample_rate), response)
    wet = scipy.signal.oaconvolve(waveform, response)[: len(waveform)]
    return level(waveform) + gain(random.uniform(-30, 0)) * level(wet)


def _colour(waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Applies a smooth random frequency response over the octaves, some decibels up and down."""
    spectrum = np.fft.rfft(waveform)
    octaves = np.log(np.fft.rfftfreq(len(waveform), 1 / sample_rate) + 60)
    response = random.normal(0, random.uniform(2, 7), 8)
    curve = np.interp(octaves, np.linspace(octaves[0], octaves[-1], len(response)), response)
    return np.fft.irfft(spectrum * 10 ** (curve / 20), len(waveform))


def _dull(waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Removes high frequencies."""
    cutoff = min(random.uniform(2500, 9500), 0.45 * sample_rate)
    return scipy.signal.lfilter(*scipy.signal.butter(2, cutoff, fs=sample_rate), waveform)


def _thin(waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Removes low frequencies."""
    cutoff = random.uniform(40, 250)
    return scipy.signal.lfilter(*scipy.signal.butter(2, cutoff, "high", fs=sample_rate), waveform)


def _overdrive(waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Distorts loud samples."""
    return np.tanh(waveform / (np.abs(waveform).max() + 1e-9) * random.uniform(1, 4))


def _noise(waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Adds coloured noise."""
    noise = 0.3 * gain(random.uniform(-85, -25)) * level(coloured_noise(len(waveform), random))
    return waveform / (np.abs(waveform).max() + 1e-9) + noise
