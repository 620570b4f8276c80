"""Finds instruments of sound banks that are played from the same recorded notes."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasinst.datasets.rendering.makers import Instrument
from kerasinst.datasets.rendering.players import Player, open_bank

SAMPLE_RATE = 16_000
"""Sample rate in Hz at which notes are compared."""
SECONDS = 0.5
"""Length of a note in seconds."""
PITCHES = tuple(range(30, 100, 5))
"""Pitches that are compared, as MIDI numbers."""
ALIKE = 0.95
"""Smallest correlation of two notes that are the same recording."""
LAG = 80
"""Largest shift, in samples, between the two."""


class Shared(NamedTuple):
    """Two instruments that share recorded notes.

    Attributes:
        one: bank and label of the first instrument.
        other: bank and label of the second instrument.
        pitches: number of compared pitches that are the same recording.
        compared: number of pitches that both play.
        correlation: largest correlation of two notes.
    """

    one: tuple[str, str]
    other: tuple[str, str]
    pitches: int
    compared: int
    correlation: float

    def __str__(self) -> str:
        """Says which instruments share notes, in one line."""
        one, other = (f"{label} of {bank}" for bank, label in (self.one, self.other))
        return f"{one} and {other} are the same recording at {self.pitches} of {self.compared} pitches"


def shared_samples(banks: Iterable[Path], instruments: Mapping[str, Instrument]) -> list[Shared]:
    """Compares the notes of all instruments of sound banks, the first program of each.

    Args:
        banks: .sf2 files and folders of recorded notes.
        instruments: instruments by their labels.

    Returns:
        Pairs of instruments, of one bank or of two, of which at least one note is the same recording.

    Example:
        >>> [(each.one, each.other) for each in shared_samples([soundbank.find()], ensembles.INSTRUMENTS)]
        [(('TimGM6mb', 'violin'), ('TimGM6mb', 'viola'))]
    """
    programs = {label: each.programs[0] for label, each in instruments.items()}
    notes = {}
    for bank in sorted(banks):
        player = open_bank(bank, SAMPLE_RATE, programs=programs)
        for label, instrument in instruments.items():
            notes[bank.stem, label] = dict(_notes(player, instrument))
    found = []
    for one, other in combinations(notes, 2):
        alike = [_correlation(notes[one][pitch], notes[other][pitch]) for pitch in notes[one].keys() & notes[other]]
        same = sum(value > ALIKE for value in alike)
        if same:
            found.append(Shared(one, other, same, len(alike), round(max(alike), 3)))
    return found


def _notes(player: Player, instrument: Instrument) -> Iterator[tuple[int, np.ndarray]]:
    """Plays the pitches that an instrument has, one by one; the ends are left out, where notes fade differently."""
    for pitch in PITCHES:
        if instrument.low <= pitch <= instrument.high and player.plays(instrument.programs[0]):
            waveform = player.play(instrument.programs[0], [(0.0, SECONDS, pitch, 100)], seconds=SECONDS)
            if np.abs(waveform).max() > 0:
                yield pitch, waveform


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Computes the largest normalised correlation over small shifts."""
    size = len(one)
    spectrum = np.fft.rfft(one, 2 * size) * np.conj(np.fft.rfft(other, 2 * size))
    products = np.fft.irfft(spectrum, 2 * size)
    near = np.concatenate([products[: LAG + 1], products[-LAG:]])
    return float(np.abs(near).max() / max(np.linalg.norm(one) * np.linalg.norm(other), 1e-9))
