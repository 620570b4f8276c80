"""Rendered chamber music: one to five of MusicNet's eleven instruments that enter and rest, with every note.

Each instrument is played by a maker of its own (`rendering/makers.py`), in a room, with dynamics, at a place between
left and right. Some pieces have silence at both ends, something like speech, or a burst of noise.
Layout:  that of MusicNet in a cache folder, rendered once, then read; with `stems`, also
         {train,test}_stems/<id>/<instrument>.flac.
         Recorded notes: a folder with one folder for each instrument of `rendering.ensembles.INSTRUMENTS`, with a file
         for each note that is named after it (A4.mp3, Cs3.wav).
Groups:  the piece; every fifth piece is in the published test split, where other makers play. With `test_banks`, other
         sound banks play there, too. Scores on the banks of the training flatter a network: the same recorded notes
         sound in both splits. Instruments that are played from the same recorded notes, within a bank or in two, are
         reported.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from kerasinst import audio
from kerasinst.core import console, files
from kerasinst.core.errors import BadInput
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets.clip import Clip
from kerasinst.datasets.readers import musicnet
from kerasinst.datasets.rendering import ensembles, soundbank
from kerasinst.datasets.rendering.shared_samples import shared_samples

CITATION = "Bolton, T. (2004). TimGM6mb, a General MIDI sound bank; rendered with symusic (prestosynth)."
LICENSE = "That of the sound banks; what is rendered with TimGM6mb (GPL, version 2) is yours."

SHARED = "shared_samples.txt"
"""File that lists instruments which share recorded notes."""
VERSION = 3
"""Version of the rendering. It is raised when that changes, so that older caches are not used."""


def read(
    path: Path | None = None,
    *,
    pieces: int = 100,
    seconds: float = 20.0,
    sample_rate: int = 22050,
    banks: list[str] | None = None,
    test_banks: list[str] | None = None,
    stems: bool = False,
    seed: int = 1,
    progress: Progress = silent,
) -> list[Clip]:
    """Renders the data set unless the cache holds it already, and reads it.

    Args:
        path: cache folder; None is the system's.
        pieces: number of pieces, at least 5; every fifth one is in the test split.
        seconds: length of a piece in seconds, at least 2.
        sample_rate: sample rate in Hz, from 4000 to 96000.
        banks: sound banks of the pieces to train on: .sf2 files, `TimGM6mb` for the one that comes with pretty_midi,
            and folders of recorded notes. An instrument is played by those that have it, equally often. None is
            TimGM6mb alone.
        test_banks: sound banks of the pieces to test on; None takes those of the training.
        stems: whether each instrument is also written alone.
        seed: seed of instruments, makers, notes, rooms, noise and levels.
        progress: shows how many pieces are rendered.

    Raises:
        BadInput: if a bank cannot be read, or a number makes no sense.
    """
    if pieces < 5 or seconds < 2:
        raise BadInput("dataset: pieces must be at least 5, and seconds at least 2")
    if not 4000 <= sample_rate <= 96000:
        raise BadInput(f"dataset: sample_rate must be within 4000 and 96000 Hz, but {sample_rate} was given")
    trained = soundbank.named(banks, folders=True)
    tested = soundbank.named(test_banks, folders=True) if test_banks else trained
    asked = ensembles.Ensembles(pieces, seconds, sample_rate, seed, trained, tested, stems)
    sizes = {"banks": _sizes(trained), "test_banks": _sizes(tested)}
    recipe = {**asdict(asked), **sizes, "version": VERSION}
    key = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:12]
    folder = (path or files.cache_folder("ensembles")) / key
    if not folder.is_dir():
        with files.replacing(folder, keeps=True) as temporary:
            temporary.mkdir(parents=True)
            ensembles.render(temporary, asked, progress=progress)
            same = shared_samples({*trained, *tested}, ensembles.INSTRUMENTS)
            files.write_text(temporary / SHARED, "".join(f"{each}\n" for each in same))
    if (folder / SHARED).is_file():
        for line in (folder / SHARED).read_text(encoding="utf-8").splitlines():
            console.say(f"sound banks: {line}")
    return musicnet.read(folder)


def _sizes(banks: list[Path]) -> list[tuple[str, int]]:
    """Names banks by what does not depend on their folder."""
    return [(bank.name, sum(file.stat().st_size for file in _files(bank))) for bank in banks]


def _files(bank: Path) -> list[Path]:
    """Lists the files of a bank: itself, or all recorded notes."""
    return [file for folder in sorted(bank.iterdir()) for file in audio.files(folder)] if bank.is_dir() else [bank]
