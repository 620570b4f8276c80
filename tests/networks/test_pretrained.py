"""Weights from files: the right ones into the right layers, and nothing run or allocated that a file asks for."""

import sys
import zipfile

import h5py
import keras
import numpy as np
import pytest
from checkpoints import (
    NUMPY_ARRAY,
    called,
    made,
    name_of,
    number,
    panns_scores,
    panns_weights,
    row,
    tensor,
    text,
    write_checkpoint,
    write_pickled,
)  # fmt: skip
from keras import layers, ops
from test_networks import pictures, randomise, scores_of

from kerasinst import frontends, networks
from kerasinst.core.errors import BadInput
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.models.waveform_model import WaveformModel
from kerasinst.networks import pretrained

SMALL = 1 / 16


def weighted(network):
    return [layer.name for layer in network.layers if layer.weights]


@pytest.fixture
def cnn6():
    return networks.create("panns", (36, 64, 1), n_labels=5, variant="cnn6", width=SMALL, activation="sigmoid")


@pytest.fixture
def checkpoint(tmp_path):
    """Cnn6's weights in a file: `(path, weights)`."""
    weights = panns_weights("cnn6", 5)
    write_checkpoint(tmp_path / "Cnn6_mAP=0.343.pth", weights)
    return tmp_path / "Cnn6_mAP=0.343.pth", weights


@pytest.mark.parametrize(
    ("variant", "options"),
    [
        ("cnn6", dict(sampler=NUMPY_ARRAY)),
        ("cnn6", dict(legacy=True, sampler=NUMPY_ARRAY)),
        ("cnn10", dict(prefix="module.", shared=True)),
        ("cnn14", dict(legacy=True, shared=True)),
    ],
)
def test_panns_compute_from_a_checkpoint_what_the_published_code_computes(variant, options, tmp_path):
    weights = panns_weights(variant, 5)
    write_checkpoint(tmp_path / "weights.pth", weights, **options)
    network = networks.create("panns", (77, 64, 1), n_labels=5, variant=variant, width=SMALL, activation="sigmoid")
    assert pretrained.load(network, tmp_path / "weights.pth") == weighted(network)
    batch = pictures((77, 64, 1))
    theirs = [panns_scores(weights, variant, picture[..., 0]) for picture in batch]
    np.testing.assert_allclose(scores_of(network, batch), theirs, atol=1e-5)


def test_a_tensor_over_a_view_of_a_storage_begins_where_the_view_does(cnn6, tmp_path):
    numbers = np.arange(60, dtype="f4")
    view = row(text("1"), number(20), number(40))
    content = made(b"}", [text("fc1.weight") + tensor("1", numbers[:1].repeat(1024), 0, (32, 32), (1, 32), legacy=True),
                          text("fc1.bias") + tensor("0", numbers, 3, (32,), (1,), legacy=True, view=view)])  # fmt: skip
    storages = [numbers, np.zeros(1024, "f4")]
    write_pickled(tmp_path / "views.pth", b"\x80\x02" + content + b".", storages, legacy=True)
    assert pretrained.load(cnn6, tmp_path / "views.pth") == ["fc1"]
    np.testing.assert_array_equal(ops.convert_to_numpy(cnn6.get_layer("fc1").bias), numbers[23:55])


def test_the_branches_of_the_irmas_study_are_filled_from_cnn10(tmp_path):
    weights = panns_weights("cnn10", 5)
    write_checkpoint(tmp_path / "weights.pth", weights)
    network = networks.create("irmas_panns", (77, 96, 3), n_labels=11, filters=(4, 8, 16, 32), dense_units=(8,))
    filled = pretrained.load(network, tmp_path / "weights.pth")
    names = [f"conv_block{block}_{kind}1" for block in (1, 2, 3, 4) for kind in ("conv", "bn")]
    assert set(filled) == {f"branch{branch}_{name}" for branch in (1, 2, 3) for name in names}
    for branch in (1, 2, 3):
        kernel = ops.convert_to_numpy(network.get_layer(f"branch{branch}_conv_block3_conv1").kernel)
        np.testing.assert_array_equal(kernel, weights["conv_block3.conv1.weight"].transpose(2, 3, 1, 0))


