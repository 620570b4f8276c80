"""Rendered phrases: a data set that needs no download, for the quickstart and for tests.

Seven families of instruments, short phrases with random notes, velocities and articulation, played by the General MIDI
bank that comes with pretty_midi (TimGM6mb), over a quiet accompaniment, in a random room with random noise.
Layout:  real .wav files and a manifest.csv (path,label,group) in a cache folder; rendered once, then read.
Groups:  the preset, joined with the presets that share recorded samples with it: a test split holds timbres that
         training never heard. The accompaniment shares no sample with any labelled preset.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.signal
import soundfile

from kerasinst import files
from kerasinst.console import track
from kerasinst.datasets.clip import Clip
from kerasinst.errors import BadInput

CITATION = "Bolton, T. (2004). TimGM6mb, a General MIDI sound bank; rendered with symusic (prestosynth)."
LICENSE = "The sound bank is under the GNU General Public License, version 2; what is rendered with it is yours."

VERSION = 1
"""Counted up when the rendering changes, so that no cache serves what an older version rendered."""


@dataclass(frozen=True)
class Timbre:
    """Presets that share samples: General MIDI programs, their register in MIDI notes, and notes at once."""

    name: str
    programs: tuple[int, ...]
    low: int
    high: int
    chord: int = 1


FAMILIES = {
    "bass": (
        Timbre("Acoustic Bass", (32,), 28, 55),
        Timbre("Fingered Bass", (33,), 28, 55),
        Timbre("Picked Bass", (34,), 28, 55),
        Timbre("Fretless Bass", (35,), 28, 55),
        Timbre("Slap Bass 1", (36,), 28, 55),
        Timbre("Slap Bass 2", (37,), 28, 55),
    ),
    "flute": (
        Timbre("Flute", (73,), 60, 91),
        Timbre("Piccolo, Recorder", (72, 74), 67, 96),
        Timbre("Pan Flute, Bottle", (75, 76), 57, 86),
        Timbre("Shakuhachi", (77,), 55, 84),
        Timbre("Ocarina", (79,), 60, 86),
    ),
    "guitar": (
        Timbre("Nylon, Steel Guitar", (24, 25), 40, 76, chord=3),
        Timbre("Jazz Guitar", (26,), 40, 76, chord=3),
        Timbre("Clean, Muted Guitar", (27, 28), 40, 76, chord=3),
        Timbre("Overdrive, Distortion", (29, 30), 40, 76, chord=2),
    ),
    "keys": (
        Timbre("Pianos", (0, 1, 2, 3), 36, 88, chord=3),
        Timbre("E-Piano 1", (4,), 36, 84, chord=3),
        Timbre("E-Piano 2", (5,), 36, 84, chord=3),
        Timbre("Harpsichord", (6,), 36, 84, chord=3),
    ),
    "mallets": (
        Timbre("Celesta", (8,), 60, 96, chord=2),
        Timbre("Glockenspiel", (9,), 72, 100, chord=2),
        Timbre("Music Box", (10,), 60, 96, chord=2),
        Timbre("Vibraphone", (11,), 53, 89, chord=2),
        Timbre("Marimba", (12,), 48, 89, chord=2),
        Timbre("Xylophone", (13,), 65, 88, chord=2),  # above note 90 the synthesizer never returns
        Timbre("Tubular Bells", (14,), 60, 79),
    ),
    "reeds": (
        Timbre("Oboe", (68,), 58, 88),
        Timbre("English Horn", (69,), 52, 81),
        Timbre("Bassoon", (70,), 34, 70),
        Timbre("Clarinet", (71,), 50, 88),
        Timbre("Soprano Sax", (64,), 56, 87),
        Timbre("Alto Sax", (65,), 65, 81),  # the bank is mute at note 64
        Timbre("Tenor Sax", (66,), 44, 75),
        Timbre("Baritone Sax", (67,), 36, 68),
    ),
    "strings": (
        Timbre("Violin, Viola", (40, 41), 48, 91),
        Timbre("Cello, Contrabass", (42, 43), 28, 72),
        Timbre("Ensembles, Tremolo", (44, 48, 49), 40, 86, chord=2),
        Timbre("Synth Strings", (50,), 40, 86, chord=2),
    ),
}
ACCOMPANIMENT = (16, 17, 18, 19, 20, 21, 46, 47, 52, 56, 57, 58, 60, 61, 88, 89, 104, 107)


def read(
    path: Path | None = None,
    clips_per_group: int = 40,
    seconds: float = 2.0,
    sample_rate: int = 22050,
    seed: int = 1,
) -> list[Clip]:
    """Renders the data set unless the cache holds it already, and reads its manifest.

    Args:
        path: the cache folder; None is the system's.
        clips_per_group: of each of the 38 timbres.
        seconds: length of a clip.
        sample_rate: in Hz.
        seed: of notes, rooms, noise and levels.
    """
    if clips_per_group < 1 or seconds <= 0 or not 4000 <= sample_rate <= 96000:
        raise BadInput("dataset: clips_per_group and seconds must be above 0, and sample_rate within 4000 and 96000 Hz")
    recipe = dict(version=VERSION, clips_per_group=clips_per_group, seconds=seconds, sample_rate=sample_rate, seed=seed)
    key = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:12]
    folder = (path or files.cache_folder("soundfont")) / key
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        with files.replacing(folder) as temporary:
            _render_all(temporary, clips_per_group, seconds, sample_rate, seed)
    rows = pd.read_csv(manifest)
    return [
        Clip(name=row.path, path=folder / row.path, labels=(row.label,), group=row.group)
        for row in rows.itertuples(index=False)
    ]


def _render_all(folder: Path, clips_per_group: int, seconds: float, sample_rate: int, seed: int) -> None:
    phrases = [
        (label, timbre, index)
        for label, timbres in FAMILIES.items()
        for timbre in timbres
        for index in range(clips_per_group)
    ]
    player = _Player(sample_rate)
    rows = []
    for label, timbre, index in track(phrases, "rendering audio"):
        random = np.random.default_rng([seed, timbre.programs[0], index])
        program = int(random.choice(timbre.programs))
        file = f"{label}/{program:03d}-{index:03d}.wav"
        (folder / label).mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / file, _perform(player, timbre, program, seconds, random), sample_rate)
        rows.append((file, label, f"{label}: {timbre.name}"))
    pd.DataFrame(rows, columns=["path", "label", "group"]).to_csv(folder / "manifest.csv", index=False)


class _Player:
    """The sound bank, ready to play notes of one program."""

    def __init__(self, sample_rate: int):
        import pretty_midi
        import symusic

        self.symusic = symusic
        self.sample_rate = sample_rate
        bank = Path(pretty_midi.__file__).with_name("TimGM6mb.sf2")
        self.synthesizer = symusic.Synthesizer(sf_path=str(bank), sample_rate=sample_rate, quality=0)

    def play(self, program: int, notes: list[tuple[float, float, int, int]], seconds: float) -> np.ndarray:
        """Notes are (start, duration, pitch, velocity), in seconds and MIDI numbers."""
        score = self.symusic.Score(480)
        score.tempos.append(self.symusic.Tempo(0, 60))
        track = self.symusic.Track(program=program, is_drum=False)
        for start, duration, pitch, velocity in notes:
            track.notes.append(self.symusic.Note(int(start * 480), max(1, int(duration * 480)), pitch, velocity))
        score.tracks.append(track)
        rendered = self.synthesizer.render(score, stereo=False).reshape(-1)
        waveform = np.zeros(round(seconds * self.sample_rate), np.float32)
        waveform[: len(rendered)] = rendered[: len(waveform)]
        return waveform


def _phrase(low: int, high: int, chord: int, seconds: float, random: np.random.Generator) -> list[tuple]:
    """A random walk through a register, with random rhythm, articulation, dynamics and, now and then, chords."""
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


def _perform(player: _Player, timbre: Timbre, program: int, seconds: float, random: np.random.Generator) -> np.ndarray:
    """One phrase with its accompaniment, room, noise and level."""
    waveform = _level(player.play(program, _phrase(timbre.low, timbre.high, timbre.chord, seconds, random), seconds))
    for _ in range(int(random.integers(0, 3))):
        backing = _phrase(36, 76, 2, seconds, random)
        other = _level(player.play(int(random.choice(ACCOMPANIMENT)), backing, seconds))
        waveform = waveform + _gain(random.uniform(-24, -8)) * other
    waveform = _room(waveform, player.sample_rate, random)
    noise = _level(_coloured_noise(len(waveform), random))
    waveform = _level(waveform) + _gain(random.uniform(-45, -12)) * noise
    peak = np.abs(waveform).max() + 1e-9
    return (waveform / peak * _gain(random.uniform(-18, -1))).astype(np.float32)


def _room(waveform: np.ndarray, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Convolves with exponentially decaying noise: reverberation time .1 to .9 s, more or less of it."""
    decay = random.uniform(0.1, 0.9)
    time = np.arange(round(decay * sample_rate)) / sample_rate
    response = random.standard_normal(len(time)) * 10 ** (-3 * time / decay)
    wet = scipy.signal.fftconvolve(waveform, response)[: len(waveform)]
    return _level(waveform) + _gain(random.uniform(-30, -6)) * _level(wet)


def _coloured_noise(length: int, random: np.random.Generator) -> np.ndarray:
    """Noise between white and brown."""
    spectrum = np.fft.rfft(random.standard_normal(length))
    return np.fft.irfft(spectrum / np.maximum(1, np.arange(len(spectrum))) ** random.uniform(0, 1), length)


def _level(waveform: np.ndarray) -> np.ndarray:
    return waveform / (np.sqrt(np.mean(np.square(waveform))) + 1e-9)


def _gain(decibels: float) -> float:
    return 10 ** (decibels / 20)
