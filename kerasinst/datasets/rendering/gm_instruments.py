"""Describes the instruments of General MIDI, and draws notes for them."""

from dataclasses import dataclass

import numpy as np

from kerasinst.datasets.rendering.synthesis import Note


@dataclass(frozen=True)
class Instrument:
    """Programs that sound alike to most listeners, and what they can play.

    Attributes:
        programs: programs of General MIDI, counted from 0, or keys of its drum kit.
        low: lowest MIDI note.
        high: highest MIDI note.
        chord: largest number of notes at once.
        sustained: whether notes last as long as they are held.
        weight: how often it is drawn, relative to others; less useful instruments are drawn more rarely.
    """

    programs: tuple[int, ...]
    low: int = 0
    high: int = 127
    chord: int = 1
    sustained: bool = False
    weight: float = 1.0


INSTRUMENTS = {
    "piano": Instrument((0, 1, 2), 28, 96, 3),
    "electric_piano": Instrument((4, 5), 36, 84, 3),
    "harpsichord": Instrument((6,), 36, 84, 2, weight=0.7),
    "clavinet": Instrument((7,), 36, 84, 2, weight=0.5),
    "celesta": Instrument((8, 10), 60, 96, weight=0.6),
    "glockenspiel": Instrument((9,), 72, 100, weight=0.6),
    "vibraphone": Instrument((11,), 53, 89, 2, weight=0.7),
    "marimba": Instrument((12,), 40, 89, weight=0.6),
    "xylophone": Instrument((13,), 65, 100, weight=0.5),
    "bells": Instrument((14,), 60, 79, weight=0.5),
    "organ": Instrument((16, 17, 18, 19), 36, 84, 3, sustained=True),
    "accordion": Instrument((20, 21, 23), 50, 86, 2, sustained=True),
    "harmonica": Instrument((22,), 60, 90, sustained=True, weight=0.8),
    "nylon_guitar": Instrument((24,), 40, 80, 5, weight=1.5),
    "steel_guitar": Instrument((25,), 40, 80, 6, weight=2.0),
    "electric_guitar": Instrument((26, 27, 28), 40, 80, 3),
    "distorted_guitar": Instrument((29, 30), 40, 76, 2),
    "plucked_bass": Instrument((32,), 24, 58, weight=2.0),
    "bowed_bass": Instrument((43,), 24, 58, sustained=True, weight=2.0),
    "electric_bass": Instrument((33, 34, 35, 36, 37), 28, 60),
    "violin": Instrument((40, 110), 55, 98, sustained=True, weight=2.0),
    "viola": Instrument((41,), 48, 84, sustained=True, weight=1.5),
    "cello": Instrument((42,), 36, 76, sustained=True, weight=2.5),
    "strings": Instrument((44, 48, 49), 36, 90, 2, sustained=True),
    "pizzicato": Instrument((45,), 30, 86),
    "harp": Instrument((46,), 30, 90, 3),
    "voice": Instrument((52, 53), 48, 80, 2, sustained=True),
    "trumpet": Instrument((56, 59), 52, 84, sustained=True, weight=1.3),
    "trombone": Instrument((57,), 40, 72, sustained=True, weight=1.2),
    "tuba": Instrument((58,), 28, 58, sustained=True),
    "horn": Instrument((60,), 36, 76, sustained=True, weight=1.2),
    "soprano_sax": Instrument((64,), 54, 88, sustained=True, weight=0.8),
    "alto_sax": Instrument((65,), 48, 82, sustained=True),
    "tenor_sax": Instrument((66,), 42, 76, sustained=True),
    "baritone_sax": Instrument((67,), 36, 70, sustained=True, weight=0.8),
    "oboe": Instrument((68,), 58, 90, sustained=True),
    "english_horn": Instrument((69,), 52, 80, sustained=True, weight=0.8),
    "bassoon": Instrument((70,), 34, 72, sustained=True),
    "clarinet": Instrument((71,), 50, 91, sustained=True, weight=2.5),
    "flute": Instrument((73,), 59, 96, sustained=True, weight=2.2),
    "piccolo": Instrument((72,), 74, 104, sustained=True, weight=0.8),
    "recorder": Instrument((74, 75, 79), 60, 96, sustained=True, weight=0.8),
    "shakuhachi": Instrument((77,), 55, 84, sustained=True, weight=0.5),
    "sitar": Instrument((104,), 48, 80, weight=0.5),
    "banjo": Instrument((105,), 48, 84, 2, weight=0.7),
    "koto": Instrument((107,), 48, 84, weight=0.5),
}
"""Instruments by their labels."""
DRUMS = {
    "bass_drum": Instrument((35, 36), weight=1.3),
    "snare_drum": Instrument((38, 40), weight=1.3),
    "hi_hat": Instrument((42, 44, 46), weight=1.3),
    "tom": Instrument((41, 43, 45, 47, 48, 50), weight=0.7),
    "crash_cymbal": Instrument((49, 57, 55), weight=0.7),
    "ride_cymbal": Instrument((51, 53, 59), weight=0.6),
    "clap": Instrument((39,), weight=0.4),
    "tambourine": Instrument((54,), weight=0.4),
    "cowbell": Instrument((56,), weight=0.4),
    "conga": Instrument((60, 61, 62, 63, 64), weight=0.5),
}
"""Drums by their labels."""
KITS = (0, 8, 16, 24, 25, 32, 40, 48)
"""Programs of General MIDI's drum kits; a bank plays its standard kit for those that it lacks."""
STEPS = (0, 4, 7, 12, 16, 19)
"""Semitones of the notes of a chord above the lowest one."""


