"""Rendered phrases: a data set that needs no download, for the quickstart and for tests.

Seven families of instruments, short phrases with random notes, velocities and articulation, played by the General MIDI
bank that comes with pretty_midi (TimGM6mb), over a quiet accompaniment, in a random room with random noise.
The polyphonic task renders ensembles of MusicNet's eleven instruments instead, in MusicNet's own layout.
Layout:  real .wav files and a manifest.csv (path,label,group) in a cache folder; rendered once, then read.
Groups:  the preset, joined with the presets that share recorded samples with it: a test split holds timbres that
         training never heard. The accompaniment shares no sample with any labelled preset. Ensembles: the piece; there
         the same eleven presets play in all splits.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import soundfile

from kerasinst import files
from kerasinst.console import track
from kerasinst.datasets import layout, manifest, musicnet
from kerasinst.datasets.clip import Clip
from kerasinst.datasets.rendering import ensembles, synthesis
from kerasinst.errors import BadInput

CITATION = "Bolton, T. (2004). TimGM6mb, a General MIDI sound bank; rendered with symusic (prestosynth)."
LICENSE = "The sound bank is under the GNU General Public License, version 2; what is rendered with it is yours."

VERSION = 2
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
        Timbre("Xylophone", (13,), 65, 88, chord=2),
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
    task: Literal["families", "polyphonic"] = "families",
    clips_per_group: int = 40,
    pieces: int = 100,
    seconds: float = 2.0,
    sample_rate: int = 22050,
    seed: int = 1,
) -> list[Clip]:
    """Renders the data set unless the cache holds it already, and reads it.

    Args:
        path: the cache folder; None is the system's.
        task: "families", or "polyphonic" for ensembles of one to three of MusicNet's instruments, with all notes.
        clips_per_group: of each of the 38 timbres of the families.
        pieces: of the ensembles; every fifth one is in the test split.
        seconds: length of a clip.
        sample_rate: in Hz.
        seed: of notes, rooms, noise and levels.
    """
    layout.check_choice("task", task, ["families", "polyphonic"])
    if clips_per_group < 1 or pieces < 5 or seconds < 0.5 or not 4000 <= sample_rate <= 96000:
        raise BadInput(
            "dataset: clips_per_group must be above 0, pieces at least 5, seconds at least 0.5, and sample_rate within "
            "4000 and 96000 Hz"
        )
    amount = {"clips_per_group": clips_per_group} if task == "families" else {"pieces": pieces}
    recipe = dict(version=VERSION, task=task, **amount, seconds=seconds, sample_rate=sample_rate, seed=seed)
    key = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:12]
    folder = (path or files.cache_folder("soundfont")) / key
    if not folder.is_dir():
        with files.replacing(folder, keeps=True) as temporary:
            temporary.mkdir(parents=True)
            if task == "families":
                _render_all(temporary, clips_per_group, seconds, sample_rate, seed)
            else:
                ensembles.render(temporary, pieces, seconds, sample_rate, seed)
    return manifest.read(folder) if task == "families" else musicnet.read(folder)


def _render_all(folder: Path, clips_per_group: int, seconds: float, sample_rate: int, seed: int) -> None:
    phrases = [
        (label, timbre, index)
        for label, timbres in FAMILIES.items()
        for timbre in timbres
        for index in range(clips_per_group)
    ]
    player = synthesis.Player(sample_rate)
    rows = []
    for label, timbre, index in track(phrases, "rendering audio"):
        random = np.random.default_rng([seed, timbre.programs[0], index])
        program = int(random.choice(timbre.programs))
        file = f"{label}/{program:03d}-{index:03d}.wav"
        (folder / label).mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / file, _perform(player, timbre, program, seconds, random), sample_rate)
        rows.append((file, label, f"{label}: {timbre.name}"))
    pd.DataFrame(rows, columns=["path", "label", "group"]).to_csv(folder / "manifest.csv", index=False)


def _perform(
    player: synthesis.Player, timbre: Timbre, program: int, seconds: float, random: np.random.Generator
) -> np.ndarray:
    """One phrase with its accompaniment, room, noise and level."""
    notes = synthesis.phrase(timbre.low, timbre.high, timbre.chord, seconds, random)
    waveform = synthesis.level(player.play(program, notes, seconds))
    for _ in range(int(random.integers(0, 3))):
        backing = synthesis.phrase(36, 76, 2, seconds, random)
        other = synthesis.level(player.play(int(random.choice(ACCOMPANIMENT)), backing, seconds))
        waveform = waveform + synthesis.gain(random.uniform(-24, -8)) * other
    waveform = synthesis.room(waveform, player.sample_rate, random)
    noise = synthesis.level(synthesis.coloured_noise(len(waveform), random))
    waveform = synthesis.level(waveform) + synthesis.gain(random.uniform(-45, -12)) * noise
    peak = np.abs(waveform).max() + 1e-9
    return (waveform / peak * synthesis.gain(random.uniform(-18, -1))).astype(np.float32)