def test_each_branch_is_loaded_and_the_scores_of_other_labels_are_not(checkpoint):
    path, weights = checkpoint
    network = networks.create("panns", (36, 64, 3), n_labels=11, variant="cnn6", width=SMALL, head_units=(8,))
    loaded = pretrained.load(network, path)
    assert set(weighted(network)) - set(loaded) == {"scores", *(name for name in weighted(network) if "dense" in name
                                                               or name.startswith("batch_normalization"))}  # fmt: skip
    for number_of_branch in (1, 2, 3):
        kernel = ops.convert_to_numpy(network.get_layer(f"branch{number_of_branch}_fc1").kernel)
        np.testing.assert_array_equal(kernel, weights["fc1.weight"].T)


def test_bn0_is_skipped_where_there_are_other_bins(checkpoint):
    network = networks.create("panns", (36, 40, 1), n_labels=5, variant="cnn6", width=SMALL)
    assert set(weighted(network)) - set(pretrained.load(network, checkpoint[0])) == {"bn0"}


def hostile(name):
    """Pickles that would run something."""
    module, _, function = name.rpartition(".")
    argument = text("touch executed")
    yield called(module, function, argument)
    yield b"(" + argument + f"i{module}\n{function}\n".encode()  # INST
    yield b"(" + name_of(module, function) + argument + b"o"  # OBJ
    yield name_of(module, function) + row(argument) + b"\x81"  # NEWOBJ
    yield text(module) + text(function) + b"\x93" + row(argument) + b"R"  # STACK_GLOBAL
    yield made(b"}", [text("model") + called(module, function, argument)])


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    "name", ["os.system", "posix.system", "builtins.eval", "torch.nn.Module", "kerasinst.runs.Run"]
)
def test_a_hostile_checkpoint_is_refused_by_name_and_not_run(name, legacy, cnn6, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for opcodes in hostile(name):
        write_pickled(tmp_path / "hostile.pth", b"\x80\x04" + opcodes + b".", legacy=legacy)
        with pytest.raises(BadInput, match=f"hostile.pth: it asks for {name}") as error:
            pretrained.load(cnn6, tmp_path / "hostile.pth")
        assert "\n" not in str(error.value)
    assert not (tmp_path / "executed").exists()


ZEROS = np.zeros(8, "f4")


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    "described",
    [
        tensor("0", ZEROS, 0, (9,), (1,)),
        tensor("0", ZEROS, 7, (2,), (1,)),
        tensor("0", ZEROS, -1, (2,), (1,)),
        tensor("0", ZEROS, 0, (2,), (-1,)),
        tensor("0", ZEROS, 0, (2**30, 2**30), (0, 0)),
        tensor("0", ZEROS, 0, (2,), (1, 1)),
        tensor("0", ZEROS, 0, (2**30,), (1,), count=2**30),
        tensor("../0", ZEROS, 0, (8,), (1,)),
        b"\x88" + b"\x85" + b"Q",
        called("torch._utils", "_rebuild_tensor_v2", b"N", number(0), row(), row()),
        b"\x8d" + b"\xff" * 7 + b"\x00",  # a text of 2**56 characters
        b"r\xff\xff\xff\xff",  # a memory of 2**32 objects
    ],
)
def test_a_checkpoint_that_describes_what_it_does_not_hold_is_refused(described, legacy, cnn6, tmp_path):
    content = made(b"}", [text("fc1.bias") + described])
    write_pickled(tmp_path / "weights.pth", b"\x80\x04" + content + b".", [ZEROS], legacy)
    with pytest.raises(BadInput, match=r"weights.pth: ") as error:
        pretrained.load(cnn6, tmp_path / "weights.pth")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_damaged_checkpoint_is_refused(legacy, cnn6, tmp_path):
    path = tmp_path / "weights.pth"
    write_checkpoint(path, panns_weights("cnn6", 5), legacy=legacy, sampler=NUMPY_ARRAY)
    whole = path.read_bytes()
    for length in (0, 1, 10, 100, 1000, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"weights.pth: "):
            pretrained.load(cnn6, path)
    random = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(whole)
        damaged[random.integers(min(3000, len(whole)))] = random.integers(256)
        path.write_bytes(damaged)
        try:
            pretrained.load(cnn6, path)
        except BadInput as error:
            assert "\n" not in str(error)


