"""Whether XLA should compile what a model computes."""

from typing import Literal

import keras

from kerasinst.training.devices import devices


def worth_compiling() -> bool | Literal["auto"]:
    """What `keras.Model.compile` takes as `jit_compile`.

    XLA pays on accelerators; on CPUs TensorFlow's own convolutions are many times faster than XLA's.
    """
    return "auto" if keras.backend.backend() != "tensorflow" or devices("gpu") else False
