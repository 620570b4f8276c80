"""Renders chamber music of one to five of MusicNet's instruments that enter and rest, in the layout of MusicNet."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets.readers import musicnet
from kerasinst.datasets.rendering import distractors, makers, synthesis
from kerasinst.datasets.rendering.makers import Instrument
from kerasinst.datasets.rendering.players import Player, open_bank

INSTRUMENTS = {
    "piano": Instrument((0,), 36, 88, chord=3, attack=0.01),
    "harpsichord": Instrument((6,), 36, 84, chord=3, attack=0.005),
    "violin": Instrument((40,), 55, 93, vibrato=35),
    "viola": Instrument((41,), 48, 81, vibrato=30),
    "cello": Instrument((42,), 36, 72, vibrato=30),
    "bass": Instrument((43,), 28, 60, vibrato=15),
    "horn": Instrument((60,), 41, 77, vibrato=5),
    "oboe": Instrument((68,), 58, 88, vibrato=20),
    "bassoon": Instrument((70,), 34, 70, vibrato=10),
    "clarinet": Instrument((71,), 50, 88, vibrato=5),
    "flute": Instrument((73,), 60, 91, vibrato=25),
}
"""Instruments by the labels of `musicnet.INSTRUMENTS`; a program is MusicNet's code less 1."""
PROGRAMS = {label: each.programs[0] for label, each in INSTRUMENTS.items()}
"""The General MIDI program of each instrument."""
SIZES = {1: 0.2, 2: 0.3, 3: 0.25, 4: 0.15, 5: 0.1}
"""Chances of the numbers of instruments in a piece."""
MAKERS = {"train": 1000, "test": 200}
"""Number of makers of each instrument, who are others in each split."""
PLAYS, RESTS = (3.0, 10.0), (1.5, 7.0)
"""Shortest and longest time in seconds for which an instrument plays, and for which it rests."""
SPEECH, BURST, PAUSE = 0.15, 0.25, 0.3
"""Chances that something like speech, a burst of noise, or silence at both ends is in a piece."""

SILENT = 1e-4
"""Largest amplitude of what is silent in a part."""


@dataclass(frozen=True)
class Ensembles:
    """Says what is rendered.

    Attributes:
        pieces: number of pieces; every fifth one is in test.
        seconds: length of a piece in seconds.
        sample_rate: sample rate of the audio in Hz.
        seed: seed of everything random.
        banks: sound banks of the pieces to train on, drawn equally often.
        test_banks: sound banks of the pieces to test on.
        stems: whether each instrument is also written alone.
    """

    pieces: int
    seconds: float
    sample_rate: int
    seed: int
    banks: Sequence[Path]
    test_banks: Sequence[Path]
    stems: bool = False


def render(folder: Path, asked: Ensembles, *, progress: Progress = silent) -> None:
    """Writes {train,test}_data, {train,test}_labels, musicnet_metadata.csv and, if asked for, {train,test}_stems.

    Times in the tables of labels are in samples at 44.1 kHz, as MusicNet's are.

    Args:
        folder: existing folder.
        asked: what is rendered.
        progress: shows how many pieces are rendered.
    """
    for split in MAKERS:
        for kind in ("data", "labels"):
            (folder / f"{split}_{kind}").mkdir()
    players = {
        bank: open_bank(bank, asked.sample_rate, programs=PROGRAMS) for bank in {*asked.banks, *asked.test_banks}
    }
    facts = []
    for number in track(range(asked.pieces), "rendering ensembles", progress=progress):
        split = "test" if number % 5 == 4 else "train"
        banks = asked.test_banks if split == "test" else asked.banks
        piece = _Piece(number, asked, split=split, players=[players[bank] for bank in banks])
        parts = piece.play()
        names = list(dict.fromkeys(part.label for part in parts))
        soundfile.write(folder / f"{split}_data" / f"{1000 + number}.wav", piece.record(parts), asked.sample_rate)
        _table(parts, asked.seconds).to_csv(folder / f"{split}_labels" / f"{1000 + number}.csv", index=False)
        if asked.stems:
            _write_stems(folder / f"{split}_stems" / str(1000 + number), parts, asked.sample_rate)
        facts.append((1000 + number, "kerasinst", f"Piece {1000 + number}", "", " and ".join(names)))
    columns = ["id", "composer", "composition", "movement", "ensemble"]
    pd.DataFrame(facts, columns=columns).to_csv(folder / "musicnet_metadata.csv", index=False)


@dataclass(frozen=True)
class _Part:
    """What one instrument plays.

    Attributes:
        label: label of the instrument.
        notes: notes as they sound.
        waveform: sound without a room, `(samples,)`.
        place: place between left (-1) and right (1).
        distance: share of the room's echoes, in dB.
    """

    label: str
    notes: list[synthesis.Note]
    waveform: np.ndarray
    place: float
    distance: float


