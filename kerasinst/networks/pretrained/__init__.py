"""Weights from elsewhere: published ones and those of earlier runs, as far as they fit a network.

Example:
    >>> network = ki.networks.create("panns", (201, 64, 1), 11, variant="cnn10")
    >>> pretrained.load(network, "Cnn10_mAP=0.380.pth")[:2]
    ['bn0', 'conv_block1_conv1']
"""

import re
from collections.abc import Iterable
from pathlib import Path

from kerasinst.errors import BadInput
from kerasinst.networks.pretrained import arrays, keras_hub_preset, model_file, panns_checkpoint, yamnet_weights
from kerasinst.networks.pretrained.arrays import save
from kerasinst.networks.pretrained.stored import Pair, fill

__all__ = ["load", "save"]

READERS = {
    ".pth": panns_checkpoint.pairs,
    ".h5": yamnet_weights.pairs,
    ".keras": model_file.pairs,
    ".npz": arrays.pairs,
}


def load(network, source: str | Path) -> list[str]:
    """Copies weights into the layers of a network that they fit, and leaves the others as they are.

    Args:
        network: a model of `networks`.
        source: a checkpoint of PANNs (`.pth`), YAMNet's `yamnet.h5`, a run directory or its `model.keras`, an `.npz` of
            `save`, or a preset of keras-hub, such as `resnet_18_imagenet`: its name, `hf://...` or folder.

    Returns:
        Names of the layers that were filled. Those of the scores are among them only if the labels are as many.

    Raises:
        BadInput: if the source cannot be read, or nothing in it fits.
    """
    return fill(network, _pairs(network, str(source)), source)


def _pairs(network, source: str) -> Iterable[Pair]:
    path = Path(source).expanduser()
    if "://" in source or (not path.exists() and re.fullmatch(r"\w+", source)):
        return keras_hub_preset.pairs(network, source)
    if not path.exists():
        raise BadInput(f"{path}: there is no such file or folder; give the path of downloaded weights or of a run")
    if path.is_dir():
        return _of_folder(network, path)
    if path.suffix not in READERS:
        raise BadInput(f"{path}: weights are read from {', '.join(READERS)}, not from '{path.suffix}'")
    return READERS[path.suffix](network, path)


def _of_folder(network, folder: Path) -> Iterable[Pair]:
    if (folder / "model.keras").is_file():
        return model_file.pairs(network, folder / "model.keras")
    if (folder / "config.json").is_file():
        return keras_hub_preset.pairs(network, str(folder))
    raise BadInput(f"{folder}: neither a run (no model.keras) nor a preset of keras-hub (no config.json); give either")
