"""Cross-entropy of each label on its own."""

import keras


def binary_crossentropy(task: str, label_smoothing: float = 0.0) -> keras.losses.Loss:
    """Builds the loss `-mean(target * log(score) + (1 - target) * log(1 - score))`, for any task.

    Args:
        task: "single-label" (as the irmas study trained) or "multi-label".
        label_smoothing: share by which targets are moved towards one half.

    Raises:
        ValueError: if the share is not within 0 and 1.

    Example:
        >>> float(binary_crossentropy("multi-label")([[1.0, 1.0]], [[0.5, 0.5]]))     # ln 2
        0.6931472
    """
    return keras.losses.BinaryCrossentropy(label_smoothing=label_smoothing)