class _Piece:
    """A piece that is played and recorded."""

    def __init__(self, number: int, asked: Ensembles, *, split: str, players: Sequence[Player]) -> None:
        self.number, self.split, self.asked = number, split, asked
        self.players = {name: [each for each in players if each.plays(program)] for name, program in PROGRAMS.items()}
        self.random = np.random.default_rng([asked.seed, number])

    def play(self) -> list[_Part]:
        """Plays all parts; instruments take turns as the first, so that each plays somewhere in few pieces, too."""
        names = [name for name, players in self.players.items() if players]
        first = names.pop(self.number % len(names))
        size = int(self.random.choice(list(SIZES), p=list(SIZES.values())))
        chosen = [first, *self.random.choice(names, min(size - 1, len(names)), replace=False).tolist()]
        silence = self.random.uniform(0.3, 1.5, 2) if self.random.random() < PAUSE else (0.0, 0.0)
        return [self._part(label, float(silence[0]), self.asked.seconds - float(silence[1])) for label in chosen]

    def _part(self, label: str, first: float, last: float) -> _Part:
        """Plays one part between two times, with rests."""
        random, instrument = self.random, INSTRUMENTS[label]
        players = self.players[label]
        player = players[int(random.integers(len(players)))]
        maker_number = int(random.integers(MAKERS[self.split]))
        key = [self.asked.seed, list(MAKERS).index(self.split), zlib.crc32(label.encode()), maker_number]
        maker = makers.make(instrument, np.random.default_rng(key))
        notes: list[synthesis.Note] = []
        at = first + (random.uniform(0, 0.4) * (last - first) if random.random() < 0.5 else 0.0)
        while at < last - 0.5 or not notes:
            length = max(0.5, min(random.uniform(*PLAYS), last - at))
            phrase = synthesis.phrase(maker.low, maker.high, chord=instrument.chord, seconds=length, random=random)
            notes += [(start + at, duration, pitch, velocity) for start, duration, pitch, velocity in phrase]
            at = min(at + length + random.uniform(*RESTS), max(last, at + length))
        waveform = makers.sound_in_time(player, maker, notes=notes, seconds=self.asked.seconds)
        held = [(start, duration * maker.held, pitch, velocity) for start, duration, pitch, velocity in notes]
        sounding = waveform[np.abs(waveform) > SILENT]
        loud = synthesis.gain(random.uniform(-12, 0)) / (np.sqrt(np.mean(sounding**2)) if len(sounding) else 1.0)
        swell = np.interp(np.arange(len(waveform)), np.linspace(0, len(waveform), 6), random.uniform(-5, 3, 6))
        waveform = waveform * loud * 10 ** (swell / 20)
        return _Part(label, held, waveform, random.uniform(-0.8, 0.8), random.uniform(-30, -6))

    def record(self, parts: Sequence[_Part]) -> np.ndarray:
        """Mixes parts in a room, with distractors and noise, in stereo: `(samples, 2)`."""
        random, rate = self.random, self.asked.sample_rate
        mixed = np.zeros((len(parts[0].waveform), 2))
        decay = random.uniform(0.1, 0.9)
        for part in parts:
            angle = (part.place + 1) * np.pi / 4
            mixed += part.waveform[:, None] * [np.cos(angle), np.sin(angle)]
            wet = [synthesis.level(synthesis.echoes(part.waveform, rate, decay=decay, random=random)) for _ in range(2)]
            mixed += synthesis.gain(part.distance) * np.sqrt(np.mean(part.waveform**2)) * np.stack(wet, axis=1)
        for chance, make in ((SPEECH, distractors.speech), (BURST, distractors.burst)):
            if random.random() < chance:
                sound = make(random.uniform(0.5, 4.0), rate, random=random)[: len(mixed)]
                at = int(random.integers(len(mixed) - len(sound) + 1))
                mixed[at : at + len(sound)] += synthesis.gain(random.uniform(-25, -6)) * sound[:, None]
        noise = [synthesis.level(synthesis.coloured_noise(len(mixed), random)) for _ in range(2)]
        mixed += synthesis.gain(random.uniform(-60, -34)) * np.stack(noise, axis=1)
        return (mixed / np.abs(mixed).max() * synthesis.gain(random.uniform(-12, -1))).astype(np.float32)


def _table(parts: Sequence[_Part], seconds: float) -> pd.DataFrame:
    """Lists the notes of all parts, as MusicNet does."""
    code_of = {name: code for code, name in musicnet.INSTRUMENTS.items()}
    rows = [
        (
            round(start * musicnet.SAMPLE_RATE),
            round(min(start + duration, seconds) * musicnet.SAMPLE_RATE),
            code_of[part.label],
            pitch,
        )
        for part in parts
        for start, duration, pitch, _ in part.notes
        if start < seconds
    ]
    table = pd.DataFrame(rows, columns=["start_time", "end_time", "instrument", "note"])
    return table.sort_values(["start_time", "instrument", "note"])


def _write_stems(folder: Path, parts: Sequence[_Part], sample_rate: int) -> None:
    """Writes each part alone, at the level that it has in the piece."""
    folder.mkdir(parents=True)
    peak = max(np.abs(part.waveform).max() for part in parts) + 1e-9
    for part in parts:
        soundfile.write(folder / f"{part.label}.flac", (part.waveform / peak).astype(np.float32), sample_rate)
