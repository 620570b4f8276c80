"""Plays phrases with notes that were recorded one by one."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import librosa
import numpy as np

from kerasinst import audio
from kerasinst.core.errors import BadInput
from kerasinst.datasets.rendering.synthesis import Note, gain

LONGEST = 4.5
"""Length in seconds to which recorded notes are cut."""
FARTHEST = 4
"""Largest number of semitones by which a note is transposed; if it is farther away, a nearer pitch is played."""


class Recorded:
    """Recorded notes of one instrument, transposed by resampling.

    Args:
        folder: folder of files named after their notes, such as `A4.mp3`, `Cs3.wav` or `C#3.wav`, in scientific pitch.
        sample_rate: sample rate of what is played in Hz.

    Attributes:
        sample_rate: sample rate of what is played in Hz.
        notes: pairs of a MIDI number and a waveform of shape `(samples,)` with a peak of 1.

    Raises:
        BadInput: if no file is named after a note.
    """

    def __init__(self, folder: Path, sample_rate: int):
        self.sample_rate = sample_rate
        self.notes: list[tuple[int, np.ndarray]] = []
        for file in audio.files(folder):
            named = re.fullmatch(r"([A-G])(s|#|b)?(-?\d)", file.stem)
            if named:
                waveform = audio.load(file, sample_rate)[: round(LONGEST * sample_rate)]
                waveform, _ = librosa.effects.trim(waveform, top_db=45)
                if len(waveform) > 0.1 * sample_rate and not audio.is_silent(waveform):
                    midi = librosa.note_to_midi(file.stem.replace("s", "#"))
                    self.notes.append((int(midi), waveform / np.abs(waveform).max()))
        if not self.notes:
            raise BadInput(f"{folder}: no file here is named after a note, such as A4.mp3 or Cs3.wav")

    def play(self, notes: Sequence[Note], seconds: float, *, random: np.random.Generator) -> np.ndarray:
        """Plays a phrase, transposed as a whole so that its first note is one of the recorded pitches.

        Args:
            notes: notes of the phrase.
            seconds: length in seconds.
            random: generator of everything random.

        Returns:
            Waveform of shape `(samples,)`.
        """
        moved = int(random.choice([pitch for pitch, _ in self.notes])) - notes[0][2]
        tuning = random.normal(0, 0.3)
        moved_notes = [(start, duration, pitch + moved, velocity) for start, duration, pitch, velocity in notes]
        return self._perform(
            moved_notes, seconds, random=random, tuning=tuning, fades=(0.03, 0.1, 0.3), farthest=FARTHEST
        )

    def play_as_written(self, notes: Sequence[Note], seconds: float) -> np.ndarray:
        """Plays notes at their own pitches, however far away a recorded note is.

        Args:
            notes: notes to play.
            seconds: length in seconds.

        Returns:
            Waveform of shape `(samples,)`.
        """
        return self._perform(notes, seconds, random=np.random.default_rng(0))

    def _perform(
        self,
        notes: Sequence[Note],
        seconds: float,
        *,
        random: np.random.Generator,
        tuning: float = 0.0,
        fades: Sequence[float] = (0.1,),
        farthest: float = np.inf,
    ) -> np.ndarray:
        """Plays notes with the recorded notes that are nearest to them; each fades within half a second of its end."""
        pitches = np.array([pitch for pitch, _ in self.notes])
        waveform = np.zeros(round(seconds * self.sample_rate), np.float32)
        for start, duration, pitch, velocity in notes:
            distance = np.abs(pitches - pitch)
            near, recorded = self.notes[int(random.choice(np.flatnonzero(distance == distance.min())))]
            rate = 2 ** ((np.clip(pitch - near, -farthest, farthest) + tuning) / 12)
            held = max(200, round(duration * self.sample_rate))
            length = min(int(len(recorded) / rate), held + self.sample_rate // 2)
            note = np.interp(np.arange(length) * rate, np.arange(len(recorded)), recorded)
            note[held:] *= np.exp(-np.arange(max(0, length - held)) / (self.sample_rate * random.choice(fades)))
            part = waveform[round(start * self.sample_rate) :][:length]
            part += note[: len(part)] * gain((velocity - 127) / 2)
        return waveform


class RecordedNotesPlayer:
    """Plays instruments from recorded notes, as `synthesis.SoundBankPlayer` plays them from a sound bank.

    Args:
        sample_rate: sample rate of what is played in Hz.
        folder: folder with a folder of recorded notes for each instrument, named after it.
        programs: General MIDI program of each instrument, by its name.

    Raises:
        BadInput: if there is no folder named after an instrument, or no recorded note in one.

    Example:
        >>> bank = RecordedNotesPlayer(22050, Path("notes"), programs={"violin": 40})
        >>> bank.play(40, [(0.0, 1.0, 69, 100)], seconds=2.0).shape
        (44100,)
    """

    def __init__(self, sample_rate: int, folder: Path, *, programs: Mapping[str, int]):
        self.sample_rate = sample_rate
        self.instruments = {
            program: Recorded(folder / name, sample_rate)
            for name, program in programs.items()
            if (folder / name).is_dir()
        }
        if not self.instruments:
            raise BadInput(f"{folder}: no folder here is named after an instrument ({', '.join(programs)})")

    def plays(self, program: int) -> bool:
        """Says whether there are recorded notes of a program."""
        return program in self.instruments

    def play(self, program: int, notes: Sequence[Note], *, seconds: float) -> np.ndarray:
        """Plays notes; see `synthesis.SoundBankPlayer.play`."""
        return self.instruments[program].play_as_written(notes, seconds)
