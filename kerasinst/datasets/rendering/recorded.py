"""Notes that were recorded one by one, played as phrases."""

import re
from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np

from kerasinst import audio
from kerasinst.core.errors import BadInput
from kerasinst.datasets.rendering.gm_instruments import Note
from kerasinst.datasets.rendering.synthesis import gain

LONGEST = 4.5
"""Seconds of a recorded note that are used."""
FARTHEST = 4
"""Semitones that a note is transposed by at most; farther away, the nearest pitch is played instead."""


class Recorded:
    """Recorded notes of one instrument, transposed by resampling.

    Args:
        folder: of files named after their note, such as `A4.mp3`, `Cs3.wav` or `C#3.wav`, in scientific pitch.
        sample_rate: of what is played, in Hz.

    Raises:
        BadInput: if no file is named so.
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
        """Plays notes of the phrase, moved as a whole to where a recorded note is."""
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
