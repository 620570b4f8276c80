"""What in a picture decides a score: Grad-CAM, how faithful it is, and which bands and moments it points at."""

from kerasinst.explanation.drift import drift
from kerasinst.explanation.faithfulness import curves, judge, random_masks
from kerasinst.explanation.grad_cam import GradCam
from kerasinst.explanation.heard import Heard, hear, panel
from kerasinst.explanation.profiles import column_products, profiles

__all__ = [
    "GradCam",
    "Heard",
    "column_products",
    "curves",
    "drift",
    "hear",
    "judge",
    "panel",
    "profiles",
    "random_masks",
]
