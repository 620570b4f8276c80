"""Focal loss: cross-entropy in which samples that are already classified well count little."""

import keras


def focal(
    task: str, gamma: float = 2.0, *, alpha: float | None = None, label_smoothing: float = 0.0
) -> keras.losses.Loss:
    """Builds the loss `-(1 - p) ** gamma * log(p)`, where p is the score of the true label.

    Args:
        task: "single-label" (over a distribution) or "multi-label" (over each label on its own).
        gamma: focusing exponent; 0 gives cross-entropy.
        alpha: weight of the positive targets, and 1 - alpha of the negative ones (multi-label); a factor of the whole
            loss (single-label); None applies no weights.
        label_smoothing: share by which targets are smoothed.

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
