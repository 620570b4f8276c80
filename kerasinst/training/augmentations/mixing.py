"""What mixes of two samples are labelled."""

from keras import ops


def blend(targets, others, *, kept, union):
    """Labels of mixes in which the share `kept` of the first sample is left.

    Args:
        targets: of the first samples, `(batch, labels)`.
        others: of the second ones.
        kept: within 0 and 1; one for all or `(batch, 1)`.
        union: all labels of what is left of both, for multi-label tasks; otherwise shares, which sum to 1 if the
            targets do.
    """
    if union:
        return ops.maximum(targets * ops.cast(kept > 0, targets.dtype), others * ops.cast(kept < 1, targets.dtype))
    return kept * targets + (1.0 - kept) * others
