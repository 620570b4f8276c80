"""Waveforms that front ends are hard to be right on."""

import librosa
import numpy as np
import pytest
from signals import RATE, SAMPLES


@pytest.fixture(scope="session")
def waveforms(phrases):
    """Two seconds each of noise, a sweep, silence, a click, a pure tone and instruments, by name."""
    seconds = np.arange(SAMPLES) / RATE
    made = {
        "noise": 0.1 * np.random.default_rng(0).standard_normal(SAMPLES),
        "sweep": 0.5 * librosa.chirp(fmin=50, fmax=10000, sr=RATE, length=SAMPLES),
        "silence": np.zeros(SAMPLES),
        "click": np.eye(1, SAMPLES, 20000)[0],
        "tone": 0.5 * np.sin(2 * np.pi * 440 * seconds),
        **{f"instrument {index}": waveform[:SAMPLES] for index, (waveform, _) in enumerate(phrases[::9])},
    }
    return {name: np.pad(waveform, (0, SAMPLES - len(waveform))).astype("float32") for name, waveform in made.items()}


@pytest.fixture(scope="session")
def batch(waveforms):
    """All of them, `(n, samples)`."""
    return np.stack(list(waveforms.values()))
