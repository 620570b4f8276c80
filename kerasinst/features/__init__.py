"""From a data set to features: prepared data, segments, extraction, and arrays that stay on disk.

Nothing is imported until it is used, since cutting clips into segments needs no Keras.

Example:
    >>> from kerasinst.features import extract_features, prepare_data
    >>> data = prepare_data(experiment)
    >>> extract_features(experiment, data).arrays["train"].shape
    (1000, 63, 64, 1)
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
