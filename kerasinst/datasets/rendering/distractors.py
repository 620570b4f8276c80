"""Sounds that are no instrument: something like speech, and bursts of noise."""

import numpy as np
import scipy.signal

from kerasinst.datasets.rendering.synthesis import coloured_noise, level

FORMANTS = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
    (660, 1720, 2410),
)
"""Frequencies in Hz of the first three formants of vowels (Peterson and Barney, Control Methods Used in a Study of the
Vowels, 1952)."""
BLOCK = 0.02
"""Length in seconds over which the pitch of a voice is constant."""


def speech(seconds: float, sample_rate: int, *, random: np.random.Generator) -> np.ndarray:
    """Babbles: syllables of vowels and hisses, with a voice whose pitch falls and rises.

    Args:
        seconds: length in seconds.
        sample_rate: sample rate in Hz.
        random: generator of everything random.

    Returns:
        Waveform of shape `(samples,)` with a root mean square of 1.
    """
    length = round(seconds * sample_rate)
    waveform = np.zeros(length)
    voice, size = random.uniform(90, 260), random.uniform(0.9, 1.2)
    at = 0
    while at < length:
        samples = min(length - at, round(random.uniform(0.08, 0.3) * sample_rate))
        if samples < 8:
            break
        envelope = np.hanning(samples)
        if random.random() < 0.25:
            syllable = scipy.signal.lfilter(*scipy.signal.butter(1, 0.5, "high"), random.standard_normal(samples))
        else:
            vowel = FORMANTS[int(random.integers(len(FORMANTS)))]
            syllable = _vowel(samples, sample_rate, voice * random.uniform(0.8, 1.3), [size * each for each in vowel])
        waveform[at : at + samples] += random.uniform(0.3, 1) * envelope * level(syllable)
        at += samples + round(random.choice([0.0, 0.03, 0.4], p=[0.6, 0.3, 0.1]) * sample_rate)
    return level(waveform)


def _vowel(samples: int, sample_rate: int, pitch: float, formants: list[float]) -> np.ndarray:
    """Filters pulses of a pitch that glides with resonances."""
    glide = np.linspace(pitch, 0.85 * pitch, samples)
    phase = np.cumsum(glide) / sample_rate
    waveform = np.diff(np.floor(phase), prepend=0.0)
    for formant in formants:
        if formant < 0.45 * sample_rate:
            waveform = waveform + 4 * scipy.signal.lfilter(*scipy.signal.iirpeak(formant, 8, fs=sample_rate), waveform)
    return waveform


def burst(seconds: float, sample_rate: int, *, random: np.random.Generator) -> np.ndarray:
    """Makes noise that swells and fades, such as a chair, a page or applause.

    Args:
        seconds: length in seconds.
        sample_rate: sample rate in Hz.
        random: generator of everything random.

    Returns:
        Waveform of shape `(samples,)` with a root mean square of 1.
    """
    length = round(seconds * sample_rate)
    noise = coloured_noise(length, random)
    low = random.uniform(60, min(2000, 0.2 * sample_rate))
    high = min(low * random.uniform(2, 20), 0.45 * sample_rate)
    band = scipy.signal.lfilter(*scipy.signal.butter(2, [low, high], "band", fs=sample_rate), noise)
    return level(band * np.hanning(length) ** random.uniform(0.3, 2))


def motor(seconds: float, sample_rate: int, *, random: np.random.Generator) -> np.ndarray:
    """Makes the sound of an engine: pulses whose rate rises and falls, in a low resonance, with noise.

    Args:
        seconds: length in seconds.
        sample_rate: sample rate in Hz.
        random: generator of everything random.

    Returns:
        Waveform of shape `(samples,)` with a root mean square of 1.
    """
    length = round(seconds * sample_rate)
    turns = np.interp(np.arange(length), np.linspace(0, length, 5), random.uniform(20, 90, 5))
    pulses = np.diff(np.floor(np.cumsum(turns) / sample_rate), prepend=0.0)
    body = scipy.signal.lfilter(*scipy.signal.iirpeak(random.uniform(80, 300), 2, fs=sample_rate), pulses)
    return level(level(body) + random.uniform(0.1, 0.5) * level(coloured_noise(length, random)))
