"""IRMAS: excerpts of music with a predominant instrument, and longer test clips with one to three of them."""

from pathlib import Path

import numpy as np
import soundfile

from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets.rendering import synthesis
from kerasinst.datasets.rendering.look_alikes.band import Band
from kerasinst.datasets.rendering.makers import Instrument

SAMPLE_RATE = 22050
"""Sample rate in Hz."""
SONGS, CLIPS, TESTS = 12, 3, 66
"""Number of songs of each instrument, of training clips of a song, and of test clips."""
SECONDS = 3.0
"""Length of a training clip."""
INSTRUMENTS = {
    "cel": Instrument((42,), 36, 72, vibrato=30),
    "cla": Instrument((71,), 50, 86, vibrato=5),
    "flu": Instrument((73,), 60, 91, vibrato=25),
    "gac": Instrument((24, 25), 40, 76, chord=3, attack=0.01),
    "gel": Instrument((27, 29, 30), 40, 80, chord=2, attack=0.01),
    "org": Instrument((16, 19), 45, 81, chord=3, attack=0.03),
    "pia": Instrument((0, 1), 40, 88, chord=3, attack=0.01),
    "sax": Instrument((65, 66), 46, 80, vibrato=25),
    "tru": Instrument((56,), 54, 84, vibrato=15),
    "vio": Instrument((40,), 55, 91, vibrato=35),
    "voi": Instrument((52, 53), 48, 79, vibrato=30),
}
"""Instruments by their codes."""
GENRES = ("cla", "cou_fol", "jaz_blu", "lat_sou", "pop_roc")
"""Codes of genres; drums play in the last two."""


def render(folder: Path, *, progress: Progress = silent) -> None:
    """Writes IRMAS-TrainingData and one part of the test data.

    Args:
        folder: existing folder.
        progress: shows how many songs and test clips are rendered.
    """
    band = Band(INSTRUMENTS, sample_rate=SAMPLE_RATE)
    songs = [(code, song) for code in INSTRUMENTS for song in range(SONGS)]
    for index, (code, song) in enumerate(track(songs, "rendering look-alikes of IRMAS", progress=progress)):
        random = np.random.default_rng([3, index])
        genre = str(random.choice(GENRES))
        drums = "dru" if genre in GENRES[3:] else "nod"
        music = _music(band, [code], song, seconds=CLIPS * SECONDS, drums=drums == "dru", random=random)
        target = folder / "IRMAS-TrainingData" / code
        target.mkdir(parents=True, exist_ok=True)
        for clip, excerpt in enumerate(np.split(music, CLIPS), start=1):
            _write(target / f"[{code}][{drums}][{genre}]{1000 + index:04d}__{clip}.wav", excerpt)
    part = folder / "IRMAS-TestingData-Part1" / "Part1"
    part.mkdir(parents=True)
    for number in track(range(TESTS), "rendering its test clips", progress=progress):
        random = np.random.default_rng([4, number])
        codes = random.choice(list(INSTRUMENTS), int(random.choice([1, 2, 3], p=[0.5, 0.35, 0.15])), replace=False)
        seconds = float(random.uniform(5, 20))
        music = _music(band, [str(code) for code in codes], 500 + number, seconds=seconds, drums=False, random=random)
        name = f"({number % 20:02d}) song {number // 2:03d}-{number % 2 + 1}"
        _write(part / f"{name}.wav", music)
        (part / f"{name}.txt").write_text("".join(f"{code}\t\n" for code in codes), encoding="utf-8")


def _music(
    band: Band, codes: list[str], maker: int, *, seconds: float, drums: bool, random: np.random.Generator
) -> np.ndarray:
    """Plays predominant instruments with an accompaniment, in stereo: `(samples, 2)`."""
    total = np.zeros((round(seconds * SAMPLE_RATE), 2))
    others = [code for code in band.instruments if code not in codes]
    backing = random.choice(others, int(random.integers(0, 3)), replace=False)
    levels = {**{code: random.uniform(-3, 0) for code in codes}, **{str(c): random.uniform(-24, -12) for c in backing}}
    for code, decibels in levels.items():
        sound = synthesis.gain(decibels) * band.phrase(code, maker, seconds=seconds, random=random)
        total += _panned(sound, random)
    if drums:
        total += _panned(synthesis.gain(random.uniform(-20, -10)) * band.drums(seconds, random=random), random)
    sides = [synthesis.record(total[:, side], SAMPLE_RATE, random=np.random.default_rng([maker, 7])) for side in (0, 1)]
    return np.stack(sides, axis=1)


def _panned(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Places a sound between left and right."""
    angle = random.uniform(0.15, 0.85) * np.pi / 2
    return sound[:, None] * [np.cos(angle), np.sin(angle)]


def _write(file: Path, waveform: np.ndarray) -> None:
    """Writes a recording of 16 bits."""
    soundfile.write(file, waveform, SAMPLE_RATE, subtype="PCM_16")
