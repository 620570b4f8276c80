"""From scores to figures with intervals, without any neural network.

Tables of predictions are data frames with the columns clip, group, labels (joined by |), split, and one column of
scores per label; one row a segment, or one row a clip.
"""

from kerasinst.evaluation.calibration import expected_calibration_error
from kerasinst.evaluation.intervals import bootstrap_accuracy
from kerasinst.evaluation.metrics import evaluate, measure
from kerasinst.evaluation.multilabel import measure_multilabel
from kerasinst.evaluation.tables import clip_level, segment_table

__all__ = [
    "bootstrap_accuracy",
    "clip_level",
    "evaluate",
    "expected_calibration_error",
    "measure",
    "measure_multilabel",
    "segment_table",
]
