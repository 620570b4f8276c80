"""Explains which features decide a score: Grad-CAM, its faithfulness, and the bands and moments that it points at."""

from kerasinst.explanation.explained_segments import ExplainedSegments, explain_segments, panel
from kerasinst.explanation.faithfulness import curves, measure_faithfulness, random_masks
from kerasinst.explanation.grad_cam import GradCam
from kerasinst.explanation.heatmap_agreement import compare_heatmaps
from kerasinst.explanation.profiles import column_products, heat_profiles

__all__ = [
    "ExplainedSegments",
    "GradCam",
    "column_products",
    "compare_heatmaps",
    "curves",
    "explain_segments",
    "heat_profiles",
    "measure_faithfulness",
    "panel",
    "random_masks",
]
