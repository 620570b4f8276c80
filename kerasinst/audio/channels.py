"""Mixes channels down to their mean, unless they cancel each other out in it or most of them are silent."""

from collections.abc import Mapping

import numpy as np

FAR_LESS_DB = 10.0
"""The mean is not used if it is this many dB below the loudest channel; that of five unrelated ones is 7 dB below."""
SOUNDING = 20.0
"""A channel sounds if it is at most this many dB below the loudest one."""
ALIKE = 0.1
"""Channels are equally loud if their levels differ by at most this many dB."""
STRETCH = 2**15
"""Length in samples of the stretches over which levels are measured."""
CANCELLED_DB = 20.0
"""The mean has vanished from a stretch if it is this many dB below the loudest channel there."""
AUDIBLE_DB = 30.0
"""Stretches are heard if they are at most this many dB below the loudest stretch; only these are judged."""
OFTEN_SHARE = 0.05
"""The mean is not used if it has vanished from more than this share of the heard stretches."""


class Levels:
    """Measures the levels of channels and of their mix, stretch by stretch."""

    def __init__(self) -> None:
        self._pending: np.ndarray = np.zeros(0)
        self._count = 0
        self._stretches: list[np.ndarray] = []

    def add(self, rows: np.ndarray, mixed: np.ndarray) -> None:
        """Adds a block of samples.

        Args:
            rows: samples of each channel, shape `(channels, samples)`.
            mixed: their mix, shape `(samples,)`.
        """
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
        """Gives the levels in dB, without offsets, of each channel and, last, of the mix.

        Returns:
            Levels of the whole recording, shape `(channels + 1,)`, and of each stretch, `(stretches, channels + 1)`.
        """
        sums = np.array([*self._stretches, *([self._pending] if self._count else [])])
        return _decibels(sums.sum(axis=0)), _decibels(sums)


def _decibels(sums: np.ndarray) -> np.ndarray:
    """Converts counts, sums and sums of squares in the last axis to levels in dB."""
    count, samples, squares = np.moveaxis(sums, -1, 0)
    return 10 * np.log10(np.maximum(squares / count - np.square(samples / count), 0) + 1e-20)


class Mixer:
    """Mixes blocks of samples down, and measures how loud their channels and the mix are.

    Blocks of one recording may have different numbers of channels.

    Args:
        chosen: for each number of channels that a block can have, the channels to take the mean of. Blocks with other
            numbers of channels are mixed from all of them.

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
        """Mixes one block down.

        Args:
            block: float32 samples of shape `(samples, channels)`.

        Returns:
            The mean of the chosen channels, shape `(samples,)`.
        """
        n_channels = block.shape[1]
        rows = block.T[self._chosen[n_channels]] if n_channels in self._chosen else block.T
        if len(rows) == 1:
            return rows[0]
        rows = np.ascontiguousarray(rows)
        mixed = np.full(len(rows), 1 / len(rows), np.float32) @ rows
        self._levels.setdefault(n_channels, Levels()).add(rows, mixed)
        return mixed

    def better(self) -> dict[int, list[int]]:
        """Names channels whose mean is louder, if the mix lost most of the energy.

        These are the channels that sound, or, if all of them do, the loudest one alone.

        Returns:
            For each number of channels, the channels to mix instead; empty if the mix carries the energy.
        """
        found = {}
        for n_channels, levels in self._levels.items():
            mixed = self._chosen.get(n_channels, list(range(n_channels)))
            (*of_channels, mix), stretches = levels.decibels()
            loudest = max(of_channels)
            if mix >= loudest - FAR_LESS_DB and not _often_gone(stretches):
                continue
            sounding = [
                channel for channel, level in zip(mixed, of_channels, strict=True) if level >= loudest - SOUNDING
            ]
            if len(sounding) == len(mixed):
                sounding = [next(c for c, level in zip(mixed, of_channels, strict=True) if level >= loudest - ALIKE)]
            found[n_channels] = sounding
        return found


def _often_gone(stretches: np.ndarray) -> bool:
    """Tells whether channels that are heard cancel each other out from time to time."""
    loudest, mix = stretches[:, :-1].max(axis=1), stretches[:, -1]
    audible = loudest >= loudest.max() - AUDIBLE_DB
    return bool(np.mean(mix[audible] < loudest[audible] - CANCELLED_DB) > OFTEN_SHARE)
