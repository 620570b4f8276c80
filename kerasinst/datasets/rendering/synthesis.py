"""Plays phrases with a General MIDI sound bank, and adds rooms and noise."""

import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal

from kerasinst.core.errors import BadInput
from kerasinst.datasets.rendering import soundbank

Note = tuple[float, float, int, int]
"""Start and duration in seconds, pitch and velocity as MIDI numbers."""


class SoundBankPlayer:
    """Plays notes with a sound bank.

    Args:
        sample_rate: sample rate of what is played in Hz.
        bank: .sf2 file; None is the one that comes with pretty_midi.

    Raises:
        BadInput: if it cannot be played.
    """

    def __init__(self, sample_rate: int, bank: Path | None = None):
        import symusic

        bank = bank or soundbank.find()
        self.sample_rate = sample_rate
        with tempfile.TemporaryDirectory() as folder:
            mended = Path(folder, "bank.sf2")
            try:
                mended.write_bytes(soundbank.mend(bank.read_bytes()))
                self.synthesizer = symusic.Synthesizer(sf_path=str(mended), sample_rate=sample_rate, quality=0)
            except (RuntimeError, ValueError, IndexError, struct.error, OSError) as error:
                raise BadInput(f"{bank}: not a sound bank (.sf2) that can be played: {error}") from None

    def plays(self, program: int) -> bool:
        """Says whether there is a sound for a program; a General MIDI bank has one for each."""
        return True

    def play(self, program: int, notes: Sequence[Note], *, seconds: float, drums: bool = False) -> np.ndarray:
        """Plays notes.

        Args:
            program: General MIDI program, counted from 0.
            notes: notes to play.
            seconds: length in seconds.
            drums: play on the drum kit with the number of the program.

        Returns:
            Float32 samples of shape `(samples,)`.
        """
        import symusic

        # symusic is typed as if a score could be of any unit of time, so a factory of plain types is needed
        symbols: Any = symusic
        score = symbols.Score(480)
        score.tempos.append(symbols.Tempo(0, 60))
        track = symbols.Track(program=program, is_drum=drums)
        for start, duration, pitch, velocity in notes:
            track.notes.append(symbols.Note(int(start * 480), max(1, int(duration * 480)), pitch, velocity))
        score.tracks.append(track)
        rendered = self.synthesizer.render(score, stereo=False).reshape(-1)
        waveform = np.zeros(round(seconds * self.sample_rate), np.float32)
        waveform[: len(rendered)] = rendered[: len(waveform)]
        return waveform


def phrase(low: int, high: int, *, chord: int, seconds: float, random: np.random.Generator) -> list[Note]:
    """Draws a random walk through a register, with random rhythm, articulation, dynamics and, now and then, chords.

    Args:
        low: lowest MIDI note.
        high: highest MIDI note.
        chord: largest number of notes at once, up to 3.
        seconds: length in seconds.
        random: generator of everything random.
    """
    beat = 60 / random.uniform(60, 170)
    articulation = random.uniform(0.25, 1.1)
    loudness = random.uniform(45, 110)
    pitch = int(random.integers(low, high + 1))
    notes, start = [], random.uniform(0, 0.25)
    while start < seconds - 0.1:
        duration = beat * random.choice([0.5, 0.5, 1.0, 1.0, 2.0])
        size = int(random.integers(1, chord + 1)) if random.random() < 0.5 else 1
        for voice in {int(np.clip(pitch + step, low, high)) for step in (0, 4, 7)[:size]}:
            velocity = int(np.clip(loudness + random.normal(0, 12), 20, 127))
            notes.append((start, duration * articulation, voice, velocity))
        start += duration * (2 if random.random() < 0.1 else 1)
        pitch = int(np.clip(pitch + random.integers(-7, 8), low, high))
    return notes


def room(waveform: np.ndarray, sample_rate: int, *, random: np.random.Generator) -> np.ndarray:
    """Adds the echoes of a room: exponentially decaying noise with a reverberation time of 0.1 to 0.9 s.

    Args:
        waveform: floats of shape `(samples,)`.
        sample_rate: sample rate in Hz.
        random: generator of everything random.

    Returns:
        Waveform of the same shape.
    """
    wet = echoes(waveform, sample_rate, decay=random.uniform(0.1, 0.9), random=random)
    return level(waveform) + gain(random.uniform(-30, -6)) * level(wet)


def record(waveform: np.ndarray, sample_rate: int, *, random: np.random.Generator) -> np.ndarray:
    """Records a sound in a room, with noise 34 to 60 dB below it, at a level 1 to 18 dB below full scale.

    Args:
        waveform: floats of shape `(samples,)`.
        sample_rate: sample rate in Hz.
        random: generator of everything random.

    Returns:
        Float32 waveform of the same shape, within [-1, 1].
    """
    waveform = room(waveform, sample_rate, random=random)
    noise = level(coloured_noise(len(waveform), random))
    waveform = level(waveform) + gain(random.uniform(-60, -34)) * noise
    peak = np.abs(waveform).max() + 1e-9
    return (waveform / peak * gain(random.uniform(-18, -1))).astype(np.float32)


def echoes(waveform: np.ndarray, sample_rate: int, *, decay: float, random: np.random.Generator) -> np.ndarray:
    """Computes the echoes of a room alone.

    Args:
        waveform: floats of shape `(samples,)`.
        sample_rate: sample rate in Hz.
        decay: reverberation time in seconds.
        random: generator of the room.

    Returns:
        Waveform of the same shape.
    """
    time = np.arange(round(decay * sample_rate)) / sample_rate
    response = random.standard_normal(len(time)) * 10 ** (-3 * time / decay)
    return scipy.signal.fftconvolve(waveform, response)[: len(waveform)]


def coloured_noise(length: int, random: np.random.Generator) -> np.ndarray:
    """Draws noise between white and brown, shape `(length,)`."""
    spectrum = np.fft.rfft(random.standard_normal(length))
    return np.fft.irfft(spectrum / np.maximum(1, np.arange(len(spectrum))) ** random.uniform(0, 1), length)


def level(waveform: np.ndarray) -> np.ndarray:
    """Scales a waveform to a root mean square of 1."""
    return waveform / (np.sqrt(np.mean(np.square(waveform))) + 1e-9)


def gain(decibels: float) -> float:
    """Converts decibels to a factor on amplitudes."""
    return 10 ** (decibels / 20)
