"""CutMix as in the ee5180 study: mixed copies of the whole training set, made once before training."""

from collections.abc import Sequence

import numpy as np
from keras import ops

from kerasinst.core.errors import BadInput
from kerasinst.training.augmentations.cutmix import CutMix
from kerasinst.training.waveform_dataset import TrainingFeatures, WaveformDataset


class CutmixCopies:
    """Appends one CutMix copy of the training set for each beta, with one box and one permutation per copy.

    Args:
        betas: parameters of the symmetric Beta distribution, one for each copy.
        union: whether the targets of a mix are all labels of both samples, instead of their shares.

    Raises:
        ValueError: if there is no beta, or one is not above 0.

    Example:
        >>> features, targets = CutmixCopies(betas=[1.0, 0.9, 0.8]).extend(features, targets)     # 4 times as many

    Source: "CNN based Music Instrument Classification" (EE5180, group 4).
    """

    def __init__(self, betas: Sequence[float] = (1.0, 0.9, 0.8), union: bool = False) -> None:
        if not betas:
            raise ValueError("betas is empty: give one number above 0 for each copy")
        self.mixers = [CutMix(alpha=beta, union=union) for beta in betas]

    def extend(self, features: TrainingFeatures, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gives the training set followed by its copies, in memory.

        Raises:
            BadInput: if the training set consists of waveforms.
        """
        if isinstance(features, WaveformDataset):
            raise BadInput(
                "training.augment.cutmix_copies: it mixes features, but waveforms are augmented anew in each epoch; "
                "set training.copies, or use cutmix"
            )
        features = np.asarray(features[:])
        copies = [tuple(map(ops.convert_to_numpy, mix(features, targets))) for mix in self.mixers]
        all_features, all_targets = zip((features, targets), *copies, strict=True)
        return np.concatenate(all_features), np.concatenate(all_targets)
