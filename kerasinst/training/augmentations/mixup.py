"""Mixup: each picture is blended with another one, and so are the labels."""

import keras
from keras import ops

from kerasinst.training.augmentations.mixing import blend


@keras.saving.register_keras_serializable("kerasinst")
class Mixup(keras.layers.Layer):
    """Blends a batch with a permutation of itself: a fresh share for each sample, a fresh permutation at each call.

    Args:
        alpha: of the Beta distribution that shares are drawn from; small values mix little.
        union: targets of a mix are all labels of both pictures, instead of their shares.

    Input shape: features `(batch, frames, bins, channels)` and targets `(batch, labels)`.
    Output shape: the same two.

    Raises:
        ValueError: if alpha is not above 0.

    Example:
        >>> mixed, soft_labels = Mixup(alpha=0.2)(features, targets)

    Source: Zhang et al., mixup: Beyond Empirical Risk Minimization, ICLR 2018, equation 2.
    """

    def __init__(self, alpha=0.2, union=False, **kwargs):
        super().__init__(**kwargs)
        if not alpha > 0:
            raise ValueError(f"alpha={alpha} must be above 0")
        self.alpha = alpha
        self.union = union
        self.random = keras.random.SeedGenerator()

    def call(self, features, targets):
        """Blends features and targets."""
        batch = ops.shape(features)[0]
        order = keras.random.shuffle(ops.arange(batch), seed=self.random)
        kept = keras.random.beta((batch, 1), self.alpha, self.alpha, seed=self.random)
        share = kept[:, :, None, None]
        return (
            share * features + (1.0 - share) * ops.take(features, order, axis=0),
            blend(targets, ops.take(targets, order, axis=0), kept=kept, union=self.union),
        )

    def get_config(self):
        """All arguments."""
        return {**super().get_config(), "alpha": self.alpha, "union": self.union}
