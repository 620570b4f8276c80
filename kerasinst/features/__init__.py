"""From a data set to features: segments, extraction and arrays that stay on disk.

Example:
    >>> from kerasinst.features import extract_features, prepare_data
    >>> data = prepare_data(experiment)
    >>> extract_features(experiment, data).arrays["train"].shape
    (1000, 63, 64, 1)
"""

from kerasinst.features.features import Features, create_frontend, extract_features
from kerasinst.features.prepared_data import PreparedData, prepare_data
from kerasinst.features.scaling import Scaling
from kerasinst.features.segmentation import cover_clips, draw_segments, label_balanced_order, segment_waveforms
from kerasinst.features.sharded_array import ShardedArray

__all__ = [
    "Features",
    "PreparedData",
    "Scaling",
    "ShardedArray",
    "cover_clips",
    "create_frontend",
    "draw_segments",
    "extract_features",
    "label_balanced_order",
    "prepare_data",
    "segment_waveforms",
]
