"""Mixing down: the mean of all channels, unless they cancel each other out in it or most of them are silent."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

FAR_LESS = 10.0
"""The mean is not used if it is so many dB below the loudest channel; that of five unrelated channels is 7 dB below."""
SOUNDING = 20.0
"""A channel sounds if it is at most so many dB below the loudest one."""


@dataclass
class Sums:
    """Of the samples and of their squares, over the blocks of a recording."""

    count: int = 0
    samples: np.ndarray | float = 0.0
    squares: np.ndarray | float = 0.0

    def add(self, rows: np.ndarray) -> None:
        """Adds `(rows, samples)`."""
        self.count += rows.shape[1]
        self.samples = self.samples + rows.sum(axis=1).astype(np.float64)
        self.squares = self.squares + np.array([np.dot(row, row) for row in rows], np.float64)

    def decibels(self) -> np.ndarray:
        """Levels of the rows, without their offsets."""
        variance = self.squares / self.count - np.square(self.samples / self.count)
        return 10 * np.log10(np.maximum(variance, 0) + 1e-20)


class Mixer:
    """Mixes blocks down, and remembers how loud their channels and the mix were.

    Blocks of one recording may have different numbers of channels.

    Args:
        chosen: channels to take the mean of, by the number of channels of a block; others are mixed whole.

    Example:
        >>> mixer = Mixer()
        >>> mixer.mix(np.array([[0.5, -0.5], [-0.5, 0.5]], np.float32))
        array([0., 0.], dtype=float32)
        >>> mixer.better()
        {2: [0]}
    """

    def __init__(self, chosen: Mapping[int, list[int]] | None = None):
        self._chosen = chosen or {}
        self._levels: dict[int, tuple[Sums, Sums]] = {}

    def mix(self, block: np.ndarray) -> np.ndarray:
        """One block of float32 `(samples, channels)` as `(samples,)`."""
        n_channels = block.shape[1]
        rows = block.T[self._chosen[n_channels]] if n_channels in self._chosen else block.T
        if len(rows) == 1:
            return rows[0]
        rows = np.ascontiguousarray(rows)
        mixed = np.full(len(rows), 1 / len(rows), np.float32) @ rows
        channels, mix = self._levels.setdefault(n_channels, (Sums(), Sums()))
        channels.add(rows)
        mix.add(mixed[None])
        return mixed

    def better(self) -> dict[int, list[int]]:
        """Channels to mix instead, by the number of channels of a block; empty if the mix carries the energy.

        The channels that sound are taken, or, if those cancel each other out, the loudest one alone.
        """
        found = {}
        for n_channels, (channels, mix) in self._levels.items():
            mixed = self._chosen.get(n_channels, list(range(n_channels)))
            levels, loudest = channels.decibels(), int(channels.decibels().argmax())
            if mix.decibels()[0] < levels[loudest] - FAR_LESS:
                sounding = [mixed[row] for row in np.flatnonzero(levels >= levels[loudest] - SOUNDING)]
                found[n_channels] = sounding if len(sounding) < len(mixed) else [mixed[loudest]]
        return found
