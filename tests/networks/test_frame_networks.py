"""Networks that score frame by frame: which frame a sound moves."""

import keras
import numpy as np
import pytest

from kerasinst import networks
from kerasinst.core.errors import BadInput
from kerasinst.networks.layers.shapes import to_frames


@pytest.mark.parametrize(("frames", "n_frames"), [(100, 100), (101, 100), (300, 100), (301, 100), (41, 20), (20, 20)])
def test_each_frame_averages_what_lies_in_it(frames, n_frames):
    """Centred features (one more than fit) lie on the edges of the frames of scores, others in their middle."""
    inputs = keras.Input((frames, 1, 1))
    output = keras.Model(inputs, to_frames(inputs, n_frames))
    centred = frames % n_frames == 1
    times = np.arange(frames) / (frames - 1) if centred else (np.arange(frames) + 0.5) / frames
    found = np.asarray(output(times[None, :, None, None].astype("float32")))[0, :, 0, 0]
    np.testing.assert_allclose(found, (np.arange(n_frames) + 0.5) / n_frames, atol=1e-6)  # the middle of each frame


@pytest.mark.parametrize("name", ["sed_crnn", "sed_tcn"])
@pytest.mark.parametrize("frames", [31, 91])
def test_a_sound_moves_the_frame_in_which_it_is_most(name, frames):
    options = {"sed_crnn": {"units": [4]}, "sed_tcn": {"channels": 8, "dilations": [1]}}[name]
    keras.utils.set_random_seed(1)
    network = networks.create(
        name, (frames, 8, 1), n_labels=2, n_frames=30, filters=[4], pool_bins=[4], kernel_size=1, **options
    )
    silence = np.zeros((1, frames, 8, 1), "float32")
    for second in (2, 15, 28):
        sound = silence.copy()
        middle = (second + 0.5) * (frames - 1) / 30
        sound[0, int(np.floor(middle)) : int(np.ceil(middle)) + 1] = 3.0
        moved = np.abs(network.predict(sound, verbose=0) - network.predict(silence, verbose=0))[0].max(axis=1)
        assert abs(int(moved.argmax()) - second) <= 1


def test_features_that_fit_no_frames_are_refused_in_one_line():
    with pytest.raises(BadInput, match=r"431 frames of features are no multiple of 100 .* choose frontend\.hop_length"):
        networks.create("sed_tcn", (431, 32, 1), n_labels=2, n_frames=100)
    with pytest.raises(BadInput, match="50 frames of features are no multiple of 100"):
        networks.create("sed_crnn", (50, 32, 1), n_labels=2, n_frames=100)
