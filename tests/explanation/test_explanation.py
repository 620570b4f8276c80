"""Explanations: against closed forms and known places, on networks small enough to know the answer."""

import keras
import numpy as np
import pytest
from conftest import few
from sizes import SMALL

from kerasinst import networks
from kerasinst.core.errors import BadInput
from kerasinst.explanation import GradCam, column_products, compare_heatmaps, curves, heat_profiles, random_masks
from kerasinst.explanation.gradients import gradient

SHAPE = (24, 16, 1)


def two_corners() -> keras.Model:
    """Label 0 looks at early low bins, label 1 at late high ones, through one convolution."""
    inputs = keras.Input(SHAPE)
    found = keras.layers.Conv2D(2, 3, padding="same", activation="relu", name="look")(inputs)
    pooled = keras.layers.GlobalAveragePooling2D()(found)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax", name="scores")(pooled))
    kernel = np.zeros((3, 3, 1, 2), "float32")
    kernel[1, 1, 0] = (1, -1)  # the first filter passes what is above 0, the second what is below
    model.get_layer("look").set_weights([kernel, np.zeros(2, "float32")])
    model.get_layer("scores").set_weights([np.array([[4, -4], [-4, 4]], "float32"), np.zeros(2, "float32")])
    return model


def corners() -> np.ndarray:
    picture = np.zeros((1, *SHAPE), "float32")
    picture[0, 2:6, 1:4], picture[0, 18:22, 11:14] = 1, -1
    return picture


def test_gradients_equal_calculus():
    at = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")
    np.testing.assert_allclose(gradient(lambda x: keras.ops.sin(x) * x, at), np.cos(at) * at + np.sin(at), rtol=1e-5)


@pytest.mark.parametrize("method", ["grad_cam", "grad_cam++"])
def test_heat_lies_where_the_label_is(method):
    cam = GradCam(two_corners(), method=method)
    early, late = cam(np.repeat(corners(), 2, axis=0), [0, 1])
    assert early[2:6, 1:4].min() > 0.5 > 0.01 > early[12:].max()
    assert late[18:22, 11:14].min() > 0.5 > 0.01 > late[:12].max()
    assert early.max() == late.max() == 1


def test_grad_cam_equals_its_formula():
    """With average pooling and one dense layer, the weights are those of the dense layer, over the number of places."""
    network, picture = two_corners(), corners()
    found = keras.ops.convert_to_numpy(keras.Model(network.input, network.get_layer("look").output)(picture))[0]
    expected = np.maximum(found @ network.get_layer("scores").get_weights()[0][:, 0], 0)
    np.testing.assert_allclose(GradCam(network)(picture, [0])[0], expected / expected.max(), atol=1e-6)


def test_what_goes_around_a_convolution_counts_too():
    """In a residual network no convolution alone carries all that the scores are made from."""
    inputs = keras.Input(SHAPE)
    first = keras.layers.Conv2D(3, 3, padding="same")(inputs)
    second = keras.layers.Conv2D(3, 3, padding="same", name="second")(first)
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Add()([first, second]))
    network = keras.Model(inputs, keras.layers.Dense(2, activation="sigmoid")(pooled))
    cam = GradCam(network)
    assert cam.layer.name == "second"
    assert np.isfinite(cam(corners(), [0])).all() and cam(corners(), [0]).max() <= 1


@pytest.mark.parametrize(
    "name", few([name for name in networks.names() if name != "gru"], ["strided", "crnn", "resnet18", "multi_stft"])
)
def test_every_network_with_convolutions_can_be_explained(name):
    network = networks.create(name, (63, 64, 1), n_labels=3, **SMALL.get(name, {}))
    pictures = np.random.default_rng(0).standard_normal((2, *network.input_shape[1:])).astype("float32")
    before = network.get_weights()
    heat = GradCam(network)(pictures, [0, 1])
    assert heat.shape == pictures.shape[:3] and heat.min() >= 0 and heat.max() <= 1
    assert all(np.array_equal(*pair) for pair in zip(before, network.get_weights(), strict=True))
    np.testing.assert_array_equal(GradCam(network)(pictures, [0, 1]), heat)


def test_unknown_layers_and_networks_without_convolutions_are_refused():
    with pytest.raises(BadInput, match="did you mean 'look'"):
        GradCam(two_corners(), "lok")
    with pytest.raises(BadInput, match=r"did you mean 'grad_cam"):
        GradCam(two_corners(), method="gradcam")
    with pytest.raises(BadInput, match="has no convolution"):
        GradCam(networks.create("gru", (24, 16, 1), n_labels=2))


def test_deleting_the_right_place_costs_the_score():
    network, picture = two_corners(), np.maximum(corners()[0], 0)

    def score(pictures):
        return network.predict(pictures, verbose=0)[:, 0]

    heat = GradCam(network)(picture[None], [0])[0]
    deletion, insertion = curves(score, picture, heatmap=heat)
    assert deletion[0] == insertion[-1] > insertion[0] == deletion[-1]
    assert deletion[2] == pytest.approx(deletion[-1])  # the first tenth holds all of it
    for mask in random_masks(SHAPE[:2], (6, 4), count=3):
        masked_deletion, masked_insertion = curves(score, picture, heatmap=mask)
        assert deletion.mean() < masked_deletion.mean() and insertion.mean() > masked_insertion.mean()


def test_profiles_products_and_drift():
    heat = np.zeros((2, 6, 4))
    heat[0, 1, 2], heat[1, 5, 2] = 1, 0.5
    bands, moments = heat_profiles(heat)
    np.testing.assert_allclose(bands, [0, 0, 1, 0])
    np.testing.assert_allclose(moments, [0, 0.5, 0, 0, 0, 0.5])
    assert heat_profiles(np.zeros((2, 6, 4)))[0].sum() == 0
    np.testing.assert_array_equal(column_products(heat[0]), np.diag([0, 0, 1, 0]))
    smooth = random_masks((20, 20), (5, 5), count=4)
    assert compare_heatmaps(smooth, smooth) == {"correlation": 1, "overlap_of_the_hottest_tenth": 1}
    assert compare_heatmaps(smooth, smooth[::-1])["correlation"] < 0.5
    assert compare_heatmaps(heat * 0, heat)["correlation"] == 0
