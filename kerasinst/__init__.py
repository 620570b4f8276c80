"""kerasinst finds, trains and ships small networks that name the musical instruments in a recording.

Its modules are imported when they are first used.

Example:
    >>> import kerasinst as ki
    >>> tagger = ki.Tagger("runs/quickstart")
    >>> tagger("song.wav").label
    'guitar'
"""

import importlib

import lazy_loader
import wrapt

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["audio", "datasets", "evaluation", "frontends", "networks", "reporting"],
    submod_attrs={
        "models.tagger": ["Tagger"],
        "core.errors": ["AudioError", "BadInput"],
        "experiment": ["Experiment"],
        "runs": ["Run"],
    },
)

# So that `keras.models.load_model` finds the layers of kerasinst, whether it is imported before or after Keras.
wrapt.register_post_import_hook(lambda _: importlib.import_module("kerasinst.models.waveform_model"), "keras")
