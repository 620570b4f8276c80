"""Computes figures with intervals from scores, without any neural network.

Tables of predictions are data frames with the columns clip, group, labels (joined by |), split, and one column of
scores for each label. They have one row per segment, or one row per clip.
"""

from kerasinst.evaluation.calibration import at_temperature, expected_calibration_error, fit_temperature, reliability
from kerasinst.evaluation.deciding import decide, fit_decision
from kerasinst.evaluation.degradation import measure_degradation, pareto_front
from kerasinst.evaluation.examples import choose_examples, mistakes
from kerasinst.evaluation.intervals import bootstrap_accuracy, bootstrap_f1, difference_interval
from kerasinst.evaluation.metrics import evaluate, measure
from kerasinst.evaluation.multilabel import headline_figure, measure_multilabel, multilabel_row
from kerasinst.evaluation.operating_points import compare_rules, operating_curve
from kerasinst.evaluation.predictions import (
    clip_level,
    correct,
    join_tables,
    judged,
    metrics_row,
    reported,
    segment_table,
    select_test_clips,
    truth,
)
from kerasinst.evaluation.scored_table import scored_table
from kerasinst.evaluation.significance import compare_f1, holm, mcnemar
from kerasinst.evaluation.slices import accuracy_by_slice, by_segments_heard

__all__ = [
    "accuracy_by_slice",
    "at_temperature",
    "bootstrap_accuracy",
    "bootstrap_f1",
    "by_segments_heard",
    "choose_examples",
    "clip_level",
    "compare_f1",
    "compare_rules",
    "correct",
    "decide",
    "difference_interval",
    "evaluate",
    "expected_calibration_error",
    "fit_decision",
    "fit_temperature",
    "headline_figure",
    "holm",
    "join_tables",
    "judged",
    "mcnemar",
    "measure",
    "measure_degradation",
    "measure_multilabel",
    "metrics_row",
    "mistakes",
    "multilabel_row",
    "operating_curve",
    "pareto_front",
    "reliability",
    "reported",
    "scored_table",
    "segment_table",
    "select_test_clips",
    "truth",
]
