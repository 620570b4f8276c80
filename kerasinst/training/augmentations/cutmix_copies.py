"""CutMix as the ee5180 study did it: mixed copies of the whole training set, made once before training."""

import numpy as np
from keras import ops

from kerasinst.training.augmentations.cutmix import CutMix


class CutmixCopies:
    """Appends one CutMix copy of the training set for each beta, with one box and one permutation per copy.

    Args:
        betas: parameter of the symmetric Beta distribution of each copy.
        union: targets of a mix are all labels of both pictures, instead of their shares.

    Raises:
        ValueError: if there is no beta, or one is not above 0.

    Example:
        >>> features, targets = CutmixCopies(betas=[1.0, 0.9, 0.8]).extend(features, targets)     # 4 times as many

    Source: "CNN based Music Instrument Classification" (EE5180, group 4).
    """

    def __init__(self, betas=(1.0, 0.9, 0.8), union=False):
        if not betas:
            raise ValueError("betas is empty: give one number above 0 for each copy")
        self.mixers = [CutMix(alpha=beta, union=union) for beta in betas]

    def extend(self, features, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The training set and its copies, one after the other, in memory."""
        features = np.asarray(features[:])
        copies = [tuple(map(ops.convert_to_numpy, mix(features, targets))) for mix in self.mixers]
        all_features, all_targets = zip((features, targets), *copies, strict=True)
        return np.concatenate(all_features), np.concatenate(all_targets)
