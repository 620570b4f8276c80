"""Mixing down: the mean of all channels, unless they cancel each other out in it or most of them are silent."""

from collections.abc import Mapping

import numpy as np

FAR_LESS = 10.0
"""The mean is not used if it is so many dB below the loudest channel; that of five unrelated channels is 7 dB below."""
SOUNDING = 20.0
"""A channel sounds if it is at most so many dB below the loudest one."""
ALIKE = 0.1
"""Channels whose levels differ by no more dB are as loud."""
STRETCH = 2**15
"""Samples over which a channel's level is taken."""
GONE, HEARD, OFTEN = 20.0, 30.0, 0.05
"""Nor is it used if it is so many dB below the loudest channel in more than this share of the stretches that are heard,
which are at most so many dB below the loudest one."""


class Levels:
    """Levels of channels and of their mix, stretch by stretch."""

    def __init__(self):
        self._pending = np.zeros(0)
        self._count = 0
        self._stretches: list[np.ndarray] = []

    def add(self, rows: np.ndarray, mixed: np.ndarray) -> None:
        """Adds a block, `(channels, samples)` and `(samples,)`."""
        for first in range(0, rows.shape[1], STRETCH):
            part = [*rows[:, first : first + STRETCH], mixed[first : first + STRETCH]]
            sums = np.array([(len(row), row.sum(), np.dot(row, row)) for row in part], np.float64)
            self._pending = sums if self._count == 0 else self._pending + sums
            self._count += len(part[0])
            if self._count >= STRETCH:
                self._finish()

    def _finish(self) -> None:
        self._stretches.append(self._pending)
        self._count = 0

    def decibels(self) -> tuple[np.ndarray, np.ndarray]:
        """Levels without offsets, the mix last: of all, `(channels + 1,)`, and `(stretches, channels + 1)`."""
        sums = np.array([*self._stretches, *([self._pending] if self._count else [])])
        return _decibels(sums.sum(axis=0)), _decibels(sums)


def _decibels(sums: np.ndarray) -> np.ndarray:
    count, samples, squares = np.moveaxis(sums, -1, 0)
    return 10 * np.log10(np.maximum(squares / count - np.square(samples / count), 0) + 1e-20)


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
        self._levels: dict[int, Levels] = {}

    def mix(self, block: np.ndarray) -> np.ndarray:
        """One block of float32 `(samples, channels)` as `(samples,)`."""
        n_channels = block.shape[1]
        rows = block.T[self._chosen[n_channels]] if n_channels in self._chosen else block.T
        if len(rows) == 1:
            return rows[0]
        rows = np.ascontiguousarray(rows)
        mixed = np.full(len(rows), 1 / len(rows), np.float32) @ rows
        self._levels.setdefault(n_channels, Levels()).add(rows, mixed)
        return mixed

    def better(self) -> dict[int, list[int]]:
        """Channels to mix instead, by the number of channels of a block; empty if the mix carries the energy.

        The channels that sound are taken, or, if those cancel each other out, the loudest one alone.
        """
        found = {}
        for n_channels, levels in self._levels.items():
            mixed = self._chosen.get(n_channels, list(range(n_channels)))
            (*of_channels, mix), stretches = levels.decibels()
            loudest = max(of_channels)
            if mix >= loudest - FAR_LESS and not _often_gone(stretches):
                continue
            sounding = [
                channel for channel, level in zip(mixed, of_channels, strict=True) if level >= loudest - SOUNDING
            ]
            if len(sounding) == len(mixed):
                sounding = [next(c for c, level in zip(mixed, of_channels, strict=True) if level >= loudest - ALIKE)]
            found[n_channels] = sounding
        return found


def _often_gone(stretches: np.ndarray) -> bool:
    """Whether channels that are heard cancel each other out from time to time."""
    loudest, mix = stretches[:, :-1].max(axis=1), stretches[:, -1]
    heard = loudest >= loudest.max() - HEARD
    return bool(np.mean(mix[heard] < loudest[heard] - GONE) > OFTEN)
