"""Targets of mixes of two samples."""

from keras import ops

from kerasinst.core.types import Tensor


def blend(targets: Tensor, others: Tensor, *, kept: Tensor, union: bool) -> Tensor:
    """Computes the targets of mixes in which the share `kept` of the first sample is left.

    Args:
        targets: targets of the first samples, `(batch, labels)` or `(batch, frames, labels)`.
        others: targets of the second samples, of the same shape.
        kept: share of the first sample, within 0 and 1: one for all samples, or `(batch, 1)`.
        union: whether the targets are all labels of both samples, for multi-label tasks; otherwise they are shares,
            which sum to 1 if the targets do.
    """
    if len(ops.shape(kept)) and len(targets.shape) == 3:
        kept = ops.expand_dims(kept, axis=-1)
    if union:
        return ops.maximum(targets * ops.cast(kept > 0, targets.dtype), others * ops.cast(kept < 1, targets.dtype))
    return kept * targets + (1.0 - kept) * others
