"""Rendered notes and phrases of all families of General MIDI, on which networks are pretrained.

Single notes, chords and phrases of 46 instruments and 10 drums, in many articulations, rooms, microphones and noises,
played by any sound banks (by default the one that comes with pretty_midi) and by recorded notes.
Layout:  .flac files and a manifest.csv (path,label) in a cache folder; rendered once, then read.
         Recorded notes: one folder for each instrument of `rendering.gm_instruments.INSTRUMENTS` in a folder `notes`,
         with one file for each note, named after it (A4.mp3, Cs3.wav).
Groups:  each clip is a group of its own: most instruments have one program, so a split cannot hold out timbres of all
         of them. Validation on such clips shows that a network learns, and no more.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from kerasinst import audio
from kerasinst.core import files
from kerasinst.core.errors import BadInput, suggest
from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets import reader_utils
from kerasinst.datasets.clip import Clip
from kerasinst.datasets.readers import manifest
from kerasinst.datasets.rendering import gm_instruments, recording_effects, soundbank, synthesis
from kerasinst.datasets.rendering.recorded_notes import Recorded

CITATION = "Bolton, T. (2004). TimGM6mb, a General MIDI sound bank; rendered with symusic (prestosynth)."
LICENSE = "That of the sound banks and recorded notes; what is rendered with TimGM6mb (GPL, version 2) is yours."

VERSION = 3
"""Version of the rendering. It is raised when that changes, so that older caches are not used."""

LENGTH_SHARE = 1.5
"""Length that is played, as a multiple of the length of a clip, so that clips can be cut from it."""
SHARE_OF_NOTES = 0.3
"""Share of clips that are made of recorded notes, if there are any."""
TRIES = 5
"""Largest number of draws until a bank plays something."""
MUTE = 1e-3
"""Largest peak of a sound that counts as silent."""


def read(
    path: Path | None = None,
    *,
    clips: int = 20000,
    seconds: float = 2.0,
    sample_rate: int = 22050,
    banks: list[str] | None = None,
    notes: str | None = None,
    seed: int = 1,
    progress: Progress = silent,
) -> list[Clip]:
    """Renders the data set unless the cache holds it already, and reads it.

    Args:
        path: cache folder; None is the system's.
        clips: number of clips.
        seconds: length of a clip in seconds, at least 0.5.
        sample_rate: sample rate in Hz, from 4000 to 96000.
        banks: sound banks (.sf2 files), drawn equally often; None is the one that comes with pretty_midi.
        notes: folder of recorded notes, of which a share of the clips is made; None makes all clips with the banks.
        seed: seed of instruments, notes and recording effects.
        progress: shows how many clips are rendered.

    Raises:
        BadInput: if a bank or the folder of notes cannot be read, or a number makes no sense.
    """
    if clips < 1 or seconds < 0.5 or not 4000 <= sample_rate <= 96000:
        raise BadInput("dataset: clips must be above 0, seconds at least 0.5, and sample_rate within 4000 and 96000 Hz")
    found = soundbank.named(banks)
    folders = _folders(Path(notes).expanduser()) if notes else {}
    sources = [(file.name, file.stat().st_size) for file in [*found, *_audio(folders)]]
    described = {name: asdict(each) for name, each in (gm_instruments.INSTRUMENTS | gm_instruments.DRUMS).items()}
    recipe = dict(version=VERSION, clips=clips, seconds=seconds, rate=sample_rate, seed=seed, sources=sources)
    key = hashlib.sha256(json.dumps([recipe, described], sort_keys=True).encode()).hexdigest()[:12]
    folder = (path or files.cache_folder("general_midi")) / key
    if not folder.is_dir():
        rendering = Rendering(clips, seconds, sample_rate, seed)
        with files.replacing(folder, keeps=True) as temporary:
            temporary.mkdir(parents=True)
            _render(temporary, rendering, banks=found, folders=folders, progress=progress)
    return manifest.read(folder)


@dataclass(frozen=True)
class Rendering:
    """Says how much is rendered, and how.

    Attributes:
        clips: number of clips.
        seconds: length of a clip in seconds.
        sample_rate: sample rate in Hz.
        seed: seed of everything random.
    """

    clips: int
    seconds: float
    sample_rate: int
    seed: int


def _folders(notes: Path) -> dict[str, Path]:
    """Finds the folder of recorded notes of each instrument."""
    reader_utils.folder(notes, "general_midi")
    found = {folder.name: folder for folder in sorted(notes.iterdir()) if folder.is_dir()}
    for name in found:
        if name not in gm_instruments.INSTRUMENTS:
            raise BadInput(
                f"{notes}: there is no instrument '{name}'; {suggest(name, list(gm_instruments.INSTRUMENTS))}"
            )
    return found


def _audio(folders: dict[str, Path]) -> list[Path]:
    """Lists all recorded notes."""
    return [file for folder in folders.values() for file in audio.files(folder)]


def _render(
    folder: Path, rendering: Rendering, *, banks: list[Path], folders: dict[str, Path], progress: Progress
) -> None:
    """Renders all clips into a folder, with their manifest.csv."""
    players = [synthesis.SoundBankPlayer(rendering.sample_rate, bank) for bank in banks]
    recorded = {name: Recorded(notes, rendering.sample_rate) for name, notes in folders.items()}
    rows = []
    for index in track(range(rendering.clips), "rendering General MIDI", progress=progress):
        performed = _audible(players, recorded, rendering, np.random.default_rng([rendering.seed, index]))
        if performed is None:
            continue
        label, waveform = performed
        file = f"{label}/{index:06d}.flac"
        (folder / label).mkdir(exist_ok=True)
        soundfile.write(folder / file, waveform, rendering.sample_rate, subtype="PCM_16")
        rows.append((file, label))
    pd.DataFrame(rows, columns=["path", "label"]).to_csv(folder / "manifest.csv", index=False)


def _audible(
    players: list[synthesis.SoundBankPlayer],
    recorded: dict[str, Recorded],
    rendering: Rendering,
    random: np.random.Generator,
) -> tuple[str, np.ndarray] | None:
    """Draws labels until one is heard, and gives it with its waveform; None after `TRIES` silent ones."""
    everything = gm_instruments.INSTRUMENTS | gm_instruments.DRUMS
    for _ in range(TRIES):
        from_notes = bool(recorded) and random.random() < SHARE_OF_NOTES
        label = _draw(list(recorded if from_notes else everything), random)
        player = recorded[label] if from_notes else players[int(random.integers(len(players)))]
        waveform = _perform(label, player, rendering, random)
        if np.abs(waveform).max() > MUTE:
            return label, waveform
    return None


def _draw(labels: list[str], random: np.random.Generator) -> str:
    """Draws a label, by the weights of instruments."""
    weights = np.array([(gm_instruments.INSTRUMENTS | gm_instruments.DRUMS)[label].weight for label in labels])
    return str(random.choice(labels, p=weights / weights.sum()))


def _perform(
    label: str, player: synthesis.SoundBankPlayer | Recorded, rendering: Rendering, random: np.random.Generator
) -> np.ndarray:
    """Performs and records one label, shape `(samples,)`; silence if the player has no such sound."""
    length = LENGTH_SHARE * rendering.seconds
    if label in gm_instruments.DRUMS:
        program = int(random.choice(gm_instruments.KITS))
        notes = gm_instruments.hits(gm_instruments.DRUMS[label], length, random=random)
    else:
        instrument = gm_instruments.INSTRUMENTS[label]
        program = int(random.choice(instrument.programs))
        notes = gm_instruments.music(instrument, length, random=random)
    if isinstance(player, Recorded):
        waveform = player.play(notes, length, random=random)
    else:
        waveform = player.play(program, notes, seconds=length, drums=label in gm_instruments.DRUMS)
    peak = np.abs(waveform).max()
    if peak > MUTE:
        with np.errstate(invalid="ignore"):  # a bank that plays infinities is heard by nobody, and drawn again
            waveform = recording_effects.take(waveform / peak, rendering.sample_rate, random=random)
    samples = round(rendering.seconds * rendering.sample_rate)
    return recording_effects.crop(waveform, samples, from_start=len(notes) == 1, random=random)
