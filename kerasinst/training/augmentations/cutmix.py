"""CutMix: a part of each sample comes from another one, and the labels are mixed by area."""

from typing import Any

import keras
from keras import ops

from kerasinst.core.types import Tensor
from kerasinst.training.mixed_targets import blend

FORMS = ("box", "time", "frequency")
"""Names of the forms of the part that is replaced."""


@keras.saving.register_keras_serializable("kerasinst")
class CutMix(keras.layers.Layer):
    """Mixes a batch with a permutation of itself; the part and the permutation are drawn anew at each call.

    The part covers the share `1 - lambda` of the features, with lambda drawn from Beta(alpha, alpha), around a
    uniformly drawn centre, and is clipped at the edges. Targets are mixed by the area that it really covers.

    Args:
        alpha: parameter of the symmetric Beta distribution; 1 makes all sizes equally likely.
        form: "box" is a rectangle, as published; "time" is a stretch of time over all bins, as if the other recording
            were heard for a while; "frequency" is a band of frequencies over all frames.
        union: whether the targets of a mix are all labels of both samples, instead of their shares.

    Input shape: features `(batch, frames, bins, channels)` and targets `(batch, labels)`.
    Output shape: the same two.

    Raises:
        ValueError: if alpha is not above 0, or there is no such form.

    Example:
        >>> mixed, soft_labels = CutMix(alpha=1.0)(features, targets)

    Source: Yun et al., CutMix, ICCV 2019, algorithm 1.
    """

    def __init__(self, alpha: float = 1.0, form: str = "box", *, union: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not alpha > 0:
            raise ValueError(f"alpha={alpha} must be above 0")
        if form not in FORMS:
            raise ValueError(f"form='{form}' must be one of {', '.join(FORMS)}")
        self.alpha = alpha
        self.form = form
        self.union = union
        self.random = keras.random.SeedGenerator()

    def call(self, features: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Mixes the features and targets of a batch."""
        frames, bins = features.shape[1:3]
        order = keras.random.shuffle(ops.arange(ops.shape(features)[0]), seed=self.random)
        share = 1.0 - keras.random.beta((), self.alpha, self.alpha, seed=self.random)
        if self.form == "box":
            share = ops.sqrt(share)
        inside_frames, n_frames = self._stretch(frames, 1.0 if self.form == "frequency" else share)
        inside_bins, n_bins = self._stretch(bins, 1.0 if self.form == "time" else share)
        inside = inside_frames[None, :, None, None] & inside_bins[None, None, :, None]
        kept = 1.0 - n_frames * n_bins / (frames * bins)
        return (
            ops.where(inside, ops.take(features, order, axis=0), features),
            blend(targets, ops.take(targets, order, axis=0), kept=kept, union=self.union),
        )

    def _stretch(self, size: int, share: Tensor) -> tuple[Tensor, Tensor]:
        """Draws a stretch of one axis; gives a mask of it, and its length."""
        position = ops.arange(size, dtype="float32")
        if isinstance(share, float):
            return position >= 0, size
        half = ops.floor(size * share / 2)
        centre = ops.floor(keras.random.uniform((), 0, size, seed=self.random))
        first, end = ops.maximum(centre - half, 0), ops.minimum(centre + half, size)
        return (position >= first) & (position < end), end - first

    def get_config(self) -> dict[str, Any]:
        """Gives all arguments, as Keras saves them."""
        return {**super().get_config(), "alpha": self.alpha, "form": self.form, "union": self.union}
