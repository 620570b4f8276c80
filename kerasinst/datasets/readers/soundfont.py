"""Rendered phrases: a data set that needs no download, for the quickstart and for tests.

Ten instruments, each by many makers, play short phrases with random notes, velocities and articulation. The sound comes
from the General MIDI bank that pretty_midi carries (TimGM6mb). Every maker has a body, a tuning and a way of playing of
its own (`rendering/makers.py`). A quiet accompaniment, a room and noise are drawn for every clip.
For several instruments at once, see the reader `ensembles`.
Layout:  .wav files and a manifest.csv (path,label,group) in a cache folder; rendered once, then read.
Groups:  the maker, so that a test split holds instruments by makers that training never heard. All makers of an
         instrument use the same recorded notes of the bank, so scores are higher than on recordings of real
         instruments. The accompaniment shares no recorded note with a labelled instrument.
"""

import hashlib
import itertools
import json
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import soundfile

from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip
from kerasinst.datasets.readers import ensembles, manifest
from kerasinst.datasets.rendering import makers, synthesis

CITATION = "Bolton, T. (2004). TimGM6mb, a General MIDI sound bank; rendered with symusic (prestosynth)."
LICENSE = "The sound bank is under the GNU General Public License, version 2; what is rendered with it is yours."

VERSION = 3
"""Version of the rendering. It is raised when that changes, so that older caches are not used."""


def read(
    path: Path | None = None,
    *,
    task: Literal["instruments", "polyphonic"] = "instruments",
    makers_per_instrument: int = 30,
    clips_per_group: int = 6,
    pieces: int = 100,
    seconds: float = 2.0,
    sample_rate: int = 22050,
    seed: int = 1,
    progress: Progress = silent,
) -> list[Clip]:
    """Renders the data set unless the cache holds it already, and reads it.

    Args:
        path: cache folder; None is the system's.
        task: "instruments"; "polyphonic" is the name that the reader `ensembles` had in earlier versions.
        makers_per_instrument: number of makers of each of the ten instruments.
        clips_per_group: number of clips of each maker.
        pieces: number of pieces of the ensembles.
        seconds: length of a clip in seconds, at least 0.5.
        sample_rate: sample rate in Hz, from 4000 to 96000.
        seed: seed of notes, rooms, noise and levels.
        progress: shows how many clips are rendered.

    Raises:
        BadInput: if the task is unknown, or a number makes no sense.
    """
    reader_utils.check_choice("task", task, allowed=["instruments", "polyphonic"])
    if task == "polyphonic":
        return ensembles.read(
            path, pieces=pieces, seconds=seconds, sample_rate=sample_rate, seed=seed, progress=progress
        )
    if min(makers_per_instrument, clips_per_group) < 1 or seconds < 0.5:
        raise BadInput("dataset: makers_per_instrument and clips_per_group must be above 0, and seconds at least 0.5")
    if not 4000 <= sample_rate <= 96000:
        raise BadInput(f"dataset: sample_rate must be within 4000 and 96000 Hz, but {sample_rate} was given")
    amount = {"makers_per_instrument": makers_per_instrument, "clips_per_group": clips_per_group}
    recipe = dict(version=VERSION, task=task, **amount, seconds=seconds, sample_rate=sample_rate, seed=seed)
    key = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:12]
    folder = (path or files.cache_folder("soundfont")) / key
    if not folder.is_dir():
        with files.replacing(folder, keeps=True) as temporary:
            temporary.mkdir(parents=True)
            _render_all(temporary, **amount, seconds=seconds, sample_rate=sample_rate, seed=seed, progress=progress)
    return manifest.read(folder)


def _render_all(
    folder: Path,
    *,
    makers_per_instrument: int,
    clips_per_group: int,
    seconds: float,
    sample_rate: int,
    seed: int,
    progress: Progress,
) -> None:
    """Renders all clips into a folder, with their manifest.csv."""
    player = synthesis.SoundBankPlayer(sample_rate)
    rows = []
    each = itertools.product(makers.INSTRUMENTS, range(makers_per_instrument), range(clips_per_group))
    total = len(makers.INSTRUMENTS) * makers_per_instrument * clips_per_group
    for label, number, index in track(each, "rendering audio", progress=progress, total=total):
        instrument, key = makers.INSTRUMENTS[label], [seed, zlib.crc32(label.encode()), number]
        maker = makers.make(instrument, np.random.default_rng(key))
        random = np.random.default_rng([*key, index])
        file = f"{label}/maker-{number + 1:02d}-{index + 1:02d}.wav"
        (folder / label).mkdir(exist_ok=True)
        waveform = makers.play(player, instrument, maker=maker, seconds=seconds, random=random)
        soundfile.write(folder / file, _record(player, waveform, seconds, random), sample_rate)
        rows.append((file, label, f"{label}: maker {number + 1}"))
    pd.DataFrame(rows, columns=["path", "label", "group"]).to_csv(folder / "manifest.csv", index=False)


def _record(
    player: synthesis.SoundBankPlayer, waveform: np.ndarray, seconds: float, random: np.random.Generator
) -> np.ndarray:
    """Adds accompaniment, room, noise and level to a phrase."""
    for _ in range(int(random.integers(0, 3))):
        backing = synthesis.phrase(36, 76, chord=2, seconds=seconds, random=random)
        other = synthesis.level(player.play(int(random.choice(makers.ACCOMPANIMENT)), backing, seconds=seconds))
        waveform = waveform + synthesis.gain(random.uniform(-32, -18)) * other
    return synthesis.record(waveform, player.sample_rate, random=random)
