"""Mixup: each sample is blended with another one, and so are the labels."""

from typing import Any

import keras
from keras import ops

from kerasinst.core.types import Tensor
from kerasinst.training.mixed_targets import blend


@keras.saving.register_keras_serializable("kerasinst")
class Mixup(keras.layers.Layer):
    """Blends a batch with a permutation of itself; shares and permutation are drawn anew at each call.

    Args:
        alpha: parameter of the symmetric Beta distribution from which shares are drawn; small values mix little.
        union: whether the targets of a mix are all labels of both samples, instead of their shares.

    Input shape: features `(batch, frames, bins, channels)` and targets `(batch, labels)`.
    Output shape: the same two.

    Raises:
        ValueError: if alpha is not above 0.

    Example:
        >>> mixed, soft_labels = Mixup(alpha=0.2)(features, targets)

    Source: Zhang et al., mixup: Beyond Empirical Risk Minimization, ICLR 2018, equation 2.
    """

    def __init__(self, alpha: float = 0.2, union: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not alpha > 0:
            raise ValueError(f"alpha={alpha} must be above 0")
        self.alpha = alpha
        self.union = union
        self.random = keras.random.SeedGenerator()

    def call(self, features: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Blends the features and targets of a batch."""
        batch = ops.shape(features)[0]
        order = keras.random.shuffle(ops.arange(batch), seed=self.random)
        kept = keras.random.beta((batch, 1), self.alpha, self.alpha, seed=self.random)
        share = kept[:, :, None, None]
        return (
            share * features + (1.0 - share) * ops.take(features, order, axis=0),
            blend(targets, ops.take(targets, order, axis=0), kept=kept, union=self.union),
        )

    def get_config(self) -> dict[str, Any]:
        """Gives all arguments, as Keras saves them."""
        return {**super().get_config(), "alpha": self.alpha, "union": self.union}
