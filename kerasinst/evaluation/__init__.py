"""Computes figures with intervals from scores, without any neural network.

Tables of predictions are data frames with the columns clip, group, labels (joined by |), split, and one column of
scores for each label. They have one row per segment, or one row per clip.
"""

from kerasinst.evaluation.calibration import at_temperature, expected_calibration_error, fit_temperature, reliability
from kerasinst.evaluation.degradation import degradation, pareto_front
from kerasinst.evaluation.examples import examples, mistakes
from kerasinst.evaluation.intervals import bootstrap_accuracy, bootstrap_f1, difference_interval
from kerasinst.evaluation.metrics import evaluate, measure
from kerasinst.evaluation.multilabel import measure_multilabel
from kerasinst.evaluation.predictions import clip_level, correct, row, segment_table, tested, truth
from kerasinst.evaluation.significance import compare_f1, holm, mcnemar
from kerasinst.evaluation.slices import by_segments_heard, slices

__all__ = [
    "at_temperature",
    "bootstrap_accuracy",
    "bootstrap_f1",
    "by_segments_heard",
    "clip_level",
    "compare_f1",
    "correct",
    "degradation",
    "difference_interval",
    "evaluate",
    "examples",
    "expected_calibration_error",
    "fit_temperature",
    "holm",
    "mcnemar",
    "measure",
    "measure_multilabel",
    "mistakes",
    "pareto_front",
    "reliability",
    "row",
    "segment_table",
    "slices",
    "tested",
    "truth",
]
