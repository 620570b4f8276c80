"""Varies an instrument as if many makers had built, tuned and played it, each in a way of its own.

A maker's instrument is a preset of the sound bank with shifted formants, resonances and a spectral tilt of its body,
and an attack, a tuning and a vibrato of its own. Formants are shifted by playing the notes lower or higher and
resampling them back to pitch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kerasinst.datasets.rendering import synthesis
from kerasinst.datasets.rendering.players import Player
from kerasinst.datasets.rendering.synthesis import Note


@dataclass(frozen=True)
class Instrument:
    """What all makers of an instrument have in common.

    Attributes:
        programs: General MIDI programs, counted from 0, that sound like it.
        low: lowest MIDI note.
        high: highest MIDI note.
        chord: largest number of notes at once.
        attack: longest attack in seconds that a maker adds.
        vibrato: largest depth of the vibrato in cents.
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
"""Instruments by their labels."""
ACCOMPANIMENT = (46, 47, 52, 57, 58, 60, 88, 89, 104, 107)
"""Programs that may accompany; they share no recorded sample with a labelled instrument."""
SPAN = 15
"""Number of semitones of the register in which a maker's instrument is played."""
LOWEST = 30.0
"""Frequency in Hz below which everything is removed, as the offsets of the bank's recordings identify instruments."""


@dataclass(frozen=True)
class Maker:
    """One maker's version of an instrument.

    Attributes:
        program: General MIDI program that it is made of.
        shift: shift of the formants in semitones.
        cents: deviation of the tuning from concert pitch in cents.
        resonances: frequency in Hz, quality and gain in dB of each resonance of the body.
        tilt: tilt of the spectrum in dB per octave.
        attack: length in seconds of the fade-in of notes.
        vibrato: rate in Hz and depth in cents.
        held: factor on the durations of notes.
        low: lowest MIDI note that is played.
        high: highest MIDI note that is played.
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
    player: Player, instrument: Instrument, *, maker: Maker, seconds: float, random: np.random.Generator
) -> np.ndarray:
    """Plays a random phrase on a maker's instrument, without a room.

    Args:
        player: player of the sound bank.
        instrument: one of `INSTRUMENTS`.
        maker: maker of the instrument.
        seconds: length in seconds.
        random: generator of everything random.

    Returns:
        Waveform of shape `(samples,)` with a root mean square of 1.
    """
    notes = synthesis.phrase(maker.low, maker.high, chord=instrument.chord, seconds=seconds, random=random)
    return synthesis.level(sound(player, maker, notes=notes, seconds=seconds))


def sound(player: Player, maker: Maker, *, notes: Sequence[Note], seconds: float) -> np.ndarray:
    """Plays notes on a maker's instrument.

    Args:
        player: player of the sound bank.
        maker: maker of the instrument.
        notes: notes to play.
        seconds: length in seconds.

    Returns:
        Waveform of shape `(samples,)`.
    """
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


def sound_in_time(player: Player, maker: Maker, *, notes: Sequence[Note], seconds: float) -> np.ndarray:
    """Plays notes as `sound` does, but each is heard exactly when it is written.

    In `sound`, an instrument that is tuned high also plays faster, by up to 2 % of the time since the beginning.

    Args:
        player: player of the sound bank.
        maker: maker of the instrument.
        notes: notes to play.
        seconds: length in seconds.

    Returns:
        Waveform of shape `(samples,)`.
    """
    faster = 2 ** (maker.cents / 1200)
    slower = [(start * faster, duration * faster, pitch, velocity) for start, duration, pitch, velocity in notes]
    played = sound(player, replace(maker, attack=0.0), notes=slower, seconds=seconds * max(1.0, faster))
    waveform = np.zeros(round(seconds * player.sample_rate))
    waveform[: len(played)] = played[: len(waveform)]
    return _soften(waveform, notes, maker.attack, player.sample_rate)


def _bend(waveform: np.ndarray, rate: float, vibrato: tuple[float, float], length: int, sample_rate: int) -> np.ndarray:
    """Resamples a waveform by `rate`, which wavers with the vibrato."""
    speed, cents = vibrato
    time = np.arange(length) / sample_rate
    swing = (2 ** (cents / 1200) - 1) / (2 * np.pi * speed)
    at = rate * (time + swing * np.sin(2 * np.pi * speed * time)) * sample_rate
    return np.interp(at, np.arange(len(waveform)), waveform, right=0.0)


def _soften(waveform: np.ndarray, notes: Sequence[Note], attack: float, sample_rate: int) -> np.ndarray:
    """Fades notes in over `attack` seconds."""
    length = round(attack * sample_rate)
    if length:
        waveform, rise = waveform.copy(), np.sin(np.linspace(0, np.pi / 2, length)) ** 2
        for start in {note[0] for note in notes}:
            part = waveform[round(start * sample_rate) :][:length]
            part *= rise[: len(part)]
    return waveform


def _body(waveform: np.ndarray, maker: Maker, sample_rate: int) -> np.ndarray:
    """Filters a waveform with the resonances and the tilt of a maker's instrument."""
    spectrum = np.fft.rfft(waveform)
    frequencies = np.fft.rfftfreq(len(waveform), 1 / sample_rate)
    octaves = np.log2(np.maximum(frequencies, 60) / 1000)
    decibels = maker.tilt * octaves
    for centre, quality, height in maker.resonances:
        decibels = decibels + height / (1 + (quality * 2 * (octaves - np.log2(centre / 1000))) ** 2)
    audible = frequencies >= LOWEST
    return np.fft.irfft(spectrum * audible * 10 ** (decibels / 20), len(waveform))
