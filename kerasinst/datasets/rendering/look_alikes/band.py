"""Musicians who play phrases on the instruments of makers."""

import zlib
from collections.abc import Mapping

import numpy as np

from kerasinst.datasets.rendering import makers, synthesis
from kerasinst.datasets.rendering.makers import Instrument

KIT = {"kick": 36, "snare": 38, "hat": 42, "open hat": 46, "tom": 45, "crash": 49}
"""Keys of General MIDI's drum kit."""


class Band:
    """Plays instruments by their labels.

    Args:
        instruments: instruments by their labels.
        sample_rate: sample rate of what is played in Hz.
        seed: seed of all makers.
    """

    def __init__(self, instruments: Mapping[str, Instrument], *, sample_rate: int, seed: int = 1) -> None:
        self.instruments, self.sample_rate, self.seed = instruments, sample_rate, seed
        self.player = synthesis.SoundBankPlayer(sample_rate)

    def phrase(self, label: str, maker: int, *, seconds: float, random: np.random.Generator) -> np.ndarray:
        """Plays a phrase on the instrument of a maker: `(samples,)`, with a root mean square of 1."""
        instrument = self.instruments[label]
        made = makers.make(instrument, np.random.default_rng([self.seed, zlib.crc32(label.encode()), maker]))
        return makers.play(self.player, instrument, maker=made, seconds=seconds, random=random)

    def drums(self, seconds: float, *, random: np.random.Generator) -> np.ndarray:
        """Plays a beat on a drum kit: `(samples,)`, with a root mean square of 1."""
        beat = 60 / random.uniform(70, 170)
        notes = []
        for step in range(int(seconds / beat * 2)):
            hits = ["kick"] * (step % 4 == 0) + ["snare"] * (step % 4 == 2) + ["hat"] * (random.random() < 0.8)
            if random.random() < 0.1:
                hits.append(str(random.choice(["open hat", "tom", "crash"])))
            notes += [(step * beat / 2, 0.1, KIT[hit], int(random.uniform(60, 120))) for hit in hits]
        kit = int(random.choice([0, 8, 16, 25, 32, 40]))
        return synthesis.level(self.player.play(kit, notes, seconds=seconds, drums=True))
