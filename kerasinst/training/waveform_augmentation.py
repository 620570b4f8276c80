"""The base class of all augmentations of waveforms."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

Sample = tuple[np.ndarray, np.ndarray]
"""A waveform `(samples,)` and its target `(labels,)`."""


class WaveformAugmentation:
    """An augmentation of single waveforms, in NumPy, which comes before the front end.

    A subclass stores its arguments under their names and defines `change` or, if targets change, too, `__call__`.

    Args:
        probability: probability with which a waveform is changed.

    Raises:
        ValueError: if the probability is not within 0 and 1.
    """

    def __init__(self, probability: float) -> None:
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
        """Changes the waveform with the probability that was asked for.

        Args:
            waveform: waveform of shape `(samples,)`, floats in [-1, 1].
            target: target of shape `(labels,)`.
            sample_rate: sample rate of the waveform, in Hz.
            random: random numbers that decide everything that is drawn.
            another: function that gives another sample of the training set.

        Returns:
            The waveform, of the same length, and its target.
        """
        if random.random() >= self.probability:
            return waveform, target
        return self.change(waveform, sample_rate, random).astype(np.float32), target

    def change(self, waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
        """Gives the changed waveform, of the same length.

        Args:
            waveform: waveform of shape `(samples,)`, floats in [-1, 1].
            sample_rate: sample rate of the waveform, in Hz.
            random: random numbers that decide everything that is drawn.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Gives all arguments."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}


def check_range(name: str, low: float, *, high: float, above: float | None = None) -> None:
    """Refuses a range whose ends are swapped or too low.

    Args:
        name: name of the quantity, for the message.
        low: lower end of the range.
        high: upper end of the range.
        above: number that the lower end must exceed, or None.

    Raises:
        ValueError: naming both ends.
    """
    if low > high or (above is not None and low <= above):
        limit = "" if above is None else f", and above {above}"
        raise ValueError(f"min_{name}={low} and max_{name}={high}: the first must not be above the second{limit}")
