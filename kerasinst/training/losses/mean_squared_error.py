"""Mean squared difference of targets and scores."""

import keras


def mean_squared_error(task: str) -> keras.losses.Loss:
    """Builds the loss `mean((target - score) ** 2)`, with which the musicnet study compares its own.

    Args:
        task: any.

    Example:
        >>> float(mean_squared_error("multi-label")([[1.0, 0.0]], [[0.5, 0.5]]))
        0.25
    """
    return keras.losses.MeanSquaredError()
