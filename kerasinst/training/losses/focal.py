"""Focal loss: cross-entropy in which what is right already counts little."""

import keras


def focal(task, gamma=2.0, *, alpha=None, label_smoothing=0.0):
    """Builds the loss `-(1 - p) ** gamma * log(p)`, with p the score of what is true.

    Args:
        task: "single-label" (over a distribution) or "multi-label" (over each label for itself).
        gamma: 0 is cross-entropy.
        alpha: weight of the positive targets, and 1 - alpha of the negative ones (multi-label); a factor on the whole
            loss (single-label); None weighs nothing.
        label_smoothing: of the targets.

    Raises:
        ValueError: if gamma is below 0.

    Example:
        >>> float(focal("single-label", gamma=2.0)([[0.0, 1.0]], [[0.5, 0.5]]))     # 0.25 * ln 2
        0.1732868

    Source: Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equations 4 and 5.
    """
    if gamma < 0:
        raise ValueError(f"gamma={gamma} must be at least 0")
    if task == "single-label":
        factor = 1.0 if alpha is None else alpha
        return keras.losses.CategoricalFocalCrossentropy(factor, gamma, label_smoothing=label_smoothing)
    weighs = alpha is not None
    return keras.losses.BinaryFocalCrossentropy(
        apply_class_balancing=weighs, alpha=alpha if weighs else 0.25, gamma=gamma, label_smoothing=label_smoothing
    )
