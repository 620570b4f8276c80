"""From scores to figures with intervals, without any neural network.

Tables of predictions are data frames with the columns clip, group, labels (joined by |), split, and one column of
scores per label; one row a segment, or one row a clip.
"""

from kerasinst.evaluation.calibration import expected_calibration_error
from kerasinst.evaluation.comparison import compare_f1, holm, mcnemar
from kerasinst.evaluation.intervals import bootstrap_accuracy, bootstrap_f1
from kerasinst.evaluation.metrics import evaluate, measure
from kerasinst.evaluation.multilabel import measure_multilabel
from kerasinst.evaluation.tables import clip_level, correct, segment_table

__all__ = [
    "bootstrap_accuracy",
    "bootstrap_f1",
    "clip_level",
    "compare_f1",
    "correct",
    "evaluate",
    "expected_calibration_error",
    "holm",
    "mcnemar",
    "measure",
    "measure_multilabel",
    "segment_table",
]