def test_a_compressed_checkpoint_is_refused(cnn6, checkpoint, tmp_path):
    with (
        zipfile.ZipFile(checkpoint[0]) as whole,
        zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in whole.namelist():
            bomb.writestr(name, whole.read(name))
    with pytest.raises(BadInput, match="not stored as PyTorch stores it"):
        pretrained.load(cnn6, tmp_path / "bomb.pth")


def test_weights_that_are_not_numbers_or_not_there_are_refused_and_nothing_is_changed(cnn6, tmp_path):
    before = cnn6.get_weights()
    weights = panns_weights("cnn6", 5)
    write_checkpoint(tmp_path / "nan.pth", weights | {"fc1.bias": np.full(32, np.nan, "f4")})
    with pytest.raises(BadInput, match=r"nan.pth: weights of 'fc1' are not finite"):
        pretrained.load(cnn6, tmp_path / "nan.pth")
    del weights["bn0.running_var"]
    write_checkpoint(tmp_path / "short.pth", weights)
    with pytest.raises(BadInput, match=r"short.pth: 'bn0' lacks its 'running_var'"):
        pretrained.load(cnn6, tmp_path / "short.pth")
    write_checkpoint(tmp_path / "other.pth", {"fc2.bias": ZEROS})
    with pytest.raises(BadInput, match=r"other.pth: none of its weights fit network 'panns'"):
        pretrained.load(cnn6, tmp_path / "other.pth")
    write_pickled(tmp_path / "empty.pth", b"\x80\x02}.")
    with pytest.raises(BadInput, match=r"empty.pth: it holds no weights"):
        pretrained.load(cnn6, tmp_path / "empty.pth")
    for old, new in zip(before, cnn6.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


YAMNET = {"filters": (4, 8, 12), "strides": (2, 1, 2)}


def yamnet_reference(n_labels):
    """YAMNet as published, with few filters and random weights, and its layers' names in the published file."""
    network, names = keras.Sequential([keras.Input((24, 16, 1))]), []

    def add(layer, name):
        network.add(layer)
        network.add(layers.BatchNormalization(center=True, scale=False, epsilon=1e-4))
        network.add(layers.ReLU())
        names.extend([name, f"{name}/bn"])

    for number_of_layer, (filters, stride) in enumerate(zip(*YAMNET.values(), strict=True), start=1):
        if number_of_layer == 1:
            add(layers.Conv2D(filters, 3, stride, padding="same", use_bias=False), "layer1/conv")
            continue
        depthwise = layers.DepthwiseConv2D(3, stride, depth_multiplier=1, padding="same", use_bias=False)
        add(depthwise, f"layer{number_of_layer}/depthwise_conv")
        add(layers.Conv2D(filters, 1, padding="same", use_bias=False), f"layer{number_of_layer}/pointwise_conv")
    network.add(layers.GlobalAveragePooling2D())
    network.add(layers.Dense(n_labels, activation="sigmoid"))
    randomise(network)
    return network, [*names, "logits"]


def write_keras_2(path, network, names):
    """The layout in which Keras 2 saved weights."""
    with h5py.File(path, "w") as file:
        layers_with_weights = [layer for layer in network.layers if layer.weights]
        file.attrs["layer_names"] = [name.encode() for name in ["input_1", *names]]
        file.attrs["backend"] = b"tensorflow"
        file.create_group("input_1").attrs["weight_names"] = []
        for layer, name in zip(layers_with_weights, names, strict=True):
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{weight.name}:0".encode() for weight in layer.weights]
            for weight, array in zip(layer.weights, layer.get_weights(), strict=True):
                group.create_dataset(f"{name}/{weight.name}:0", data=array)


def test_yamnet_computes_from_its_file_what_the_published_one_computes(tmp_path):
    theirs, names = yamnet_reference(7)
    write_keras_2(tmp_path / "yamnet.h5", theirs, names)
    ours = networks.create("yamnet", (24, 16, 1), n_labels=7, activation="sigmoid", **YAMNET)
    assert pretrained.load(ours, tmp_path / "yamnet.h5") == weighted(ours)
    batch = pictures((24, 16, 1))
    np.testing.assert_allclose(scores_of(ours, batch), scores_of(theirs, batch), atol=1e-5)
    other = networks.create("yamnet", (24, 16, 1), n_labels=3, **YAMNET)
    assert set(weighted(other)) - set(pretrained.load(other, tmp_path / "yamnet.h5")) == {"scores"}


def test_a_damaged_or_other_h5_is_refused(cnn6, tmp_path):
    theirs, names = yamnet_reference(7)
    path = tmp_path / "yamnet.h5"
    write_keras_2(path, theirs, names)
    with pytest.raises(BadInput, match="none of its weights fit network 'panns'"):
        pretrained.load(cnn6, path)
    ours = networks.create("yamnet", (24, 16, 1), n_labels=7, **YAMNET)
    whole = path.read_bytes()
    for length in (0, 100, len(whole) // 2):
        path.write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"yamnet.h5: "):
            pretrained.load(ours, path)
    theirs.save_weights(tmp_path / "ours.weights.h5")
    with pytest.raises(BadInput, match="not weights that Keras 2 saved"):
        pretrained.load(ours, tmp_path / "ours.weights.h5")
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"logits"]
        file["logits"] = h5py.ExternalLink(tmp_path / "ours.weights.h5", "/")
    with pytest.raises(BadInput, match="not weights that Keras 2 saved"):
        pretrained.load(ours, path)


@pytest.fixture
def saved_model(tmp_path):
    """A run with a model of kerasinst: `(folder, network)`."""
    frontend = frontends.create("log_mel", sample_rate=8000, n_fft=256, hop_length=128, n_mels=16)
    network = networks.create("ds_cnn", (17, 16, 1), n_labels=3, filters=8, blocks=1)
    randomise(network)
    WaveformModel(frontend, None, network=network, labels=["a", "b", "c"], sample_rate=8000, segment_samples=2048).save(
        tmp_path / "model.keras"
    )
    return tmp_path, network


def assert_same_weights(network, other, but=()):
    pairs = zip(network.layers, other.layers, strict=True)
    for one, two in ((one, two) for one, two in pairs if one.name not in but):
        for array, expected in zip(one.get_weights(), two.get_weights(), strict=True):
            np.testing.assert_array_equal(array, expected)


def test_a_run_s_network_is_loaded_but_for_the_scores_of_other_labels(saved_model):
    folder, network = saved_model
    same = networks.create("ds_cnn", (17, 16, 1), n_labels=3, filters=8, blocks=1)
    assert pretrained.load(same, folder) == weighted(same)
    assert_same_weights(same, network)
    other = networks.create("ds_cnn", (30, 40, 1), n_labels=5, filters=8, blocks=1)
    assert pretrained.load(other, str(folder / "model.keras")) == weighted(other)[:-1]
    assert_same_weights(other, network, but="scores")


def test_layers_of_another_kind_end_what_is_loaded(saved_model):
    deeper = networks.create("ds_cnn", (17, 16, 1), n_labels=3, filters=8, blocks=2)
    assert pretrained.load(deeper, saved_model[0]) == weighted(deeper)[:6]


def test_our_own_format_keeps_weights(saved_model, tmp_path):
    _, network = saved_model
    pretrained.save(network, tmp_path / "weights.npz")
    same = networks.create("ds_cnn", (17, 16, 1), n_labels=3, filters=8, blocks=1)
    assert pretrained.load(same, tmp_path / "weights.npz") == weighted(same)
    assert_same_weights(same, network)
    other = networks.create("ds_cnn", (17, 16, 1), n_labels=5, filters=8, blocks=1)
    assert pretrained.load(other, tmp_path / "weights.npz") == weighted(other)[:-1]
    with pytest.raises(BadInput, match=r"weights.pth: weights are saved as .npz"):
        pretrained.save(network, tmp_path / "weights.pth")


def test_a_damaged_or_hostile_npz_is_refused(saved_model, tmp_path):
    _, network = saved_model
    path = tmp_path / "weights.npz"
    pretrained.save(network, path)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for length in (0, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"weights.npz: "):
            pretrained.load(network, path)
    for _ in range(30):
        damaged = bytearray(whole)
        damaged[random.integers(len(whole))] ^= random.integers(1, 256)
        path.write_bytes(damaged)
        try:
            pretrained.load(network, path)
        except BadInput as error:
            assert "\n" not in str(error)
    np.savez(path, **{"000.Conv2D.0": np.array([print], dtype=object)})
    with pytest.raises(BadInput, match="no floating-point numbers"):
        pretrained.load(network, path)
    np.savez(path, photo=np.zeros(3))
    with pytest.raises(BadInput, match="not weights that kerasinst saved"):
        pretrained.load(network, path)


def test_a_model_that_is_not_ours_is_refused(cnn6, tmp_path):
    keras.Sequential([keras.Input((3,)), layers.Dense(2)]).save(tmp_path / "theirs.keras")
    with pytest.raises(BadInput, match="not a model of kerasinst"):
        pretrained.load(cnn6, tmp_path / "theirs.keras")
    (tmp_path / "broken.keras").write_bytes(b"PK")
    with pytest.raises(BadInput, match=r"broken.keras: not a .keras model"):
        pretrained.load(cnn6, tmp_path / "broken.keras")


def test_keras_hub_is_asked_for_where_it_is_needed(cnn6, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    (tmp_path / "config.json").write_text("{}")
    for source in ("resnet_18_imagenet", "hf://keras/resnet_18_imagenet", tmp_path):
        with pytest.raises(BadInput, match="pip install keras-hub"):
            pretrained.load(cnn6, source)


def test_sources_of_no_known_kind_are_refused(cnn6, tmp_path):
    (tmp_path / "weights.zip").touch()
    for source, message in (
        (tmp_path / "weights.zip", "weights are read from .pth, .h5, .keras, .npz"),
        (tmp_path / "weights.pth", "there is no such file or folder"),
        (tmp_path, "neither a run"),
    ):
        with pytest.raises(BadInput, match=message):
            pretrained.load(cnn6, source)


def _described(**changes):
    options = {"sample_rate": 8000, "n_fft": 256, "hop_length": 128, "n_mels": 16, **changes}
    scaling = options.pop("scaling", None)
    return pretrained.describe(frontends.create("log_mel", **options), scaling)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hop_length": 64}, "hop_length is 128 there and 64 here; make them the same"),
        ({"sample_rate": 16000}, "sample_rate is 8000 there and 16000 here"),
        ({"n_mels": 24, "fmin": 50.0}, r"n_mels is 16 there and 24 here \(and 1 more\)"),
        ({"scaling": "peak"}, "scaling is none there and peak here"),
    ],
)
def test_weights_that_were_trained_with_another_front_end_are_refused(changes, message, saved_model, tmp_path):
    folder, network = saved_model
    pretrained.save(network, tmp_path / "weights.npz", frontend=_described())
    for source in (folder, folder / "model.keras", tmp_path / "weights.npz"):
        before = [array.copy() for array in network.get_weights()]
        with pytest.raises(BadInput, match=f"trained with another front end: {message}"):
            pretrained.load(network, source, frontend=_described(**changes))
        assert all((one == other).all() for one, other in zip(before, network.get_weights(), strict=True))
        same = _described(dft="conv")  # computes the same
        assert pretrained.load(network, source, frontend=same) == weighted(network)


