"""What all augmentations of waveforms have in common."""

import inspect
from collections.abc import Callable

import numpy as np

Sample = tuple[np.ndarray, np.ndarray]
"""A waveform `(samples,)` and its target `(labels,)`."""


class WaveformAugmentation:
    """An augmentation of single waveforms, in NumPy, before the front end.

    A subclass stores its arguments under their names and defines `change`, or, if labels change too, `__call__`.

    Args:
        probability: how often a waveform is changed.

    Raises:
        ValueError: if the probability is not within 0 and 1.
    """

    def __init__(self, probability: float):
        if not 0 <= probability <= 1:
            raise ValueError(f"probability={probability} must be within 0 and 1")
        self.probability = probability

    def __call__(
        self,
        waveform: np.ndarray,
        target: np.ndarray,
        sample_rate: int,
        random: np.random.Generator,
        another: Callable[[], Sample],
    ) -> Sample:
        """Changes the waveform, or not.

        Args:
            waveform: `(samples,)`, floats in [-1, 1].
            target: `(labels,)`.
            sample_rate: in Hz.
            random: decides everything that is drawn.
            another: gives another sample of the training set.
        """
        if random.random() >= self.probability:
            return waveform, target
        return self.change(waveform, sample_rate, random).astype(np.float32), target

    def change(self, waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
        """The changed waveform, as long as it was."""
        raise NotImplementedError

    def get_config(self) -> dict:
        """All arguments."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}


def check_range(name: str, low: float, *, high: float, above: float | None = None) -> None:
    """Refuses a range whose ends are swapped or too low.

    Raises:
        ValueError: naming both ends.
    """
    if low > high or (above is not None and low <= above):
        limit = "" if above is None else f", and above {above}"
        raise ValueError(f"min_{name}={low} and max_{name}={high}: the first must not be above the second{limit}")
