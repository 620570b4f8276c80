"""Plays phrases with notes that were recorded one by one."""

import re
from collections.abc import Sequence
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
        pitches = np.array([pitch for pitch, _ in self.notes])
        moved = int(random.choice(pitches)) - notes[0][2]
        tuning, total = random.normal(0, 0.3), round(seconds * self.sample_rate)
        waveform = np.zeros(total, np.float32)
        for start, duration, pitch, velocity in notes:
            distance = np.abs(pitches - (pitch + moved))
            near, recorded = self.notes[int(random.choice(np.flatnonzero(distance == distance.min())))]
            rate = 2 ** ((np.clip(pitch + moved - near, -FARTHEST, FARTHEST) + tuning) / 12)
            first = round(start * self.sample_rate)
            held = max(200, round(duration * self.sample_rate))
            length = min(int(len(recorded) / rate), held + self.sample_rate // 2, total - first)
            if length < 50:
                continue
            note = np.interp(np.arange(length) * rate, np.arange(len(recorded)), recorded)
            after = np.arange(max(0, length - held))
            note[held:] *= np.exp(-after / (self.sample_rate * random.choice([0.03, 0.1, 0.3])))
            waveform[first : first + length] += note * gain((velocity - 127) / 2)
        return waveform