def test_which_layers_begin_with_weights_is_said_once(saved_model, tmp_path, capsys):
    folder, _ = saved_model
    other = networks.create("ds_cnn", (17, 16, 1), n_labels=5, filters=8, blocks=1)
    for _ in range(3):
        pretrained.load(other, folder)
    said = [line for line in capsys.readouterr().err.splitlines() if str(folder) in line]
    count = len(weighted(other))
    assert said == [f"{folder}: {count - 1} of {count} layers start from these weights; new: scores"]


def test_weights_of_which_a_normalisation_alone_fits_are_refused(tmp_path):
    wide, narrow = (
        networks.create("panns", (40, 64, 1), n_labels=3, variant="cnn10", width=width) for width in (0.25, 0.125)
    )
    pretrained.save(wide, tmp_path / "weights.npz")
    before = narrow.get_weights()
    with pytest.raises(BadInput, match="only bn0 of it fits network 'panns'"):
        pretrained.load(narrow, tmp_path / "weights.npz")
    assert all((one == other).all() for one, other in zip(before, narrow.get_weights(), strict=True))


def test_the_weights_that_come_with_kerasinst_know_their_front_end():
    for name, weights in (("best", "pretrained"), ("small", "pretrained-small")):
        experiment = Experiment.from_yaml(PROJECT / "experiments" / f"{name}.yaml")
        frontend = frontends.create("log_mel", sample_rate=22050, **experiment.frontend.options)
        network = networks.create("strided", frontend.features_shape(44100), n_labels=46, **experiment.network.options)
        source = PROJECT / "experiments" / f"{weights}.npz"
        assert len(pretrained.load(network, source, frontend=pretrained.describe(frontend, "peak"))) >= 5
        with pytest.raises(BadInput, match="hop_length is 512 there and 256 here"):
            other = frontends.create("log_mel", sample_rate=22050, **{**experiment.frontend.options, "hop_length": 256})
            pretrained.load(network, source, frontend=pretrained.describe(other, "peak"))
