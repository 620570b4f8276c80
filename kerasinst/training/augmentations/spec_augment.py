"""SpecAugment: bands of frequencies and stretches of time are masked."""

from typing import Any

import keras
from keras import ops

from kerasinst.core.types import Tensor


@keras.saving.register_keras_serializable("kerasinst")
class SpecAugment(keras.layers.Layer):
    """Replaces random stretches of each sample by the mean of the batch; targets stay as they are.

    Time warping is left out, since its authors found that it hardly helps.

    Args:
        time_masks: number of stretches of frames.
        time_share: greatest length of a stretch, as a share of all frames.
        frequency_masks: number of bands of bins.
        frequency_share: greatest width of a band, as a share of all bins.

    Input shape: features `(batch, frames, bins, channels)` and targets `(batch, labels)`.
    Output shape: the same two.

    Raises:
        ValueError: if a share is not within 0 and 1, or a number below 0.

    Example:
        >>> masked, targets = SpecAugment(time_share=0.2, frequency_share=0.2)(features, targets)

    Source: Park et al., SpecAugment, Interspeech 2019, section 2.
    """

    def __init__(
        self,
        time_masks: int = 1,
        time_share: float = 0.2,
        *,
        frequency_masks: int = 1,
        frequency_share: float = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not 0 <= time_share <= 1 or not 0 <= frequency_share <= 1:
            raise ValueError(f"time_share={time_share} and frequency_share={frequency_share} must be within 0 and 1")
        if time_masks < 0 or frequency_masks < 0:
            raise ValueError(f"time_masks={time_masks} and frequency_masks={frequency_masks} must be 0 or more")
        self.time_masks = time_masks
        self.time_share = time_share
        self.frequency_masks = frequency_masks
        self.frequency_share = frequency_share
        self.random = keras.random.SeedGenerator()

    def call(self, features: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Masks the features of a batch."""
        batch = ops.shape(features)[0]
        frames, bins = features.shape[1:3]
        in_time = self._masked(batch, frames, self.time_masks, self.time_share)
        in_frequency = self._masked(batch, bins, self.frequency_masks, self.frequency_share)
        masked = in_time[:, :, None, None] | in_frequency[:, None, :, None]
        return ops.where(masked, ops.mean(features), features), targets

    def _masked(self, batch: Tensor, size: int, masks: int, share: float) -> Tensor:
        """Draws which places of one axis are masked, `(batch, size)`."""
        if masks == 0:
            return ops.zeros((batch, size), "bool")
        widest = int(share * size)
        width = ops.floor(keras.random.uniform((batch, masks, 1), 0, widest + 1, seed=self.random))
        first = ops.floor(keras.random.uniform((batch, masks, 1), seed=self.random) * (size - width + 1))
        position = ops.arange(size, dtype="float32")
        return ops.any((position >= first) & (position < first + width), axis=1)

    def get_config(self) -> dict[str, Any]:
        """Gives all arguments, as Keras saves them."""
        return {
            **super().get_config(),
            "time_masks": self.time_masks,
            "time_share": self.time_share,
            "frequency_masks": self.frequency_masks,
            "frequency_share": self.frequency_share,
        }
