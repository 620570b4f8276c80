"""CutMix: a rectangle of each picture comes from another one, and the labels are mixed by area."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("kerasinst")
class CutMix(keras.layers.Layer):
    """Mixes a batch with a permutation of itself: a fresh box and permutation at each call.

    The box covers the share `1 - lambda` of the picture, with lambda drawn from Beta(alpha, alpha), around a uniformly
    drawn centre, and is clipped at the edges; targets are mixed by the area it really covers.

    Args:
        alpha: of the Beta distribution; 1 makes all sizes equally likely.

    Input shape: features `(batch, frames, bins, channels)` and targets `(batch, labels)`.
    Output shape: the same two.

    Raises:
        ValueError: if alpha is not above 0.

    Example:
        >>> mixed, soft_labels = CutMix(alpha=1.0)(features, targets)

    Source: Yun et al., CutMix, ICCV 2019, algorithm 1.
    """

    def __init__(self, alpha=1.0, **kwargs):
        super().__init__(**kwargs)
        if not alpha > 0:
            raise ValueError(f"alpha={alpha} must be above 0")
        self.alpha = alpha
        self.random = keras.random.SeedGenerator()

    def call(self, features, targets):
        """Mixes features and targets."""
        frames, bins = features.shape[1:3]
        order = keras.random.shuffle(ops.arange(ops.shape(features)[0]), seed=self.random)
        share = ops.sqrt(1.0 - keras.random.beta((), self.alpha, self.alpha, seed=self.random))
        inside_frames, n_frames = self._stretch(frames, share)
        inside_bins, n_bins = self._stretch(bins, share)
        box = inside_frames[None, :, None, None] & inside_bins[None, None, :, None]
        kept = 1.0 - n_frames * n_bins / (frames * bins)
        return (
            ops.where(box, ops.take(features, order, axis=0), features),
            kept * targets + (1.0 - kept) * ops.take(targets, order, axis=0),
        )

    def _stretch(self, size, share):
        """A mask over one axis, with `share` of it around a random centre inside, and how many that are."""
        half = ops.floor(size * share / 2)
        centre = ops.floor(keras.random.uniform((), 0, size, seed=self.random))
        first, end = ops.maximum(centre - half, 0), ops.minimum(centre + half, size)
        position = ops.arange(size, dtype="float32")
        return (position >= first) & (position < end), end - first

    def get_config(self):
        """All arguments."""
        return {**super().get_config(), "alpha": self.alpha}
