"""`make backends`: published weights as PyTorch and keras-hub themselves write and compute them."""

import sys

import keras
import numpy as np
import pytest
import torch
from keras import ops
from test_networks import pictures, randomise
from torch import nn

from kerasinst import networks
from kerasinst.networks import pretrained
from kerasinst.networks.panns import VARIANTS

BINS = 64


class Block(nn.Module):
    """A block of PANNs, with modules named as in the published code."""

    def __init__(self, before, filters, size, convolutions):
        super().__init__()
        self.convolutions = convolutions
        for index in range(1, convolutions + 1):
            convolution = nn.Conv2d(before if index == 1 else filters, filters, size, padding=size // 2, bias=False)
            self.add_module(f"conv{index}", convolution)
        for index in range(1, convolutions + 1):
            self.add_module(f"bn{index}", nn.BatchNorm2d(filters))

    def forward(self, hidden, pool):
        for index in range(1, self.convolutions + 1):
            hidden = torch.relu(self.get_submodule(f"bn{index}")(self.get_submodule(f"conv{index}")(hidden)))
        return nn.functional.avg_pool2d(hidden, pool)


class Published(nn.Module):
    """Cnn6, Cnn10 or Cnn14 after its log-mel extractor, whose buffers it holds."""

    def __init__(self, variant, n_labels):
        super().__init__()
        filters, size, convolutions = VARIANTS[variant]
        self.spectrogram_extractor = nn.Conv1d(1, 8, 16, bias=False)
        self.logmel_extractor = nn.ParameterDict({"melW": torch.ones(8, BINS)})
        self.bn0 = nn.BatchNorm2d(BINS)
        for number, (before, count) in enumerate(zip((1, *filters), filters, strict=False), start=1):
            self.add_module(f"conv_block{number}", Block(before, count, size, convolutions))
        self.fc1 = nn.Linear(filters[-1], filters[-1])
        self.fc_audioset = nn.Linear(filters[-1], n_labels)
        self.n_blocks = len(filters)

    def forward(self, picture):
        hidden = self.bn0(picture.transpose(1, 3)).transpose(1, 3)
        for number in range(1, self.n_blocks + 1):
            hidden = self.get_submodule(f"conv_block{number}")(hidden, 1 if number == 6 else 2)
        hidden = hidden.mean(dim=3)
        hidden = hidden.amax(dim=2) + hidden.mean(dim=2)
        return torch.sigmoid(self.fc_audioset(torch.relu(self.fc1(hidden))))


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("variant", list(VARIANTS))
def test_panns_compute_what_pytorch_computes(variant, zipped, tmp_path):
    torch.manual_seed(0)
    theirs = Published(variant, 527)
    for name, weight in theirs.state_dict().items():
        if "bn" in name and weight.dtype == torch.float32:
            weight.uniform_(0.5, 1.5)
    theirs.eval()
    sampler = {"indexes": np.arange(10), "pointer": np.int64(3), "queue": [np.int64(1)]}
    content = {"iteration": 600000, "model": theirs.state_dict(), "sampler": sampler}
    torch.save(content, tmp_path / "weights.pth", _use_new_zipfile_serialization=zipped)

    ours = networks.create("panns", (101, BINS, 1), n_labels=527, variant=variant, activation="sigmoid")
    assert pretrained.load(ours, tmp_path / "weights.pth") == [layer.name for layer in ours.layers if layer.weights]
    batch = pictures((101, BINS, 1))
    with torch.no_grad():
        expected = theirs(torch.from_numpy(batch.transpose(0, 3, 1, 2))).numpy()
    np.testing.assert_allclose(ops.convert_to_numpy(ours(batch)), expected, atol=1e-5)


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    """keras-hub's ResNet-18 with random weights: `(folder, backbone)`."""
    if sys.version_info < (3, 11):
        pytest.skip("there is no keras-hub of this Keras for Python 3.10")
    import keras_hub

    sizes = [64], [7], [64, 128, 256, 512], [2, 2, 2, 2], [1, 2, 2, 2]
    backbone = keras_hub.models.ResNetBackbone(*sizes, block_type="basic_block")
    randomise(backbone)
    folder = tmp_path_factory.mktemp("presets") / "resnet_18_imagenet"
    backbone.save_to_preset(str(folder))
    return folder, backbone


@pytest.mark.filterwarnings("ignore:::keras_hub", "ignore:::tensorflow_text")
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_resnet18_computes_what_keras_hub_computes(channels, preset):
    folder, backbone = preset
    ours = networks.create("resnet18", (87, 65, channels), n_labels=5)
    loaded = pretrained.load(ours, folder)
    assert loaded == [layer.name for layer in ours.layers if layer.weights and layer.name != "scores"]
    batch = pictures((87, 65, channels))
    in_colour = batch if channels == 3 else np.repeat(batch.mean(axis=-1, keepdims=True), 3, axis=-1)
    pooling = next(layer for layer in ours.layers if isinstance(layer, keras.layers.GlobalAveragePooling2D))
    features = keras.Model(ours.input, pooling.input)
    expected = ops.convert_to_numpy(backbone(in_colour))
    np.testing.assert_allclose(ops.convert_to_numpy(features(batch)), expected, rtol=1e-5, atol=1e-5 * expected.max())
