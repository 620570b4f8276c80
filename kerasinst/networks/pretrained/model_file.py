"""Models of earlier runs: the weights of their networks, without front end and scaling."""

from pathlib import Path

import keras

from kerasinst.core.errors import BadInput
from kerasinst.networks.pretrained.front_end import describe
from kerasinst.networks.pretrained.layer_weights import Stored, Weights, in_order, weighted


def read(network: keras.Model, path: Path) -> Weights:
    """Pairs the layers of a network with the arrays of the layers in the same places of a saved model's network.

    Raises:
        BadInput: if the file is not a model of kerasinst.
    """
    try:
        model = keras.models.load_model(path, safe_mode=True, compile=False)
    except Exception as error:  # Keras raises what it meets in a damaged file
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadInput(f"{path}: not a .keras model that can be loaded: {reason}") from None
    if not isinstance(getattr(model, "network", None), keras.Model):
        raise BadInput(f"{path}: not a model of kerasinst, it holds no network; give a run or its model.keras")
    stored = []
    for layer in weighted(model.network):
        stored.append((type(layer).__name__, [Stored(array.shape, array.copy) for array in layer.get_weights()]))
    frontend = describe(model.frontend, model.scaling and model.scaling.method)
    return Weights(in_order(network, stored), frontend)