def hits(drum: Instrument, seconds: float, *, random: np.random.Generator) -> list[Note]:
    """Draws one hit of a drum or, less often, an uneven row of hits.

    Args:
        drum: one of `DRUMS`.
        seconds: length in seconds.
        random: generator of everything random.
    """
    key = int(random.choice(drum.programs))
    start, step = random.choice([0.0, random.uniform(0, 0.3)]), random.uniform(0.12, 0.9)
    row = random.random() < 0.4
    notes: list[Note] = []
    while start < seconds - 0.1 and (row or not notes):
        notes.append((start, 0.1, key, int(random.uniform(30, 127))))
        start += step * random.choice([0.5, 1, 1])
    return notes


def music(instrument: Instrument, seconds: float, *, random: np.random.Generator) -> list[Note]:
    """Draws one note or chord, short or long, or a phrase in any articulation.

    Args:
        instrument: one of `INSTRUMENTS`.
        seconds: length in seconds.
        random: generator of everything random.
    """
    loudness = random.uniform(40, 120)
    pitch = int(random.integers(instrument.low, instrument.high + 1))
    start = 0.0 if random.random() < 0.5 else random.uniform(0, 0.3)
    if random.random() < 0.5:
        size = 1 if random.random() < 0.75 else int(random.integers(1, instrument.chord + 1))
        lengths = [0.4, 0.8, 1.5, 3, 4] if instrument.sustained else [0.15, 0.4, 0.8, 1.5, 2.5, 4]
        return _chord(instrument, start, random.choice(lengths), pitch, size, loudness, random)
    beat, articulation = 60 / random.uniform(50, 190), random.uniform(0.3, 1.15)
    chords, step = random.random() < 0.5, random.choice([2, 5, 8])
    notes: list[Note] = []
    while start < seconds - 0.1:
        duration = beat * random.choice([0.25, 0.5, 0.5, 1, 1, 2])
        size = 1
        if chords and random.random() < 0.6:
            size = int(random.integers(max(1, instrument.chord // 2), instrument.chord + 1))
        velocity = loudness + random.normal(0, 12)
        notes += _chord(instrument, start, duration * articulation, pitch, size, velocity, random)
        start += duration
        if random.random() < 0.8:
            pitch = int(np.clip(pitch + random.integers(-step, step + 1), instrument.low, instrument.high))
    return notes


def _chord(
    instrument: Instrument,
    start: float,
    duration: float,
    pitch: int,
    size: int,
    velocity: float,
    random: np.random.Generator,
) -> list[Note]:
    """Strikes notes one shortly after the other, from below or from above, as fingers do."""
    strum = random.uniform(0, 0.04) * random.choice([1, 1, -1])
    steps = sorted(random.choice(STEPS, size, replace=False))
    return [
        (
            max(0.0, start + index * strum),
            duration,
            int(np.clip(pitch + step, instrument.low, instrument.high)),
            int(np.clip(velocity, 20, 127)),
        )
        for index, step in enumerate(steps)
    ]
