"""kerasinst finds, trains and ships small networks that name the musical instruments in a recording.

Its modules are imported when they are first used.

Example:
    >>> import kerasinst as ki
    >>> tagger = ki.Tagger("runs/quickstart")
    >>> tagger("song.wav").label
    'guitar'
"""

import contextlib
import importlib
import sys
from pathlib import Path
from types import ModuleType

import lazy_loader
import wrapt

from kerasinst.core import interrupts

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["audio", "datasets", "evaluation", "frontends", "networks", "reporting"],
    submod_attrs={
        "models.tagger": ["Tagger"],
        "core.errors": ["AudioError", "BadInput", "Diverged", "Failed"],
        "experiment": ["Experiment"],
        "runs": ["Run"],
    },
)


def _register_layers(_: ModuleType) -> None:
    """Lets `keras.models.load_model` find the layers of kerasinst, which need the extra `train`."""
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module("kerasinst.models.waveform_model")


wrapt.register_post_import_hook(_register_layers, "keras")  # whether Keras is imported before or after

if Path(*sys.argv[:1]).stem in ("-m", "kerasinst"):  # this is the program, whose imports take long
    interrupts.install()
