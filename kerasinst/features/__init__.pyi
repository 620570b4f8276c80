from .features import Features as Features
from .features import create_frontend as create_frontend
from .features import extract_features as extract_features
from .prepared_data import PreparedData as PreparedData
from .prepared_data import prepare_data as prepare_data
from .prepared_data import prepare_data_once as prepare_data_once
from .scaling import Scaling as Scaling
from .segmentation import (
    cover_clips as cover_clips,
)
from .segmentation import (
    draw_segments as draw_segments,
)
from .segmentation import (
    label_balanced_order as label_balanced_order,
)
from .segmentation import (
    segment_waveforms as segment_waveforms,
)
from .sharded_array import ShardedArray as ShardedArray

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
    "prepare_data_once",
    "segment_waveforms",
]
