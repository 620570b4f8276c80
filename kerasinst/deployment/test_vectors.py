"""Writes recordings with the scores that a client must give of them, so that it can be tested without kerasinst."""

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from kerasinst import audio
from kerasinst.core import files
from kerasinst.models.tagger import Tagger

EXPECTED = "expected.json"
"""Name of the file of scores."""


def write_test_vectors(folder: Path, model: Path) -> None:
    """Writes three recordings of one channel and 16 bits, and what a model says of them.

    They are made by formulas, so that no recording of a data set is passed on. They are longer than a segment, and the
    last one ends with silence, so that a client also shows how it cuts, leaves out and averages.

    Args:
        folder: folder that is made. It gets tones.wav, chord.wav, noise.wav and expected.json, which holds for each
            file `starts` (first samples of the segments that are scored), `segments` (scores of each), `scores` (of
            the recording, by label) and `labels` (those that are reported).
        model: path of a `.tflite` file that kerasinst wrote.
    """
    tagger = Tagger(model)
    length, rate = tagger.model.segment_samples, tagger.sample_rate
    samples = round((2.5 if length < 5 * rate else 1.25) * length)
    folder.mkdir(parents=True)
    expected: dict[str, Any] = {}
    for name, waveform in _waveforms(samples, rate).items():
        integers = np.rint(waveform * 32767).astype(np.int16)
        soundfile.write(folder / name, integers, rate, subtype="PCM_16")
        expected[name] = _expected(tagger, integers)
    files.write_json(folder / EXPECTED, expected)


def _waveforms(samples: int, rate: int) -> dict[str, np.ndarray]:
    """Makes waveforms in [-1, 1] by the names of their files."""
    seconds, random = np.arange(samples) / rate, np.random.default_rng(0)
    tones = np.zeros(samples)
    for number, onset in enumerate(np.arange(0, samples / rate, 0.5)):
        since = np.maximum(seconds - onset, 0)  # sines of 0 are silent
        tones += np.exp(-4 * since) * _harmonics(220 * 2 ** (number % 12 / 12), since)
    vibrato = 2e-4 * np.sin(2 * np.pi * 5 * seconds)
    chord = sum(_harmonics(frequency, seconds + vibrato) for frequency in (261.63, 329.63, 392.0))
    noise = random.standard_normal(samples) * (seconds < 0.7 * samples / rate)
    peaks = {"tones.wav": (tones, 0.5), "chord.wav": (chord, 0.3), "noise.wav": (noise, 0.1)}
    return {name: peak * waveform / np.abs(waveform).max() for name, (waveform, peak) in peaks.items()}


def _harmonics(frequency: float, seconds: np.ndarray) -> np.ndarray:
    """Sums eight harmonics, whose amplitudes fall with their number."""
    return np.asarray(sum(np.sin(2 * np.pi * frequency * order * seconds) / order for order in range(1, 9)))


def _expected(tagger: Tagger, waveform: np.ndarray) -> dict[str, Any]:
    """Scores a waveform, segment by segment and as a whole."""
    tag = tagger(waveform, tagger.sample_rate)
    heard = waveform / np.float32(32768)
    starts = tagger.model.starts(heard)
    segments = audio.cut(heard, starts, length=tagger.model.segment_samples)
    scores = np.round(tagger.score(segments).astype(float), 6)
    return {"starts": starts.tolist(), "segments": scores.tolist(), "scores": tag.scores, "labels": tag.labels}
