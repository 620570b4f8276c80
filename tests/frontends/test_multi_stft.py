"""Several spectrograms as channels, against librosa's transform."""

import librosa
import numpy as np
import pytest
from signals import RATE, heard

from kerasinst import frontends
from kerasinst.frontends.dsp import filters

OPTIONS = dict(sample_rate=RATE, n_bins=48, fmin=40.0, fmax=10000.0)


@pytest.mark.parametrize("dft", ["rfft", "conv", "computed"])
def test_every_picture_is_librosa_s_transform_under_its_scale(waveforms, dft):
    layer = frontends.create("multi_stft", dft=dft, **OPTIONS)
    assert layer.channels[:4] == ["512 linear", "512 log", "512 mel", "1024 linear"] and len(layer.channels) == 9
    for name, waveform in waveforms.items():
        ours = np.asarray(layer(waveform[None]))[0]
        for index, channel in enumerate(layer.channels):
            length, scale = int(channel.split()[0]), channel.split()[1]
            power = np.abs(librosa.stft(waveform, n_fft=length, hop_length=512)).T ** 2 / (length / 4) ** 2
            kernel = filters.spaced(scale, RATE, n_fft=length, n_bins=48, fmin=40.0, fmax=10000.0)
            theirs = librosa.power_to_db(power @ kernel, top_db=None)
            here = heard(theirs, depth=80)
            np.testing.assert_allclose(ours[..., index][here], theirs[here], atol=0.01, err_msg=f"{name} {channel}")


def test_chosen_pictures_are_those_of_all(batch):
    every = frontends.create("multi_stft", **OPTIONS)
    some = frontends.create("multi_stft", pictures=[[2048, "mel"], [512, "linear"]], **OPTIONS)
    assert some.channels == ["2048 mel", "512 linear"]
    chosen = np.asarray(every(batch))[..., [every.channels.index(name) for name in some.channels]]
    np.testing.assert_allclose(np.asarray(some(batch)), chosen, atol=1e-4)


def test_mel_bands_wider_than_two_bins_are_librosa_s():
    ours = filters.spaced("mel", RATE, n_fft=2048, n_bins=40, fmin=200.0, fmax=10000.0)
    edges = librosa.mel_frequencies(40, fmin=200.0, fmax=10000.0)
    inner = librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=38, fmin=edges[0], fmax=edges[-1], norm=1).T
    # librosa's triangles lean, since mel bands grow; ours are as wide on both sides.
    for band in range(38):
        assert np.corrcoef(ours[:, band + 1], inner[:, band])[0, 1] > 0.99


@pytest.mark.parametrize("scale", filters.SCALES)
@pytest.mark.parametrize("n_fft", [256, 2048])
def test_every_bin_of_every_scale_is_a_mean_that_holds_its_frequency(scale, n_fft):
    kernel = filters.spaced(scale, RATE, n_fft=n_fft, n_bins=96, fmin=32.7, fmax=RATE / 2)
    np.testing.assert_allclose(kernel.sum(axis=0), 1)
    frequencies = np.linspace(0, RATE / 2, n_fft // 2 + 1)
    width = np.maximum(np.gradient(filters.frequencies(scale, 96, fmin=32.7, fmax=RATE / 2)), RATE / n_fft)
    off = np.abs(frequencies @ kernel - filters.frequencies(scale, 96, fmin=32.7, fmax=RATE / 2))
    assert (off[:-1] <= width[:-1] / 2).all()


def test_a_full_sine_has_0_db_in_every_window():
    sine = np.sin(2 * np.pi * 1722.65625 * np.arange(2 * RATE) / RATE)[None].astype("float32")  # bin 160 of 2048
    layer = frontends.create("multi_stft", sample_rate=RATE, scales=["linear"], n_bins=513, fmin=0.001)
    loudest = np.asarray(layer(sine))[0, 40].max(axis=0)
    np.testing.assert_allclose(loudest, 0, atol=2.5)  # what a triangle takes of its neighbours
