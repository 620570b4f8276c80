"""Cross-entropy between two distributions over labels."""

import keras


def categorical_crossentropy(task: str, label_smoothing: float = 0.0) -> keras.losses.Loss:
    """Builds the loss `-sum(target * log(score))`, for tasks with one label.

    Args:
        task: must be "single-label".
        label_smoothing: share of each target that is spread over all labels (Szegedy et al., Rethinking the Inception
            Architecture, CVPR 2016, section 7).

    Raises:
        ValueError: if the task is multi-label, or the share is not within 0 and 1.

    Example:
        >>> float(categorical_crossentropy("single-label")([[0.0, 1.0]], [[0.5, 0.5]]))     # ln 2
        0.6931472
    """
    if task != "single-label":
        raise ValueError("needs scores that sum to 1 (task: single-label); use binary_crossentropy")
    return keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)
