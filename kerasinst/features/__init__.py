"""Prepares data sets, cuts clips into segments, and computes the features of segments.

Its modules are imported when they are first used, since cutting clips into segments needs no Keras.

Example:
    >>> from kerasinst.features import extract_features, prepare_data
    >>> data = prepare_data(experiment)
    >>> extract_features(experiment, data).arrays["train"].shape
    (1000, 63, 64, 1)
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
