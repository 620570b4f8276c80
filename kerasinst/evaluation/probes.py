"""Probes a model with silence, noise and tones, which shows a bias towards some labels."""

from collections.abc import Mapping

import numpy as np

from kerasinst.models.protocol import Model

LEVELS_DB = (-60, -40, -20, 0)
"""Levels of noise and tones in dB of full scale."""
EACH = 8
"""Number of segments of each sound at each level."""
LOWEST = 60.0
"""Frequency of the lowest tone in Hz; the highest is at 0.4 of the sample rate."""


def probes(model: Model, *, seed: int = 0) -> dict[str, dict[str, float]]:
    """Computes the mean scores of silence, and of white noise, pink noise and single tones at several levels.

    A model without bias gives all labels the same score.

    Args:
        model: model of waveforms.
        seed: seed of the noise.

    Returns:
        The mean score of each label, for "silence", "white_noise", "pink_noise" and "tones".

    Example:
        >>> probes(model)["white_noise"]
        {'cello': 0.02, 'drums': 0.95, 'flute': 0.03}

    Source: the white-noise probe of "Musical Instrument Identification From a Soundtrack" (MusicNet).
    """
    random = np.random.default_rng(seed)
    length = model.segment_samples
    white = np.concatenate([_gain(level) * random.uniform(-1, 1, (EACH, length)) for level in LEVELS_DB])
    pink = np.fft.irfft(np.fft.rfft(white) / np.sqrt(np.maximum(1, np.arange(length // 2 + 1))), length)
    pink *= np.abs(white).max(axis=1, keepdims=True) / np.abs(pink).max(axis=1, keepdims=True)
    time = np.arange(length) / model.sample_rate
    pitches = np.geomspace(LOWEST, 0.4 * model.sample_rate, EACH)
    tones = [_gain(level) * np.sin(2 * np.pi * pitch * time) for level in LEVELS_DB for pitch in pitches]
    sounds = {"silence": np.zeros((1, length)), "white_noise": white, "pink_noise": pink, "tones": np.stack(tones)}
    return {
        name: {
            label: round(float(score), 6)
            for label, score in zip(model.labels, _mean(model.score(sound.astype("float32"))), strict=True)
        }
        for name, sound in sounds.items()
    }


def bias(probed: Mapping[str, Mapping[str, float]], prior: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Measures how far answers to probes are from giving all labels alike, and whether the training data explains it.

    Args:
        probed: mean scores of each probe, as `probes` gives them.
        prior: number of training clips of each label.

    Returns:
        For each probe, in bits: divergence, that of the scores from the uniform distribution (Kullback and Leibler),
        and divergence_by_prior, the same once each score is divided by the share of its label in the training data. If
        the latter is smaller, the model repeats what was frequent in training.

    Example:
        >>> bias({"silence": {"cello": 0.75, "flute": 0.25}}, {"cello": 30, "flute": 10})["silence"]
        {'divergence': 0.188722, 'divergence_by_prior': 0.0}
    """
    measured = {}
    for name, of_labels in probed.items():
        scores = np.array(list(of_labels.values()))
        shares = np.array([max(prior.get(label, 0), 1) for label in of_labels], float)
        measured[name] = {
            "divergence": _divergence(scores),
            "divergence_by_prior": _divergence(scores / shares),
        }
    return measured


def _divergence(scores: np.ndarray) -> float:
    """Computes the divergence of scores from the uniform distribution in bits, once they sum to 1."""
    shares = scores / max(scores.sum(), 1e-12)
    there = shares > 0
    return round(float((shares[there] * np.log2(shares[there] * len(shares))).sum()), 6)


def _gain(level: float) -> float:
    """Converts dB to a factor."""
    return 10 ** (level / 20)


def _mean(scores: np.ndarray) -> np.ndarray:
    """Averages the scores of segments, and of frames if these are scored one by one, to shape `(labels,)`."""
    return scores.reshape(-1, scores.shape[-1]).mean(axis=0)
