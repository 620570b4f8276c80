"""Renders chamber music of one to three of MusicNet's instruments, in the layout of MusicNet, with every note."""

from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets.readers import musicnet
from kerasinst.datasets.rendering import synthesis

REGISTERS = {
    "piano": (36, 88, 3),
    "harpsichord": (36, 84, 3),
    "violin": (55, 93, 1),
    "viola": (48, 81, 1),
    "cello": (36, 72, 1),
    "bass": (28, 60, 1),
    "horn": (41, 77, 1),
    "oboe": (58, 88, 1),
    "bassoon": (34, 70, 1),
    "clarinet": (50, 88, 1),
    "flute": (60, 91, 1),
}
"""Lowest and highest MIDI note, and largest number of notes at once, of each instrument in `musicnet.INSTRUMENTS`."""


def render(
    folder: Path, *, pieces: int, seconds: float, sample_rate: int, seed: int, progress: Progress = silent
) -> None:
    """Writes {train,test}_data, {train,test}_labels and musicnet_metadata.csv.

    MusicNet's codes of instruments are General MIDI programs, counted from 1.

    Args:
        folder: existing folder.
        pieces: number of pieces; every fifth one is in test.
        seconds: length of a piece in seconds.
        sample_rate: sample rate of the audio in Hz. The times in the tables of labels are in samples at 44.1 kHz.
        seed: seed of instruments, notes, rooms and noise.
        progress: shows how many pieces are rendered.
    """
    for split in ("train", "test"):
        (folder / f"{split}_data").mkdir()
        (folder / f"{split}_labels").mkdir()
    code_of = {name: code for code, name in musicnet.INSTRUMENTS.items()}
    player = synthesis.Player(sample_rate)
    facts = []
    for number in track(range(1000, 1000 + pieces), "rendering ensembles", progress=progress):
        random = np.random.default_rng([seed, number])
        # Instruments take turns as the first, so that each of them plays somewhere in few pieces too.
        names = list(REGISTERS)
        first = names.pop(number % len(names))
        chosen = [first, *random.choice(names, random.integers(0, 3), replace=False).tolist()]
        waveform: np.ndarray = np.zeros(round(seconds * sample_rate))
        rows: list[tuple[int, int, int, int]] = []
        for name in chosen:
            low, high, chord = REGISTERS[name]
            notes = synthesis.phrase(low, high, chord=chord, seconds=seconds, random=random)
            part = synthesis.level(player.play(code_of[name] - 1, notes, seconds=seconds))
            waveform = waveform + synthesis.gain(random.uniform(-6, 0)) * part
            rows += [_row(code_of[name], note, seconds) for note in notes if note[0] < seconds]
        split = "test" if number % 5 == 4 else "train"
        table = pd.DataFrame(rows, columns=["start_time", "end_time", "instrument", "note"])
        table.sort_values(["start_time", "instrument", "note"]).to_csv(
            folder / f"{split}_labels" / f"{number}.csv", index=False
        )
        soundfile.write(folder / f"{split}_data" / f"{number}.wav", _record(waveform, sample_rate, random), sample_rate)
        facts.append((number, "kerasinst", f"Piece {number}", "", " and ".join(chosen)))
    columns = ["id", "composer", "composition", "movement", "ensemble"]
    pd.DataFrame(facts, columns=columns).to_csv(folder / "musicnet_metadata.csv", index=False)


def _row(code: int, note: synthesis.Note, seconds: float) -> tuple[int, int, int, int]:
    """Gives start and end of a note in MusicNet's samples, the code of its instrument, and its pitch."""
    start, duration, pitch, _ = note
    end = min(start + duration, seconds)
    return round(start * musicnet.SAMPLE_RATE), round(end * musicnet.SAMPLE_RATE), code, pitch


def _record(waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Adds a room and a little noise."""
    waveform = synthesis.level(synthesis.room(waveform, sample_rate, random=random))
    noise = synthesis.level(synthesis.coloured_noise(len(waveform), random))
    waveform = waveform + synthesis.gain(random.uniform(-50, -30)) * noise
    return (waveform / np.abs(waveform).max() * synthesis.gain(random.uniform(-12, -1))).astype(np.float32)
