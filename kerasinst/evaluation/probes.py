"""Probes a model with silence and noise, which shows a bias towards some labels."""

import numpy as np

from kerasinst.models.protocol import Model

LEVELS_DB = (-60, -40, -20, 0)
"""Levels of noise in dB of full scale."""
EACH = 8
"""Number of segments of noise at each level."""


def probes(model: Model, *, seed: int = 0) -> dict[str, dict[str, float]]:
    """Computes the mean scores of silence and of white noise at several levels.

    A model without bias gives all labels the same score.

    Args:
        model: model of waveforms.
        seed: seed of the noise.

    Returns:
        `{"silence": {label: score}, "white_noise": {label: score}}`.

    Example:
        >>> probes(model)["white_noise"]
        {'cello': 0.02, 'drums': 0.95, 'flute': 0.03}

    Source: the white-noise probe of "Musical Instrument Identification From a Soundtrack" (MusicNet).
    """
    random = np.random.default_rng(seed)
    length = model.segment_samples
    noise = [10 ** (level / 20) * random.uniform(-1, 1, (EACH, length)) for level in LEVELS_DB]
    sounds = {"silence": np.zeros((1, length)), "white_noise": np.concatenate(noise)}
    return {
        name: {
            label: round(float(score), 6)
            for label, score in zip(model.labels, _mean(model.score(sound.astype("float32"))), strict=True)
        }
        for name, sound in sounds.items()
    }


def _mean(scores: np.ndarray) -> np.ndarray:
    """Averages the scores of segments, and of frames if these are scored one by one, to shape `(labels,)`."""
    return scores.reshape(-1, scores.shape[-1]).mean(axis=0)
