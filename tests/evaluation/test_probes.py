"""Probes: what they sound like, and what is made of the answers."""

import numpy as np
import pytest
import scipy.signal
import scipy.stats

from kerasinst.evaluation.probes import bias, probes


class Listener:
    """A model of two labels, whose scores say how loud the lower and the upper half of the spectrum are."""

    labels = ("low", "high")
    sample_rate = 8000
    segment_samples = 4000

    def __init__(self, frames=None):
        self.heard, self.frames = [], frames

    def score(self, segments):
        self.heard.append(segments)
        spectrum = np.abs(np.fft.rfft(segments, axis=1)) ** 2
        halves = np.stack([spectrum[:, :1000].sum(axis=1), spectrum[:, 1000:].sum(axis=1)], axis=1)
        scores = halves / np.maximum(halves.sum(axis=1, keepdims=True), 1e-9)
        return scores if self.frames is None else np.repeat(scores[:, None], self.frames, axis=1)


def test_sounds_are_what_they_are_called():
    model = Listener()
    found = probes(model)
    assert list(found) == ["silence", "white_noise", "pink_noise", "tones"]
    silence, white, pink, tones = model.heard
    assert not silence.any() and all(np.isfinite(each).all() and np.abs(each).max() <= 1 for each in model.heard)
    slopes = []
    for noise in (white, pink):
        frequency, power = scipy.signal.welch(noise[-8:], 8000, nperseg=1000)
        inside = (frequency > 100) & (frequency < 3500)
        slopes.append(np.polyfit(np.log2(frequency[inside]), 10 * np.log10(power.mean(axis=0)[inside]), 1)[0])
    assert slopes == pytest.approx([0, -3], abs=0.3)  # dB per octave
    assert (np.abs(np.fft.rfft(tones)).argmax(axis=1)[:8] * 2).tolist() == pytest.approx(
        np.geomspace(60, 3200, 8).tolist(), abs=2
    )
    assert found["white_noise"]["low"] == pytest.approx(0.5, abs=0.02) and found["pink_noise"]["low"] > 0.8


def test_scores_of_frames_are_averaged():
    frames, segments = probes(Listener(frames=5)), probes(Listener())
    for name, scores in segments.items():
        assert frames[name] == pytest.approx(scores, abs=1e-5)


def test_divergence_is_that_of_scipy_and_vanishes_by_the_prior_that_explains_it():
    scores = {"cello": 0.6, "flute": 0.3, "oboe": 0.1}
    found = bias(
        {"silence": scores, "tones": {"cello": 0.2, "flute": 0.2, "oboe": 0.2}}, {"cello": 60, "flute": 30, "oboe": 10}
    )
    assert found["silence"]["divergence"] == pytest.approx(
        scipy.stats.entropy(list(scores.values()), [1 / 3] * 3, base=2), abs=1e-6
    )
    assert found["silence"]["divergence_by_prior"] == pytest.approx(0, abs=1e-6)
    assert found["tones"]["divergence"] == 0 and found["tones"]["divergence_by_prior"] > 0.3
