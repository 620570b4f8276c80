"""Chromagrams, against librosa."""

import librosa
import numpy as np
import pytest
from signals import RATE

from kerasinst import frontends


@pytest.mark.parametrize("dft", ["rfft", "conv"])
@pytest.mark.parametrize("tuning", [0.0, 0.3])
def test_equals_librosa(waveforms, dft, tuning):
    layer = frontends.create("chroma", sample_rate=RATE, dft=dft, tuning=tuning)
    for name, waveform in waveforms.items():
        ours = np.asarray(layer(waveform[None]))[0, ..., 0]
        theirs = librosa.feature.chroma_stft(y=waveform, sr=RATE, tuning=tuning).T
        np.testing.assert_allclose(ours, theirs, atol=1e-4, err_msg=name)


def test_a_tone_is_its_note(waveforms):
    layer = frontends.create("chroma", sample_rate=RATE)
    assert layer.bins[np.asarray(layer(waveforms["tone"][None]))[0, 40, :, 0].argmax()] == "A"
