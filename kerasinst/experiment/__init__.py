"""Reads experiment files. One YAML file says everything about a study, and is checked before any work starts.

Nothing is imported until it is used, since tagging with a TFLite file needs no experiment.

Example:
    >>> import kerasinst as ki
    >>> ki.Experiment.from_yaml("experiments/ee5180.yaml").training.epochs
    30
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
