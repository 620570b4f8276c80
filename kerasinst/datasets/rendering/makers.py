"""The same instrument by many makers: each builds, tunes and plays it in a way of its own.

A maker's instrument is a preset of the sound bank whose formants are shifted, whose body has resonances and a spectral
tilt, and whose attack, tuning and vibrato are its own. Formants are shifted by playing the notes lower or higher and
resampling them back to pitch.
"""

from dataclasses import dataclass

import numpy as np

from kerasinst.datasets.rendering import synthesis

Notes = list[tuple[float, float, int, int]]


@dataclass(frozen=True)
class Instrument:
    """What all makers of an instrument have in common.

    Attributes:
        programs: General MIDI programs, counted from 0, that sound like it.
        low, high: its register, in MIDI notes.
        chord: notes at once.
        attack: the longest, in seconds, that a maker adds to it.
        vibrato: the largest depth that players give it, in cents.
    """

    programs: tuple[int, ...]
    low: int
    high: int
    chord: int = 1
    attack: float = 0.06
    vibrato: float = 0.0


INSTRUMENTS = {
    "acoustic guitar": Instrument((24, 25), 40, 76, chord=3, attack=0.01),
    "cello": Instrument((42,), 36, 72, vibrato=30),
    "clarinet": Instrument((71,), 50, 86, vibrato=5),
    "flute": Instrument((73,), 60, 91, vibrato=25),
    "marimba": Instrument((12,), 48, 84, chord=2, attack=0.005),
    "organ": Instrument((16, 19), 45, 81, chord=3, attack=0.03),
    "piano": Instrument((0, 1), 48, 84, chord=3, attack=0.01),
    "saxophone": Instrument((65, 66), 46, 80, vibrato=25),
    "trumpet": Instrument((56,), 54, 84, vibrato=15),
    "violin": Instrument((40,), 55, 91, vibrato=35),
}
ACCOMPANIMENT = (46, 47, 52, 57, 58, 60, 88, 89, 104, 107)
"""Programs that may play along; they share no recorded sample with a labelled one."""
SPAN = 15
"""Semitones of the register that a maker's instrument is played in."""
LOWEST = 30.0
"""Hz; what is below, such as an offset that the bank's recordings have, would give instruments away."""


@dataclass(frozen=True)
class Maker:
    """One maker's version of an instrument.

    Attributes:
        program: the preset that it is made of.
        shift: of its formants, in semitones.
        cents: of its tuning, from concert pitch.
        resonances: of its body: frequency in Hz, quality, gain in decibels.
        tilt: of its spectrum, in decibels an octave.
        attack: seconds in which its notes begin.
        vibrato: rate in Hz and depth in cents.
        held: how long its notes are held, as a factor.
        low, high: the part of the register that it is played in, in MIDI notes.
    """

    program: int
    shift: int
    cents: float
    resonances: tuple[tuple[float, float, float], ...]
    tilt: float
    attack: float
    vibrato: tuple[float, float]
    held: float
    low: int
    high: int


def make(instrument: Instrument, random: np.random.Generator) -> Maker:
    """Draws a maker of an instrument."""
    low = int(random.integers(instrument.low, instrument.high - SPAN + 1))
    return Maker(
        program=int(random.choice(instrument.programs)),
        shift=int(random.integers(-2, 3)),
        cents=random.uniform(-30, 30),
        resonances=tuple(
            (float(np.exp(random.uniform(np.log(150), np.log(6000)))), random.uniform(1, 6), random.uniform(-6, 6))
            for _ in range(4)
        ),
        tilt=random.uniform(-2, 2),
        attack=random.uniform(0, 1) * instrument.attack,
        vibrato=(random.uniform(4.5, 6.5), random.uniform(0, 1) * instrument.vibrato),
        held=random.uniform(0.6, 1.3),
        low=low,
        high=low + SPAN,
    )


def play(
    player: synthesis.Player, instrument: Instrument, *, maker: Maker, seconds: float, random: np.random.Generator
) -> np.ndarray:
    """A phrase on a maker's instrument, in no room yet, with a root mean square of 1."""
    notes = synthesis.phrase(maker.low, maker.high, chord=instrument.chord, seconds=seconds, random=random)
    return synthesis.level(sound(player, maker, notes=notes, seconds=seconds))


def sound(player: synthesis.Player, maker: Maker, *, notes: Notes, seconds: float) -> np.ndarray:
    """Notes as a maker's instrument plays them."""
    rate = 2 ** (maker.shift / 12)
    slow = [
        (start * rate, duration * maker.held * rate, pitch - maker.shift, velocity)
        for start, duration, pitch, velocity in notes
    ]
    dry = player.play(maker.program, slow, seconds=seconds * rate + 0.1)
    waveform = _bend(
        dry, rate * 2 ** (maker.cents / 1200), maker.vibrato, round(seconds * player.sample_rate), player.sample_rate
    )
    waveform = _soften(waveform, notes, maker.attack, player.sample_rate)
    return _body(waveform, maker, player.sample_rate)


def _bend(waveform, rate: float, vibrato: tuple[float, float], length: int, sample_rate: int) -> np.ndarray:
    """Resampled at `rate`, which wavers with the vibrato."""
    speed, cents = vibrato
    time = np.arange(length) / sample_rate
    swing = (2 ** (cents / 1200) - 1) / (2 * np.pi * speed)
    at = rate * (time + swing * np.sin(2 * np.pi * speed * time)) * sample_rate
    return np.interp(at, np.arange(len(waveform)), waveform, right=0.0)


def _soften(waveform: np.ndarray, notes: Notes, attack: float, sample_rate: int) -> np.ndarray:
    """Notes fade in over `attack` seconds."""
    length = round(attack * sample_rate)
    if length:
        waveform, rise = waveform.copy(), np.sin(np.linspace(0, np.pi / 2, length)) ** 2
        for start in {note[0] for note in notes}:
            part = waveform[round(start * sample_rate) :][:length]
            part *= rise[: len(part)]
    return waveform


def _body(waveform: np.ndarray, maker: Maker, sample_rate: int) -> np.ndarray:
    """Through the resonances and the tilt of a maker's instrument."""
    spectrum = np.fft.rfft(waveform)
    frequencies = np.fft.rfftfreq(len(waveform), 1 / sample_rate)
    octaves = np.log2(np.maximum(frequencies, 60) / 1000)
    decibels = maker.tilt * octaves
    for centre, quality, height in maker.resonances:
        decibels = decibels + height / (1 + (quality * 2 * (octaves - np.log2(centre / 1000))) ** 2)
    audible = frequencies >= LOWEST
    return np.fft.irfft(spectrum * audible * 10 ** (decibels / 20), len(waveform))
