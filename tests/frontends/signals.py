"""What tests of front ends share."""

import numpy as np

RATE = 22050
SAMPLES = 2 * RATE


def heard(levels: np.ndarray, depth: float = 90.0, quietest: float = -80.0) -> np.ndarray:
    """Where a picture in dB is above `quietest` and within `depth` dB of its loudest value: float32's range."""
    return levels > max(quietest, levels.max() - depth)


def rounding(levels: np.ndarray, share: float = 1e-7) -> np.ndarray:
    """What float32 leaves open in decibels: a share of the loudest amplitude, which is much where it is quiet."""
    return 20 / np.log(10) * share * 10 ** ((levels.max() - levels) / 20)
