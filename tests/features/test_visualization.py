"""What the axes of every picture stand for."""

import numpy as np
from signals import RATE

from kerasinst import frontends
from kerasinst.features.visualization import frontend_panels


def test_a_tone_is_where_the_axes_say(waveforms):
    own = frontends.create("log_mel", sample_rate=RATE, n_mels=80)
    drawn = {panel.title: panel for panel in frontend_panels(waveforms["tone"], RATE, own=own)}
    assert len(drawn) == len(frontends.names()) + 8 and drawn["log_mel"].values.shape[1] == 80
    for title, panel in drawn.items():
        frames, bins = panel.values.shape
        assert len(panel.bins) == bins
        assert abs(frames * panel.seconds - 2) < 0.05 or title.startswith("mfcc")
        loudest = panel.bins[panel.values[frames // 2].argmax()]
        if panel.unit == "note":
            assert loudest in ("A", "A4"), title
        elif panel.unit == "Hz":
            step = np.abs(np.array(panel.bins) - 440).min()
            assert abs(loudest - 440) <= step + 45, title


def test_a_click_is_when_the_axes_say():
    click = np.zeros(2 * RATE, "float32")
    click[RATE] = 1.0
    for panel in frontend_panels(click, RATE):
        if panel.unit != "coefficient":
            loudness = panel.values.sum(axis=1)
            frame = np.flatnonzero(loudness >= loudness.max() - 1e-6 * abs(loudness.max())).mean()  # chroma is level
            begins, ends = panel.start + (frame - 1) * panel.seconds, panel.start + (frame + 2) * panel.seconds
            assert begins <= 1.0 <= ends, panel.title
